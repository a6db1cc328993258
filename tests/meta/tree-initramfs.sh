#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: the scripts of the initramfs need a busybox and nothing else, Debian's as well as Alpine's. Their booting is tests/vm's.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# commands FILE: every word that stands where a command stands, also behind exec, env, xargs, find -exec and "$b" (a busybox).
commands() {
    sed -E -e '1d' -e "s/'[^']*'//g" -e 's/\$\(\([^)]*\)\)//g' -e 's/(^|[[:space:]])#.*$//' -e 's/-exec /\n/g' -e 's/\$\(|`|\|\||&&|[|;&(){}]/\n/g' "$1" | awk '
        /^[ \t]*(for|case) / { next }
        {
            for (i = 1; i <= NF; i++) {
                w = $i
                if (w ~ /^(if|elif|while|until|then|else|do|!|exec|setsid|xargs|env|"?\$b"?)$/) { if (w ~ /^(exec|setsid|xargs|env)$/) print w; continue }
                if (w ~ /^-/ || w ~ /^[A-Za-z_]+=/) continue
                if (w ~ /^[a-z_\[][a-z0-9_-]*$/ && w !~ /^(fi|done|esac|in)$/) print w
                break
            }
        }' | sort -u
}
functions() { sed -nE 's/^([a-z_]+)\(\).*/\1/p' "$1"; }

busybox=$(command -v busybox)
applets=$("$busybox" --list)
none "this busybox is static" "$(readelf -lW "$busybox" | grep INTERP || true)"
mapfile -t scripts < <(ours 'scripts/initramfs/*' | while read -r f; do head -n 1 "$f" | grep -qx '#!/bin/sh' && echo "$f"; done)
claim "there are scripts" "$([ "${#scripts[@]}" -ge 1 ] && echo 0 || echo 1)"
used=
for f in "${scripts[@]}"; do
    runs "$f: busybox reads it" "$busybox" sh -n "$f"
    words=$(commands "$f" | grep -vxF -f <(functions "$f"; echo .) || true)
    foreign=
    for w in $words; do
        if ! "$busybox" sh -c "PATH=; type $w" 2>/dev/null | grep -q builtin; then
            grep -qxF -- "$w" <<<"$applets" || foreign+="$w "
            used+="$w"$'\n'
        fi
    done
    none "$f: every command is in busybox" "$foreign"
done
claim "commands were found at all" "$(grep -qx switch_root <<<"$used" && grep -qx modprobe <<<"$used" && echo 0 || echo 1)"
none "Alpine's busybox has them too" "$(sort -u <<<"$used" | grep -v '^$' | grep -vxF -f <(grep -v '^#' tests/meta/alpine-applets.txt) || true)"
none "no bash words in them" "$(grep -nE '\[\[|<\(|<<<|\bfunction |\$\{[a-z]+:[0-9]|\blocal -|\bdeclare |\+=' "${scripts[@]}" || true)"
finish
