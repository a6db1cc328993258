#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: the picture of a persona's screen has its own windows and nobody else's, hidden and frozen ones too.
. "$(dirname "$0")/parts-lib.sh"
parts_begin
persona_here a
persona_here b
window a ff0000
FOOT_A=$SPAWNED
window b 00ff00
sway_do 'workspace a'
rig_start

# shade FILE X Y: the colour of that pixel as rrggbb
shade() { python3 -c 'import sys
f = open(sys.argv[1], "rb").read(); w = int(f.split(b"\n")[1].split()[0]); n = len(f) - w * int(f.split(b"\n")[1].split()[1]) * 3
i = n + (int(sys.argv[3]) * w + int(sys.argv[2])) * 3; print(f[i:i + 3].hex())' "$@"; }
# colours FILE: how many pixels are mostly red, green, blue
colours() { python3 -c 'import sys
f = open(sys.argv[1], "rb").read(); n = len(f) - 320 * 180 * 3; c = [0, 0, 0]
for i in range(n, len(f), 3):
    p = f[i:i + 3]
    for k in range(3):
        c[k] += p[k] > 200 and sum(p) < 300
print(*c)' "$1"; }
# taken ID: leaves it and waits for its picture
switch() {
    rm -f "$T/out/$1.ppm"
    event "{\"event\":\"leaving\",\"id\":\"$1\",\"to\":\"$2\"}"
    sway_do "workspace $2"
    event "{\"event\":\"front\",\"id\":\"$2\"}"
}
taken() { switch "$1" "$2"; within 10 test -f "$T/out/$1.ppm"; }

runs 'a is left: there is a picture' taken a b
read -r red green _ < <(colours "$T/out/a.ppm")
echo "# red $red, green $green of 57600 pixels"
claim 'it is a'"'"'s window, nearly the whole screen' "$([ "$red" -gt 50000 ] && echo 0 || echo 1)"
claim 'and nothing of b' "$([ "$green" -eq 0 ] && echo 0 || echo 1)"
runs 'b is left: there is a picture' taken b a
read -r red green _ < <(colours "$T/out/b.ppm")
claim 'of b alone' "$([ "$green" -gt 50000 ] && [ "$red" -eq 0 ] && echo 0 || echo 1)" "red $red green $green"

# Two windows side by side, one floating in front.
window a 0000ff
window a ffffff --app-id=float
sway_do '[app_id="float"] floating enable, resize set 400 px 200 px, move absolute position 0 px 520 px'
runs 'with three windows there is a picture' taken a b
claim 'each is where it was' "$([ "$(shade "$T/out/a.ppm" 40 40) $(shade "$T/out/a.ppm" 280 40) $(shade "$T/out/a.ppm" 40 170)" = 'ff0000 0000ff ffffff' ] &&
    echo 0 || echo 1)" "$(shade "$T/out/a.ppm" 40 40) $(shade "$T/out/a.ppm" 280 40) $(shade "$T/out/a.ppm" 40 170)"

# What others put on its workspace is not its own.
sway_do '[sandbox_instance_id="b"] move container to workspace a'
sway_do 'workspace a'
runs "with b's window among a's" taken a b
read -r _ green _ < <(colours "$T/out/a.ppm")
claim "nothing of b shows" "$([ "$green" -eq 0 ] && echo 0 || echo 1)" "green $green"
sway_do '[sandbox_instance_id="b"] move container to workspace b'
sway_do 'workspace b'

# A program that is stopped before its picture was taken.
freeze "$FOOT_A"
began=$(date +%s%N)
runs 'a window of a frozen program: there is a picture' taken a b
echo "# it took $((($(date +%s%N) - began) / 1000000)) ms with all that the test does"
claim 'with its last contents' "$([ "$(shade "$T/out/a.ppm" 40 40)" = ff0000 ] && echo 0 || echo 1)"
thaw "$FOOT_A"

# Tabs: only the one on top; fullscreen: nothing else.
sway_do 'workspace a; focus tiling; layout tabbed; workspace b'
runs 'tabs: there is a picture' taken a b
read -r red _ blue < <(colours "$T/out/a.ppm")
claim 'of the tab in front alone' "$([ "$((red > 1000))$((blue > 1000))" != 11 ] && [ "$((red + blue))" -gt 40000 ] && echo 0 || echo 1)" "red $red blue $blue"
sway_do 'workspace a; [app_id="float"] fullscreen enable'
runs 'fullscreen: there is a picture' taken a b
claim 'of that window alone' "$([ "$(colours "$T/out/a.ppm")" = '0 0 0' ] && [ "$(shade "$T/out/a.ppm" 5 5)" = ffffff ] && echo 0 || echo 1)" "$(colours "$T/out/a.ppm")"

# There and back faster than pictures are made.
for _ in 1 2 3 4 5 6; do switch a b; switch b a; done
runs 'twelve switches in a row: a has a picture at the end' within 10 test -f "$T/out/a.ppm"
runs 'and b' within 10 test -f "$T/out/b.ppm"
sleep 0.5
read -r red green _ < <(colours "$T/out/b.ppm")
claim "b's is still b's" "$([ "$green" -gt 50000 ] && [ "$red" -eq 0 ] && echo 0 || echo 1)" "red $red green $green"

# Nothing there: no picture, rather than an old one.
sway_do '[sandbox_instance_id="b"] kill'
switch b a
runs 'without windows the old picture goes' within 10 told 'picture b none'
runs 'who knows nobody of that name stays calm' eval "switch nobody a; switch ../x a; event '{\"event\":\"leaving\",\"id\":\"\",\"to\":\"a\"}'"
runs 'and goes on' taken a b
rig_stop
end
