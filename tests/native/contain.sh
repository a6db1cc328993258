#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: nobody behind gets in front by itself, whatever its windows ask for, and who does not leave off is ended; and the ledger of it all.
# shellcheck disable=SC2119 # no words are passed on
. "$(dirname "$0")/sway-lib.sh"
sway_begin
cp "$BUILD/tests/native/pushy" "$T/bin/"
bay0_start
within 60 service_is sway up
PERSONA_OPTIONS=(--background run)
persona_up a foot 2>"$T/said"
persona_up b 2>>"$T/said"
persona_up c 2>>"$T/said"
runs 'a has a window' within 60 windows_are a 1
spine focus a >/dev/null

# pushy ID WORD...: that window as a program of the persona; what it says comes to $T/ID.said
pushy() {
    local id=$1
    shift
    spine run -d "$id" -- env XDG_RUNTIME_DIR="$T/run/persona/$id" WAYLAND_DISPLAY=wayland-0 sh -c 'exec "$@" >"$0"' "$T/$id.said" "$T/bin/pushy" "$@" >/dev/null
}
said() { grep -c " $2\$" "$T/$1.said" || true; } # ID WHAT
has_said() { [ "$(said "$1" "$2")" -ge "$3" ]; }
# Its program ends with its window.
no_more() { pkill -KILL -f "^$T/bin/pushy" || true; within 10 windows_are "$1" 0; }
audit() { cat "$T"/persist/audit/*.jsonl; }
audited() { audit | jq -r --arg k "$1" 'select(.kind == $k) | .persona' | tr '\n' ' '; } # KIND: of whom
in_front() { [ "$(shown) $(visible)" = "a a" ] && front_is a; }
# How long it was in front: from each configuration for the whole screen to the next for a window.
longest() { awk '$2 == "fullscreen" { t = $1 } $2 == "windowed" && t { if ($1 - t > max) max = $1 - t; t = 0 } END { print max + 0 }' "$T/$1.said"; }

pushy b -m
runs 'a window that is born with a wish for the whole screen' within 20 has_said b mapped 1
runs 'is not seen' in_front
runs 'but lies on its own workspace' [ "$(windows b .workspace)" = '"b"' ]
no_more b

before=$(audited window-back)
pushy b -w 300 -f 3 -e 1200
runs 'a window that asks for it three times later' within 30 has_said b 'asks no more' 1
runs 'gets it each time' has_said b fullscreen 3
runs 'loses it each time' within 5 has_said b windowed 3
echo "# it was in front for $(longest b) ms at the longest"
runs 'within 100 ms' [ "$(longest b)" -le 100 ]
runs 'a is in front as before' in_front
runs 'the window is at home again' [ "$(windows b .workspace)" = '"b"' ]
runs 'the ledger has each' [ "$(audited window-back)" = "${before}b b b " ]
no_more b

pushy b -w 300 -a 3 -e 200
runs 'a window that asks to be activated' within 20 has_said b 'asks no more' 1
runs 'does not get there' in_front
runs 'but asks for attention' within 10 is b .attention true
no_more b

pushy c -w 300 -f 1000 -e 20
runs 'who keeps asking is ended' within 30 eval '! pgrep -f "^$T/bin/pushy" >/dev/null'
runs 'and its window is gone' within 10 windows_are c 0
runs 'a is in front' in_front
runs 'the ledger says so' [ "$(audited window-killed | cut -c1)" = c ]
echo "# it was put back $(audited window-back | tr ' ' '\n' | grep -c c) times, and in front for $(longest c) ms at the longest"

# A window that something else has moved to the front goes home as well.
pushy b
within 20 windows_are b 1
sway_do '[sandbox_instance_id="b"] move container to workspace a'
runs 'a window that was moved to the front goes home' within 5 eval "[ \"\$(windows b .workspace)\" = '\"b\"' ]"
runs 'and is not seen' in_front
no_more b

# In front everything is allowed, and a switch is no attack.
pushy a -w 300 -f 1
runs 'the one in front may have the whole screen' within 20 has_said a fullscreen 1
sleep 0.3
runs 'and keeps it' [ "$(said a windowed)" -eq 0 ]
pushy b -m
within 20 has_said b mapped 1
sleep 0.5
before=$(audited window-back | wc -w)
for _ in 1 2 3 4 5 6 7 8 9 10; do spine focus b >/dev/null && spine focus a >/dev/null; done
for _ in 1 2 3 4 5; do key_press logo 2; within 5 front_is b; key_press logo 1; within 5 front_is a; done
runs 'thirty switches between two fullscreen windows put none back' [ "$(audited window-back | wc -w)" -eq "$before" ]

# What the ledger keeps: requests that a persona may not make; who was in front, started, stopped; what was carried.
hash=$(sha256sum </dev/null)
printf '{"cmd":"clipboard.carried","args":{"from":"a","to":"b","type":"text/plain","bytes":7,"sha256":"%s"}}\n' "${hash%% *}" | ask >/dev/null
printf '{"cmd":"power.off"}\n' | "$BUILD/tests/native/ask" "$T/run/persona/b/bay0.sock" >/dev/null
printf 'nonsense%.0s\n' {1..60} | "$BUILD/tests/native/ask" "$T/run/persona/c/bay0.sock" >/dev/null
spine persona stop c >/dev/null 2>&1
runs 'a carry' [ "$(audit | jq -c 'select(.kind == "carry") | [.from, .to, .type, .bytes]')" = '["a","b","text/plain",7]' ]
runs 'a refused request' [ "$(audit | jq -c 'select(.kind == "refused" and .persona == "b") | [.command, .error]')" = '["power.off","not-allowed"]' ]
runs 'but no flood of them' [ "$(audit | jq -c 'select(.kind == "refused" and .persona == "c")' | wc -l)" -le 20 ]
runs 'starts and stops' [ "$(audited start)$(audited stop)" = 'a b c c ' ]
runs 'switches' [ "$(audit | jq -r 'select(.kind == "focus") | .from + ">" + .persona' | head -n 1)" = '>a' ]
chain() { "$BUILD/tests/native/chain" "$T"/persist/audit/*.jsonl; }
# As many records as lines; of a copy, since bay0 goes on writing.
whole() {
    rm -rf "$T/copy" && cp -r "$T/persist/audit" "$T/copy"
    [ "$("$BUILD/tests/native/chain" "$T"/copy/*.jsonl)" = "$(cat "$T"/copy/*.jsonl | wc -l)" ]
}
runs 'its chain is whole' whole

# Power cuts tear the last line.
bay0_stop KILL || true
lines=$(audit | wc -l)
newest=$(find "$T/persist/audit" -name '*.jsonl' | sort | tail -n 1)
printf '{"seq":%d,"time":"2026-' $((lines + 1)) >>"$newest"
bay0_start
runs 'after a torn line the chain goes on' whole
runs 'and says so' [ "$(audit | jq -r "select(.seq > $lines) | .kind" | head -n 2 | tr '\n' ' ')" = 'repaired opened ' ]
# A new segment was begun, and nothing of it reached the disk whole.
bay0_stop KILL || true
printf '{"seq":' >"$T/persist/audit/000000009999.jsonl"
bay0_start
runs 'a segment with nothing whole in it does not break the chain' whole
bay0_stop TERM || true
sed -i '3s/"persona":"."/"persona":"z"/' "$newest"
runs 'a changed record is found' not chain
bay0_start
runs 'bay0 leaves it there for who looks' not chain
runs 'goes on in a new file' [ "$(find "$T/persist/audit" -name '*.jsonl' | wc -l)" -eq 2 ]
runs 'and says so' [ "$(head -n 2 "$(find "$T/persist/audit" -name '*.jsonl' | sort | tail -n 1)" | jq -r .kind | tr '\n' ' ')" = 'broken opened ' ]
end
