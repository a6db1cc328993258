#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: a persona has its ceilings and no more: fork bomb, memory bomb and CPU hog stay in it, bay0 answers meanwhile; ceilings change while it
# runs and outlive a reboot; the Spine keeps the first CPU; who keeps the machine under pressure is slowed down, and ended.
# shellcheck disable=SC2016 # words in single quotes are for the shell in the guest
set -euo pipefail
. "$(dirname "$0")/lib.sh"

cg=/sys/fs/cgroup/spine/personas
file() { in_spine cat "$cg/$1"; } # ID/FILE
# recorded KIND ID: the ledger has such a record
recorded() { spine_sh 'cat /persist/audit/*' | jq -se --arg k "$1" --arg p "$2" 'any(.[]; .kind == $k and .persona == $p)'; }
declared() { in_spine spine persona list --json | jq -c --arg id "$1" ".personas[] | select(.id == \$id) | $2"; }
# answers WHAT: how long `spine ps` takes, 60 times; the clock has steps of 10 ms
answers() {
    local ms
    ms=$(spine_sh 'i=0; while [ $i -lt 60 ]; do read -r a b </proc/uptime; spine ps >/dev/null; read -r c d </proc/uptime; echo "$a $c"; i=$((i + 1)); done' |
        awk '{ printf "%d\n", ($2 - $1) * 1000 + 0.5 }' | sort -n)
    note "spine ps $1: median $(sed -n 30p <<<"$ms") ms, the slowest $(tail -n 1 <<<"$ms") ms"
    ok "bay0 answers every time $1" [ "$(wc -l <<<"$ms")" -eq 60 ]
    ok "none waits for seconds $1" [ "$(tail -n 1 <<<"$ms")" -lt 5000 ]
}
# Where the programs of all personas ran last: field 39 of stat, the 37th behind the name.
cores() {
    spine_sh 'for p in $(cat '"$cg"'/*/libpod-*/cgroup.procs); do [ ! -r /proc/$p/stat ] || sed "s/.*) //" /proc/$p/stat 2>/dev/null || true; done' | cut -d' ' -f37 | sort -u
}

vm_up limits --append psi=1
persona_up work localhost/persona-busybox --background run --memory 256M --pids 200
persona_up web localhost/persona-busybox --background run
web=$(ps_field web pid) work=$(ps_field work pid)
is "what was declared is what the kernel has" "$(for f in memory.max memory.swap.max pids.max cpu.max cpu.weight; do file "work/$f"; done)" \
    $'268435456\n0\n200\nmax 100000\n100'
kib=$(in_spine sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo)
is "left open: half of a small machine" "$(file web/memory.max)" $((kib * 1024 / 2 / 4096 * 4096))
ok "all personas together leave the Spine its part" [ "$(file memory.max)" -lt $((kib * 1024 - 250 * 1024 * 1024)) ]
is "the first CPU is the Spine's" "$(file cpuset.cpus.effective) $(in_spine cat /sys/fs/cgroup/spine/tenants/cpuset.cpus.effective)" "1 1"
is "which may use all" "$(in_spine cat /sys/fs/cgroup/spine/bay0/cpuset.cpus.effective)" 0-1
is "a program of a persona may not" "$(in_persona work sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status)" 1
fails "and cannot be declared so" in_spine spine persona add other localhost/persona-busybox --cores 0

# Live, and for good.
ok "set" in_spine spine persona set work --memory 128M --cpus 0.8 --pids 150 --weight 50 --io 20M
is "the kernel has it at once" "$(for f in memory.max pids.max cpu.max cpu.weight; do file "work/$f"; done)" $'134217728\n150\n80000 100000\n50'
like "the disk's too" "$(file work/io.max)" 'rbps=20971520 wbps=20971520'
is "work runs on" "$(ps_field work pid)" "$work"
fails "what is made with the container is refused" in_spine spine persona set work --tmpfs 1M
in_persona work sh -c 'dd if=/dev/zero of=/tmp/half bs=1M count=70 2>/dev/null'
fails "so is less memory than it holds" in_spine spine persona set work --memory 64M
is "and nothing has changed" "$(file work/memory.max) $(declared work .memory)" "134217728 134217728"
in_persona work rm /tmp/half

# Explained, and compared with what the kernel, podman and nft say.
ok "what runs is as declared" in_spine spine persona explain work
spine_sh 'echo 99 >'"$cg"'/work/pids.max'
fails "what somebody has changed is found" in_spine spine persona explain work
like "and named" "$(in_spine spine persona explain work 2>/dev/null || true)" 'differs: control group: pids.max is 99, asked for 150'
spine_sh 'echo 150 >'"$cg"'/work/pids.max'

