#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: what README.md and docs/ name is there: links, files of the tree, of the Spine and of the machine; every spine command parses; the pages
# are short; man pages are made without a warning.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

LINES_MAX=110 PICTURE_MAX=100000
mapfile -t md < <(ours README.md 'docs/*.md')
mapfile -t scd < <(ours 'docs/*.scd')
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

make -s -j2 BUILD=build/gcc CC=gcc WAYLAND_PROTOCOLS= all >&2
make -s BUILD=build/gcc CC=gcc WAYLAND_PROTOCOLS= DESTDIR="$work/root" install >&2
spine=build/gcc/sbin/spine
"$spine" man >"$work/spine.1.scd"

claim "there are pages to look at" "$([ "${#md[@]}" -ge 6 ] && [ "${#scd[@]}" -ge 2 ] && echo 0 || echo 1)"
# What scripts/bench writes is as long as its figures are many.
none "no page is over $LINES_MAX lines" "$(for f in "${md[@]}"; do
    n=$(sed '/^<!-- the table: made by/,/^<!-- the end of the table/d' "$f" | wc -l)
    [ "$n" -le "$LINES_MAX" ] || echo "$f: $n"
done)"
none "every link leads to a file" "$(for f in "${md[@]}"; do
    grep -oE '\]\([^)#]+' "$f" | sed 's/^](//' | grep -vE '^https?:' | while read -r to; do [ -e "$(dirname "$f")/$to" ] || echo "$f: $to"; done
done)"
none "the picture is small" "$(find docs -name '*.png' -size +"$PICTURE_MAX"c)"

# Words in backticks, one a line, with the page's name in front.
for f in "${md[@]}"; do awk '/^```/ { on = !on; next } !on' "$f" | grep -oE '`[^`]+`' | tr -d '`' | sed "s|^|$f	|" || true; done >"$work/words"

# Files of the tree; `core/x` is below bay0, a bare name is bay0's, scripts' or docs'.
none "every file of the tree that is named is there" "$(grep -P '\t[a-zA-Z0-9_./*-]+(\.[a-z]+|/)$' "$work/words" | grep -vP '\t(/|build/|\.\./)' |
    grep -P '\t(.*/|[a-z_*0-9]+\.(c|h|sh|def|md|scd)$)' | while IFS=$'\t' read -r page name; do
    found=
    for at in "" bay0/ bay0/core/ bay0/core/test/ docs/ containers.conf.d/ scripts/ switcher/; do
        # shellcheck disable=SC2086,SC2231 # `tenant*.c` means each of them
        for hit in $at$name; do [ ! -e "$hit" ] || found=yes; done
    done
    case $name in test/golden | libpod-*) found=yes ;; esac
    [ -n "$found" ] || echo "$page: $name"
done)"

# Files of the Spine: installed by make, or made by name when the image is built; the rest of the machine is named by the code.
strings=$(git ls-files -co --exclude-standard -- 'bay0/*.[ch]' 'bay0/*.def' bay0/share 'switcher/*' 'scripts/*' 'containers.conf.d/*' spine-cli |
    grep -vE '/(test|fuzz)/')
none "every absolute path that is named is installed, or known to the code" "$({ cut -f1,2 "$work/words"
    for f in "${scd[@]}"; do grep -oE '(^|[ _*(])/(usr|etc|run|persist|sys|dev|sbin|home)/[A-Za-z0-9_./-]+' "$f" | sed -E "s|^[ _*(]?|$f	|; s|[_.]\$||"; done
} | grep -oP '^[^\t]+\t/[a-zA-Z][^ ,=]*' | sed -E 's/[<*{].*$//; s|/?[A-Za-z_0-9-]*…$||; s|/$||' | sort -u | while IFS=$'\t' read -r page path; do
    [ ! -e "$work/root$path" ] || continue
    name=${path##*/}
    [ -n "$name" ] || continue
    # shellcheck disable=SC2086 # a list of files
    grep -qF -- "$name" $strings || echo "$page: $path"
done)"

# A socket that is not there: status 3 says that the words were understood, 0 that no bay0 was needed.
parses() {
    local status=0
    "$spine" --socket "$work/none" "$@" </dev/null >/dev/null 2>"$work/said" || status=$?
    [ "$status" -eq 3 ] || [ "$status" -eq 0 ]
}
{
    grep -P '\tspine [a-z]' "$work/words" || true
    for f in "${md[@]}"; do awk -v f="$f" '/^```/ { on = !on; next } on && /^(\$ )?spine / { sub(/^\$ /, ""); print f "\t" $0 }' "$f"; done
    awk '/^```/ { on = !on; next } on && /^spine / { print "spine(1)\t" $0 }' "$work/spine.1.scd"
    grep -ohE '`spine [^`%]+`' bay0/*.c bay0/core/*.c bay0/core/errors.def spine-cli/*.c | tr -d '`' | sed 's/^/hint\t/'
} | sort -u >"$work/commands"
claim "there are commands to try" "$([ "$(wc -l <"$work/commands")" -ge 15 ] && echo 0 || echo 1)"
none "spine knows the verb of every command that is named, and those that are whole parse" "$(while IFS=$'\t' read -r page line; do
    eval "words=(${line#spine })" 2>/dev/null || { echo "$page: $line: not words of a shell"; continue; }
    verb=("${words[0]}")
    case ${words[0]} in persona | service) [ -z "${words[1]:-}" ] || verb+=("${words[1]}") ;; esac
    "$spine" help "${verb[@]}" >/dev/null 2>&1 || { echo "$page: $line: no such verb"; continue; }
    [ "$page" = hint ] || [ "${#words[@]}" -eq 1 ] || parses "${words[@]}" || echo "$page: $line: $(head -n 1 "$work/said")"
done <"$work/commands")"

for f in "${scd[@]}" "$work/spine.1.scd"; do
    name=$(basename "$f" .scd)
    if said=$(scdoc <"$f" 2>&1 >"$work/$name") && [ -s "$work/$name" ]; then claim "$name is made" 0; else claim "$name is made" 1 "$said"; fi
    said=$(groff -man -Tutf8 -ww -Wbreak "$work/$name" 2>&1 >/dev/null || true)
    none "$name is formatted without a warning" "$said"
    [ "$name" = spine.1 ] || claim "$name is installed" "$([ -f "$work/root/usr/share/man/man${name##*.}/$name" ] && echo 0 || echo 1)"
done
none "bay0(8) tells every option of bay0, and no other" "$(diff <(build/gcc/sbin/bay0 --help | grep -oE '^  --[a-z-]+' | tr -d ' ' | sort) \
    <(grep -oE '^\*--[a-z-]+\*' docs/bay0.8.scd | tr -d '*' | sort) || true)"
finish
