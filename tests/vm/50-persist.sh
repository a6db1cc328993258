#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What survives: rm, stop and start, reboot by every road, a power cut at any moment, a broken registry; and a clean way down.
# shellcheck disable=SC2016 # what stands in single quotes is for the shell in the Spine
set -euo pipefail
. "$(dirname "$0")/lib.sh"

vm_up persist
disk=$(vm dir)/persist.img
log=$(vm dir)/console.log

# since: the console from the last mark on. vm_off: clean power-off by the verb; vm_on: the same disk again.
since() { tail -c "+$(($(cat "$(vm dir)/mark") + 1))" "$log" | tr -d '\r'; }
is_off() { ! scripts/vm ls | grep -E "^$vm_name +[0-9]+ " >/dev/null; }
vm_on() { vm up >"$OUT/$vm_name.up" 2>&1; }
home_sum() { in_spine sh -c 'cd /persist/home && find "$@" -type f | sort | xargs cat' sh "$@" | cksum; }
running() { ps_is "$1" state running; }
# The file system as the host sees it with the VM off: nothing to recover, nothing to repair.
disk_clean() {
    ! dumpe2fs -h "$disk" 2>/dev/null | grep -q needs_recovery && e2fsck -fn "$disk" >/dev/null 2>&1
}
# in_order TEXT REGEX...: each matches a line after the one before
in_order() {
    local text=$1 at=0 n
    shift
    for r in "$@"; do
        n=$(tail -n "+$((at + 1))" <<<"$text" | grep -nE -m1 -- "$r" | cut -d: -f1) || true
        [ -n "$n" ] || { printf 'missing after line %d: %s\n%s\n' "$at" "$r" "$text"; return 1; }
        at=$((at + n))
    done
}
ids() { in_spine spine ps --json | jq -r '.personas[].id' | xargs; }
# Every persona whose cgroup is frozen though it is in front, or must never freeze, or does not run.
frozen_by_accident() {
    in_spine spine ps --json | jq -r '.personas[] | select(.frozen and (.focus or .background != "freeze" or .state != "running")) | .id'
}
installed='/usr/local/bin/installed'

in_spine spine persona add desk localhost/persona-trixie --network none --autostart 2>/dev/null >/dev/null
in_spine spine persona add box localhost/persona-busybox --network none --background run 2>/dev/null >/dev/null
in_spine spine persona add gone localhost/persona-busybox --network none 2>/dev/null >/dev/null
for id in desk box gone; do in_spine spine persona start "$id" >/dev/null 2>&1; done

# What is in a home and in a persona's own root
for id in desk box gone; do in_persona "$id" sh -c 'echo "$1 was here" >"$HOME/keep"' sh "$id"; done
for id in desk box; do
    in_persona "$id" sh -c 'mkdir -p /usr/local/bin && printf "#!/bin/sh\necho installed\n" >$1 && chmod 755 $1' sh "$installed"
done
in_persona box touch /mark-box
homes=$(home_sum desk box)
in_spine spine persona stop desk >/dev/null 2>&1
in_spine spine persona start desk >/dev/null 2>&1
is "what a desktop persona installed survives stop and start" "$(in_persona desk "$installed")" installed

fails "a running persona is not removed" in_spine spine persona rm gone
in_spine spine persona stop gone >/dev/null 2>&1
ok "rm of a stopped persona" in_spine spine persona rm gone
is "rm leaves its home as it was" "$(in_spine sh -c 'cat /persist/home/gone/*')" 'gone was here'
is "rm leaves no row" "$(ids)" 'box desk'
ok "the id can be used again" in_spine spine persona add gone localhost/persona-busybox --network none
is "and finds the home of before" "$(in_spine sh -c 'cat /persist/home/gone/*')" 'gone was here'
fails "--wipe wants the id again" in_spine spine persona rm gone --wipe other
ok "rm --wipe" in_spine spine persona rm gone --wipe gone
fails "--wipe removes the home" in_spine test -e /persist/home/gone