answers "at rest"
in_spine spine run -d work -- sh -c 'b() { b | b & }; b'
hit() { [ "$(spine_sh 'sed -n "s/^max //p" '"$cg"'/work/pids.events')" -gt 0 ]; }
ok "a fork bomb meets its ceiling" wait_until 60 hit
answers "while it goes on"
ok "it has no more processes than it may" [ "$(file work/pids.current)" -le 150 ]
none "none of them is on the Spine's CPU" "$(cores | grep -vx 1 || true)"
ok "the persona is stopped all the same" in_spine spine persona stop work
ok "and started" in_spine spine persona start work

bomb='awk "BEGIN { s = \"0123456789\"; while (1) s = s s }"'
in_persona work sh -c "$bomb" >/dev/null 2>&1 || true
killed() { [ "$(ps_field work oom_kills)" -ge 1 ]; }
ok "a memory bomb is ended by the kernel, and ps says so" wait_until 30 killed
like "by name" "$(ps_field work error)" 'out of memory: [0-9]+ of its programs were ended by the kernel; it may use 128 MiB'
ok "in the ledger" recorded out-of-memory work
like "and in the log" "$(in_spine spine logs)" 'persona work: out of memory'
is "the persona itself runs, the other one too" "$(ps_field work state) $(ps_field web pid)" "running $web"
in_spine spine run -d work -- sh -c "while :; do $bomb; done" >/dev/null 2>&1
answers "while one memory bomb follows the other"
is "the kernel has ended nothing of anybody else" "$(ps_field web oom_kills) $(ps_field web pid)" "0 $web"
in_spine spine persona stop work
in_spine spine persona start work

in_spine spine persona set work --cpus 0
for _ in 1 2 3 4; do in_spine spine run -d work -- sh -c 'while :; do :; done'; done
answers "while four CPU hogs run"
none "none of them is on the Spine's CPU" "$(cores | grep -vx 1 || true)"

unlike "being busy is no offence" "$(in_spine spine logs)" 'work: pressure on the machine'

ok "the Spine reboots" vm reboot
up() { ps_is work state running; }
ok "work is started again" wait_until 180 up
is "with the changed declaration" "$(declared work '[.memory, .cpus, .pids, .weight, .io]')" '[134217728,0,150,50,20971520]'
is "and the kernel has it" "$(for f in memory.max pids.max cpu.max cpu.weight; do file "work/$f"; done)" $'134217728\n150\nmax 100000\n50'

# A program of bay0's group that has to wait for CPU as well. bay0's share is so large that none does: here most of it is taken away.
# As the wait ends with the persona's speed, and comes back with it, the persona is the cause.
work=$(ps_field work pid)
vm push /usr/bin/taskset /run/taskset
spine_sh 'echo 20 >/sys/fs/cgroup/spine/bay0/cpu.weight; touch /run/busy
    sh -c "echo \$\$ >/sys/fs/cgroup/spine/bay0/cgroup.procs; exec /run/taskset -c 1 sh -c \"while [ -e /run/busy ]; do :; done\"" >/dev/null 2>&1 &'
for _ in 1 2 3 4; do in_spine spine run -d work -- sh -c 'while :; do :; done'; done
ok "when bay0's group has to wait for CPU as well, work is slowed down" wait_until 150 recorded throttled work
is "to a hundredth of a CPU" "$(file work/cpu.max)" "1000 100000"
ok "as that helped it has its speed again" wait_until 150 recorded released work
is "the kernel says so too, and it runs" "$(ps_field work state) $(ps_field work pid) $(file work/cpu.max)" "running $work max 100000"
ok "it presses again, and is ended" wait_until 150 recorded killed work
ok "and is failed" wait_until 60 ps_is work state failed
like "for a reason that ps tells" "$(ps_field work error)" 'kept the machine under pressure \(cpu\) and was ended'
like "and the log" "$(in_spine spine logs)" 'persona work: pressure on the machine \(cpu\): it does not end; the persona is ended'
ok "the ledger is whole" in_spine spine audit --verify
ok "nothing of it runs" spine_sh '! grep -q . '"$cg"'/work/cgroup.procs '"$cg"'/work/*/cgroup.procs 2>/dev/null'
none "the other persona was not touched" "$(spine_sh 'cat /persist/audit/*' | jq -c 'select(.persona == "web" and (.kind == "throttled" or .kind == "killed"))')"
is "it runs on" "$(ps_field web state)" running
in_spine rm /run/busy
spine_sh 'echo 1000 >/sys/fs/cgroup/spine/bay0/cpu.weight'
ok "who was ended can be started again" wait_until 60 in_spine spine persona start work
finish
