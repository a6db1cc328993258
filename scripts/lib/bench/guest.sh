# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# What the figures in the VM run inside the Spine (busybox sh), before a script of their own.
# shellcheck disable=SC2034 # used by those scripts
sock=/run/spine/bay0.sock gauge=/run/gauge personas=/sys/fs/cgroup/spine/personas
export SWAYSOCK=/run/spine/ui/sway.sock
# podman as bay0 runs it
export HOME=/run/spine/podman TMPDIR=/persist/tmp CONTAINERS_CONF=/usr/share/spine/containers/containers.conf \
    CONTAINERS_STORAGE_CONF=/usr/share/spine/containers/storage.conf CONTAINERS_REGISTRIES_CONF=/usr/share/spine/containers/registries.conf

# until SECONDS CMD...
until_true() {
    left=$(($1 * 10))
    shift
    until "$@" >/dev/null 2>&1; do
        left=$((left - 1))
        [ "$left" -gt 0 ] || { echo "not within the time: $*" >&2; exit 1; }
        sleep 0.1
    done
}
frozen_is() { grep -qx "frozen $2" "$personas/$1/cgroup.events"; }
frozen() { until_true 30 frozen_is "$1" 1; }
awake() { until_true 30 frozen_is "$1" 0; }
ready() { spine ps --json | grep -q '"ready": *true'; } # one of them is
cmd() { printf '{"id":1,"cmd":"%s","args":{%s}}' "$1" "$2"; }

# bay0 is stopped for as long as others freeze its personas, lest its own work falls into their time; never for long: the watchdog.
hold_bay0() {
    /run/hold 1 >/run/held &
    holder=$!
    until_true 10 grep -q held /run/held
}
free_bay0() { kill "$holder" && wait "$holder" 2>/dev/null; holder=; }
