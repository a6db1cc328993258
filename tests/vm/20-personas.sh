#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: personas from three distributions run and draw at once, each under its own label, and see nothing but what they were given.
# shellcheck disable=SC2016 # words in single quotes are for the shell in the guest
set -euo pipefail
. "$(dirname "$0")/lib.sh"

declare -A colour=([work]='#3f7fbf' [web]='#bf7f3f')
vm_up personas --sound
# Sound is there only when its service is up.
ok "the doctor is content" wait_until 180 in_spine spine doctor --quick
persona_up work localhost/persona-trixie --colour "${colour[work]}"
persona_up web localhost/persona-bookworm --colour "${colour[web]}" --gpu --audio
persona_up tiny localhost/persona-busybox --no-ai --network none
is "three personas run" "$(in_spine spine ps --json | jq -r '[.personas[] | .id + ":" + .state] | sort | join(" ")')" "tiny:running web:running work:running"
ok "work and web have their windows" eval 'wait_until 120 has_window work && wait_until 120 has_window web'

# What sway says of the windows, and what is really drawn.
seen=$(for id in work web; do windows "$id" | jq -r '[.workspace, .engine, .app] | join(" ")'; done)
is "each has one, known by its socket, on its own workspace" "$seen" \
    $'work org.alpinespine localhost/persona-trixie\nweb org.alpinespine localhost/persona-bookworm'
# The title bar, below the strip.
bar() { tests/vm/picture.py "$1" 28 25; }
declare -A inside=([work]='#10182b' [web]='#2a1018') drawn=()
for id in work web; do
    in_spine spine focus "$id"
    like "$id fills the screen when it is in front" "$(windows "$id" | jq -c '[.visible, .rect.width]')" '\[true,1280\]'
    in_colour() { vm screenshot "$OUT/20-$id.png" && [ "$(bar "$OUT/20-$id.png" | cut -d' ' -f3)" = "${colour[$id]}" ]; }
    ok "$id's title bar has its colour" wait_until 30 in_colour
    is "what is drawn under it is $id's window" "$(tests/vm/picture.py "$OUT/20-$id.png" 40 200 | cut -d' ' -f3)" "${inside[$id]}"
    drawn[$id]=$(bar "$OUT/20-$id.png")
    # The label is the name in brackets before the title: the same words given by hand make the same picture, others do not.
    title=$(windows "$id" | jq -r .name)
    sway_do "[sandbox_instance_id=\"^$id\$\"] title_format \"[$id] $title\""
    vm screenshot "$OUT/by-hand.png"
    is "the title bar reads [$id] $title" "$(bar "$OUT/by-hand.png")" "${drawn[$id]}"
    sway_do "[sandbox_instance_id=\"^$id\$\"] title_format \"[other] $title\""
    other() { vm screenshot "$OUT/by-hand.png" && [ "$(bar "$OUT/by-hand.png")" != "${drawn[$id]}" ]; }
    ok "and another name would look different" wait_until 20 other
    sway_do "[sandbox_instance_id=\"^$id\$\"] title_format \"[%sandbox_instance_id] %title\""
done
in_persona work sh -c 'foot -T "[web] not me" -a web sh -c "sleep 100" >/dev/null 2>&1 &'
lying() { windows work | jq -e 'select(.name == "[web] not me")'; }
ok "a window of work may call itself web" wait_until 90 lying
is "it stays on work's workspace under work's name" "$(windows work | jq -r 'select(.app_id == "web") | .workspace')" work

# Programs inside. Nobody waits for a program that was detached: only in front it runs on.
in_spine spine focus work
fails "status 1 comes back" in_persona tiny false
is "so does 7" "$(in_persona work sh -c 'exit 7' || echo $?)" 7
is "a program killed by a signal tells it" "$(in_persona work sh -c 'kill -9 $$' || echo $?)" 137
is "a program that is not there gives 127" "$(in_persona tiny no-such-program 2>/dev/null || echo $?)" 127
is "output and errors come apart" "$(in_persona web sh -c 'echo out; echo err >&2' 2>/dev/null)" out
is "input goes in" "$(spine_sh 'echo word | spine run tiny -- cat')" word
spine_sh 'exec 3<>/dev/tty9; stty rows 24 cols 80 <&3
    setsid -c sh -c "spine run -t work -- sh -c \"stty size; touch /tmp/asked; until [ -e /tmp/again ]; do sleep 0.1; done; stty size\"" <&3 >/run/sizes 2>/run/sizes.err &
    until spine run work -- test -e /tmp/asked; do sleep 0.2; done
    stty rows 20 cols 61 <&3; sleep 3; spine run work -- touch /tmp/again; wait'
is "a new size of the terminal reaches the program" "$(in_spine cat /run/sizes | tr -d '\r' | xargs)" '24 80 20 61'
like "--tty gives a terminal of its own" "$(spine_sh 'spine run -t work -- sh -c "tty; exit 5" </dev/tty9; echo $?' | tr -d '\r' | xargs)" '^/dev/pts/[0-9]+ 5$'
is "--detach returns at once" "$(spine_sh 'spine run -d work -- sh -c "sleep 3; echo later >/home/persona/later"; cat /persist/home/work/later' 2>/dev/null || true)" ''
later() { in_spine test -s /persist/home/work/later; }
ok "and the program goes on" wait_until 30 later

# spine inside a persona: it may look and nothing else.
for id in work web tiny; do
    is "spine ps in $id shows what it shows outside" "$(in_persona "$id" spine ps --json | jq -c '[.personas[].id]')" "$(in_spine spine ps --json | jq -c '[.personas[].id]')"
