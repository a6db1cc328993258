#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: podman that hangs, does not listen to SIGTERM, floods, talks rubbish or is not there; bay0 goes on answering meanwhile.
. "$(dirname "$0")/lib.sh"
begin
bay0_start --podman-timeout 3000
spine persona add one localhost/img >/dev/null 2>&1
spine persona add two localhost/img >/dev/null 2>&1

# The time-out is 3 s here; SIGKILL follows 2 s after SIGTERM.
fault create 'once; hang'
spine persona start one >"$T/slow" 2>&1 &
slow=$!
within 5 grep -q ' create ' "$T/calls"
runs 'while podman hangs bay0 answers' timeout 2 "$BUILD/sbin/spine" ps
refused busy persona start one
runs 'and starts another one' spine persona start two
rc=0
wait "$slow" || rc=$?
runs 'the one that hung fails' [ "$rc" -eq 1 ]
runs 'and says that it took too long' grep -q 'did not end in time' "$T/slow"
runs 'nothing of it is left' gone "$CG/personas/one" "$T/run/persona/one" "$T/pod/persona-one"
fault create stubborn
refused time-out persona start one
fault create
fault start hang
refused time-out persona start one
runs 'a start that hung is undone' gone "$CG/personas/one" "$T/run/persona/one" "$T/pod/persona-one"
fault start
none 'no podman is left over' "$(podmen)"

# More output than anybody wants.
fault init flood
runs 'a flood on both outputs does not hinder' within 60 spine persona start one
runs 'stop' spine persona stop one
fault init 'flood; fail 125 "Error: after all that"'
refused podman-failed persona start one
rss=$(awk '/VmRSS/ { print $2 }' "/proc/$BAY0/status")
case $BUILD in *asan* | *san) rss=0 ;; esac
runs "and bay0 has kept little of it: $rss kB" [ "$rss" -lt 20000 ]
fault init

# What is no answer.
fault container-inspect 'echo "[{]"; exit 0'
refused podman-failed persona start one
fault container-inspect 'echo "[{},{}]"; exit 0'
refused podman-failed persona start one
fault container-inspect 'head -c 300000 /dev/urandom; exit 0'
refused podman-failed persona start one
fault container-inspect 'exit 0'
refused podman-failed persona start one
fault container-inspect
fault pull 'echo no-id; exit 0'
refused pull-failed persona add file oci-archive:/persist/transfer/x.tar
fault pull
runs 'after all that it starts' spine persona start one
fault stop hang
runs 'a stop that hangs ends by killing' spine persona stop one
fault stop
runs 'nothing of it is left' gone "$CG/personas/one" "$T/run/persona/one"

# Programs inside.
fault exec "fail 125 'Error: no'"
rc=0
spine run --detach two -- true </dev/null >"$T/out" 2>&1 || rc=$?
runs 'a program that could not be run in the background says so' [ "$rc" -eq 1 ]
fault exec hang
rc=0
spine run --detach two -- true </dev/null >"$T/out" 2>&1 || rc=$?
runs 'and so does one that hangs' grep -q 'in time' "$T/out"
fault exec

mv "$T/podman" "$T/podman.away"
refused podman-missing persona start one
runs 'without podman the other one runs on' state_is two running
runs 'and can be stopped' spine persona stop two
mv "$T/podman.away" "$T/podman"
runs 'and started' spine persona start two
end
