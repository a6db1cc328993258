# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# What scripts/qa runs inside the Spine (busybox sh): operations with an acknowledgement of each, and a look at everything.

now() { read -r up rest </proc/uptime && echo "$up"; }

# Acknowledgements go through a port of their own: QEMU has written the line to a file of the host before the write returns.
open_acks() {
    acks=/dev/null
    for p in /sys/class/virtio-ports/*; do
        [ "$(cat "$p/name")" != spine.qa ] || acks=/dev/${p##*/}
    done
    exec 3>"$acks"
}

# in_home ID SCRIPT ARG...: a shell inside the persona, in its home
in_home() { spine --json run "$1" -- sh -c "$2" sh "$3" "$4" "$5" 2>&1; }

# op N VERB ID [WORD...]: does it, says `B N` before and `E N CODE` after. Everything that is written is synced before the E.
# shellcheck disable=SC2016 # for the shell in the persona
op() {
    n=$1 verb=$2 id=$3
    shift 3
    echo "B $n" >&3
    case $verb in
    add) image=$1 background=$2 && shift 2
        out=$(spine --json persona add "$id" "$image" --network none --background "$background" "$@" 2>&1) ;;
    start | stop | rm) out=$(spine --json persona "$verb" "$id" 2>&1) ;;
    wipe) out=$(spine --json persona rm "$id" --wipe "$id" 2>&1) ;;
    wipe-wrong) out=$(spine --json persona rm "$id" --wipe "x$id" 2>&1) ;;
    focus) out=$(spine --json focus "$id" 2>&1) ;;
    write) out=$(in_home "$id" 'set -o pipefail; seq "$1" "$2" | dd of="$3" conv=fsync 2>/dev/null' "$@") ;;
    over) out=$(in_home "$id" 'set -o pipefail; seq "$1" "$2" | dd of=".$3" conv=fsync 2>/dev/null && mv ".$3" "$3" &&
        echo "$1" | dd of=.sync conv=fsync 2>/dev/null' "$@") ;;
    del) out=$(in_home "$id" 'rm "$1" && echo "$2" | dd of=.sync conv=fsync 2>/dev/null' "$1" "$n" '') ;;
    install) out=$(in_home "$id" 'set -o pipefail; seq "$1" "$2" | dd of=/mark conv=fsync 2>/dev/null' "$@" '') ;;
    tenant-start | tenant-stop) out=$(spine --json service "${verb#tenant-}" "$id" 2>&1) ;;
    *) out="no such verb" && false ;;
    esac
    rc=$? code=ok
    [ "$rc" = 0 ] || code=$(printf '%s\n' "$out" | sed -n 's/.*"code": *"\([a-z0-9-]*\)".*/\1/p' | tail -n 1)
    [ "$code" = ok ] || code="${code:-status-$rc} $(printf '%s' "$out" | tr '\n' ' ' | tail -c 300)"
    echo "E $n $code" >&3
}

# worker: operations from standard input, one after the other. workers TEXT...: side by side; `wait` waits for them.
worker() { while read -r line; do
    # shellcheck disable=SC2086 # the words of an operation have no spaces
    op $line </dev/null
done; }
workers() { for list; do printf '%s\n' "$list" | worker & done; }

# settle SECONDS: until nothing is under way.
settle() {
    i=0
    while spine ps --json | grep -qE '"state":"(adding|starting|stopping|removing)"'; do
        [ "$i" -lt $(($1 * 4)) ] || break
        i=$((i + 1))
        sleep 0.25
    done
}

podman_says() {
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/run/spine/podman TMPDIR=/persist/tmp CONTAINERS_CONF=/usr/share/spine/containers/containers.conf \
        CONTAINERS_STORAGE_CONF=/usr/share/spine/containers/storage.conf \
        CONTAINERS_REGISTRIES_CONF=/usr/share/spine/containers/registries.conf podman "$@"
}

# bay0_size: resident KiB and open files of PID 1, and what they are. Those of commands under way come and go: the least of a second counts.
bay0_size() {
    f=9999
    for i in 1 2 3 4 5; do
        now=$(for l in /proc/1/fd/*; do readlink "$l"; done)
        m=$(echo "$now" | wc -l)
        [ "$m" -ge "$f" ] || { f=$m; names=$now; }
        sleep 0.2
    done
    echo "bay0 $(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' /proc/1/status) $f"
    echo "$names" | sed 's/^/open /; s/:\[[0-9]*\]$//'
}

# look: everything that the oracle wants to know, one line each; `end` at its end.
look() {
    all=$(spine ps --json | tr -d '\n')
    echo "ps $all"
    echo "services $(spine service status --json | tr -d '\n')"
    for h in /persist/home/*; do [ ! -d "$h" ] || echo "home ${h##*/}"; done
    (cd /persist/home && find . -type f ! -path '*/.*' -exec md5sum {} + | sed 's/^/file /')
    printf '%s\n' "$all" | sed 's/{"id"/\n&/g' | sed -n 's/^{"id":"\([^"]*\)".*"state":"running".*"pid":\([0-9]*\).*/\1 \2/p' |
        while read -r id pid; do echo "mark $id $(md5sum "/proc/$pid/root/mark" 2>/dev/null | cut -d' ' -f1)"; done
    for g in /sys/fs/cgroup/spine/personas/*/; do
        [ ! -d "$g" ] || echo "group $(basename "$g") $(tr '\n' ' ' <"$g/cgroup.events")"
    done
    echo "ps $(spine ps --json | tr -d '\n')" # again: somebody may just have been frozen
    podman_says ps -a --format 'container {{.Names}} {{.State}}'
    for f in /persist/personas.db.broken* /persist/tmp/pull-*; do [ ! -e "$f" ] || echo "left $f"; done
    for d in /run/spine/persona/*/; do
        d=$(basename "$d")
        [ "$d" = '*' ] || printf '%s\n' "$all" | grep -q "\"id\":\"$d\"" || echo "left /run/spine/persona/$d"
    done
    for s in /proc/[0-9]*/stat; do
        read -r l <"$s" && case ${l##*) } in Z*) echo "$l" ;; esac
    done 2>/dev/null >/tmp/zombies
    sleep 0.3
    while read -r pid rest; do
        read -r l <"/proc/$pid/stat" && case ${l##*) } in Z*) echo "left zombie $pid $rest" ;; esac
    done 2>/dev/null </tmp/zombies
    echo end
}
