#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: bay0 goes on in a new program: nothing notices; a program that is no good, or a handover that is not, does no harm.
. "$(dirname "$0")/lib.sh"
begin
PROGRAM=$T/bin/bay0
cp "$BUILD/sbin/bay0" "$PROGRAM"
bay0_start --podman-timeout 60000
goes_on() { spine --json reexec | jq -e '(.result // .).ms < 20000' >/dev/null; } # by itself: the new program answers
inode() { stat -Lc %i "$1"; }
inside() { echo '{"id":1,"cmd":"persona.list"}' | timeout 60 "$BUILD/tests/native/ask" "$T/run/persona/$1/bay0.sock" | jq -er .result.self; }
anew() { grep -c 'goes on after' "$T/bay0.err" || true; }
anew_is() { [ "$(anew)" -ge "$1" ]; }
fds() { find "/proc/$BAY0/fd" -mindepth 1 2>/dev/null | wc -l; }
fds_are() { [ "$(fds)" -eq "$1" ]; }
began() { cut -d' ' -f22 <"/proc/$1/stat"; }
is_row() { is "$1" '[.state, .pid, .focus, .frozen] | @csv' "$2"; }
# replace SCRIPT: what stands where bay0's program was
replace() { rm -f "$PROGRAM"; printf '%s\n' '#!/bin/bash' "$1" >"$PROGRAM"; chmod 755 "$PROGRAM"; }
restore() { rm -f "$PROGRAM"; cp "$BUILD/sbin/bay0" "$PROGRAM"; }

for p in work idle cold dies; do spine persona add "$p" localhost/img >/dev/null 2>&1; done
for p in work cold dies; do spine persona start "$p" >/dev/null 2>&1; done
spine focus cold >/dev/null
spine focus work >/dev/null
within 20 frozen_is cold 1
work=$(row work .pid) cold=$(row cold .pid)
socket=$(inode "$T/run/persona/work/bay0.sock") wayland=$(inode "$T/run/persona/work/wayland-0") control=$(inode "$T/run/bay0.sock")
start=$(began "$BAY0") program=$(inode "/proc/$BAY0/exe")

