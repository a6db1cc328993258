#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: ./scripts/demo ends well, which it does only if each of its steps held and the whole took under two minutes,
# and leaves a transcript and three different pictures.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

out=build/demo
# The time is the machine's as much as ours: when nothing else is wrong it may try a second time.
demo() { ./scripts/demo || { grep -q 'more than two minutes' "$out/transcript.txt" && ./scripts/demo; }; }
runs "./scripts/demo ends well" demo
runs "its transcript says that it came to the end" grep -q 'done: pictures and this transcript' "$out/transcript.txt"
for f in 1-work 2-web 3-after-the-switch; do
    claim "$f.png is a picture" "$([ "$(file -b --mime-type "$out/$f.png" 2>&1)" = image/png ] && echo 0 || echo 1)"
done
claim "persona one and persona two look different" "$(cmp -s "$out/1-work.png" "$out/2-web.png" && echo 1 || echo 0)"
claim "the switch changed the picture" "$(cmp -s "$out/2-web.png" "$out/3-after-the-switch.png" && echo 1 || echo 0)"
none "no VM is left" "$(scripts/vm ls | awk '$1 == "demo" && $2 != "down"')"
finish
