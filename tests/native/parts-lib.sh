# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# For native tests with a real compositor: sway of the Spine's own base, without a screen, in a root of its own. A test sources this
# and calls sway_begin; what is mounted ends with the test's own namespace, processes end with the test.
set -euo pipefail
if [ -z "${NATIVE_NAMESPACE:-}" ]; then
    NATIVE_NAMESPACE=1 exec unshare --mount --propagation private "$0" "$@"
fi
# shellcheck disable=SC1091
. "$(dirname "${BASH_SOURCE[0]}")/../meta/lib.sh"
TOP=$PWD
# shellcheck source=scripts/lib/common.sh
. scripts/lib/common.sh
# shellcheck source=scripts/lib/debian.sh
. scripts/lib/debian.sh
BUILD=${BUILD:-build/gcc}
T='' ROOT='' SWAY_PIDS=() SPAWNED='' RIG='' RIG_IN=''

SWAY_PACKAGES=(sway wl-clipboard foot grim wtype fonts-dejavu-core xkb-data)
make_sway_root() { debian_root essential forky "$1/root" "${SWAY_PACKAGES[@]}"; }

# sway_begin: T is a folder in memory, $T/ui the compositor's runtime folder (wayland-1, sway.sock).
sway_begin() {
    stage sway-debian "$(key "$(declare -f debian_root make_sway_root)" "${SWAY_PACKAGES[*]}" "${DEBIAN_LEAVE_OUT[*]}")" make_sway_root >&2
    T=$(mktemp -d /tmp/spine-sway.XXXXXX)
    trap sway_over EXIT
    mount -t tmpfs -o mode=755 sway "$T"
    mkdir -p "$T"/{root,ui,persona,out}
    chmod 0700 "$T/ui"
    ROOT=$T/root
    mount --bind "$STAGE/root" "$ROOT"
    mount -t tmpfs -o mode=755 run "$ROOT/run"
    mount -t tmpfs -o mode=1777 tmp "$ROOT/tmp"
    mkdir -p "$ROOT$T"
    mount --rbind "$T" "$ROOT$T"
    mount --rbind /dev "$ROOT/dev"
    mount -t proc proc "$ROOT/proc"
    mount -o remount,bind,ro "$ROOT"
    export XDG_RUNTIME_DIR=$T/ui WAYLAND_DISPLAY=wayland-1 SWAYSOCK=$T/ui/sway.sock LANG=C.UTF-8
    # The sanitizers' reports are counted at the end.
    export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1}:log_path=$T/out/report UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}:log_path=$T/out/report
    sway_start
}

sway_start() {
    {
        echo "output * mode 1280x720"
        cat switcher/sway.conf
        [ ! -f "$T/more.conf" ] || cat "$T/more.conf"
    } >"$T/sway.conf"
    in_root env WLR_BACKENDS=headless WLR_RENDERER=pixman WLR_HEADLESS_OUTPUTS=1 WLR_LIBINPUT_NO_DEVICES=1 XDG_CACHE_HOME=/tmp \
        sway -c "$T/sway.conf" >"$T/sway.log" 2>&1 &
    SWAY_PIDS+=($!)
    within 20 sway_do 'nop' || { echo '# sway did not come up'; sed 's/^/# /' "$T/sway.log"; exit 1; }
}

sway_over() {
    local status=$? p
    for p in "${SWAY_PIDS[@]}"; do kill -CONT "$p" 2>/dev/null && kill -KILL "$p" 2>/dev/null; done || true
    wait 2>/dev/null || true
    [ "$status" -eq 0 ] || tail -n 30 "$T/sway.log" | sed 's/^/# /'
    umount -R -l "$T" && rmdir "$T"
    exit "$status"
}

# in_root CMD...: a program of the base; it finds the compositor of sway_begin, unless WAYLAND_DISPLAY says another.
in_root() {
    chroot "$ROOT" env -u NATIVE_NAMESPACE PATH=/usr/bin:/bin HOME=/tmp "$@"
}
# In the background, ended with the test: spawn CMD...; its process is then in $SPAWNED.
spawn() {
    "$@" >>"$T/out/spawned.log" 2>&1 &
    SPAWNED=$!
    SWAY_PIDS+=("$SPAWNED")
}
sway_do() { in_root swaymsg -q -- "$1" 2>/dev/null; }
sway_tree() { in_root swaymsg -r -t get_tree; }

# persona_here ID: a security context with the rules that bay0 sets; its socket is $T/persona/ID/wayland-0.
persona_here() {
    mkdir -p "$T/persona/$1"
    spawn python3 tests/native/context.py "$T/persona/$1/wayland-0" "$BUILD/sbin/spine-wlctx" --display "$T/ui/wayland-1" \
        --engine org.alpinespine --app-id test --instance-id "$1"
    sway_do "assign [sandbox_instance_id=\"^$1\$\"] workspace \"$1\"; for_window [sandbox_instance_id=\"^$1\$\"] move container to workspace \"$1\""
    within 10 test -S "$T/persona/$1/wayland-0"
}
# as ID CMD...: a program of the base as a client of that persona.
as() { WAYLAND_DISPLAY=$T/persona/$1/wayland-0 in_root "${@:2}"; }
# window ID COLOUR [OPTION...]: a window of one colour (rrggbb) for the persona.
window() {
    local before
    before=$(windows_of "$1")
    spawn as "$1" foot -o "colors-dark.background=$2" -o "colors-dark.foreground=$2" -o cursor.style=beam -o pad=0x0 "${@:3}" sleep 1000
    within 15 more_windows "$1" "$before"
}
windows_of() { sway_tree | jq --arg id "$1" '[.. | objects | select(.sandbox_instance_id? == $id)] | length'; }
more_windows() { [ "$(windows_of "$1")" -gt "$2" ]; }

# within SECONDS CMD...: until CMD holds; false when the time is over. Generous: the machine may be busy.
within() {
    local until=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$until" ] || return 1
        sleep 0.03
    done
}

# The last claim of each test, and its plan.
sway_end() {
    none 'no sanitizer has anything to say' "$(cat "$T"/out/report* 2>/dev/null || true)"
    finish
}

# The switcher's modules, told what happens by `event JSON`; what they do is in $T/out/rig.log, pictures in $T/out.
rig_start() {
    mkfifo "$T/rig.in"
    "$BUILD/tests/native/rig" "$T/out" <"$T/rig.in" >"$T/out/rig.log" 2>&1 &
    RIG=$!
    SWAY_PIDS+=("$RIG")
    exec {RIG_IN}>"$T/rig.in"
    within 10 told ready || { echo '# the rig did not start'; sed 's/^/# /' "$T/out/rig.log"; exit 1; }
}
event() { printf '%s\n' "$1" >&"$RIG_IN"; }
# told TEXT: whether a line begins so; told_since LINE TEXT: after that line.
told() { grep -q "^$1" "$T/out/rig.log"; }
lines() { wc -l <"$T/out/rig.log"; }
told_since() { tail -n "+$(($1 + 1))" "$T/out/rig.log" | grep -q "^$2"; }
rig_stop() {
    local status=0
    event '{"event":"quit"}'
    wait "$RIG" || status=$?
    claim 'the modules end well' "$status" "$(tail -n 20 "$T/out/rig.log")"
}
