#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# `spine doctor`: a healthy Spine is found healthy, everything that is broken on purpose is found and told what to do about, the throw-away
# persona tries, is found out when it gets through, and leaves nothing. And the logs: bounded, followed, with times in UTC.
# shellcheck disable=SC2016 # what stands in single quotes is for the shell in the Spine
set -euo pipefail
. "$(dirname "$0")/lib.sh"

vm_up doctor
box=localhost/persona-busybox
seccomp=/usr/share/spine/containers/seccomp-desktop.json

examine() { in_spine spine doctor --json "$@" 2>/dev/null || echo "$?" >"$OUT/doctor.status"; }
# check JSON NAME: "level|detail|advice" of the checks of that name
check() { jq -r --arg n "$2" '.checks[] | select(.name == $n) | "\(.level)|\(.detail)|\(.advice)"' <<<"$1"; }
# found NAME DETAIL [CHECK]: the last check-up has it as wrong, with this detail, and says what to do
found() { like "found: $1" "$(check "$sick" "${3:-$1}")" "^wrong\|.*$2.*\|.+"; }
wrong() { jq -r '.checks[] | select(.ok | not) | "\(.name): \(.detail)"' <<<"$1"; }
left() { # all that a throw-away persona could leave
    spine_sh 'podman ps -a --format "{{.Names}}" 2>/dev/null | grep doctor; ls -d /persist/home/spine-doctor* /persist/log/*doctor* /run/spine/persona/spine-doctor \
        /sys/fs/cgroup/spine/personas/spine-doctor 2>/dev/null; true'
}

persona_up box "$box" --network none --background run 2>/dev/null
ok "a healthy Spine is found healthy by the quick check-up" wait_until 180 in_spine spine doctor --quick
began=$SECONDS
rm -f "$OUT/doctor.status"
well=$(examine)
note "the whole check-up took $((SECONDS - began)) s"
none "and by the whole one" "$(wrong "$well")"
ok "which says so in its exit status" [ ! -e "$OUT/doctor.status" ]
for name in / /persist /run /proc /sys /sys/fs/cgroup 'control socket' 'box: bay0.sock' "sway's socket" "seat's socket" podman crun conmon sway pipewire kernel cgroups \
    namespaces 'compositor answers' outputs 'compositor draws' 'PipeWire answers' 'seat answers' 'ai-core answers' 'box: its Wayland socket answers' \
    'disk space' registry journal clock 'hardware clock' watchdog 'id-mapped mounts' 'throw-away persona'; do
    case $(check "$well" "$name") in ok\|*) ;; *) echo "$name: $(check "$well" "$name")" ;; esac
done >"$OUT/doctor.missing"
none "every part was looked at" "$(cat "$OUT/doctor.missing")"
is "the throw-away persona made all its attempts" "$(jq '[.checks[] | select(.name | startswith("a persona cannot ")) | select(.ok)] | length' <<<"$well")" 47
like "a sysctl is refused as read-only" "$(check "$well" 'a persona cannot write to /proc/sys/vm/drop_caches')" '^ok\|refused: (Read-only|Permission)'
like "bay0 itself refuses the Spine's verbs" "$(check "$well" 'a persona cannot ask bay0 for its log')" '^ok\|refused: Operation not permitted'
none "nothing of it is left" "$(left)"
like "nobody else may be called like it" "$(in_spine spine persona add spine-doctor "$box" 2>&1 || true)" 'is kept for'

# Several things broken at once, one check-up.
spine_sh '
    mount -o remount,suid,nodev,noexec /persist
    mount -o remount,exec /proc
    chmod 666 /run/spine/bay0.sock /run/spine/persona/box/wayland-0
    chown 0:0 /run/spine/persona/box/bay0.sock
    chmod 755 /run/spine/ui
    chmod 666 /dev/dri/card0
    echo 0 >/proc/sys/user/max_user_namespaces
    cd /sys/fs/cgroup/spine/personas && for g in */; do echo -cpuset >"$g/cgroup.subtree_control"; done; echo -cpuset >cgroup.subtree_control
    mount --bind /bin/false /usr/bin/crun
    printf "#!/bin/sh\necho sway version 1.9\n" >/run/old && chmod +x /run/old && mount --bind /run/old /usr/bin/sway
    kill -STOP $(pidof sway) $(pidof seatd) $(pidof pipewire)
    echo 1 >/sys/fs/cgroup/spine/tenants/ai-core/cgroup.freeze
    busybox fallocate -l "$(df -k /persist | awk "NR == 2 { printf \"%.0f\", \$4 * 1000 }")" /persist/ballast
    busybox date -u -s "2026-11-02 00:00" >/dev/null'
began=$SECONDS
sick=$(examine --quick)
took=$((SECONDS - began))
ok "the quick check-up ends in time whatever hangs (took $took s)" [ "$took" -le 45 ]
spine_sh '
    busybox hwclock -s -u
    rm -f /persist/ballast
    kill -CONT $(pidof sway) $(pidof seatd) $(pidof pipewire)
    echo 0 >/sys/fs/cgroup/spine/tenants/ai-core/cgroup.freeze
    umount /usr/bin/sway; umount /usr/bin/crun
    cd /sys/fs/cgroup/spine/personas && echo +cpuset >cgroup.subtree_control
    echo 10000 >/proc/sys/user/max_user_namespaces
    chmod 660 /dev/dri/card0 /run/spine/bay0.sock
    chmod 700 /run/spine/ui
    mount -o remount,noexec /proc
    mount -o remount,nosuid,nodev,noexec /persist'
