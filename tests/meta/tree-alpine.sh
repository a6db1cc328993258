#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: the two base descriptions offer the same functions, no other script knows which one it is, Alpine's packages are aports.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# Everything that a base description asks its package manager for, one a line: its arrays and the words of its functions.
packages() {
    bash -euc '
        . "$1"
        _alpine() { shift; printf "%s\n" "$@"; }
        cp() { :; }
        mv() { :; }
        rm() { :; }
        for f in $(compgen -A function base_); do case $f in base_run) ;; *) "$f" /nowhere ;; esac; done' - "$1" | grep -E '^[a-z0-9]' | sort -u
}
offers() { bash -c '. "$1"; compgen -A function base_; compgen -v BASE_' - "$1" | sort; }

asked=$(packages scripts/base/alpine)
known=$(awk '!/^#/ { print $1 }' tests/meta/aports.txt | sort -u)
claim "the description of Alpine names packages" "$([ "$(wc -l <<<"$asked")" -ge 30 ] && echo 0 || echo 1)" "$asked"
none "each is recorded in tests/meta/aports.txt" "$(comm -23 <(printf '%s\n' "$asked") <(printf '%s\n' "$known"))"
none "nothing is recorded that nobody asks for" "$(comm -13 <(printf '%s\n' "$asked") <(printf '%s\n' "$known"))"
none "every record says its aport and how it was seen" \
    "$(grep -v '^#' tests/meta/aports.txt | grep -vE '^[a-z0-9][a-z0-9.+-]* +(main|community)/[a-z0-9.+-]+ +(own|sub|use|known)$' || true)"
none "the descriptions offer the same functions" "$(diff <(offers scripts/base/alpine) <(offers scripts/base/debian) || true)"
none "no other script asks which base it is" "$(grep -rnE '\[+ *"?\$\{?base\}?"? *=|case "?\$\{?base\b' scripts/image scripts/lib scripts/vm scripts/initramfs || true)"
none "sway is new enough: Alpine 3.24 or edge" "$(grep -qE '^_alpine_release=(v3\.(2[4-9]|[3-9][0-9])|edge)$' scripts/base/alpine || grep release= scripts/base/alpine)"
finish
