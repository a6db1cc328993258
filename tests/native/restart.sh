#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: bay0 is killed and started again, in the middle of things; podman does not say what it has; the disk is full.
. "$(dirname "$0")/lib.sh"
begin
bay0_start --podman-timeout 20000
left=''
idle_podman() { [ -z "$(podmen)" ]; }
kill9() { bay0_stop KILL 2>/dev/null || true; }
# in_the_middle FAULT-VERB STATE ID CMD...: bay0 is killed while CMD waits for podman.
in_the_middle() {
    local verb=$1 state=$2 id=$3
    shift 3
    fault "$verb" 'once; exec sleep 1000'
    "$BUILD/sbin/spine" "$@" >/dev/null 2>&1 &
    within 10 state_is "$id" "$state"
    within 10 gone "$T/fault/$verb"
    kill9
    fault "$verb"
    within 5 idle_podman || left=$(podmen)
    bay0_start --podman-timeout 20000
}

for p in work idle cold; do spine persona add "$p" localhost/img >/dev/null 2>&1; done
spine persona start work >/dev/null 2>&1
spine persona start cold >/dev/null 2>&1
spine focus cold >/dev/null
spine focus work >/dev/null
within 10 frozen_is cold 1
work=$(row work .pid) cold=$(row cold .pid)

# Nothing under way.
kill9
bay0_start --podman-timeout 20000
runs 'after kill -9 those that ran are taken over' is work '[.state, .pid] | @csv' "\"running\",$work"
runs 'the frozen one too' is cold '[.state, .pid] | @csv' "\"running\",$cold"
runs 'the stopped one is stopped' state_is idle stopped
runs 'the one in front is in front again' within 5 is work .focus true
runs 'and the other one freezes again, after the grace of one just started' within 20 frozen_is cold 1
runs 'focus works' spine focus cold
runs 'it is thawed' frozen_is cold 0
runs "the former front freezes" within 20 frozen_is work 1
runs 'a program runs in it' spine run work -- true
runs 'stop' spine persona stop cold

# Killed while it was away.
kill9
kill -KILL "$work"
bay0_start --podman-timeout 20000
runs 'who died while bay0 was away runs again' within 10 state_is work running
runs 'as another process' not is work .pid "$work"

# Operations that were under way.
in_the_middle create starting idle persona start idle
runs 'a start that was cut off at create is undone' state_is idle stopped
runs 'and nothing of it is left' gone "$T/pod/persona-idle" "$CG/personas/idle"
fault create 'once; mkdir -p "$T/storage/persona-idle"; exec sleep 1000' # podman does not list this one
"$BUILD/sbin/spine" persona start idle >/dev/null 2>&1 &
within 10 [ -d "$T/storage/persona-idle" ]
kill9
fault create
within 5 idle_podman
bay0_start --podman-timeout 20000
runs 'nor in the storage, where podman does not see it' within 10 gone "$T/storage/persona-idle"
runs 'start' spine persona start idle
spine persona stop idle >/dev/null 2>&1
cid=$(cat "$T/pod/persona-idle/id")
in_the_middle start starting idle persona start idle
runs 'a start that was cut off at start is undone' state_is idle stopped
runs 'its process is gone' gone "$CG/personas/idle"
runs 'its container, older than that start, is not' [ "$cid" = "$(cat "$T/pod/persona-idle/id")" ]
runs 'start' spine persona start idle
in_the_middle stop stopping idle persona stop idle
runs 'a stop that was cut off is finished' state_is idle stopped
runs 'nothing of it runs' gone "$CG/personas/idle"
touch "$T/persist/home/idle/mine"
in_the_middle rm removing idle persona rm idle
runs 'a removal that was cut off is finished' [ -z "$(row idle .id)" ]
runs 'the container is gone' gone "$T/pod/persona-idle"
runs 'the home is not' [ -e "$T/persist/home/idle/mine" ]
spine persona add idle localhost/img >/dev/null 2>&1
in_the_middle rm removing idle persona rm idle --wipe idle
runs 'with --wipe the home goes too' gone "$T/persist/home/idle"
in_the_middle pull adding new persona add new docker.io/library/new
runs 'an add that was cut off is undone' [ -z "$(row new .id)" ]
runs 'with its home' gone "$T/persist/home/new"
none 'podman ends with bay0, each time' "$left"
runs 'the one in front ran on all the time' state_is work running

# podman does not say what it has.
cid=$(cat "$T/pod/persona-cold/id")
spine persona start cold >/dev/null 2>&1
spine focus cold >/dev/null
spine focus work >/dev/null
within 20 frozen_is cold 1
for how in 'echo "[{}]"; exit 0' "fail 125 'Error: database is locked'" 'exec sleep 1000' 'flood'; do
    kill9
    fault ps "$how"
    bay0_start --podman-timeout 1000
    refused podman-failed persona start cold
    runs "podman ps: $how: what was frozen runs on" within 5 frozen_is cold 0
done
refused podman-failed persona rm cold
rc=0
bay0_stop TERM || rc=$?
claim 'the way down is open' "$rc"
fault ps
bay0_start --podman-timeout 20000

kill9
fault ps "once; fail 125 'Error: database is locked'"
bay0_start --podman-timeout 20000
runs 'podman is asked again, and those that ran are taken over' within 15 state_is cold running
runs 'nobody has lost its container' [ "$cid" = "$(cat "$T/pod/persona-cold/id")" ]

# A registry that is not one, and one that cannot be written.
kill9
head -c 8192 /dev/urandom >"$T/persist/personas.db"
rm -f "$T/persist/personas.db-wal"
bay0_start --podman-timeout 20000
runs 'a broken registry is moved aside' [ -e "$T/persist/personas.db.broken-1" ]
runs 'and bay0 works with a new one' spine persona add again localhost/img
bay0_stop TERM || true
mkdir "$T/small"
mount -t tmpfs -o size=2m small "$T/small"
bay0_start --persist "$T/small"
runs 'add' spine persona add full localhost/img
runs 'start' spine persona start full
dd if=/dev/zero of="$T/small/fill" bs=4k 2>/dev/null || true
refused disk-full persona add more localhost/img
runs 'nothing of it is left' gone "$T/small/home/more"
runs 'on a full disk a persona can be stopped' spine persona stop full
runs 'and started' spine persona start full
runs 'and focused' spine focus full
refused already-running persona rm full
spine persona stop full >/dev/null 2>&1
refused disk-full persona rm full
rm "$T/small/fill"
runs 'with room again all goes on' spine persona add more localhost/img
rc=0
bay0_stop TERM || rc=$?
claim 'SIGTERM ends bay0 with status 0' "$rc"
end