# Those who are there while it happens: a subscriber, a program that is attached, one that has half a line in bay0's memory.
"$BUILD/sbin/spine" events --json >"$T/events" 2>&1 &
mkfifo "$T/in" "$T/half"
"$BUILD/sbin/spine" run work -- sh -c 'echo here; read -r word; echo "had $word"; exit 7' <"$T/in" >"$T/out" 2>&1 &
program_pid=$!
exec 7>"$T/in"
"$BUILD/tests/native/ask" "$T/run/bay0.sock" <"$T/half" >"$T/half.out" 2>&1 &
half=$!
exec 8>"$T/half"
printf '{"id":1,"cm' >&8
runs 'a program runs inside' within 20 grep -q here "$T/out"
spine persona stop dies >/dev/null 2>&1
runs 'a subscriber is there' within 20 grep -q '"state":"stopped"' "$T/events"
: >"$T/calls"
restore # the same program, as another file: the next one has another inode
runs 'bay0 goes on anew' goes_on
runs 'as the new program' not [ "$(inode "/proc/$BAY0/exe")" = "$program" ]
runs 'in the same process' [ "$(began "$BAY0")" = "$start" ]
runs 'the one in front runs on' is_row work "\"running\",$work,true,false"
runs 'the one behind is as frozen as it was' is_row cold "\"running\",$cold,false,true"
runs 'nobody has thawed it' not grep -q '"id":"cold".*"frozen":false' "$T/events"
runs 'the stopped one is stopped' state_is idle stopped
runs 'podman was not asked' not grep -q ' ps ' "$T/calls"
runs 'the sockets are the same' [ "$control $socket $wayland" = "$(inode "$T/run/bay0.sock") $(inode "$T/run/persona/work/bay0.sock") $(inode "$T/run/persona/work/wayland-0")" ]
runs 'a persona is answered on its own' [ "$(inside work)" = work ]
runs 'the frozen one will be' [ "$(inside cold)" = cold ]
printf '%s\n' 'd":"hello"}' >&8
exec 8>&-
runs 'who was in the middle of a line has no connection any more' within 10 not kill -0 "$half"
runs 'and no answer' test ! -s "$T/half.out"
printf 'word\n' >&7
rc=0
wait "$program_pid" || rc=$?
claim 'the program that was attached ends with its own status, told by the new bay0' "$((rc - 7))" "$(cat "$T/out")"
runs 'and it had its input' grep -qx 'had word' "$T/out"
ledger=$(cat "$T/persist/audit"/* | wc -l)
spine focus cold >/dev/null
runs 'focus goes on' frozen_is cold 0
runs 'and is in the ledger' [ "$(cat "$T/persist/audit"/* | wc -l)" -gt "$ledger" ]
runs 'the former front freezes' within 20 frozen_is work 1
runs 'the subscriber has heard of it' within 5 grep -q '"id":"cold".*"focus":true' "$T/events"
runs 'a persona starts' spine persona start idle
runs 'and stops' spine persona stop idle
runs 'a program runs' spine run work -- true
exec 7>&-

# By a signal, and again and again.
n=$(anew)
kill -USR1 "$BAY0"
runs 'SIGUSR1 does it too' within 10 anew_is $((n + 1))
within 20 frozen_is work 1
fds=$(fds)
for ((i = 0; i < 20; i++)); do goes_on || break; done
claim '20 times one after the other' $((20 - i))
runs 'no descriptor is left behind' within 20 fds_are "$fds"
runs 'no dead child is left behind' not pgrep -P "$BAY0" -r Z
runs 'the personas are the same' [ "$(row work .pid) $(row cold .pid)" = "$work $cold" ]

# In the middle of something: it is waited for, and who asks meanwhile is answered.
fault init 'once; sleep 2'
"$BUILD/sbin/spine" persona start idle >"$T/started" 2>&1 &
started=$!
within 10 state_is idle starting
n=$(anew)
"$BUILD/sbin/spine" reexec >"$T/again" 2>&1 &
again=$!
held() { ! timeout 0.5 "$BUILD/sbin/spine" ps >/dev/null 2>&1; } # it has heard of the reexec
within 10 held
runs 'who asks while bay0 waits for a start' state_is idle running
rc=0
wait "$started" || rc=$?
claim 'the start has ended well' "$rc" "$(cat "$T/started")"
rc=0
wait "$again" || rc=$?
claim 'and then bay0 has gone on' "$rc" "$(cat "$T/again")"
runs 'once' [ "$(anew)" -eq $((n + 1)) ]
spine persona stop idle >/dev/null 2>&1
fault init 'once; exec sleep 1000'
"$BUILD/sbin/spine" persona start idle >/dev/null 2>&1 &
started=$!
within 10 state_is idle starting
refused busy reexec
podmen | xargs -r kill -KILL
wait "$started" || true
runs 'what was under way ended in its own way' within 20 state_is idle stopped

# Programs that are no good.
for bad in 'exit 1' 'kill -SEGV $$' 'exec sleep 1000'; do
    replace "$bad"
    refused check-failed reexec
done
rm -f "$PROGRAM"
refused check-failed reexec
printf 'no program' >"$PROGRAM"
refused check-failed reexec
restore
replace 'echo wrong version >&2; exit 1'
runs 'it says why' grep -q 'wrong version' <(spine reexec 2>&1 || true)
replace 'case $1 in --check-handover) exit 0 ;; esac; exit 1' # would be the end: nothing can be done about it
chmod 644 "$PROGRAM"
refused check-failed reexec
runs 'bay0 goes on as it was' is_row cold "\"running\",$cold,true,false"
restore
runs 'and can still go on anew' goes_on

# Somebody dies in the moment between.
spine persona start dies >/dev/null 2>&1
dies=$(row dies .pid)
replace "case \$1 in --check-handover) exit 0 ;; esac
kill -KILL $dies
exec $BUILD/sbin/bay0 \"\$@\""
runs 'bay0 goes on anew while a persona dies' goes_on
runs 'that one is failed' within 10 state_is dies failed
runs 'nothing of it is left' within 10 gone "$CG/personas/dies" "$T/run/persona/dies"
runs 'once it is cleared up it starts again' within 30 spine persona start dies

# What is handed over is not to be believed: as after a kill -9.
for handed in 999 0 '' nonsense; do
    bay0_stop KILL 2>/dev/null || true
    restore
    bay0_start --podman-timeout 60000
    replace "case \$1 in --check-handover) exit 0 ;; esac
export BAY0_HANDOVER=$handed
exec $BUILD/sbin/bay0 \"\$@\""
    from=$(wc -l <"$T/bay0.err")
    kill -USR1 "$BAY0"
    runs "a handover called '$handed' is not believed" within 20 ready_after "$((from + 1))"
    runs 'those that ran are taken over' is work '[.state, .pid] | @csv' "\"running\",$work"
    runs 'and bay0 works' spine focus work
done
runs 'it is said' grep -q 'has handed over is not used' "$T/bay0.err"
rc=0
bay0_stop TERM || rc=$?
claim 'SIGTERM ends bay0 with status 0' "$rc"
end
