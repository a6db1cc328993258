#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: the doctor's throw-away persona when podman misbehaves or bay0 dies at any point of it: always removed, always told; and what cannot be
# broken in a VM, such as the journal.
. "$(dirname "$0")/lib.sh"
begin
bay0_start --podman-timeout 3000

level() { jq -r --arg n "$2" '[.checks[] | select(.name == $n) | .level] | unique | join(" ")' <<<"$1"; }
detail() { jq -r --arg n "$2" '.checks[] | select(.name == $n) | .detail' <<<"$1"; }
examine() { spine --json doctor "$@" 2>/dev/null || true; }
trial='throw-away persona'
nothing_left() {
    gone "$T/pod/persona-spine-doctor" "$T/persist/home/spine-doctor" "$CG/personas/spine-doctor" "$T/run/persona/spine-doctor" \
        "$T/persist/log/persona-spine-doctor.log" "$T/persist/log/persona-spine-doctor.log.0"
}
nothing_begun() { [ "$(detail "$(examine --quick)" journal)" = '0 operations under way' ]; }
called() { grep -q "^\(--[^ ]* \)*$1 " "$T/calls" 2>/dev/null; }

said=$(spine --json doctor 2>"$T/progress" || true)
runs 'while it is made one is told so' jq -se 'map(.progress | select(.detail == "throw-away persona").step) | index("podman create") < index("podman exec")' "$T/progress"
runs 'the throw-away persona is made and tries' [ "$(level "$said" "$trial")" = ok ]
runs 'here nothing holds it: that is found' [ "$(level "$said" 'a persona cannot mount a file system')" = wrong ]
runs 'and told what to do about' jq -e '.checks[] | select(.name == "a persona cannot mount a file system") | .advice | length > 20' <<<"$said"
runs 'nothing of it is left' nothing_left
runs 'nor in ps' [ "$(spine ps --json | jq '.personas | length')" = 0 ]
runs 'nor in the journal' nothing_begun
rc=0
spine doctor >/dev/null 2>&1 || rc=$?
runs 'the exit status is 1 when something is wrong' [ "$rc" -eq 1 ]
said=$(examine --quick)
runs 'the quick check-up leaves it out' [ "$(level "$said" "$trial")" = '' ]
refused bad-id persona add spine-doctor localhost/img

for verb in image-ls create init container-inspect start exec; do
    fault "$verb" "fail 125 'Error: no $verb today'"
    said=$(examine)
    runs "$verb fails: that is wrong, and says why" grep -q "no $verb today" <<<"$(detail "$said" "$trial")"
    runs "$verb fails: nothing is left" nothing_left
    fault "$verb"
done
for verb in create exec; do
    fault "$verb" hang
    said=$(examine)
    runs "$verb hangs: that is wrong" [ "$(level "$said" "$trial")" = wrong ]
    runs "$verb hangs: nothing is left" nothing_left
    fault "$verb"
done
fault container-inspect 'echo rubbish; exit 0'
said=$(examine)
runs 'an inspect that is no answer is told' grep -q 'not what was asked for' <<<"$(detail "$said" "$trial")"
runs 'nothing is left' nothing_left
fault container-inspect
fault exec 'echo "{\"attempt\":\"x\",\"got_through\":false}"; exit 0'
said=$(examine)
runs 'a report that is not whole is wrong' grep -q 'not whole' <<<"$(detail "$said" "$trial")"
fault exec 'flood; exit 0'
said=$(examine)
runs 'and so is a flood' [ "$(level "$said" "$trial")" = wrong ]
fault exec
mv "$T/image" "$T/image.away"
mkdir "$T/image"
said=$(examine)
runs 'without an image nothing is tried, and that is no fault' [ "$(level "$said" "$trial")" = note ]
rmdir "$T/image"
mv "$T/image.away" "$T/image"
mv "$T/podman" "$T/podman.away"
said=$(examine)
runs 'without podman both are wrong' [ "$(level "$said" podman),$(level "$said" "$trial")" = wrong,wrong ]
mv "$T/podman.away" "$T/podman"

