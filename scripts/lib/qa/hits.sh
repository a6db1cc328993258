# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# What `scripts/qa kill` does inside the Spine (busybox sh), after guest.sh: one kill -9, and when it was noticed and mended.
# Prints lines: `hit UPTIME PID`, `noticed UPTIME [WORD]`, `back UPTIME`, `never WHAT`.

service_row() { spine service status "$1" --json | tr -d '\n'; }
restarts() { service_row "$1" | sed -n 's/.*"restarts": *\([0-9]*\).*/\1/p'; }
persona_rows() { spine ps --json | tr -d '\n' | sed 's/{"id"/\n&/g'; } # a line each
persona_row() { persona_rows | grep "^{\"id\":\"$1\""; }
state() { persona_row "$1" | sed -n 's/.*"state":"\([a-z]*\)".*/\1/p'; }
oldest() { tr ' ' '\n' | sort -n | head -n 1; }

# until_ SECONDS CMD...: until CMD holds, looked at ten times a second.
until_() {
    end=$(($(now | cut -d. -f1) + $1))
    shift
    until "$@"; do
        [ "$(now | cut -d. -f1)" -lt "$end" ] || return 1
        sleep 0.1
    done
}
is_up() { service_row "$1" | grep -q '"up": *true'; }
more_restarts() { [ "$(restarts "$1")" -gt "$2" ]; }
not_up_or_more() { ! is_up "$1" || more_restarts "$1" "$2"; }
state_is() { [ "$(state "$1")" = "$2" ]; }
starts() { state_is "$1" running || spine persona start "$1" >/dev/null 2>&1; }
strike() { [ -n "$1" ] && kill -9 "$1" && echo "hit $(now) $1"; }

# hit_service NAME PID SECONDS
hit_service() {
    until_ "$3" is_up "$1" || { echo "never up before: $1"; return; }
    before=$(restarts "$1")
    strike "$2" || { echo "never there: $1"; return; }
    until_ 20 not_up_or_more "$1" "$before" && echo "noticed $(now)" || echo "never noticed: $1"
    until_ "$3" more_restarts "$1" "$before" && until_ "$3" is_up "$1" && echo "back $(now)" || echo "never back: $(service_row "$1")"
}

# again ID SECONDS: whatever became of it, it can be started.
again() { until_ "$2" starts "$1" && echo "back $(now)" || echo "never started again: $(persona_row "$1")"; }

# hit_init ID SECONDS
hit_init() {
    strike "$(persona_row "$1" | sed -n 's/.*"pid":\([0-9]*\).*/\1/p')" || { echo "never there: $1"; return; }
    until_ 20 state_is "$1" failed && echo "noticed $(now)" || echo "never noticed: $(persona_row "$1")"
    again "$1" "$2"
}

# hit_conmon CONTAINER: the conmon of a persona or tenant
conmon_of() { for p in $(pidof conmon); do tr '\0' ' ' <"/proc/$p/cmdline" | grep -q -- "-n $1 " && echo "$p"; done | oldest; }
hit_conmon() {
    strike "$(conmon_of "persona-$1")" || { echo "never there: conmon of $1"; return; }
    until_ 40 state_is "$1" failed && echo "noticed $(now)" || echo "never noticed: $(persona_row "$1")"
    again "$1" "$2"
}

# hit_podman ID TENTHS SECONDS: the persona is stopped, or started when it does not run, and podman dies while it does that.
hit_podman() {
    verb=stop
    state_is "$1" running || verb=start
    spine persona "$verb" "$1" >/tmp/flight 2>&1 &
    sleep "$2"
    strike "$(pidof podman | oldest)" || echo "missed $(now)"
    wait $! && echo "noticed $(now) $verb-went-well" || echo "noticed $(now) $verb-failed"
    settle 60
    again "$1" "$3"
}

# Who is in front now: a death or a start may have changed it.
in_front() { persona_rows | sed -n 's/^{"id":"\([^"]*\)".*"focus":true.*/\1/p'; }

# hit_awake ID: frozen behind bay0's back though it is in front or never freezes. It must be thawed.
is_thawed() { grep -q '^frozen 0' "/sys/fs/cgroup/spine/personas/$1/cgroup.events"; }
hit_awake() {
    echo 1 >"/sys/fs/cgroup/spine/personas/$1/cgroup.freeze" && echo "hit $(now)"
    sleep 0.1
    until_ 20 is_thawed "$1" && echo "noticed $(now)" || echo "never thawed: $(persona_row "$1")"
}

# hit_reexec: bay0 goes on in a new program; no persona is disturbed.
pids() { persona_rows | sed -n 's/^{"id":"\([^"]*\)".*"pid":\([0-9]*\).*/\1=\2/p' | tr '\n' ' '; }
hit_reexec() {
    before=$(pids)
    echo "hit $(now)"
    spine reexec >/tmp/reexec 2>&1 && echo "back $(now)" || echo "never re-executed: $(tr '\n' ' ' </tmp/reexec)"
    [ "$(pids)" = "$before" ] || echo "never undisturbed: $before became $(pids)"
}

# what_else: what only some Spines have
what_else() {
    until_ 20 is_up switcher && echo switcher
    spine help reexec >/dev/null 2>&1 && echo reexec
    true
}
