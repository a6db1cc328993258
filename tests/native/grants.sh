#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: ai-core and sound are given to a persona and taken from it while it runs: its sockets are there always, and connect(2) is refused where
# nothing is granted. What comes through them is shown in tests/vm/30-ai.sh and tests/vm/47-sound.sh.
. "$(dirname "$0")/lib.sh"
begin
bay0_start --podman-timeout 20000

# reach ID SOCKET: "open", or why not. The connection is given up again.
reach() { python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX)
try: s.connect(sys.argv[1]); print("open")
except OSError as e: print(e.strerror)' "$T/run/persona/$1/$2"; }
is_open() { [ "$(reach "$1" "$2")" = open ]; }
is_shut() { [ "$(reach "$1" "$2")" = 'Connection refused' ]; }
silent_set() { [ -z "$(spine persona set "$@")" ]; }
later_set() { spine persona set "$@" | grep -q 'when it is started again'; }
granted() { jq -sr "map(select(.kind == \"set\" and .persona == \"$1\"))[-1].$2" "$T/persist/audit"/*; }
explained() { spine persona explain "$1" 2>&1 | grep -c 'not granted: nobody listens'; }

spine persona add work localhost/img >/dev/null 2>&1
spine persona add bare localhost/img --no-ai >/dev/null 2>&1
spine persona start work >/dev/null 2>&1
spine persona start bare >/dev/null 2>&1
runs 'ai-core as declared: open' is_open work ai.sock
runs 'declined: refused, not missing' is_shut bare ai.sock
runs 'sound that nobody asked for: refused' is_shut work pipewire-0
runs 'explain says so' [ "$(explained bare)" -eq 2 ]
inode=$(stat -c %i "$T/run/persona/bare/ai.sock")
pid=$(row bare .pid)

runs 'given while it runs' silent_set bare --ai
runs 'it is open at once' is_open bare ai.sock
runs 'by the same socket, which its container has' [ "$(stat -c %i "$T/run/persona/bare/ai.sock")" = "$inode" ]
runs 'the ledger knows' [ "$(granted bare ai)" = true ]
runs 'what runs is as declared' spine persona explain bare
runs 'sound as well' silent_set bare --audio --microphone
runs 'open' is_open bare pipewire-0
runs 'one of two that is taken back closes nothing' silent_set bare --no-microphone
runs 'open still' is_open bare pipewire-0
runs 'a second time changes nothing' silent_set bare --audio
runs 'open as before' is_open bare pipewire-0

runs 'taken back while it runs' silent_set bare --no-ai --no-audio
runs 'ai-core is shut at once' is_shut bare ai.sock
runs 'and sound' is_shut bare pipewire-0
runs 'the ledger knows that too' [ "$(granted bare ai),$(granted bare audio)" = false,false ]
runs 'others keep theirs' is_open work ai.sock
runs 'given again: it says from when on' later_set bare --ai
runs 'not before' is_shut bare ai.sock
runs 'it ran through all of this' is bare '[.state, .pid] | @csv' "\"running\",$pid"
spine persona stop bare >/dev/null 2>&1
runs 'of one that is stopped nothing is said' silent_set bare --audio
spine persona start bare >/dev/null 2>&1
runs 'started again it has what it was given' is_open bare ai.sock
runs 'all of it' is_open bare pipewire-0

# A new program knows which are open, and which could be.
runs 'bay0 goes on anew' spine reexec
runs 'open is open' is_open work ai.sock
runs 'shut is shut' is_shut work pipewire-0
runs 'and can be opened' silent_set work --audio
runs 'as before' is_open work pipewire-0
runs 'taken back' silent_set work --no-audio
runs 'bay0 goes on anew, with one socket less' spine reexec
runs 'which waits for a start' later_set work --audio
bay0_stop TERM >/dev/null 2>&1
end
