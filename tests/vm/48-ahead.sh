#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: a stopped persona is initialised ahead of its next start by the real podman: the start is quicker, the persona the same, nothing is in the way.
# shellcheck disable=SC2016 # what stands in single quotes is for the shell in the Spine
set -euo pipefail
. "$(dirname "$0")/lib.sh"

ready() { ps_is "$1" ready true; }
again() { in_spine spine persona start "$1" 2>/dev/null && in_spine spine focus "$1" >/dev/null && in_spine spine persona stop "$1" 2>/dev/null; }
# Milliseconds that its start takes.
start_ms() { spine_sh 'read -r a _ </proc/uptime; spine persona start "$1" 2>/dev/null || exit; read -r b _ </proc/uptime; echo "$a $b" | awk "{ printf \"%d\n\", (\$2 - \$1) * 1000 }"' "$1"; }
drift() { in_spine spine persona explain "$1" --json | jq -r 'if .compared then .drift[] else "it was not compared" end'; }
left() { spine_sh 'for p in /sys/fs/cgroup/spine/personas/$1 /run/spine/persona/$1; do [ ! -e $p ] || echo $p; done' "$1"; }

vm_up ahead
persona_up work localhost/persona-trixie
persona_up seal localhost/persona-busybox --profile sealed -- sh -c 'ls /root; sleep 100000'
ok "its window is there" wait_until 90 has_window work
in_spine spine persona stop work 2>/dev/null
plain=$(start_ms work)
in_spine spine focus work >/dev/null
in_spine spine persona stop work 2>/dev/null
ok "a stopped persona is initialised ahead" wait_until 60 ready work
is "for users it is stopped" "$(in_spine spine ps --json | jq -c '.personas[] | select(.id == "work") | [.state, .pid, .focus]')" '["stopped",0,false]'
is "its group holds one process, which waits" "$(spine_sh 'cat /sys/fs/cgroup/spine/personas/work/libpod-*/cgroup.procs | wc -l')" 1
fds() { spine_sh "$PID1_SIZE" | cut -d' ' -f2; }
note "it holds $(($(ps_field work memory) / 1024)) KiB in its group"
fails "nothing can be run in it" in_persona work true
ahead=$(start_ms work)
note "start: $plain ms from the beginning, $ahead ms when ready"
ok "its start takes less than three quarters of the time" [ $((ahead * 4)) -lt $((plain * 3)) ]
ok "it runs, with its window" wait_until 90 has_window work
ok "a program runs in it" in_persona work true
none "podman, the kernel and the firewall have what was declared" "$(drift work)"

in_spine spine persona stop work 2>/dev/null
wait_until 60 ready work
ok "it is changed meanwhile" in_spine spine persona set work --no-ai --memory 300M --lan
is "and it is not ready with what was" "$(ps_field work ready)" false
ok "but anew" wait_until 60 ready work
ok "it starts" in_spine spine persona start work
none "as it was changed" "$(drift work)"
is "with its new limit" "$(in_spine cat /sys/fs/cgroup/spine/personas/work/memory.max)" $((300 << 20))

in_spine spine persona stop seal 2>/dev/null
again seal
ok "one whose root is thrown away is made ahead" wait_until 60 ready seal
in_spine spine persona stop work 2>/dev/null
in_spine spine persona start seal 2>/dev/null
none "and is as declared" "$(drift seal)"
in_spine spine persona stop seal 2>/dev/null
ok "two are ready" wait_until 90 eval 'ready work && ready seal'
files=$(fds)

conmon=$(spine_sh 'for p in $(cat /sys/fs/cgroup/spine/personas/work/libpod-*/cgroup.procs); do sed -n "s/^PPid:[^0-9]*//p" /proc/$p/status; done')
in_spine kill -KILL "$conmon"
ok "its conmon is killed: it is cleared" wait_until 30 eval 'in_spine spine logs -n 50 | grep -q "work: its container was initialised ahead and has ended"'
ok "and made ready again" wait_until 60 ready work
is "which costs no open file" "$(fds)" "$files"
none "its row has no error" "$(ps_field work error | grep -v null || true)"

ok "bay0 goes on in a new program" in_spine spine reexec
ok "they are ready still" eval 'ready work && ready seal'
ok "one starts" in_spine spine persona start work
none "as declared" "$(drift work)"
in_spine spine persona stop work 2>/dev/null
wait_until 60 ready work
ok "the other one is removed" in_spine spine persona rm seal --wipe seal
none "and nothing of it is left" "$(left seal)"

ok "the Spine goes down with one that is ready" vm down
ok "and boots" vm up
is "it is stopped, and nothing of it is there" "$(ps_field work state) $(ps_field work ready) $(left work)" "stopped false "
ok "it starts" in_spine spine persona start work
none "as declared" "$(drift work)"
finish
