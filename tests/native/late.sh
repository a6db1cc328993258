#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: an answer of sway that comes so late that it is no more true keeps nobody awake, and one that never comes holds nobody up for long.
# shellcheck disable=SC2119 # no words are passed on
. "$(dirname "$0")/sway-lib.sh"
sway_begin
bay0_start
within 60 service_is sway up
two_terminals
SWAY=$T/run/ui/sway.sock
mv "$SWAY" "$SWAY.own"
timeout 300 python3 -B tests/native/latesway.py "$SWAY" "$SWAY.own" "$T" &
LATE=$!
runs 'somebody stands between' within 10 [ -S "$SWAY" ]
runs 'bay0 goes on and connects anew' spine reexec
spine focus b >/dev/null
spine focus a >/dev/null
touch "$T/slow"
runs 'the grace of b is over: bay0 asks what can be seen' within 10 [ -e "$T/asked" ]
sway_do 'workspace b'
touch "$T/ask"
runs 'sway says that b can be seen' within 4 [ -e "$T/answered" ]
sway_do 'workspace a'
rm "$T/slow"
touch "$T/tell"
runs 'told when a is in front, it does not keep b awake' within 10 frozen_is b 1
runs 'and a is' frozen_is a 0

# Time is up after 5 s: the connection ends, and the next question makes a new one.
rm "$T/ask" "$T/asked" "$T/answered" "$T/tell"
spine focus b >/dev/null
touch "$T/slow"
runs 'once more bay0 asks' within 10 [ -e "$T/asked" ]
refused sway-failed focus a
runs 'what waited behind it fails with it, and is said' grep -q 'sway does not answer; the connection to it is ended' "$T/bay0.err"
rm "$T/slow"
runs 'then sway is asked anew' spine focus a
runs 'and shows it' shown_is a
kill "$LATE"
end
