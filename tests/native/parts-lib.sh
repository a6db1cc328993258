# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Tests of the switcher's modules alone, with the Spine's own compositor and real clients, but without bay0: tests/native/rig stands in for
# the rest of the switcher. Sourced instead of lib.sh; a test calls parts_begin. What is mounted ends with the test's own namespace.
# What is still running ends with the test's own process namespace, too.
if [ -z "${NATIVE_NAMESPACE:-}" ]; then
    NATIVE_NAMESPACE=1 exec unshare --mount --propagation private --pid --fork --kill-child --mount-proc "$0" "$@"
fi
# shellcheck source=tests/native/sway-lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/sway-lib.sh"
SPAWNED='' RIG='' RIG_IN=''

# parts_begin: $T is a folder in memory, in $R at the same name; sway runs, its sockets are in $T/run/ui.
parts_begin() {
    stage sway-root "$(key "${SWAY_ROOT[@]}")" make_sway_root >&2
    touch "$STAGE/.done"
    T=$(mktemp -d /tmp/spine-parts.XXXXXX)
    trap parts_over EXIT
    mount -t tmpfs -o mode=755 parts "$T"
    R=$T/root
    mkdir -p "$R" "$T"/{run/ui,persona,out}
    chmod 0700 "$T/run/ui"
    mount --bind "$STAGE/root" "$R"
    mount -o remount,bind,ro "$R"
    mount --rbind /dev "$R/dev"
    mount -t proc proc "$R/proc"
    mount -t tmpfs -o mode=1777 tmp "$R/tmp"
    mkdir -p "$R$T"
    mount --bind "$T" "$R$T"
    export XDG_RUNTIME_DIR=$T/run/ui WAYLAND_DISPLAY=wayland-1 SWAYSOCK=$T/run/ui/sway.sock LANG=C.UTF-8
    # The sanitizers' reports are counted at the end.
    export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1}:log_path=$T/report UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}:log_path=$T/report
    parts_sway
}

parts_sway() {
    { echo "output * mode 1280x720" && cat switcher/sway.conf; } >"$T/sway.conf"
    in_root env WLR_BACKENDS=headless WLR_RENDERER=pixman WLR_HEADLESS_OUTPUTS=1 WLR_LIBINPUT_NO_DEVICES=1 XDG_CACHE_HOME=/tmp \
        sway -c "$T/sway.conf" >"$T/sway.log" 2>&1 &
    within 20 sway_do nop 2>/dev/null || { echo '# sway did not come up'; exit 1; }
    # Without a keyboard no window has the focus, and who has no focus has no clipboard.
    spawn in_root wtype -s 100000000
}

parts_over() {
    local status=$?
    [ "$status" -eq 0 ] || tail -n 30 "$T/sway.log" "$T/out/rig.log" 2>/dev/null | sed 's/^/# /'
    umount -R -l "$T" && rmdir "$T"
    exit "$status"
}

# In the background with this standard input, ended with the test: spawn CMD...; its process is then in $SPAWNED.
spawn() {
    "$@" <&0 >>"$T/out/spawned.log" 2>&1 &
    # shellcheck disable=SC2034 # for the test
    SPAWNED=$!
}

# freeze PID: what spawn started; its own process is a shell's.
freeze() { pkill -STOP -P "$1"; }
thaw() { pkill -CONT -P "$1"; }

# persona_here ID: a security context with the rules that bay0 sets; its socket is $T/persona/ID/wayland-0.
persona_here() {
    mkdir -p "$T/persona/$1"
    spawn python3 tests/native/context.py "$T/persona/$1/wayland-0" "$BUILD/sbin/spine-wlctx" --display "$T/run/ui/wayland-1" \
        --engine org.alpinespine --app-id test --instance-id "$1"
    sway_do "assign [sandbox_instance_id=\"^$1\$\"] workspace \"$1\"; for_window [sandbox_instance_id=\"^$1\$\"] move container to workspace \"$1\""
    within 10 test -S "$T/persona/$1/wayland-0"
}
# as ID CMD...: a program of the base as a client of that persona.
as() { in_root env WAYLAND_DISPLAY="$T/persona/$1/wayland-0" HOME=/tmp "${@:2}"; }
# window ID COLOUR [OPTION...]: a window of one colour (rrggbb) for the persona.
window() {
    local before
    before=$(windows "$1" | wc -l)
    spawn as "$1" foot -o "colors-dark.background=$2" -o "colors-dark.foreground=$2" -o cursor.style=beam -o pad=0x0 "${@:3}" sleep 1000
    within 15 windows_are "$1" $((before + 1))
}

# The switcher's modules, told what happens by `event JSON`; what they do is in $T/out/rig.log, pictures in $T/out.
rig_start() {
    mkfifo "$T/rig.in"
    "$BUILD/tests/native/rig" "$T/out" <"$T/rig.in" >"$T/out/rig.log" 2>&1 &
    RIG=$!
    exec {RIG_IN}>"$T/rig.in"
    within 10 told ready || { echo '# the rig did not start'; exit 1; }
}
event() { printf '%s\n' "$1" >&"$RIG_IN"; }
# told REGEX: whether a line begins so; told_since LINE REGEX: after that line.
told() { grep -q "^$1" "$T/out/rig.log" 2>/dev/null; }
lines() { wc -l <"$T/out/rig.log"; }
told_since() { tail -n "+$(($1 + 1))" "$T/out/rig.log" | grep -q "^$2"; }
rig_stop() {
    local status=0
    event '{"event":"quit"}'
    wait "$RIG" || status=$?
    claim 'the modules end well' "$status" "$(tail -n 20 "$T/out/rig.log")"
}
