#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: what one persona copied is not there for the next, by whatever road the switch came, and there is no second clipboard; how long a switch takes.
# shellcheck disable=SC2119 # no words are passed on
. "$(dirname "$0")/sway-lib.sh"
sway_begin
# Every wl-copy that bay0 starts is counted.
cp "$R/usr/bin/wl-copy" "$T/bin/wl-copy"
printf '#!/bin/sh\n[ "$*" != --clear ] || echo cleared >>%s\nexec %s "$@"\n' "$T/by-wl-copy" "$T/bin/wl-copy" >"$T/bin/counted"
chmod 0755 "$T/bin/counted"
mount --bind "$T/bin/counted" "$R/usr/bin/wl-copy"
touch "$T/by-wl-copy"
bay0_start
within 60 service_is sway up
plug_keyboard
PERSONA_OPTIONS=(--background run)
two_terminals

copies() { in_persona "$1" wl-copy "$2" </dev/null >"$T/copied" 2>&1 || { echo "# wl-copy: $? $(cat "$T/copied")"; return 1; }; }
pastes() { in_persona "$1" wl-paste -n 2>/dev/null </dev/null || true; }

spine focus a >/dev/null
copies a one
runs 'a reads what it copied' [ "$(pastes a)" = one ]
spine focus b >/dev/null
runs 'by spine focus: b reads nothing' [ -z "$(pastes b)" ]
spine focus a >/dev/null
runs 'and a lost it' [ -z "$(pastes a)" ]
copies a two
key_press logo Tab
within 10 front_is b
plug_keyboard # the one that was pressed is gone
runs 'by a key: b reads nothing' [ -z "$(pastes b)" ]
copies b three
sway_do 'workspace a'
runs "by sway's own road: a is in front" within 10 front_is a
runs 'and reads nothing' [ -z "$(pastes a)" ]
copies a four
spine persona stop a >/dev/null 2>&1
runs 'by the end of a: b is in front' within 10 front_is b
runs 'and reads nothing' [ -z "$(pastes b)" ]
spine persona start a >/dev/null 2>&1

# The primary selection is off: nobody is offered it, the Spine's own clients neither.
runs 'there is a clipboard' eval "in_persona b wayland-info | grep -q wl_data_device_manager"
runs 'a persona has no primary selection' eval "! in_persona b wayland-info | grep -q primary_selection"
runs 'the Spine has none' eval "! in_root wayland-info | grep -q primary_selection"
runs 'to copy into it fails' eval "! in_persona b wl-copy --primary x </dev/null"

# The program that stands by, and what is done without it.
clearer() { pgrep -f "^$T/bin/spine-wlclear"; }
by_wl_copy() { wc -l <"$T/by-wl-copy"; }
clearer >"$T/first"
runs 'all that was done without a wl-copy' [ "$(by_wl_copy) $(wc -l <"$T/first")" = '0 1' ]
spine focus a >/dev/null
copies a five
kill -STOP "$(cat "$T/first")"
runs 'one that does not answer holds nobody up for long' timeout 4 "$BUILD/sbin/spine" focus b
runs 'is said' grep -q 'spine-wlclear has not cleared the clipboard' "$T/bay0.err"
runs 'and wl-copy does it' [ "$(by_wl_copy):$(pastes b)" = 1: ]
runs 'it is gone' not clearer
copies b six
spine focus a >/dev/null
runs 'the next one is for wl-copy too' [ "$(by_wl_copy):$(pastes a)" = 2: ]
runs 'by then another one stands by' within 5 clearer
copies a seven
spine focus b >/dev/null
runs 'and does it' [ "$(by_wl_copy):$(pastes b)" = 2: ]
copies b eight
kill -KILL "$(clearer)"
spine focus a >/dev/null
runs 'one that was killed is no way to keep it' [ -z "$(pastes a)" ]
copies a nine
runs 'bay0 goes on in a new program' spine reexec
runs 'with one of its own' within 5 clearer
before=$(by_wl_copy)
spine focus b >/dev/null
runs 'that does it' [ "$(by_wl_copy):$(pastes b)" = "$before:" ]

# What a switch costs, request to answer: a word to who clears the clipboard, then one to sway.
spine focus a >/dev/null
began=$(date +%s%N)
for _ in 1 2 3 4 5 6 7 8 9 10; do spine focus b >/dev/null && spine focus a >/dev/null; done
ms=$((($(date +%s%N) - began) / 20000000))
echo "# a switch took $ms ms in the mean"
runs 'twenty switches take less than half a second each' [ "$ms" -lt 500 ]
end