done
for what in 'persona start web' 'persona stop web' 'persona rm web' 'focus web' 'service stop ai-core' 'run web -- id' poweroff reexec; do
    # shellcheck disable=SC2086 # words
    is "$what from inside is refused" "$(in_persona work spine --json $what </dev/null 2>&1 | jq -r '.error.code' 2>&1)" not-allowed
done

# Whose ids.
base_of() { in_spine awk 'NR == 1 { print $2 }' "/proc/$(ps_field "$1" pid)/uid_map"; }
bases=$(for id in work web tiny; do base_of "$id"; done)
is "each has a range of its own" "$(sort -u <<<"$bases" | wc -l)" 3
none "all of them above the Spine's own" "$(awk '$1 < 536870912 || $1 % 65536' <<<"$bases")"
in_persona work sh -c 'echo x >/home/persona/mine; echo x >/home/persona/theirs; chown 1000:1000 /home/persona/theirs'
is "on disk a home has plain ids" "$(in_spine stat -c '%u:%g' /persist/home/work/mine /persist/home/work/theirs)" $'0:0\n1000:1000'
in_persona work sh -c 'for d in /home/persona /tmp /run /dev/shm; do cp /bin/true $d/prog; $d/prog 2>/dev/null && echo $d; done; rm -f /home/persona/prog' >"$OUT/exec" || true
is "programs run from the home and /tmp, not from /run and /dev/shm" "$(<"$OUT/exec")" $'/home/persona\n/tmp'

# What it sees.
sockets=() n=0
for id in work web tiny; do
    mounts=$(in_persona "$id" cat /proc/self/mountinfo)
    none "$id: no mount but its root and podman's init lets a setuid program or a device in" "$(awk '
        { split($6, o, ","); s = ""; for (i in o) s = s "," o[i]; s = s "," }
        $5 == "/" || $5 ~ "^/dev/dri/renderD" || $5 == "/run/podman-init" || $5 ~ "^/proc/|^/sys/" { next }
        s !~ /,nosuid,/ || ($5 !~ "^/dev" && s !~ /,nodev,/) { print $5, $6 }' <<<"$mounts")"
    none "$id: nothing of the Spine is mounted but what was granted" "$(awk '
        { from = $4 " on " $5 }
        $5 == "/" || $4 == "/" || $5 ~ "^/(proc|sys|dev)/" { next }
        $4 == "/home/'"$id"'" && $5 == "/home/persona" { next }
        $4 ~ "^/spine/persona/'"$id"'/(bay0.sock|wayland-0|pipewire-0|ai.sock)$" { next }
        $4 ~ "^/spine/persona/'"$id"'/(hosts|resolv.conf|containerenv)$" && $6 ~ "^ro," { next }
        $4 == "/usr/bin/spine" || $4 == "/usr/bin/catatonit" { next }
        { print from }' <<<"$mounts")"
    # By hand: find believes what the folder says of a mount point.
    sockets[n]=$(in_persona "$id" sh -c 'find /run /tmp /dev /home /var 2>/dev/null | while read -r f; do [ ! -S "$f" ] || echo "$f"; done' | sort | tr '\n' ' ')
    n=$((n + 1))
    devices=$(in_persona "$id" sh -c 'cd /dev && for f in * */*; do [ ! -c "$f" -a ! -b "$f" ] || echo "$f"; done' | sort -u | grep -vE '^(pts/|core|fd/|std)' | tr '\n' ' ')
    status=$(in_persona "$id" cat /proc/self/status)
    want='console full null ptmx random tty urandom zero '
    [ "$id" != web ] || want='console dri/renderD128 full null ptmx random tty urandom zero '
    is "$id: its devices are the harmless ones${want:+: $want}" "$devices" "$want"
    is "$id: its capabilities are those of a root that installs packages" "$(sed -n 's/^CapBnd:\t//p' <<<"$status")" 00000000800404fb
    is "$id: a system call filter is on" "$(sed -n 's/^Seccomp:\t//p' <<<"$status")" 2
done
for n in 0 1 2; do
    is "the sockets of persona $n are its own, granted or not" "${sockets[n]}" "/run/ai.sock /run/pipewire-0 /run/spine/bay0.sock /run/wayland-0 "
done
fails "work cannot mount" in_persona work mount -t tmpfs none /mnt
fails "work cannot make a user namespace" in_persona work unshare -Ur true
fails "work cannot read the kernel's log" in_persona work dmesg
fails "work cannot write to its cgroup" in_persona work sh -c 'echo 0 >/sys/fs/cgroup/cgroup.freeze'
is "tiny has no network but loopback" "$(in_persona tiny ls /sys/class/net | xargs)" lo
is "work sees no process but its own" "$(in_persona work sh -c 'cat /proc/1/comm')" podman-init

# What the compositor and the sound server offer.
for id in work web; do
    in_persona "$id" wayland-info 2>/dev/null | grep -o "interface: '[^']*'" | cut -d"'" -f2 | LC_ALL=C sort -u >"$OUT/globals-$id"
    ok "$id: the compositor offers what the golden list says, no more and no less" diff -u tests/vm/golden/wayland-globals.txt "$OUT/globals-$id"
done
ok "web may open the render node" in_persona web sh -c ': <>/dev/dri/renderD128'
ok "web reaches the sound server" in_persona web timeout 30 pw-cli info 0
fails "web does not reach its manager's socket" in_persona web test -e /run/pipewire-0-manager
fails "work, without the grant, does not" in_persona work timeout 30 pw-cli info 0
finish