fault rm "fail 125 'Error: not now'"
said=$(examine)
runs 'one that cannot be removed is told' grep -q 'something of it is left' <<<"$(detail "$said" "$trial")"
runs 'and stays in the journal' grep -q 'were begun' <<<"$(detail "$(examine --quick)" journal)"
fault rm
bay0_stop KILL || true
bay0_start --podman-timeout 3000
runs 'the next start removes it' within 20 nothing_left
runs 'and closes the journal' within 20 nothing_begun

# bay0 dies at each point.
for verb in create init container-inspect start exec rm; do
    : >"$T/calls"
    fault "$verb" 'once; sleep 2; exit 0'
    spine doctor >/dev/null 2>&1 &
    client=$!
    within 20 called "${verb/container-inspect/container inspect}" || true
    bay0_stop KILL || true
    wait "$client" 2>/dev/null || true
    fault "$verb"
    bay0_start --podman-timeout 3000
    runs "bay0 is killed in $verb: the next start leaves nothing" within 20 nothing_left
    runs "bay0 is killed in $verb: and nothing in the journal" within 20 nothing_begun
done

# And the registry is lost with the journal in it.
: >"$T/calls"
fault exec 'once; sleep 2; exit 0'
spine doctor >/dev/null 2>&1 &
client=$!
within 20 called exec || true
bay0_stop KILL || true
wait "$client" 2>/dev/null || true
rm -f "$T"/persist/personas.db*
bay0_start --podman-timeout 3000
runs 'without its registry bay0 knows the container all the same' within 20 gone "$T/pod/persona-spine-doctor" "$CG/personas/spine-doctor" "$T/run/persona/spine-doctor"
runs 'and makes no persona of it' [ "$(spine ps --json | jq '.personas | length')" = 0 ]
examine >/dev/null
runs 'the next check-up takes its home away' nothing_left

# Several at once, and one whose client goes away.
fault exec 'sleep 2; exit 0'
: >"$T/calls"
spine --json doctor >"$T/first" 2>/dev/null &
first=$!
within 20 called exec
said=$(examine)
runs 'a second one leaves the throw-away persona to the first' grep -q 'another check-up' <<<"$(detail "$said" "$trial")"
runs 'bay0 answers meanwhile' timeout 2 "$BUILD/sbin/spine" ps
kill -TERM "$first"
wait "$first" 2>/dev/null || true
runs 'a client that goes away leaves nothing either' within 20 nothing_left
fault exec
clients=()
mv "$T/podman" "$T/podman.away"
printf '#!/bin/sh\nexec sleep 1000\n' >"$T/podman"
chmod +x "$T/podman"
for i in 1 2 3 4 5 6 7 8; do
    spine --json doctor --quick >"$T/doctor.$i" 2>/dev/null &
    clients+=($!)
done
wait "${clients[@]}" || true
runs 'of eight at a time some are refused' [ "$(cat "$T"/doctor.[1-8] | jq -s 'map(select(.error.code == "busy")) | length')" -ge 1 ]
runs 'and four are answered, at least' [ "$(cat "$T"/doctor.[1-8] | jq -s 'map(select(.checks)) | length')" -ge 4 ]
mv "$T/podman.away" "$T/podman"

# The journal of another bay0, and podman silent at start.
bay0_stop TERM || true
python3 - "$T/persist/personas.db" <<'P'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("INSERT INTO journal (operation, id, detail) VALUES ('teleport', 'work', '')")
db.commit()
P
bay0_start --podman-timeout 3000
said=$(examine --quick)
runs 'an entry that nobody understands is found' grep -q '1 of 1 entries cannot be understood' <<<"$(detail "$said" journal)"
bay0_stop TERM || true
python3 -c 'import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute("DELETE FROM journal"); db.commit()' "$T/persist/personas.db"
fault ps hang
bay0_start --podman-timeout 3000
said=$(examine)
runs 'podman that has not said what it has is found' grep -q 'podman has not answered' <<<"$(detail "$said" journal)"
runs 'and nothing is tried then' [ "$(level "$said" "$trial")" = note ]
fault ps
runs 'until it answers' within 30 nothing_begun
chmod 0666 "$T/run/bay0.sock"
said=$(examine --quick)
runs 'a socket open to all is found' grep -q '0666' <<<"$(detail "$said" 'control socket')"
end
