#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: bay0 goes on in a new program beside a running compositor: windows, clipboard, keys, services and what they are waiting for.
# shellcheck disable=SC2119 # no words are passed on
. "$(dirname "$0")/sway-lib.sh"
sway_begin
printf '#!/bin/sh\nexec sleep 100000\n' >"$T/bin/spine-switcher"
chmod 0755 "$T/bin/spine-switcher"
bay0_start
within 60 service_is sway up
two_terminals
runs 'a service that is not there is given up' within 120 service_is pipewire gave-up
spine focus b >/dev/null
spine focus a >/dev/null
runs 'b rests' within 20 frozen_is b 1

goes_on() { spine --json reexec | jq -e '(.result // .).ms < 20000' >/dev/null; }
world() {
    pgrep -f "^sway -c $T"
    pgrep -f 'subscribe'
    cat "$CG/ui/switcher/cgroup.procs"
    spine --json service status | jq -c '(.result // .).services[] | [.name, .state, .restarts]'
    spine --json ps | jq -c '(.result // .).personas[] | [.id, .state, .pid, .focus, .frozen]'
    for p in a b; do windows "$p" '[.id, .pid, .workspace, .visible, .focused]'; done
    in_root wl-paste
}
in_root wl-copy kept </dev/null >/dev/null 2>&1 &
within 20 eval '[ "$(in_root wl-paste 2>/dev/null)" = kept ]'
before=$(world)
runs 'bay0 goes on' goes_on
after=$(world)
runs 'windows, clipboard, services and personas are as they were' diff <(echo "$before") <(echo "$after")
key_press logo Tab
runs 'keys still come' within 20 front_is b
runs 'b is shown' within 10 shown_is b
runs 'a rests' within 20 frozen_is a 1
for ((i = 0; i < 5; i++)); do goes_on; done
key_press logo Tab
runs 'also after 5 times more' within 20 front_is a
sway_do 'workspace b'
runs 'what sway does by itself is followed' within 20 front_is b

# Nothing that sway says in between is lost.
for ((i = 0; i < 5; i++)); do
    "$BUILD/sbin/spine" reexec >/dev/null &
    pid=$!
    key_press logo Tab
    wait "$pid" || break
done
claim 'keys pressed while bay0 goes on' $((5 - i))
runs 'each counted' within 20 front_is a

# What dies later, or in between.
switcher=$(cat "$CG/ui/switcher/cgroup.procs")
kill -KILL "$switcher"
runs 'the switcher is started again' within 30 eval '[ -n "$(cat "$CG/ui/switcher/cgroup.procs")" ] && [ "$(cat "$CG/ui/switcher/cgroup.procs")" != "$switcher" ]'
kill -KILL "$(pgrep -f "^sway -c $T")"
runs 'bay0 goes on while sway is down' goes_on
runs 'sway comes back' within 60 service_is sway up
runs 'and bay0 talks to it' within 30 eval 'spine focus b'
kill -KILL "$(pgrep -f "^sway -c $T")"
within 10 eval '[ "$(spine --json service status sway | jq -r "(.result // .).services[0].restarts")" -ge 1 ]'
kill -USR1 "$BAY0"
runs 'sway comes back again' within 60 service_is sway up
runs 'and is talked to' within 30 spine focus a

# Not believed: what runs of the old services is ended first.
bay0_stop KILL 2>/dev/null || true
old=$(pgrep -f "^sway -c $T" || true)
bay0_start
within 60 service_is sway up
runs 'a bay0 that is started after a kill ends the compositor that was left and has its own' [ "$(pgrep -fc "^sway -c $T")" -eq 1 ]
runs 'another one' [ "$(pgrep -f "^sway -c $T")" != "$old" ]
rc=0
bay0_stop TERM || rc=$?
claim 'SIGTERM ends bay0 with status 0' "$rc"
end
