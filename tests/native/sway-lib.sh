# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Tests of bay0 as an ordinary process with the Spine's own compositor: sway of the Debian base, headless, in a root of its own; bay0 and the
# programs of its personas run in that root too. Sourced instead of lib.sh; a test calls sway_begin. $R is the root, $T is in it at the same name.
# shellcheck source=tests/native/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck disable=SC2034 # the cache asks for it
TOP=$PWD
. scripts/lib/common.sh
. scripts/lib/debian.sh
SWAY_ROOT=(
    sway wl-clipboard foot fuzzel grim wtype wayland-utils yad fonts-dejavu-core fontconfig xkb-data hicolor-icon-theme
    libjansson4 libsqlite3-0 libfcft4t64 procps util-linux
)
R=''

make_sway_root() { debian_root minbase forky "$1/root" "${SWAY_ROOT[@]}"; chroot "$1/root" fc-cache -s; }

# begin, and the root around it
sway_begin() {
    local at
    stage sway-root "$(key "${SWAY_ROOT[@]}")" make_sway_root >&2
    touch "$STAGE/.done"
    begin
    R=$T/root
    mkdir "$R"
    mount --bind "$STAGE/root" "$R"
    mount -o remount,bind,ro "$R"
    for at in proc sys dev; do mount --rbind "/$at" "$R/$at"; done
    mount -t tmpfs -o mode=1777 tmp "$R/tmp"
    mount -t tmpfs -o mode=755 run "$R/run"
    mkdir "$R$T"
    mount --bind "$T" "$R$T"
    [ ! -d "$T/cgroup" ] || mount --bind "$T/cgroup" "$R$T/cgroup"
    rm "$T/podman"
    cp tests/native/podman "$T/podman"
    mount --bind tests/native/nsenter "$R/usr/bin/nsenter"
    cp "$BUILD/sbin/bay0" "$BUILD/sbin/spine-wlctx" "$BUILD/sbin/spine-wlclear" "$T/bin/"
    cp switcher/sway.conf "$T/share/"
    # No chroot: a chrooted process may not make user namespaces.
    BAY0_IN=(unshare --mount bash -c 'cd "$1" && pivot_root . . && umount -l . && cd / && shift && exec "$@"' in "$R" "$T/bin/bay0")
    BAY0_UI=()
}

in_root() { chroot "$R" env PATH=/usr/bin:/bin XDG_RUNTIME_DIR="$T/run/ui" SWAYSOCK="$T/run/ui/sway.sock" WAYLAND_DISPLAY=wayland-1 "$@"; }
# sway_do TEXT; sway_get TYPE: JSON
sway_do() { in_root swaymsg -q -- "$1"; }
sway_get() { in_root swaymsg -r -t "$1"; }
# windows ID [FILTER]: its windows, an object a line, with the name of their workspace
windows() {
    sway_get get_tree | jq -c --arg id "$1" ".. | objects | select(.type? == \"workspace\") as \$w | \$w | .. | objects
        | select(.sandbox_instance_id? == \$id) | . + {workspace: \$w.name} | ${2:-.}"
}
windows_are() { [ "$(windows "$1" | wc -l)" -eq "$2" ]; } # ID NUMBER
# shown: the workspace in front, and whose windows can be seen
shown() { sway_get get_workspaces | jq -r '.[] | select(.focused) | .name'; }
shown_is() { [ "$(shown)" = "$1" ]; }
visible() { sway_get get_tree | jq -r '[.. | objects | select(.visible? == true and .sandbox_instance_id?) | .sandbox_instance_id] | unique | join(" ")'; }
front_is() { is "$1" .focus true; }
service_is() { [ "$(spine --json service status "$1" | jq -r '(.result // .).services[0].state')" = "$2" ]; }

# Without a keyboard nobody has the focus of one. It stays plugged in until the next one or the end of the test.
plug_keyboard() {
    [ -z "$KEYBOARD" ] || kill "$KEYBOARD" 2>/dev/null || true
    (exec chroot "$R" env PATH=/usr/bin:/bin XDG_RUNTIME_DIR="$T/run/ui" WAYLAND_DISPLAY=wayland-1 wtype -s 100000000) >/dev/null 2>&1 &
    KEYBOARD=$!
}

# key_press KEYS...: pressed together on a keyboard of the compositor's; the last one is the key, the others are modifiers as wtype names them.
key_press() {
    local args=() m
    for m in "${@:1:$#-1}"; do args+=(-M "$m"); done
    args+=(-k "${*: -1}")
    for m in "${@:1:$#-1}"; do args+=(-m "$m"); done
    in_root wtype "${args[@]}"
}

# What podman would have mounted, and the words by which a program finds the compositor. The persona outlives the program.
IN_PERSONA=(sh -c 'mount -t proc proc /proc && mount -t tmpfs dev /dev && mkdir /dev/pts /dev/shm && mount -t devpts -o newinstance,ptmxmode=666 pts /dev/pts &&
    ln -s pts/ptmx /dev/ptmx && for n in null:3 zero:5 random:8 urandom:9; do mknod -m 666 /dev/${n%:*} c 1 ${n#*:}; done && mount -t tmpfs tmp /tmp
    export XDG_RUNTIME_DIR=/run WAYLAND_DISPLAY=wayland-0 HOME=/tmp LANG=C.UTF-8 GDK_BACKEND=wayland NO_AT_BRIDGE=1
    "$@" & exec sleep 100000' persona)
PERSONA_OPTIONS=()
# persona_up ID [CMD...]: added with those options and started, with that program in it
persona_up() {
    local id=$1
    shift
    [ $# -gt 0 ] || set -- true
    spine persona add "${PERSONA_OPTIONS[@]}" "$id" localhost/img -- "${IN_PERSONA[@]}" "$@" >/dev/null
    spine persona start "$id" >/dev/null
}

# two_terminals: personas a and b, each with a window; what podman's progress says lies in $T/said
two_terminals() {
    persona_up a foot 2>"$T/said"
    persona_up b foot 2>>"$T/said"
    runs 'a and b have a window each' within 60 eval 'windows_are a 1 && windows_are b 1'
}
# in_persona ID CMD...: as a client of that persona's own socket
in_persona() { chroot "$R" timeout 20 env PATH=/usr/bin:/bin XDG_RUNTIME_DIR="$T/run/persona/$1" WAYLAND_DISPLAY=wayland-0 "${@:2}"; }
