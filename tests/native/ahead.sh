#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: the container of a persona that was stopped is initialised ahead of its next start, and is in nobody's way.
. "$(dirname "$0")/lib.sh"
begin
bay0_start --podman-timeout 20000 --ahead 1
ready() { is "$1" .ready true; }
unready() { is "$1" '[.state, .ready] | @csv' '"stopped",false'; }
rests() { within 20 ready "$1"; }
populated() { grep -qx 'populated 1' "$CG/personas/$1/cgroup.events"; }
# again ID: it is used and stopped, and bay0 finds the time.
again() { spine persona start "$1" >/dev/null 2>&1 && spine focus "$1" >/dev/null && spine persona stop "$1" >/dev/null 2>&1; }
left() { find "$CG/personas" "$T/run/persona" -mindepth 1 -maxdepth 1 -type d 2>/dev/null | sort; }
is_empty() { [ -z "$1" ] || { echo "$1"; return 1; }; }
kill9() { bay0_stop KILL 2>/dev/null || true; }

for p in work idle; do spine persona add "$p" localhost/img >/dev/null 2>&1; done
spine persona add auto localhost/img --autostart >/dev/null 2>&1
spine persona add seal localhost/img --profile sealed >/dev/null 2>&1
spine persona start idle >/dev/null 2>&1
spine persona stop idle >/dev/null 2>&1
again work
runs 'who was in front last is initialised ahead' rests work
runs 'to whom asks it is stopped' is work '[.state, .pid, .focus] | @csv' '"stopped",0,false'
runs 'its process waits in its group' populated work
runs 'who was never in front is not' unready idle
runs 'nor who never ran' unready seal
refused not-running focus work
refused not-running persona stop work
refused not-running run work -- true

: >"$T/calls"
runs 'its start' spine persona start work
runs 'needs one podman' [ "$(grep -c persona-work "$T/calls")" -eq 1 ]
runs 'it runs, and shows its process' grep -qx "$(row work .pid)" "$CG"/personas/work/libpod-*/cgroup.procs
runs 'a program runs inside' spine run work -- true
runs 'it is no more ready' is work .ready false
runs 'stop' spine persona stop work
runs 'and it is ready again' rests work

# What cannot use it waits until it is undone.
runs 'set' spine persona set work --background throttle
runs 'holds, and it is undone' is work '[.background, .ready] | @csv' '"throttle",false'
runs 'then done again' rests work
runs 'rm' spine persona rm work
runs 'nothing of it is left' gone "$T/pod/persona-work" "$CG/personas/work" "$T/run/persona/work"
spine persona add work localhost/img >/dev/null 2>&1
again work
fault init 'touch "$T/begun"; sleep 3'
: >"$T/calls"
within 20 [ -e "$T/begun" ]
runs 'a start that comes while it is being initialised' spine persona start work
runs 'needs no second init' [ "$(grep -cE '(^| )init .*persona-work$' "$T/calls")" -eq 1 ]
runs 'and it runs' state_is work running
fault init
spine persona stop work >/dev/null 2>&1
rests work

# A throw-away root is made ahead as well.
again seal
runs 'who was used later takes its place' rests seal
runs 'and the other one is cleared' eval 'within 20 unready work && within 5 gone "$CG/personas/work"'
: >"$T/calls"
spine persona start seal >/dev/null 2>&1
runs 'nothing is created at its start' not grep -q ' create ' "$T/calls"
spine persona stop seal >/dev/null 2>&1
again auto
runs 'who starts by itself comes first' rests auto
runs 'alone' [ "$(spine --json ps | jq '[(.result // .).personas[] | select(.ready)] | length')" -eq 1 ]

# What goes wrong.
pid=$(cat "$T/pod/persona-auto/pid")
kill -KILL "$pid"
runs 'its process is killed: it is cleared, without a word in its row' eval 'within 20 grep -q "auto: its container was initialised ahead and has ended" "$T/bay0.err" && is auto .error null'
runs 'and ready again' rests auto
fault start 'once; fail 126 "Error: crun: it does not want to: OCI runtime error"'
refused podman-failed persona start auto
runs 'a start that fails leaves nothing' [ -z "$(left | grep auto)" ]
runs 'the next one is from the beginning, and well' spine persona start auto
spine persona stop auto >/dev/null 2>&1
within 20 ready auto
fault init 'fail 126 "Error: crun: no"'
spine persona set auto --background throttle >/dev/null 2>&1
runs 'an initialising that fails is said in the log' within 20 grep -q 'auto: initialise ahead failed' "$T/bay0.err"
sleep 4
runs 'once' [ "$(grep -c 'auto: initialise ahead failed' "$T/bay0.err")" -eq 1 ]
runs 'and not in its row' is auto '[.state, .error] | @json' '["stopped",null]'
runs 'nothing of it is left' [ -z "$(left | grep auto)" ]
fault init

# bay0 goes on in a new program, is killed, ends.
again auto
rests auto
pid=$(cat "$T/pod/persona-auto/pid")
runs 'reexec' spine reexec
runs 'it is still ready' ready auto
: >"$T/calls"
runs 'and starts' spine persona start auto
runs 'from where it was' eval '[ "$(row auto .pid)" = "$pid" ] && [ "$(grep -c persona-auto "$T/calls")" -eq 1 ]'
spine persona stop auto >/dev/null 2>&1
rests auto
spine persona rm auto >/dev/null 2>&1
again work
rests work
kill9
bay0_start --podman-timeout 20000 --ahead 1
runs 'after kill -9 it is stopped' unready work
runs 'and nothing is left of it' is_empty "$(left)"
again work
runs 'then it is ready again' rests work
rc=0
bay0_stop TERM || rc=$?
runs 'bay0 ends well' [ "$rc" -eq 0 ]
runs 'and leaves nothing behind' is_empty "$(left)"
bay0_start --podman-timeout 20000
again work
sleep 5
runs 'with --ahead 0 nobody is' unready work
end
