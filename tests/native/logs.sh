#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: `spine logs`: lines as objects, following through rotations, slow readers, floods, many followers; what is kept and what goes.
. "$(dirname "$0")/lib.sh"
begin
bay0_start --grace 300
spine persona add one localhost/img >/dev/null 2>&1
spine persona start one >/dev/null 2>&1
log=$T/persist/log/persona-one.log
now() { date -u +%Y-%m-%dT%H:%M:%S.%N+00:00; }
say() { printf '%s stdout F %s\n' "$(now)" "$1" >>"$log"; }
# As conmon does when its log is full.
turn_over() { : >"$log.tmp" && mv "$log.tmp" "$log"; }
same_file() { [ "$1" -ef "$2" ]; }
has() { grep -q -- "$1" "$2"; }
object='all(.[]; (keys == ["level", "message", "source", "time"]) and (.time | test("^20[0-9-]{8}T[0-9:]{8}[.][0-9]{3}Z$")))'

runs "bay0's own log is objects, one a line" jq -se "length > 3 and map(select(.source == \"bay0\")) == . and $object" <(spine --json logs)
runs 'and lines for people' grep -qE '^20[0-9T:.-]+Z info: persona one: start done$' <(spine logs)
runs 'as many as asked for' [ "$(spine logs -n 2 | wc -l)" -eq 2 ]
say hello
printf '%s stderr F oh\033[1m \303\251 \377\n' "$(now)" >>"$log"
runs "a persona's log too" jq -se "map([.level, .source, .message]) == [[\"info\", \"one\", \"hello\"], [\"warning\", \"one\", \"oh?[1m é ?\"]] and $object" <(spine --json logs one)
refused no-such-persona logs nobody
refused no-such-persona logs -f nobody
rc=0
spine logs --lines x one >/dev/null 2>&1 || rc=$?
runs 'a number of lines that is none is wrong use' [ "$rc" -eq 2 ]
rc=0
spine logs --follow=yes >/dev/null 2>&1 || rc=$?
runs 'follow takes no value' [ "$rc" -eq 2 ]
runs 'follow is true or false' grep -q bad-value <(ask 1 <<<'{"id":1,"cmd":"logs","args":{"follow":1}}')

"$BUILD/sbin/spine" --json logs -f -n 1 one >"$T/follow" 2>&1 &
follower=$!
runs 'following begins with the last lines' within 10 has 'oh?' "$T/follow"
runs 'and no more of them' not has hello "$T/follow"
say second
runs 'what comes is told' within 10 has second "$T/follow"
printf '%s stdout F half' "$(now)" >>"$log"
printf ' and half\n' >>"$log"
runs 'a line that comes in two pieces is one' within 10 has '"half and half"' "$T/follow"
runs 'the log has a second name' same_file "$log" "$log.0"
say before
turn_over
say after
runs 'following goes on when the log is begun anew' within 10 has after "$T/follow"
runs 'with nothing left out' has before "$T/follow"
runs 'the older generation is kept' within 10 grep -q before "$log.1"
runs 'and the newer has the second name' within 10 same_file "$log" "$log.0"
runs 'the end of the log reaches back into it' [ "$(spine logs -n 2 one | grep -cE 'before|after')" -eq 2 ]
: >"$log"
say cut
runs 'a log that was cut is read from its beginning' within 10 has '"cut"' "$T/follow"
odd=$(jq -c "select([.] | $object | not)" "$T/follow" 2>&1)
claim 'every line is an object' "$([ -z "$odd" ]; echo $?)" "$odd"

# A reader that does not read, and a persona that does not stop talking.
rss() { awk '/VmRSS/ { print $2 }' "/proc/$BAY0/status"; }
before=$(rss)
kill -STOP "$follower"
text=$(printf '%0900d' 7)
for ((i = 0; i < 6; i++)); do
    for ((k = 0; k < 1000; k++)); do printf '2026-11-22T05:03:18.123456789+00:00 stdout F %s\n' "$text"; done >>"$log"
    runs "flood $i: bay0 answers at once" timeout 2 "$BUILD/sbin/spine" ps
    turn_over
    within 10 same_file "$log" "$log.0"
done
say survivor
after=$(rss)
case $BUILD in *asan* | *san) after=$before ;; esac
runs "a reader that does not read costs no memory ($before kB, then $after kB)" [ "$after" -lt $((before + 2000)) ]
runs 'the logs of a persona stay within two generations' [ "$(find "$T/persist/log" -name 'persona-one*' -links -2 -printf '%s\n' | awk '{ n += $1 } END { print n + 0 }')" -lt 2100000 ]
kill -CONT "$follower"
runs 'when it reads again it hears the newest' within 30 has survivor "$T/follow"
runs 'and where lines are left out' has 'lines are left out here' "$T/follow"

runs 'one connection follows one log' grep -q '"id":2,"ok":false,"error":{"code":"busy"' <(timeout 2 "$BUILD/tests/native/ask" "$T/run/bay0.sock" \
    <<<'{"id":1,"cmd":"logs","args":{"follow":true}}
{"id":2,"cmd":"logs","args":{"follow":true}}')

# Many, and the end of them.
many=()
for ((i = 0; i < 15; i++)); do
    "$BUILD/sbin/spine" logs -f >"$T/many.$i" 2>&1 &
    many+=($!)
done
# Else the one that is too many could be one of them.
all_follow() { local i; for ((i = 0; i < 15; i++)); do [ -s "$T/many.$i" ] || return 1; done; }
within 20 all_follow
full() { [ "$(timeout 1 "$BUILD/sbin/spine" --json logs -f 2>/dev/null | jq -r 'select(.error) | .error.code' || true)" = limit-reached ]; }
runs 'more than 16 followers are refused' within 10 full
kill "${many[@]}"
wait "${many[@]}" 2>/dev/null || true
"$BUILD/sbin/spine" logs -f -n 1 >"$T/own" 2>&1 &
own=$!
within 10 [ -s "$T/own" ]
spine persona stop one >/dev/null 2>&1
runs "bay0's own log is followed, and there is room again" within 10 has 'one: stop done' "$T/own"
kill "$own"
wait "$own" 2>/dev/null || true
spine persona rm one >/dev/null 2>&1
rc=0
wait "$follower" || rc=$?
runs 'following ends well when the persona is removed' [ "$rc" -eq 0 ]
runs 'its logs are gone' gone "$log" "$log.0" "$log.1"

# What happened while bay0 was away.
spine persona add two localhost/img >/dev/null 2>&1
log=$T/persist/log/persona-two.log
say kept
within 10 same_file "$log" "$log.0"
bay0_stop TERM || true
turn_over
say newer
touch "$T/persist/log/persona-nobody.log" "$T/persist/log/persona-nobody.log.1" "$T/persist/log/persona-Odd.log"
bay0_start --grace 300
runs 'a generation that ended while bay0 was away is kept' grep -q kept "$log.1"
runs 'and the newer one is held' same_file "$log" "$log.0"
runs 'the logs of personas that nobody declared go at start' gone "$T/persist/log/persona-nobody.log" "$T/persist/log/persona-nobody.log.1"
runs 'and nothing else' [ -e "$T/persist/log/persona-Odd.log" ]
end
