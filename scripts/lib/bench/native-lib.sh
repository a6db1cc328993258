# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Figures at the machine's own speed: bay0 as a process, real control groups, a stand-in for podman; with WANT_SWAY=yes the Spine's own compositor,
# headless. What a library says is progress; rows go out by `tell`. Sourced; a figure calls bench_begin.
if [ -n "${WANT_SWAY:-}" ]; then
    # shellcheck source=tests/native/sway-lib.sh
    . "$(dirname "${BASH_SOURCE[0]}")/../../../tests/native/sway-lib.sh"
else
    # shellcheck source=tests/native/lib.sh
    . "$(dirname "${BASH_SOURCE[0]}")/../../../tests/native/lib.sh"
fi
# shellcheck source=scripts/lib/bench/rows.sh
. scripts/lib/bench/rows.sh
exec 3>&1 1>&2
tell() { row "$@" >&3; }
measure() { python3 -B "scripts/lib/bench/$1.py" "${@:2}"; }

# bench_begin [OPTION of bay0...]; the machine's podman does not see what other trees do with theirs.
bench_begin() {
    if [ -n "${WANT_SWAY:-}" ]; then
        sway_begin
        cp "$BUILD/sbin/spine-switcher" "$T/bin/"
        # The root's own, which need not fit this machine's libraries.
        SWAYMSG="$(echo "$R"/lib64/ld-linux-*.so.*) --library-path $(echo "$R"/usr/lib/*-linux-gnu) $R/usr/bin/swaymsg"
        export SWAYMSG SWAYSOCK="$T/run/ui/sway.sock"
        no_sound
    else
        begin
    fi
    mkdir "$T/s"
    mount -t tmpfs shm /dev/shm
    bay0_start --podman-timeout 20000 "$@"
    [ -z "${WANT_SWAY:-}" ] || { within 60 service_is sway up && plug_keyboard; }
}

# Stands in for the sound server, which this root does not have: bay0 would try again and again to start it.
no_sound() {
    mkdir -p "$T"/sound/{upper,work}
    mount -t overlay -o "lowerdir=$R/usr/bin,upperdir=$T/sound/upper,workdir=$T/sound/work" sound "$R/usr/bin"
    # shellcheck disable=SC2016 # that shell's own
    printf '#!/bin/sh\n: >"$XDG_RUNTIME_DIR/pipewire-0"\nexec sleep 100000\n' | tee "$R/usr/bin/pipewire" >"$R/usr/bin/wireplumber"
    chmod 0755 "$R/usr/bin/pipewire" "$R/usr/bin/wireplumber"
    mount --bind tests/native/nsenter "$R/usr/bin/nsenter" # was there already, below
}

# personas FROM TO: pFROM to pTO run, with a window each where there is a compositor.
personas() {
    local i
    for ((i = $1; i <= $2; i++)); do
        if [ -n "${WANT_SWAY:-}" ]; then
            persona_up "p$i" foot >/dev/null 2>"$T/said" || { cat "$T/said" && return 1; }
            within 60 windows_are "p$i" 1
        else
            spine persona add "p$i" localhost/img >/dev/null 2>&1
            spine persona start "p$i" >/dev/null 2>"$T/said" || { cat "$T/said" && return 1; }
        fi
    done
}

# The real podman of this machine with a store of its own. It cannot start containers here (control groups v1), but it can create and list them.
PODMAN=()
podman_begin() {
    mkdir -p "$T"/real/{root,run,tmp}
    PODMAN=(podman --root "$T/real/root" --runroot "$T/real/run" --tmpdir "$T/real/tmp" --cgroup-manager cgroupfs)
    tar -C "$(dirname "$(command -v busybox)")" -cf "$T/real/image.tar" busybox
    "${PODMAN[@]}" import -q "$T/real/image.tar" localhost/img >/dev/null
}
podman_create() { # FROM TO
    local i
    for ((i = $1; i <= $2; i++)); do "${PODMAN[@]}" create --network none --name "p$i" localhost/img /busybox sleep 1000 >/dev/null; done
}
