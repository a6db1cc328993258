#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: who is in front runs, who is not is frozen, by whatever road the switch came; and nothing passes from one to the next.
# shellcheck disable=SC2016 # words in single quotes are for the shell in the guest
set -euo pipefail
. "$(dirname "$0")/lib.sh"

tree=/sys/fs/cgroup/spine/personas
usage() { in_spine sed -n 's/^usage_usec //p' "$tree/$1/cpu.stat"; }
# used ID SECONDS: microseconds of CPU in that time
used() {
    spine_sh 'u() { sed -n "s/^usage_usec //p" "$1/cpu.stat"; }; a=$(u "$1"); sleep "$2"; echo $(($(u "$1") - a))' "$tree/$1" "$2"
}
runs() { ! frozen "$1" && [ "$(used "$1" 2)" -gt 200000 ]; }
frozen() { in_spine grep -qx 'frozen 1' "$tree/$1/cgroup.events"; }
front() { in_spine spine ps --json | jq -r '.personas[] | select(.focus) | .id'; }
front_is() { [ "$(front)" = "$1" ]; }
shown() { sway_tree | jq -r '.. | objects | select(.type? == "workspace" and ([.. | objects | .focused?] | any)) | .name'; }
visible() { sway_tree | jq -r '[.. | objects | select(.visible? == true) | .sandbox_instance_id] | unique | join(" ")'; }
busy='while :; do :; done'

# The default grace of 1 s is too short to be there and back on a slow machine.
grace=2500
vm_up focus --append "-- --grace $grace"
persona_up a localhost/persona-trixie
persona_up b localhost/persona-bookworm
ok "a and b have a window each" eval 'wait_until 120 has_window a && wait_until 120 has_window b'
ok "a and b are brought to the front" eval 'in_spine spine focus b && in_spine spine focus a'
is "a is in front" "$(front)" a

# The design's promise.
in_spine spine run -d a -- sh -c "$busy"
ok "a busy loop runs in a" runs a
in_spine spine focus b
is "b is in front" "$(front)" b
is "and sway shows b" "$(shown) $(visible)" "b b"
ok "a freezes" wait_until 20 frozen a
is "ps says so" "$(ps_field a state) $(ps_field a frozen)" "running true"
is "a burns no CPU in 5 s" "$(used a 5)" 0
in_spine spine run -d b -- sh -c "$busy"
ok "b runs meanwhile" runs b
fails "b is not frozen" frozen b

# Every road ends the same.
vm key meta_l-tab
ok "Super+Tab: a is in front" wait_until 20 front_is a
ok "Super+Tab: a runs" runs a
ok "Super+Tab: b freezes" wait_until 20 frozen b
vm key meta_l-2
ok "Super+2: b is in front" wait_until 20 front_is b
ok "Super+2: a freezes" wait_until 20 frozen a
vm key meta_l-1
ok "Super+1: a is in front" wait_until 20 front_is a
ok "Super+1: b freezes" wait_until 20 frozen b
sway_do 'workspace b'
ok "sway's own switch: b is in front" wait_until 20 front_is b
ok "sway's own switch: b runs" runs b
ok "sway's own switch: a freezes" wait_until 20 frozen a
is "sway's own switch: ps agrees" "$(ps_field a frozen) $(ps_field b frozen)" "true false"

# There and back within the grace: whoever watches a's events sees no freeze of it, and b, left for good, freezes.
in_spine spine focus a
ok "b freezes first" wait_until 20 frozen b
watched=$(spine_sh 'now() { cut -d" " -f1 /proc/uptime | tr -d .; }
    spine events --json >/run/events 2>&1 & e=$!; sleep 1; t0=$(now); spine focus b; spine focus a
    echo "there and back in $((($(now) - t0) * 10)) ms"; sleep 5; kill $e; wait $e; cat /run/events' 2>/dev/null)
note "$(head -1 <<<"$watched")"
took=$(sed -n 's/^there and back in \(.*\) ms$/\1/p' <<<"$watched")
if [ "$took" -lt "$grace" ]; then
    none "coming back within the grace, a is never frozen" "$(grep -F '"id":"a"' <<<"$watched" | grep -F '"frozen":true' || true)"
else
    skip "coming back within the grace, a is never frozen" "this machine: too slow, it took $took ms"
fi
like "its events were seen" "$watched" '"id": ?"a"'
fails "a is awake" frozen a
ok "b freezes" wait_until 20 frozen b

# A frozen persona may be entered, and stopped.
began=$SECONDS
is "a program runs in frozen b" "$(in_persona b echo hello)" hello
ok "without a long wait" test $((SECONDS - began)) -lt 40
ok "b freezes again" wait_until 30 frozen b
is "b did not come to the front" "$(front)" a

# The clipboard stays at home.
in_persona a sh -c 'echo word-of-a | wl-copy' </dev/null
is "a reads its own clipboard" "$(in_persona a timeout 20 wl-paste)" word-of-a
in_spine spine focus b
got=$(in_persona b timeout 20 wl-paste 2>&1 || true)
unlike "b reads nothing of it" "$got" word-of-a
in_spine spine focus a
is "and a lost it, too" "$(in_persona a timeout 20 wl-paste 2>&1 || true)" "Nothing is copied"

# The other ways to be in the background.
ok "b is frozen and stops well" eval 'wait_until 20 frozen b && in_spine spine persona stop b'
is "b is stopped" "$(ps_field b state)" stopped
persona_up r localhost/persona-trixie --background run
persona_up t localhost/persona-busybox --background throttle
wait_until 60 has_window r || true
is "both started behind a" "$(front)" a
in_spine spine run -d t -- sh -c "$busy"
in_spine spine run -d r -- sh -c "$busy"
in_spine spine focus r
in_spine spine focus t
in_spine spine focus a
slow() { [ "$(used t 1)" -lt 200000 ]; }
ok "throttle: t slows down" wait_until 30 slow
cpu=$(used t 4)
note "t used $cpu us of CPU in 4 s while it was throttled"
ok "throttle: t runs a little only" test "$cpu" -lt 800000
# What it took too much before must be given back first, which may take seconds.
moves() { [ "$(used t 2)" -gt 0 ]; }
ok "throttle: but it still runs" wait_until 60 moves
is "throttle: ps does not call it frozen" "$(ps_field t frozen)" false
cpu=$(used r 3)
note "r used $cpu us of CPU in 3 s in the background"
ok "run: r runs on at full speed" test "$cpu" -gt 400000
in_spine spine focus t
fast() { [ "$(used t 1)" -gt 200000 ]; }
ok "throttle: in front t has its speed back" wait_until 20 fast
in_spine spine focus a

# Nobody pushes to the front.
in_spine spine run -d r -- foot --fullscreen sh -c 'sleep 1000'
two() { [ "$(windows r | wc -l)" -ge 2 ]; }
ok "r, in the background, opens a window that wants the whole screen" wait_until 30 two
is "a stays in front" "$(front) $(shown) $(visible)" "a a a"
is "r's windows are on its own workspace" "$(windows r | jq -r .workspace | sort -u)" r
sway_do 'workspace a'
vm screenshot "$OUT/40-not-pushed.png"
finish
