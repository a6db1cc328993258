#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: PID 1 goes on in a new program and nobody notices: personas, windows, sound, ai-core, freezer; and a PID 1 that is stuck resets the machine.
# shellcheck disable=SC2016 # what stands in single quotes is for the shell in the Spine
set -euo pipefail
. "$(dirname "$0")/lib.sh"

frozen() { spine_sh 'grep -q "frozen 1" "/sys/fs/cgroup/spine/personas/$1/cgroup.events"' "$1"; }
# Everything that must be the same: programs and their processes, sockets, containers, who rests, how often each was started.
world() {
    spine_sh 'for n in udevd systemd-udevd seatd sway pipewire wireplumber swaymsg llama-server; do
            echo "$n $(pidof "$n" | tr " " "\n" | sort -n | tr "\n" " ")"; done
        ps -o pid,args | awk "/conmon/ && / -n / && !/exec/ { print \$1 }"
        stat -c "%n %i" /run/spine/bay0.sock /run/spine/ai/ollama.sock /run/spine/persona/*/*
        cat /sys/fs/cgroup/spine/personas/win/libpod-*/cgroup.procs /sys/fs/cgroup/spine/personas/ice/libpod-*/cgroup.procs
        cat /sys/fs/cgroup/spine/personas/ice/cgroup.events
        XDG_RUNTIME_DIR=/run/spine/ui WAYLAND_DISPLAY=wayland-1 wl-paste' 2>&1
    in_spine spine service status --json | jq -c '.services[] | [.name, .state, .restarts]'
    in_spine spine ps --json | jq -c '.personas[] | [.id, .state, .pid, .focus, .frozen]'
    windows win
}
ticks() { in_spine wc -l </dev/null /persist/home/box/ticks | cut -d' ' -f1; }
ticked() { [ "$(ticks)" -gt "$1" ]; }
reexec() { in_spine spine reexec --json | jq -e .ms; }
# size: `KiB fds` of PID 1 after a switch, which opens the connection to sway where a new program has none yet.
size() {
    in_spine spine focus ice >/dev/null
    in_spine spine focus win >/dev/null
    wait_until 20 frozen ice || true
    spine_sh "$PID1_SIZE"
}
ask_ai() { in_persona win curl -sS --max-time 60 --unix-socket /run/ai.sock http://localhost/v1/models | jq -e '.data | length > 0'; }
came_back() { service_is "$1" up true && [ "$(service_field "$1" restarts)" -gt "$2" ]; }
ran_again() { ps_is win state running && ps_is box state running; }

vm_up reexec --append '-- --watchdog 20'
persona_up box localhost/persona-busybox --network none --background run -- sh -c 'while :; do echo tick >>/home/persona/ticks; sleep 0.2; done'
persona_up win localhost/persona-trixie --network none
persona_up ice localhost/persona-busybox --network none
ok "ai-core is up" wait_until 180 service_is ai-core up true
ok "the persona has a window" wait_until 90 has_window win
in_spine spine focus ice >/dev/null
in_spine spine focus win >/dev/null
ok "one rests frozen" wait_until 60 frozen ice
like "the watchdog is armed" "$(in_spine spine logs -n 500)" '/dev/watchdog armed: .*, 20 s'

# The clipboard tells whether the front was shown anew: showing clears it.
spine_sh 'XDG_RUNTIME_DIR=/run/spine/ui WAYLAND_DISPLAY=wayland-1 setsid wl-copy kept </dev/null >/dev/null 2>&1'
spine_sh 'setsid sh -c "spine run box -- sh -c \"sleep 6; exit 7\"; echo \$? >/tmp/status" </dev/null >/dev/null 2>&1 &'
spine_sh 'setsid sh -c "spine events --json >/tmp/events 2>&1" </dev/null >/dev/null 2>&1 &'
ok "a program runs in a persona meanwhile" wait_until 30 spine_sh 'ps -o args | grep -q "^sleep 6"'
sleep 1
before=$(world) began=$(in_spine cut -d' ' -f22 /proc/1/stat) n=$(ticks)
like "bay0 goes on in a new program (ms: $(reexec || echo failed))" "$(in_spine spine logs -n 20)" 'bay0 goes on after [0-9]+ ms'
is "PID 1 is the same process" "$(in_spine cut -d' ' -f22 /proc/1/stat)" "$began"
after=$(world)
none "every process, socket, window and place is as it was" "$(diff <(echo "$before") <(echo "$after") || true)"
ok "a persona runs on" wait_until 10 ticked "$n"
is "inside a persona spine answers on the same socket" "$(in_persona box spine ps --json | jq -r '.personas[] | select(.id == "box") | .state')" running
ok "ai-core answers on the same socket" ask_ai
is "who waited for a program hears of its end" "$(wait_until 30 in_spine test -s /tmp/status || true; in_spine cat /tmp/status)" 7
in_spine spine focus ice >/dev/null
ok "focus goes on: the frozen one comes to the front and runs" ps_is ice frozen false
ok "the one that was in front freezes" wait_until 20 frozen win
ok "a subscriber from before has heard of it" in_spine grep -q '"id":"ice".*"focus":true' /tmp/events
vm key meta_l-tab
in_spine spine focus win >/dev/null

# What is no good is not become.
in_spine mount --bind /bin/false /usr/lib/spine/bay0
like "a broken program is refused" "$(in_spine spine reexec 2>&1 || true)" 'cannot take over: status 1'
in_spine umount /usr/lib/spine/bay0
wait_until 20 frozen ice || true
ok "and a second time" reexec
read -r first_rss first_fds <<<"$(size)"
ok "10 times more" spine_sh 'i=0; while [ "$i" -lt 10 ]; do spine reexec >/dev/null || exit 1; i=$((i + 1)); done'
read -r rss fds <<<"$(size)"
note "open files and KiB after 2 and after 12 times: $first_fds $first_rss, $fds $rss"
is "no open file is left behind" "$fds" "$first_fds"

# What dies later is still looked after.
restarts=$(service_field sway restarts)
in_spine sh -c 'kill -9 $(pidof sway)'
ok "sway killed afterwards comes back" wait_until 60 came_back sway "$restarts"
ok "with the persona's window" wait_until 60 has_window win
spine_sh 'kill -9 "$1"' "$(ps_field ice pid)"
ok "a persona killed afterwards is told to have ended" wait_until 20 ps_is ice state failed
restarts=$(service_field ai-core restarts)
spine_sh 'kill -9 $(pidof llama-server)'
ok "ai-core killed afterwards comes back" wait_until 90 came_back ai-core "$restarts"

# What is handed over is not believed: PID 1 starts as after a kill. Personas are taken over, what is left of services is ended first.
box=$(ps_field box pid)
spine_sh 'cp /usr/lib/spine/bay0 /run/bay0.real
    printf "%s\n" "#!/bin/sh" "case \$1 in --check-handover) exit 0 ;; esac" "BAY0_HANDOVER=999 exec /run/bay0.real \"\$@\"" >/run/bay0.lies
    chmod 755 /run/bay0.lies
    mount --bind /run/bay0.lies /usr/lib/spine/bay0'
vm mark
in_spine kill -USR1 1
ok "with a handover that is not to be believed PID 1 starts anew" vm wait 120
like "and says so" "$(in_spine spine logs -n 100)" 'handed over is not used: descriptor 999'
ok "the persona that ran is taken over" ps_is box state running
is "as it is" "$(ps_field box pid)" "$box"
ok "the compositor comes up" wait_until 90 service_is sway up true
is "there is one of it" "$(in_spine pidof sway | wc -w)" 1
is "/persist is mounted once" "$(in_spine grep -c ' /persist ext4 ' /proc/mounts)" 1

# PID 1 stands still: the machine is reset, and what ran runs again.
program hold /run/hold
vm mark
spine_sh 'setsid /run/hold 1 >/run/held 2>&1 </dev/null &'
is "PID 1 stands still" "$(wait_until 10 in_spine test -s /run/held || true; in_spine cat /run/held)" held
ok "the watchdog resets the machine, and bay0 comes up" vm wait 300
ok "the personas run again" wait_until 120 ran_again
like "the watchdog is armed again" "$(in_spine spine logs -n 500)" '/dev/watchdog armed'
wait_until 120 service_is ai-core up true || true # what is still on its way up is waited for on the way down
finish
