#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# clang-tidy, which holds clang's static analyzer, finds nothing. A file that passed is looked at again only when it,
# one of its headers or the rules changed.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# Tests write literals into buffers that they sized for them, compare zeroed structs as bytes, split long literals
# inside tables, read numbers that they printed themselves, let callbacks see a local through a global, and crash, which fails, on a null that must not be.
TEST_RULES=-clang-analyzer-security.insecureAPI.strcpy,-bugprone-suspicious-memory-comparison,-cert-exp42-c,-cert-flp37-c
TEST_RULES+=,-bugprone-suspicious-missing-comma,-cert-err34-c
TEST_RULES+=,-clang-analyzer-core.StackAddressEscape,-clang-analyzer-core.NullDereference,-clang-analyzer-core.NonNullParamChecker
TIDY_FLAGS='-std=c11 -D_GNU_SOURCE -I. -Ibay0 -Ibuild/headers'
export TEST_RULES TIDY_FLAGS

tidy_one() {
    local file=$1 stamp=build/tidy/$1.ok rules='' flags key out
    read -ra flags <<<"$TIDY_FLAGS"
    case $file in */test/* | */fuzz/* | tests/*) rules=--checks=$TEST_RULES ;; esac
    key=$({ clang-tidy --version; cat .clang-tidy; echo "$rules"; clang -E "${flags[@]}" "$file" 2>&1; } | sha256sum)
    [ "$(cat "$stamp" 2>/dev/null)" != "$key" ] || return 0
    mkdir -p "${stamp%/*}"
    rm -f "$stamp"
    if ! out=$(clang-tidy --quiet ${rules:+"$rules"} "$file" -- "${flags[@]}" 2>/dev/null); then
        printf '%s\n' "$out" | grep -E '^[^ ].*(error|warning):' || printf '%s\n' "$out"
        return 1
    fi
    printf '%s\n' "$key" >"$stamp"
}
export -f tidy_one

generated
# What the switcher is built with; where that is missing it is not built either, and here it is a failure.
TIDY_FLAGS+=" $PIPEWIRE_CFLAGS $(pkg-config --cflags pixman-1 fcft xkbcommon libpng | sed 's/-I/-isystem /g')"
mapfile -t files < <(ours '*.c')
runs "clang-tidy: ${#files[@]} files" xargs -P2 -n1 bash -c 'tidy_one "$0"' < <(printf '%s\n' "${files[@]}")
finish
