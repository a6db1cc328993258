#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: what bay0 keeps after ROUNDS rounds of start, focus and stop: memory and open files are those of round 10, and nothing wakes it at rest.
. "$(dirname "$0")/lib.sh"
ROUNDS=${ROUNDS:-40} SLACK=64 IDLE=5
begin
bay0_start --podman-timeout 20000

rss() { sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$BAY0/status"; }
# A client that has just gone is closed in the next turn: the least of some looks.
fds() { local i; for i in 1 2 3 4 5; do find "/proc/$BAY0/fd" -mindepth 1 | wc -l; sleep 0.1; done | sort -n | head -n 1; }
woken() { sed -n 's/^voluntary_ctxt_switches:[^0-9]*//p' "/proc/$BAY0/status"; }
round() { # N: every second persona is frozen when it is stopped
    local p=p$(($1 % 6 + 2))
    spine persona start "$p" && spine focus "$p" && spine focus p1 && spine focus p0 || return 1
    [ $(($1 % 2)) -eq 0 ] || within 10 frozen_is "$p" 1 || return 1
    spine persona stop "$p"
}

for i in 0 1 2 3 4 5 6 7; do spine persona add "p$i" localhost/img >/dev/null 2>&1; done
spine persona start p0 >/dev/null 2>&1
spine persona start p1 >/dev/null 2>&1
bad=0 rss10=0 fds10=0
for ((n = 1; n <= ROUNDS; n++)); do
    round "$n" >/dev/null 2>&1 || bad=$((bad + 1))
    [ "$n" -ne 10 ] || { rss10=$(rss) fds10=$(fds); }
    [ $((n % 50)) -ne 0 ] || printf '# round %d: %s KiB, %s fds\n' "$n" "$(rss)" "$(fds)"
done
runs "$ROUNDS rounds went well" [ "$bad" -eq 0 ]
printf '# after round 10: %s KiB, %s fds; after round %s: %s KiB, %s fds\n' "$rss10" "$fds10" "$ROUNDS" "$(rss)" "$(fds)"
runs 'open files are as many as after round 10' [ "$(fds)" -eq "$fds10" ]
case $BUILD in
*asan*) ;; # its freed memory waits in quarantine
*)
    runs "memory grew by no more than $SLACK KiB since round 10" [ "$(($(rss) - rss10))" -le "$SLACK" ]
    runs 'resident memory is 5 MiB at most' [ "$(rss)" -le 5120 ]
    ;;
esac
runs 'the one in the background freezes' within 10 frozen_is p1 1
sleep 1
before=$(woken)
sleep "$IDLE"
printf '# wake-ups in %s s of rest: %s\n' "$IDLE" "$(($(woken) - before))"
runs 'nothing wakes it at rest' [ "$(($(woken) - before))" -eq 0 ]
rc=0
bay0_stop TERM || rc=$?
runs 'it ends well' [ "$rc" -eq 0 ]
end
