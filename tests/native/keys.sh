#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: keys go to the switcher as long as it listens, switches are told before and after, and the switcher is a service that follows sway.
# shellcheck disable=SC2119 # no words are passed on
. "$(dirname "$0")/sway-lib.sh"
sway_begin
# A switcher that ends at once, until it is told to stay.
printf '#!/bin/sh\n[ -e "%s/stay" ] || exit 3\nexec sleep 100000\n' "$T" >"$T/bin/spine-switcher"
chmod 0755 "$T/bin/spine-switcher"
bay0_start
within 60 service_is sway up
two_terminals

# listen FILE ARGS: a subscriber whose lines come to that file; sets LISTENER
listen() {
    printf '{"id":1,"cmd":"subscribe","args":%s}\n' "$2" >"$T/ask"
    "$BUILD/tests/native/ask" "$T/run/bay0.sock" <"$T/ask" >"$1" 2>&1 &
    LISTENER=$!
    within 10 grep -q '"ok":true' "$1"
}
events() { jq -c 'select(.event == "key" or .event == "leaving" or .event == "front") | del(.event) + {e: .event}' "$1"; }
seen() { [ "$(events "$1" | tail -n "$2")" = "$3" ]; } # FILE LINES WANT

spine focus a >/dev/null
listen "$T/plain" '{}'
plain=$LISTENER
key_press logo Tab
runs 'without a switcher Super+Tab is done at once' within 10 front_is b
spine focus a >/dev/null
runs 'each switch is told before and after' seen "$T/plain" 4 '{"id":"a","to":"b","e":"leaving"}
{"id":"b","e":"front"}
{"id":"b","to":"a","e":"leaving"}
{"id":"a","e":"front"}'

listen "$T/keys" '{"keys":true}'
keys=$LISTENER
runs 'the switcher is told what there is' [ "$(head -n 1 "$T/keys" | jq -c '[(.result.personas | map(.id)), (.result.services | map(select(.name == "sway") | .up))]')" = '[["a","b"],[true]]' ]
runs 'another subscriber is told of personas alone' [ "$(head -n 1 "$T/plain" | jq -c '.result | keys')" = '["personas"]' ]
lines=$(wc -l <"$T/plain")
key_press logo Tab
key_press logo shift Tab
key_press logo d
key_press logo shift c
key_press logo shift v
runs 'it gets the keys' within 10 seen "$T/keys" 5 '{"key":"next","front":"a","e":"key"}
{"key":"previous","front":"a","e":"key"}
{"key":"launcher","front":"a","e":"key"}
{"key":"carry-copy","front":"a","e":"key"}
{"key":"carry-paste","front":"a","e":"key"}'
runs 'and bay0 leaves them to it' front_is a
runs 'others do not hear them' [ "$(tail -n "+$((lines + 1))" "$T/plain" | grep -c '"key"')" -eq 0 ]
key_press logo 2
runs 'Super+2 goes straight' within 10 front_is b
key_press logo grave
runs 'Super+grave goes back' within 10 front_is a
runs 'without a word to the switcher, but that of the switch' seen "$T/keys" 4 '{"id":"a","to":"b","e":"leaving"}
{"id":"b","e":"front"}
{"id":"b","to":"a","e":"leaving"}
{"id":"a","e":"front"}'
kill "$keys"
key_press logo Tab
runs 'when the switcher is gone, bay0 does it again' within 10 front_is b

# What a row says.
runs 'nobody holds a microphone' [ "$(row a .microphone)$(row b .microphone)" = falsefalse ]
runs 'the one in front was used last' [ "$(row b .used)" -gt "$(row a .used)" ]
sway_do '[sandbox_instance_id="b"] urgent enable'
sway_do '[sandbox_instance_id="a"] urgent enable'
runs 'a, behind, asks for attention' within 10 is a .attention true
runs 'b, in front, has it' is b .attention false
spine focus a >/dev/null
runs 'in front a has it too' is a .attention false

# Switches that come to nothing are told as well.
kill -STOP "$(pgrep -f "^sway -c $T")"
"$BUILD/sbin/spine" focus b >"$T/said" 2>&1 &
waiting=$!
within 10 seen "$T/plain" 1 '{"id":"a","to":"b","e":"leaving"}'
kill -KILL "$(pgrep -f "^sway -c $T")"
wait "$waiting" || true
runs 'a switch that failed is told to be over' within 20 seen "$T/plain" 1 '{"id":"a","e":"front"}'
within 60 service_is sway up

# What the user carried.
hash=$(sha256sum </dev/null)
carried() { printf '{"cmd":"clipboard.carried","args":{"from":"a","to":"b","type":"text/plain","bytes":%s,"sha256":"%s"}}\n' "$1" "${hash%% *}"; }
runs 'a carry is taken' [ "$(carried 7 | ask | jq -c .ok)" = true ]
runs 'one that is none is refused' [ "$(carried '"x"' | ask | jq -r .error.code)" = bad-value ]
runs 'a persona may not tell of one' [ "$(carried 7 | "$BUILD/tests/native/ask" "$T/run/persona/a/bay0.sock" | jq -r .error.code)" = not-allowed ]
kill "$plain"

# The switcher as a service.
refused not-allowed service stop sway
refused no-such-service service start nothing
runs 'a switcher that keeps ending is given up' within 90 service_is switcher gave-up
within 90 service_is pipewire gave-up
refused system-error service start pipewire
touch "$T/stay"
runs 'once it can stay it is started by hand' spine service start switcher
runs 'and is up' service_is switcher up
runs 'to start what is up does nothing' spine service start sway
switcher() { cat "$CG/ui/switcher/cgroup.procs"; }
first=$(switcher)
kill -KILL "$(pgrep -f "^sway -c $T")"
another() { local now; now=$(switcher); [ -n "$now" ] && [ "$now" != "$first" ]; }
runs 'it is started again with sway' within 60 another
runs 'and is up again' within 20 service_is switcher up
bay0_stop TERM || true
rm "$T/bin/spine-switcher"
bay0_start
runs 'where there is no switcher nobody asks for it' eval '! spine service status switcher'
end
