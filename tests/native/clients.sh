#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: many clients at once: each request is answered exactly once, the newest wish for focus wins, and who vanishes harms nobody.
. "$(dirname "$0")/lib.sh"
begin
bay0_start --podman-timeout 20000

# What one says while the other's operation runs.
fault pull "once; echo 'Copying blob sha256:ab' >&2; until [ -e '$T/enough' ]; do sleep 0.1; done"
spine persona add slow docker.io/library/slow >"$T/slow" 2>&1 &
slow=$!
within 5 state_is slow adding
refused busy persona start slow
refused busy persona add slow localhost/img
refused busy persona rm slow
runs 'another one is added meanwhile' spine persona add a localhost/img
touch "$T/enough"
rc=0
wait "$slow" || rc=$?
claim 'and the first add ends well' "$rc"
runs 'with progress' grep -q 'Copying blob' "$T/slow"

# Twins: one wins, one is told why not.
pids=()
for i in 1 2 3 4 5 6; do
    spine --json persona add twin localhost/img >"$T/twin$i" 2>&1 &
    pids+=($!)
done
wait "${pids[@]}" || true
runs 'of six that add the same one, one succeeds' [ "$(grep -l '"state":"stopped"' "$T"/twin? | wc -l)" -eq 1 ]
runs 'and five are told that it is there' [ "$(grep -lE '"code":"(persona-exists|busy)"' "$T"/twin? | wc -l)" -eq 5 ]

for p in a b c; do
    [ "$p" = a ] || spine persona add "$p" localhost/img >/dev/null 2>&1
    spine persona start "$p" >/dev/null 2>&1
done

# 10 clients with 100 wishes for focus each, all sent at once.
storm() { # CLIENT
    local i
    for ((i = 1; i <= 100; i++)); do
        printf '{"id":%d,"cmd":"persona.focus","args":{"id":"%s"}}\n' "$i" "$(cut -c$((i * $1 % 3 + 1)) <<<abc)"
    done
}
began=$(date +%s%N)
pids=()
for c in 1 2 3 4 5 6 7 8 9 10; do
    storm "$c" >"$T/ask$c"
    ask <"$T/ask$c" >"$T/storm$c" &
    pids+=($!)
done
rc=0
wait "${pids[@]}" || rc=$?
claim 'a storm of wishes for focus passes' "$rc"
echo "# 1000 requests in $((($(date +%s%N) - began) / 1000000)) ms"
for c in 1 2 3 4 5 6 7 8 9 10; do jq -r 'select(has("ok")) | .id' "$T/storm$c" | sort -n | uniq -c | awk '$1 == 1' | wc -l; done >"$T/counts"
runs 'each of its 1000 requests is answered exactly once' [ "$(sort -u "$T/counts")" = 100 ]
bad=$(cat "$T"/storm* | jq -c 'select(.ok == false and .error.code != "superseded")')
none 'none with a fault' "$bad"
for w in a b c; do spine focus "$w" >/dev/null; done
runs 'the newest wish wins' is c .focus true
runs 'the others freeze' within 10 frozen_is a 1
runs 'both' within 10 frozen_is b 1
runs 'the one in front does not' frozen_is c 0

# Requests of all kinds on one connection, some of them nonsense: as many answers as requests.
{
    echo '{"id":1,"cmd":"hello"}'
    echo 'nonsense'
    echo '{"id":2,"cmd":"persona.list","args":{"what":1}}'
    echo '{"id":3,"cmd":"persona.start","args":{"id":"nobody"}}'
    echo '{"id":4,"cmd":"persona.stop","args":{"id":"slow"}}'
    echo '{"id":5,"cmd":"persona.start","args":{"id":"slow"}}'
    echo '{"id":6,"cmd":"persona.start","args":{"id":"slow"}}'
    echo '{"id":7,"cmd":"persona.exec","args":{"id":"a","command":["true"]}}'
    echo '{"id":8,"cmd":"service.status","args":{"name":"nothing"}}'
    echo '{"id":9,"cmd":"service.status"}'
    echo '{"id":10,"cmd":"service.start","args":{"name":"nothing"}}'
    echo '{"id":11,"cmd":"service.stop","args":{"name":"ai-core"}}'
    echo '{"id":12,"cmd":"doctor"}'
    echo '{"id":13,"cmd":"logs","args":{"lines":3}}'
    echo '{"id":14,"cmd":"logs","args":{"id":"nobody"}}'
    echo '{"id":15,"cmd":"persona.focus","args":{"id":"a"}}'
    echo '{"id":16,"cmd":"persona.exec","args":{"id":"a","command":["true"],"detach":true}}'
    echo '{"id":17,"cmd":"persona.rm","args":{"id":"a"}}'
    echo '{"id":18,"cmd":"no.such.thing"}'
    echo '{"id":19,"cmd":"persona.list"}'
} | ask >"$T/mixed"
runs 'twenty requests, twenty answers' [ "$(jq -c 'select(has("ok")) | .id' "$T/mixed" | sort -n | tr '\n' ' ')" = '0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 ' ]
runs 'a start in a row of others still succeeds' [ "$(jq -r 'select(.id == 5 and has("ok")) | .ok' "$T/mixed")" = true ]