is "its exit status says that something is wrong" "$(cat "$OUT/doctor.status")" 1
found /persist 'without nosuid'
found /proc 'without noexec'
found 'control socket' '0666'
found 'box: wayland-0' '0666'
found 'box: bay0.sock' 'belongs to 0:0'
found "compositor's directory" '0755'
found GPU 'open to everybody'
found namespaces 'max_user_namespaces is 0'
found cgroups 'cpuset controller is off'
found crun 'status 1'
found sway '1.9.0 is too old'
found 'compositor answers' 'no answer'
found 'box: its Wayland socket answers' 'no answer'
found 'seat answers' 'no answer'
found 'PipeWire answers' 'no answer'
found 'ai-core answers' 'no answer'
found 'disk space' 'is free'
found clock 'set back by'
found 'hardware clock' 'differs'
unlike "what is well is not blamed" "$(wrong "$sick")" '^(/run|/sys|registry|journal|podman|kernel|control socket answers)'
in_spine spine persona stop box 2>/dev/null
in_spine spine persona start box 2>/dev/null
ok "and when all is repaired it is healthy again" wait_until 120 in_spine spine doctor --quick

# Others that need each other's absence.
spine_sh 'mount --bind /dev/null /usr/bin/podman; mv /run/spine/ai/ollama.sock /run/away; mv /run/spine/ui/sway.sock /run/sway.away'
sick=$(examine --quick)
spine_sh 'umount /usr/bin/podman; mv /run/away /run/spine/ai/ollama.sock; mv /run/sway.away /run/spine/ui/sway.sock;'
found podman '.'
found 'ai-core: socket' 'No such file'
found 'ai-core answers' 'cannot reach it'
found "sway's socket" 'No such file'
found outputs 'cannot reach it'

# A profile that holds nothing back, as a changed image could have: the throw-away persona shows it.
spine_sh 'printf "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}" >/run/weak.json && mount --bind /run/weak.json "$1"' "$seccomp"
sick=$(examine)
in_spine umount "$seccomp"
found 'a persona that gets through' 'it can: it was done' 'a persona cannot make a user namespace'
none "nothing of it is left then either" "$(left)"
ok "and bay0 finds nothing unfinished" [ "$(check "$(examine --quick)" journal)" = 'ok|0 operations under way|' ]

two=$(spine_sh 'spine doctor --json >/run/a 2>/dev/null & spine doctor --json >/run/b 2>/dev/null; wait; cat /run/a /run/b')
is "two check-ups at once are both answered" "$(jq -s length <<<"$two")" 2
is "one of them leaves the throw-away persona to the other" "$(jq -sr '[.[].checks[] | select(.name == "throw-away persona") | .level] | sort | join(" ")' <<<"$two")" 'note ok'

# Logs
persona_up noisy "$box" --network none --background run -- sh -c 'i=0; while :; do i=$((i+1)); echo "line $i of a persona that does not stop talking, however little it has to say"; done' 2>/dev/null
spine_sh 'timeout 12 spine logs -f --json --lines 3 noisy >/run/followed; true'
followed=$(spine_sh 'head -n 200 /run/followed; tail -n 2 /run/followed | head -n 1')
is "what is followed is one object a line, from the persona, with its time in UTC" "$(jq -s 'length > 100 and all(.source == "noisy" and .level == "info" and (.time | test("^20[0-9-]{8}T[0-9:.]{12}Z$")) and (.message | startswith("line ")))' <<<"$followed")" true
ok "following goes on when the log is begun anew" spine_sh '[ -e /persist/log/persona-noisy.log.1 ] && [ "$(stat -c %s /run/followed)" -gt 1500000 ]'
ok "bay0 answers meanwhile" in_spine timeout 5 spine ps
size=$(spine_sh 'du -kc /persist/log/persona-noisy* | tail -n 1 | cut -f 1')
ok "the log of a persona that floods it is bounded ($size KiB)" [ "$size" -le 3300 ]
like "an older generation is kept" "$(spine_sh 'head -n 1 /persist/log/persona-noisy.log.1')" 'stdout [FP] line'
like "spine logs ID shows the end" "$(in_spine spine logs -n 5 noisy)" '^20[0-9-]+T[0-9:.]+Z info: line [0-9]+ of'
is "as many lines as asked for" "$(in_spine spine logs --json -n 150 noisy | wc -l)" 150
like "bay0's own log is followed too" "$(spine_sh 'timeout 10 spine logs -f -n 0 >/run/own & sleep 1; spine persona stop noisy; wait; cat /run/own')" 'Z info: persona noisy: stop done'
like "and a tenant's is shown" "$(in_spine spine logs ai-core)" 'info: |warning: '
in_spine spine persona rm noisy
none "the log goes with the persona" "$(spine_sh 'ls /persist/log | grep noisy; true')"
finish
