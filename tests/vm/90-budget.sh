#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# bay0's budget: memory, open files and wake-ups, after ROUNDS rounds of start, focus and stop (12 here; docs/qa.md has the figures of 200);
# and how long the things take that a person waits for. Figures are printed as comments.
# shellcheck disable=SC2016 # what stands in single quotes is for the shell in the Spine
set -euo pipefail
. "$(dirname "$0")/lib.sh"
ROUNDS=${ROUNDS:-12} ASKED=${ASKED:-1000}
RSS_MAX=5120 SLACK=128 # KiB; SLACK: pages of the program that are read in late
IDLE=20 WAKEUPS_MAX=3 # the watchdog's feed every 20 s, which may fall in twice; and one for an orphan of the guest agent's

label_now() { vm screenshot "$OUT/budget.png" && tests/vm/picture.py "$OUT/budget.png" 0 25; }
drawn() { [ "$(label_now)" = "$1" ]; }
seconds() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.1f", b - a }'; }
now() { date +%s.%N; }
at_most() { [ "$2" -le "$3" ] && pass "$1: $2" || fail "$1: $2" "at most $3 is allowed"; }

began=$(now)
# What is initialised ahead has open files of its own: tests/vm/48-ahead.sh counts those.
vm_up budget --append '-- --ahead 0'
note "power-on to \`spine: ready\`: $(seconds "$began" "$(now)") s"
wait_until 300 service_is sway up true || true
note "power-on to the compositor's first frame: $(seconds "$began" "$(now)") s"
fds_boot=$(spine_sh "$PID1_SIZE")
note "after boot: RSS and fds of PID 1: $fds_boot"

persona_up desk localhost/persona-trixie --network none 2>/dev/null
for i in 1 2 3 4 5 6 7; do in_spine spine persona add "b$i" localhost/persona-busybox --network none >/dev/null 2>&1; done
in_spine spine persona start b1 >/dev/null 2>&1
in_spine spine focus desk >/dev/null
wait_until 90 has_window desk || true
is "8 personas are declared" "$(in_spine spine ps --json | jq '.personas | length')" 8

# Rounds: a persona is started, brought to the front, another one comes to the front, the first one is stopped, frozen or not.
rounds='trap "" HUP; n=0; bad=0
while [ "$n" -lt "$1" ]; do
    n=$((n + 1)) p=b$((n % 6 + 2))
    spine persona start "$p" && spine focus "$p" && spine focus b1 && spine focus desk || bad=$((bad + 1))
    [ $((n % 2)) = 0 ] || sleep 1.5
    spine persona stop "$p" || bad=$((bad + 1))
    case $n in 10 | *0 | "$1") echo "round $n failed $bad $(eval "$2")" ;; esac
done 2>/tmp/rounds.err >/tmp/rounds.all
'
spine_sh 'printf "%s" "$1" >/tmp/rounds.sh; setsid sh /tmp/rounds.sh "$2" "$3" </dev/null >/dev/null 2>&1 &' "$rounds" "$ROUNDS" "$PID1_SIZE"
finished() { in_spine grep -q "^round $ROUNDS " /tmp/rounds.all; }
ok "$ROUNDS rounds come to their end" wait_until $((120 + ROUNDS * 60)) finished
report=$(in_spine grep '^round ' /tmp/rounds.all)
while read -r line; do note "$line"; done <<<"$report"
read -r _ _ _ failed rss fds <<<"$(tail -n 1 <<<"$report")"
read -r _ _ _ _ rss10 fds10 <<<"$(grep '^round 10 ' <<<"$report" || tail -n 1 <<<"$report")"
is "no start, focus or stop failed" "$failed" 0
at_most "resident memory of PID 1 in KiB, 8 personas declared" "$rss" "$RSS_MAX"
at_most "and its growth since round 10" $((rss - rss10)) "$SLACK"
is "open files are as many as after round 10" "$fds" "$fds10"
note "open files: $fds"

# Questions cost nothing that stays
spine_sh 'i=0; while [ "$i" -lt "$1" ]; do spine ps >/dev/null || exit 1; i=$((i + 1)); done' "$ASKED" ||
    fail "$ASKED x spine ps"
read -r rss_ps fds_ps <<<"$(spine_sh "$PID1_SIZE")"
at_most "growth after $ASKED x \`spine ps\` in KiB" $((rss_ps - rss)) "$SLACK"
is "and no open file more" "$fds_ps" "$fds"

# Focus: from request to answer, with the other one awake and with the other one frozen
wait_until 20 ps_is b1 frozen true || true
switches=$(spine_sh 'up() { read -r a b </proc/uptime; echo "$a"; }; for i in 1 2 3 4 5; do a=$(up); spine focus b1; b=$(up); sleep 2.5
    c=$(up); spine focus desk; d=$(up); sleep 2.5; echo "times $a $b $c $d"; done | grep ^times')
took=$(awk '{ n += 2; s += $3 - $2 + $5 - $4; for (i = 2; i < 5; i += 2) if ($(i + 1) - $i > m) m = $(i + 1) - $i }
    END { printf "%.0f ms, longest %.0f ms", 1000 * s / n, 1000 * m }' <<<"$switches")
is "10 switches to a frozen persona were answered" "$(wc -l <<<"$switches")" 5
note "focus, request to answer, \`spine\` included: $took"

# Idle: nothing to do, nothing to wake up for.
wait_until 30 ps_is b1 frozen true || true
sleep 2
read -r before after <<<"$(spine_sh 'n() { sed -n "s/^voluntary_ctxt_switches:[^0-9]*//p" /proc/1/status; }; a=$(n); sleep "$1"; echo "$a $(n)"' "$IDLE")"
at_most "wake-ups of PID 1 in $IDLE s of rest" $((after - before)) "$WAKEUPS_MAX"

# The compositor killed: how long the screen is gone
label=$(label_now)
note "label: $label"
began=$(now)
in_spine sh -c 'kill -9 $(pidof sway)'
wait_until 20 service_is sway up false || true
ok "sway killed: the same label is drawn again" wait_until 120 drawn "$label"
note "kill -9 of sway to a drawn desktop: $(seconds "$began" "$(now)") s"
read -r rss_end fds_end <<<"$(spine_sh "$PID1_SIZE")"
note "at the end: $rss_end KiB, $fds_end fds"
is "a new sway costs no open file" "$fds_end" "$fds"
finish