# A tenant that is told to start, then to stop before it is up: both are answered.
fault pull 'sleep 1'
{
    echo '{"id":1,"cmd":"service.start","args":{"name":"ai-core"}}'
    sleep 0.3
    echo '{"id":2,"cmd":"service.stop","args":{"name":"ai-core"}}'
    sleep 0.1
    echo '{"id":3,"cmd":"service.start","args":{"name":"ai-core"}}'
    sleep 0.1
    echo '{"id":4,"cmd":"service.stop","args":{"name":"ai-core"}}'
} | ask >"$T/tenant"
runs 'start and stop of a tenant in one another: each is answered' [ "$(jq -c 'select(has("ok")) | .id' "$T/tenant" | sort -n | tr '\n' ' ')" = '1 2 3 4 ' ]
fault pull

# Clients that vanish in the middle.
fault pull "once; echo here >>'$T/calls'; sleep 30"
"$BUILD/sbin/spine" persona add gone docker.io/library/gone >/dev/null 2>&1 &
gone=$!
within 5 state_is gone adding
within 5 grep -q '^here$' "$T/calls"
kill -KILL "$gone"
runs 'a pull whose client vanished is given up' within 10 eval "[ -z \"\$(row gone .state)\" ]"
runs 'nothing of it is left' gone "$T/persist/home/gone"
fault create 'once; sleep 1'
spine persona add later localhost/img >/dev/null 2>&1
"$BUILD/sbin/spine" persona start later >/dev/null 2>&1 &
gone=$!
within 10 state_is later starting
kill -KILL "$gone"
runs 'a start whose client vanished goes on' within 20 state_is later running
"$BUILD/sbin/spine" run later -- sleep 7777 </dev/null >/dev/null 2>&1 &
gone=$!
within 10 pgrep -xf 'sleep 7777' >/dev/null
kill -KILL "$gone"
runs 'a program whose client vanished ends' within 20 not pgrep -xf 'sleep 7777'
for i in 1 2 3 4 5; do storm "$i" | ask 3 >/dev/null; done
runs 'after clients that left in a storm bay0 answers' spine ps

# A subscriber hears of everything, and of an add that failed that it is gone.
spine --json events >"$T/events" 2>/dev/null &
events=$!
within 5 [ -s "$T/events" ]
fault pull "fail 125 'Error: manifest unknown'"
refused no-such-image persona add nope docker.io/library/nope
fault pull
spine persona stop later >/dev/null 2>&1
runs 'a subscriber hears of a stop' within 5 grep -q '"id":"later".*"state":"stopped"' "$T/events"
runs 'and that an add which failed has left nothing' eval "grep '\"nope\"' '$T/events' | tail -n 1 | grep -q 'persona-removed'"
kill "$events"

# More connections than there may be.
pids=()
for ((i = 0; i < 80; i++)); do
    { sleep 2; } | ask >"$T/many$i" 2>&1 &
    pids+=($!)
done
runs 'too many connections are refused with a reason' within 5 grep -lq 'limit-reached' "$T"/many*
wait "${pids[@]}" || true
runs 'and when they are gone bay0 answers again' spine ps

# On the way down nobody waits for a pull.
fault pull 'once; exec sleep 30'
spine --json persona add never docker.io/library/never >"$T/never" 2>&1 &
never=$!
within 5 state_is never adding
rc=0
began=$SECONDS
bay0_stop TERM || rc=$?
wait "$never" || true
runs 'a pull does not hold up the end' [ $((SECONDS - began)) -lt 25 ]
runs 'and is told to be cancelled' grep -q '"code":"cancelled"' "$T/never"
claim 'SIGTERM ends bay0 with status 0' "$rc"
end
