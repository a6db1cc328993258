#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: every command in README.md and docs/*.md is run by a test. tests/meta/readme-commands.txt says which: COMMAND | FILE | text in FILE that
# runs it. A command is each line of a ```sh or ```console block; `$ ` in front and comments behind do not count.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

trim() { sed -E 's/^[ \t]+//; s/[ \t]+$//'; }
commands=$(awk '/^```/ { on = !on && /^```(sh|console|bash)$/; next } on' README.md docs/*.md |
    sed -E 's/^\$ //; s/(^|[ \t])# .*$//' | trim | grep -v '^$' || true)
table=$(grep -vE '^(#|$)' tests/meta/readme-commands.txt)

none "README.md gives the two commands" "$(for c in ./scripts/demo ./scripts/check; do grep -qxF "$c" <<<"$commands" || echo "$c"; done)"
none "every command in README.md and docs is run by a test" \
    "$(comm -13 <(cut -d'|' -f1 <<<"$table" | trim | sort -u) <(sort -u <<<"$commands") | grep -v '^$' || true)"
none "each of those tests is there and runs it" "$(while IFS='|' read -r command file text; do
    file=$(trim <<<"$file") text=$(trim <<<"$text")
    { [ -f "$file" ] && grep -qF -- "$text" "$file"; } || echo "$command: no \"$text\" in $file"
done <<<"$table")"
finish
