#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: a declaration is changed while its persona runs, stands, starts; what cannot be changed; the change outlives bay0; a persona that keeps
# the machine under pressure is slowed down. What the kernel makes of the limits is shown in tests/vm/55-limits.sh.
. "$(dirname "$0")/lib.sh"
begin
bay0_start --podman-timeout 20000

row_of() { spine --json persona list | jq -r --arg id "$1" "(.result // .).personas[] | select(.id == \$id) | $2"; }
declared() { [ "$(row_of "$1" "$2")" = "$3" ]; } # ID FILTER VALUE
kept() { jq -r ".declaration.$2" "$T/persist/home/.declared/$1.json"; }
kept_is() { [ "$(kept "$1" "$2")" = "$3" ]; }
raw() { timeout 60 "$BUILD/tests/native/ask" "$T/run/bay0.sock" <<<"{\"id\":1,\"cmd\":\"persona.set\",\"args\":$1}"; }
code_is() { raw "$1" | jq -er ".error.code == \"$2\"" >/dev/null; }
recorded() { cat "$T/persist/audit"/* | jq -se "any(.[]; .kind == \"$1\" and .persona == \"$2\")" >/dev/null; }

spine persona add work localhost/img --tmpfs 64M --nofile 2000 >/dev/null 2>&1
spine persona add web localhost/img >/dev/null 2>&1
runs 'set of one that never ran' spine persona set work --memory 300M --pids 99
runs 'ps has it' declared work '[.memory, .pids] | @csv' 314572800,99
runs 'all else is as before' declared work .tmpfs 67108864
runs 'the copy has it too' kept_is work memory 314572800
runs 'what is not named stays' spine persona set work --weight 300
runs 'as it was' declared work .pids 99
spine persona start work >/dev/null 2>&1
spine persona start web >/dev/null 2>&1
spine focus work >/dev/null
runs 'the container has its /tmp and its open files' grep -qzE -- '^--(tmpfs=/tmp:.*size=67108864,|ulimit=nofile=2000:2000)' "$T/pod/persona-work/args"
pid=$(row work .pid)
"$BUILD/sbin/spine" events --json >"$T/events" 2>&1 &
runs 'set of one that runs' spine persona set work --memory 200M --cpus 1.5 --cores "" --autostart --colour '#123456'
runs 'it runs on' is work '[.state, .pid] | @csv' "\"running\",$pid"
runs 'with what was asked for' declared work '[.memory, .cpus, .autostart, .colour] | @csv' '209715200,1.5,true,"#123456"'
runs 'subscribers hear of it' within 5 grep -q '#123456' "$T/events"
runs 'back to the default' spine persona set work --memory 0 --no-autostart
runs 'which is 0' declared work '[.memory, .autostart] | @csv' '0,false'
runs 'it is in the ledger' recorded set work

within 20 frozen_is web 1
runs 'the one behind is to run on' spine persona set web --background run
runs 'and thaws' within 5 frozen_is web 0
runs 'it is to freeze' spine persona set web --background freeze
runs 'and freezes' within 10 frozen_is web 1
runs 'set of a frozen one leaves it frozen' spine persona set web --pids 100
runs 'frozen' frozen_is web 1

# A grant that is loaded with the firewall.
reach() { grep -c '10.0.0.0/8' "$T/firewall" || true; }
out=$(spine persona set work --lan)
claim 'lan for one that runs: it says from when on' "$(grep -q 'when it is started again' <<<"$out"; echo $?)" "$out"
runs 'it is declared' declared work .lan true
runs 'it is in the ledger' [ "$(jq -r 'select(.kind == "set") | .lan' "$T/persist/audit"/* | tail -n 1)" = true ]
closed=$(reach)
spine persona stop work >/dev/null 2>&1
spine persona start work >/dev/null 2>&1
runs 'started again its firewall leaves the private ranges open' [ "$(reach)" = "$closed" ]
out=$(spine persona set work --no-lan)
claim 'and taken away: it says until when' "$(grep -q 'until it is started again' <<<"$out"; echo $?)" "$out"
spine persona stop work >/dev/null 2>&1
runs 'nothing is said of one that is stopped' [ -z "$(spine persona set work --lan; spine persona set work --no-lan)" ]
spine persona start work >/dev/null 2>&1
runs 'they are closed again' [ "$(reach)" = $((closed + 1)) ]
refused bad-value persona add other localhost/img --network none --lan
pid=$(row work .pid)

# Refused, and nothing of it done.
before=$(row_of work .)
rc=0
out=$(spine persona set work --gpu 2>&1) || rc=$?
claim 'what the container is made with is refused' "$((rc == 2 ? 0 : 1))" "$out"
runs 'and told what to do' grep -q 'persona rm ID' <<<"$out"
for field in '"image":"x"' '"network":"none"' '"profile":"dev"' '"gpu":true' '"tmpfs":1048576'; do
    runs "by bay0 too: $field" code_is "{\"id\":\"work\",\"pids\":50,$field}" bad-value
done
runs 'nothing to change' code_is '{"id":"work"}' bad-request
runs 'an unknown field' code_is '{"id":"work","pids":50,"privileged":true}' unknown-field
refused no-such-persona persona set nobody --pids 99
refused bad-value persona set work --pids 1
if [ "$(nproc)" -gt 1 ]; then
    refused bad-value persona set work --cores 0
    refused bad-value persona add other localhost/img --cores 0
fi
from_inside() { echo '{"id":1,"cmd":"persona.set","args":{"id":"work","pids":99}}' | timeout 60 "$BUILD/tests/native/ask" "$T/run/persona/work/bay0.sock"; }
runs 'a persona may not' [ "$(from_inside | jq -r .error.code)" = not-allowed ]
runs 'it is all as before' [ "$(row_of work .)" = "$before" ]
rm -rf "$T/persist/home/.declared"
touch "$T/persist/home/.declared" # no copy can be written
refused store-failed persona set work --pids 50
rm -f "$T/persist/home/.declared"
runs 'a change without its copy is none' [ "$(row_of work .)" = "$before" ]
runs 'and can be made again' spine persona set work --pids 98
fault init 'once; sleep 2'
spine persona stop web >/dev/null 2>&1
"$BUILD/sbin/spine" persona start web >/dev/null 2>&1 &
started=$!
within 10 state_is web starting
refused busy persona set web --pids 77
wait "$started" || true

# It outlives bay0's program, bay0, and a power cut.
runs 'bay0 goes on anew' spine reexec
runs 'the change is there' declared work .pids 98
bay0_stop KILL 2>/dev/null || true
bay0_start --podman-timeout 20000
runs 'after a kill too' is work '[.state, .pid] | @csv' "\"running\",$pid"
runs 'and the change is there' declared work .pids 98
runs 'stop' spine persona stop work
runs 'and start with the changed declaration' spine persona start work

# Pressure. Its own programs wait for each other, which harms nobody, until bay0's group has to wait as well.
if [ -w "$CG/personas/work/cpu.pressure" ]; then
    "$BUILD/sbin/spine" events --json >"$T/events" 2>&1 &
    spine focus work >/dev/null
    hogs=()
    hog() { sh -c 'echo $$ >"$1"; while :; do :; done' sh "$1" & hogs+=($!); }
    for ((i = 0; i < 3 * $(nproc); i++)); do hog "$(echo "$CG"/personas/work/libpod-*)/cgroup.procs"; done
    sleep 12
    runs 'one that is only busy is left alone' not grep -q 'pressure on the machine' "$T/bay0.err"
    victims() { for ((i = 0; i < 2 * $(nproc); i++)); do sh -c 'echo $$ >"$1"; while [ -e "$2" ]; do :; done' sh "$CG/bay0/cgroup.procs" "$T/busy" & done; }
    touch "$T/busy"
    victims
    runs 'when others wait it is slowed down' within 90 recorded throttled work
    runs 'bay0 goes on anew meanwhile' spine reexec
    runs 'and knows that it has to give back its speed' within 90 recorded released work
    rm "$T/busy"
    runs 'a subscriber has heard' grep -q '"what":"throttled"' "$T/events"
    kill "${hogs[@]}" 2>/dev/null || true
    runs 'the persona runs on' state_is work running
else
    tap_n=$((tap_n + 1))
    printf 'ok %d - pressure # SKIP this kernel has no PSI\n' "$tap_n"
fi
rc=0
bay0_stop TERM || rc=$?
claim 'SIGTERM ends bay0 with status 0' "$rc"
end