# Reboot by the verb
in_spine touch /run/left-over
vm mark
in_spine spine reboot >/dev/null
ok "spine reboot comes back" vm wait
ok "it goes down in order: personas, tenants, services, the rest, unmounting" in_order "$(in_spine cat /persist/log/bay0.log)" \
    'going down: reboot' 'going down: personas' 'persona (box|desk): stop done' 'going down: tenants' 'going down: services' \
    'going down: what is left' 'going down: unmounting' 'modules: (started|done)'
unlike "/persist was let go of" "$(since)" 'could not be unmounted|recovering journal'
is "reboot keeps the registry" "$(ids)" 'box desk'
is "and the homes" "$(home_sum desk box)" "$homes"
fails "/run starts empty" in_spine test -e /run/left-over
ok "a persona with autostart is started" wait_until 120 running desk
ok "one that ran is started again" wait_until 120 running box
is "what it installed survives a reboot" "$(in_persona desk "$installed")" installed
is "in the other one too" "$(in_persona box "$installed")" installed

# Off by the power button (ACPI); the disk is looked at from outside.
in_spine spine persona stop box >/dev/null 2>&1
vm qmp system_powerdown >/dev/null
ok "the power button switches off" wait_until 90 is_off
ok "the disk is clean: no journal to recover, e2fsck finds nothing" disk_clean
ok "it boots again" vm_on
is "one that was stopped stays stopped" "$(ps_field box state)" stopped

# Power cuts while personas come and go: one here, more with CUTS=20
for ((i = 1; i <= ${CUTS:-1}; i++)); do
    spine_sh 'setsid sh -c "while :; do spine persona start box; spine persona stop box; done" >/dev/null 2>&1 </dev/null &
        setsid sh -c "while :; do spine persona add new\$1 localhost/persona-busybox --network none; spine persona start new\$1;
        spine persona stop new\$1; spine persona rm new\$1; done" sh "$1" >/dev/null 2>&1 </dev/null &' "$i"
    sleep "$((3 + RANDOM % 12)).$((RANDOM % 10))"
    vm cut
    ok "cut $i: a journal was left to recover" sh -c "dumpe2fs -h '$disk' 2>/dev/null | grep needs_recovery"
    ok "cut $i: it boots" vm_on
    like "cut $i: the registry opens" "$(in_spine spine doctor --quick --json | jq -r '.checks[] | select(.name == "registry") | "\(.ok) \(.detail)"' || true)" '^true sound'
    like "cut $i: the personas of before are there" "$(ids)" 'box desk'
    is "cut $i: homes are untouched" "$(home_sum desk box)" "$homes"
    ok "cut $i: autostart" wait_until 120 running desk
    wait_until 60 running box || in_spine spine persona start box >/dev/null 2>&1 || true
    ok "cut $i: the persona of the cut starts" running box
    is "cut $i: its root is the one that was synced" "$(in_persona box "$installed")" installed
    none "cut $i: nothing is frozen by accident" "$(frozen_by_accident)"
    none "cut $i: nothing is left of half-done operations" "$(in_spine spine ps --json | jq -r '.personas[] | select(.state | test("ing$") and . != "running") | .id')"
    # The cut came before its add, or after; what follows counts on the two.
    in_spine spine persona stop "new$i" >/dev/null 2>&1 || true
    in_spine spine persona rm "new$i" >/dev/null 2>&1 || true
done

