#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What bay0 looks after comes back when it is killed, or is reported: services, tenant, compositor, personas; and nothing is left unreaped.
# shellcheck disable=SC2016 # what stands in single quotes is for the shell in the Spine
set -euo pipefail
. "$(dirname "$0")/lib.sh"

vm_up supervise

# kill_service NAME [PROGRAM]: SIGKILL to it; it comes back as another process, counted, and its end and return are told to subscribers.
kill_service() {
    local name=$1 program=${2:-$1} before restarts after
    wait_until 60 service_is "$name" up true || true
    before=$(spine_sh 'pidof "$1" | tr " " "\n" | sort -n | head -n 1' "$program")
    restarts=$(service_field "$name" restarts)
    spine_sh 'kill -9 "$1"' "$before"
    ok "$name is up again after kill -9" wait_until 60 came_back "$name" "$restarts"
    after=$(spine_sh 'pidof "$1"' "$program" || true)
    unlike "$name is another process now" " $after " " $before "
    like "the end of $name is told to subscribers" "$(events)" "\"name\":\"$name\",\"state\":\"backoff\""
}
came_back() { service_is "$1" up true && [ "$(service_field "$1" restarts)" -gt "$2" ]; }
events() { in_spine cat /tmp/events; }
# event_after SECOND REGEX: the uptime of the first event from then on that matches
event_after() { events | awk -v t="$1" -v r="$2" '$1 >= t && $0 ~ r { print $1; exit }'; }
told() { [ -n "$(event_after "$@")" ]; }
within() { awk -v a="$1" -v b="$2" -v max="$3" 'BEGIN { exit !(b != "" && b - a <= max) }'; }
# shellcheck disable=SC2016
kill_conmon() { spine_sh 'kill -9 "$(ps -o pid,args | awk -v n="-n $1 " "/conmon/ && index(\$0, n) { print \$1; exit }")"' "$1"; }
workspace_of() { windows "$1" | jq -r .workspace; }
inode() { in_spine stat -c %i "$1"; }
front_workspace() { in_spine env SWAYSOCK=/run/spine/ui/sway.sock swaymsg -r -t get_workspaces | jq -r '.[] | select(.focused) | .name'; }
front_is() { [ "$(front_workspace)" = "$1" ]; }
# What is drawn over the window: its title bar.
label_now() { vm screenshot "$OUT/supervise.png" && tests/vm/picture.py "$OUT/supervise.png" 0 25; }
labelled() { [ "$(label_now)" = "$label" ]; }
zombies() { spine_sh 'for s in /proc/[0-9]*/stat; do read -r l <"$s" && case ${l##*) } in Z*) echo "$l" ;; esac; done 2>/dev/null; true'; }
settled_fly() { case $(ps_field fly state) in running | stopped | failed) ;; *) false ;; esac; }
no_zombies() { [ -z "$(zombies)" ]; }
doctor() { in_spine spine doctor --quick --json | jq -r --arg n "$1" '.checks[] | select(.name == $n) | "\(.ok) \(.detail)"'; }

# Every event with the time of its arrival, as the guest's clock says.
spine_sh 'setsid sh -c "spine events --json | while read -r l; do read -r up rest </proc/uptime; echo \"\$up \$l\"; done" >/tmp/events 2>&1 </dev/null &'
persona_up win localhost/persona-trixie --network none 2>/dev/null
persona_up box localhost/persona-busybox --network none --background run 2>/dev/null
ok "the persona has a window" wait_until 90 has_window win
in_spine spine focus win >/dev/null
sleep 1
label=$(label_now)
like "its window has a label (digest and colours: $label)" "$label" ' ([2-9]|[0-9]{2,}) '
socket=$(inode /run/spine/persona/win/wayland-0)
ai_socket=$(inode /run/spine/ai/ollama.sock)

# udevd keeps a bounded time; the give-up case below runs beside what follows, since its back-off needs half a minute.
for s in udevd pipewire wireplumber; do kill_service "$s"; done
in_spine mount --bind /bin/false /usr/bin/wireplumber
spine_sh 'kill -9 $(pidof wireplumber)'

kill_service switcher spine-switcher
kill_service sway
ok "the switcher is started again with it" wait_until 60 service_is switcher state up
is "a persona's Wayland socket outlives sway" "$(inode /run/spine/persona/win/wayland-0)" "$socket"
ok "the persona's session opens a new window" wait_until 60 has_window win
is "the new window is on the persona's own workspace" "$(workspace_of win)" win
ok "the persona in front is shown again" wait_until 60 front_is win
ok "with its name and colour over the window, as before" wait_until 30 labelled
pids="$(ps_field win pid) $(ps_field box pid)"
kill_service seatd
ok "sway is up again after seatd was killed" wait_until 90 service_is sway up true
is "no persona has died of it" "$(ps_field win pid) $(ps_field box pid)" "$pids"
is "nor lost its Wayland socket" "$(inode /run/spine/persona/win/wayland-0)" "$socket"
is "the one in front is not frozen" "$(ps_field win frozen)" false
ok "bay0 talks to the new sway" wait_until 60 front_is win
ok "and the persona draws again" wait_until 60 has_window win