# A container whose layer a power cut has broken
in_spine spine persona stop box >/dev/null 2>&1 || true
ok "its layer is found and broken" spine_sh 'for f in /persist/containers/overlay/*/diff/mark-box; do
    d=${f%/diff/*} && : >"$d/link" && rm -rf "$d/diff" && test -e "$d/link"; done'
ok "a persona with a broken container starts" in_spine spine persona start box
fails "its root was made again from the image" in_persona box test -e /mark-box
is "its home is untouched" "$(home_sum desk box)" "$homes"
like "it was said loudly" "$(in_spine spine logs)" 'persona box: its container is broken and is made again'

# A wall clock that jumps: nothing waits by it.
clock_jumps() { # SECONDS
    local restarts
    restarts=$(in_spine spine service status --json | jq -c '[.services[] | [.name, .up, .restarts]]')
    in_spine spine focus desk >/dev/null
    spine_sh 'date -s "@$(($(date +%s) + $1))" >/dev/null' "$1"
    ok "clock $1 s: focus" in_spine spine focus box
    ok "clock $1 s: who left the front freezes after its grace" wait_until 60 ps_is desk frozen true
    ok "clock $1 s: and is thawed" in_spine spine focus desk
    is "clock $1 s: no service noticed" "$(in_spine spine service status --json | jq -c '[.services[] | [.name, .up, .restarts]]')" "$restarts"
    in_spine spine persona add later localhost/persona-busybox --network none >/dev/null 2>&1
    in_spine spine persona rm later >/dev/null 2>&1
    is "clock $1 s: the log has the new time" "$(in_spine tail -n 1 /persist/log/bay0.log | cut -c1-13)" "$(spine_sh 'date -u +%Y-%m-%dT%H')"
}
clock_jumps 18000
clock_jumps -36000

# Off by the verb, then garbage in the place of the registry
in_persona box touch /mark-kept
in_spine spine poweroff >/dev/null || true
ok "spine poweroff switches off" wait_until 90 is_off
ok "the disk is clean after spine poweroff" disk_clean
put_registry() { debugfs -w -f /dev/stdin "$disk" >/dev/null 2>&1 <<<"rm personas.db"$'\n'"write $1 personas.db"; }
registry_check() { in_spine spine doctor --quick --json | jq -r '.checks[] | select(.name == "registry") | "\(.ok) \(.detail) \(.advice)"' || true; }
head -c 40000 /dev/urandom >"$OUT/garbage"
put_registry "$OUT/garbage"
ok "it boots with garbage for a registry" vm_on
like "doctor says so, and what to do" "$(registry_check)" '^false .*broken.*personas.db.broken'
ok "the old file was moved aside, as it was" cmp "$OUT/garbage" <(in_spine cat /persist/personas.db.broken-1)
is "homes are untouched" "$(home_sum desk box)" "$homes"
is "everybody is known again, by the copies beside the homes" "$(ids)" 'box desk'
ok "autostart" wait_until 120 running desk
is "with what it installed" "$(in_persona desk "$installed")" installed
ok "the other one starts" in_spine spine persona start box
ok "from the container that it had" in_persona box test -e /mark-kept
is "with its old home" "$(in_persona box sh -c 'cat "$HOME/keep"')" 'box was here'
in_persona box touch /mark-box

# The same without the copies: by the labels of the containers
in_spine rm -r /persist/home/.declared
in_spine spine poweroff >/dev/null || true
wait_until 90 is_off || true
put_registry "$OUT/garbage"
ok "it boots with garbage for a registry, and no copies" vm_on
is "everybody is known again" "$(ids)" 'box desk'
ok "a persona starts" in_spine spine persona start box
ok "from the container that it had" in_persona box test -e /mark-box
is "homes are untouched" "$(home_sum desk box)" "$homes"

# A registry of a newer Spine: nothing is touched
in_spine spine poweroff >/dev/null || true
wait_until 90 is_off || true
debugfs -R "dump personas.db $OUT/registry" "$disk" 2>/dev/null
printf '\0\0\0\143' | dd of="$OUT/registry" bs=1 seek=60 conv=notrunc 2>/dev/null # user_version, of SQLite's header
put_registry "$OUT/registry"
ok "it boots with the registry of a newer Spine" vm_on
like "doctor says that there is none" "$(registry_check)" '^false'
ok "the newer registry is left as it is" cmp "$OUT/registry" <(in_spine cat /persist/personas.db)
ok "what a persona had installed is still there" spine_sh 'ls /persist/containers/overlay/*/diff/mark-box'
is "and every home" "$(home_sum desk box)" "$homes"
finish