wait_until 90 service_is ai-core up true || true
restarts=$(service_field ai-core restarts)
spine_sh 'kill -9 $(cat /sys/fs/cgroup/spine/tenants/ai-core/libpod-*/cgroup.procs /sys/fs/cgroup/spine/tenants/ai-core/cgroup.procs 2>/dev/null | head -n 1)'
ok "ai-core is up again after kill -9 of its first process" wait_until 90 came_back ai-core "$restarts"
is "ai-core's socket is the same one" "$(inode /run/spine/ai/ollama.sock)" "$ai_socket"

# A persona's init, of one in front and of one in the background.
for id in win box; do
    pid=$(ps_field "$id" pid)
    at=$(spine_sh 'read -r up rest </proc/uptime; kill -9 "$1"; echo "$up"' "$pid")
    wait_until 20 told "$at" "\"id\":\"$id\".*\"state\":\"failed\"" || true
    seen=$(event_after "$at" "\"id\":\"$id\".*\"state\":\"failed\"")
    ok "the death of $id's init is told within 2 s (killed at $at, told at ${seen:-never})" within "$at" "$seen" 2
    is "$id is shown as failed" "$(ps_field "$id" state)" failed
    like "and why" "$(ps_field "$id" error)" 'ended by itself'
done
wait_until 60 in_spine spine persona start box || true
ok "a persona that died can be started again" wait_until 30 ps_is box state running

# conmon holds the terminal of the persona's init, which ends with it. That is noticed too, and nothing is left of it.
kill_conmon persona-box
ok "a persona whose conmon was killed is shown as failed" wait_until 30 ps_is box state failed
start_again() { in_spine spine persona start box; }
ok "it can be started again once it is cleared up" wait_until 90 start_again
is "and runs" "$(ps_field box state)" running

# The same for one that is frozen.
persona_up ice localhost/persona-busybox --network none 2>/dev/null
in_spine spine focus ice >/dev/null
in_spine spine focus box >/dev/null
ok "a third one rests frozen" wait_until 60 ps_is ice frozen true
kill_conmon persona-ice
ok "a frozen one whose conmon was killed is shown as failed" wait_until 30 ps_is ice state failed
ok "and started again" wait_until 90 in_spine spine persona start ice
is "and runs" "$(ps_field ice state)" running
is "the others ran on" "$(ps_field box state)" running

# podman itself, in the middle of what it does: what was asked for fails or is done, and is done when it is asked for again.
in_flight() { # VERB CMD...: kills the first podman that does VERB while CMD runs
    spine_sh 'verb=$1 n=0; shift
        "$@" >/tmp/flight 2>&1 & job=$!
        while [ "$n" -lt 600 ]; do
            for p in $(pidof podman); do
                tr "\0" " " </proc/$p/cmdline 2>/dev/null | grep -q " $verb " && kill -9 "$p" && echo killed && break 2
            done
            n=$((n + 1)); sleep 0.05
        done
        wait "$job"' "$@" || true
}
in_spine spine persona add fly localhost/persona-busybox --network none >/dev/null 2>&1
for verb in create init start; do
    is "podman $verb is killed in flight" "$(in_flight "$verb" spine persona start fly)" killed
    ok "what it was to start is not there, or all of it" wait_until 30 settled_fly
done
[ "$(ps_field fly state)" = running ] || ok "then it starts" wait_until 90 in_spine spine persona start fly
is "podman stop is killed in flight" "$(in_flight stop spine persona stop fly)" killed
is "it is stopped all the same" "$(ps_field fly state)" stopped
none "nothing of it runs" "$(spine_sh 'cat /sys/fs/cgroup/spine/personas/fly/cgroup.procs /sys/fs/cgroup/spine/personas/fly/*/cgroup.procs' 2>/dev/null || true)"
ok "it starts again" wait_until 90 in_spine spine persona start fly
is "nobody else has noticed" "$(ps_field box state) $(ps_field ice state)" 'running running'
kill_conmon tenant-ai-core
ok "ai-core answers without its conmon, or comes back" wait_until 90 service_is ai-core up true

spine_sh 'for i in 1 2 3 4 5 6 7 8; do sh -c "sleep 0.2 & sleep 0.1 & true" & done; wait; sleep 1'
ok "orphans are reaped" wait_until 10 no_zombies
none "no zombie" "$(zombies)"

ok "a service that keeps dying is given up" wait_until 120 service_is wireplumber state gave-up
like "doctor says which" "$(doctor wireplumber)" '^false gave-up'
fails "and its exit status says that something is wrong" in_spine spine doctor --quick
in_spine umount /usr/bin/wireplumber
ok "once it can run again it is started by hand" in_spine spine service start wireplumber
is "and is up" "$(service_field wireplumber state)" up
is "PID 1 is alive and well" "$(in_spine spine service status --json | jq -r '.services[] | select(.name == "pipewire").up')" true
finish
