#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: every podman command that hangs, floods both outputs, talks rubbish, is killed, or says that it is done without doing it. bay0 answers
# meanwhile, keeps little of it, and afterwards each persona is as before or as asked, and can be used.
. "$(dirname "$0")/lib.sh"
begin
bay0_start --podman-timeout 2000

declare -A ways=([hangs]=hang [floods]='flood; fail 125 "Error: after all that"' [rubbish]='head -c 300000 /dev/urandom; head -c 300000 /dev/urandom >&2; exit 0'
    [json]='echo "[{\"Names\":7,\"State\":[],\"Pid\":\"x\"}]"; exit 0' [killed]=die [lies]='exit 0')

# cell VERB WAY OPERATION...: done with the fault; bay0 answers while it runs.
cell() {
    local verb=$1 way=$2 op rc=0 slow=''
    shift 2
    fault "$verb" "${ways[$way]}"
    "$BUILD/sbin/spine" --json "$@" </dev/null >"$T/out" 2>&1 &
    op=$!
    while kill -0 "$op" 2>/dev/null; do
        timeout 5 "$BUILD/sbin/spine" ps >/dev/null 2>&1 || slow=yes
        sleep 0.1
    done
    wait "$op" || rc=$?
    fault "$verb"
    if [ "$rc" -gt 1 ] || [ -n "$slow" ]; then
        claim "podman $verb $way: $*" 1 "status $rc, ps ${slow:+too slow}: $(tail -n 2 "$T/out")"
        return
    fi
    claim "podman $verb $way: $*: $(tail -n 1 "$T/out" | jq -r 'if .error then .error.code else "done" end' 2>/dev/null || echo 'done')" 0
}
# Whatever the cell left of it: it runs and stops, with the home that it had.
usable() { # ID
    local state
    state=$(row "$1" .state)
    [ "$state" = running ] || spine persona start "$1" >/dev/null 2>&1 || { spine persona start "$1"; return 1; }
    [ -s "$T/pod/persona-$1/pid" ] || [ "$state" = running ] || return 1
    spine persona stop "$1" >/dev/null && [ -e "$T/persist/home/$1/keep" ] && gone "$CG/personas/$1" "$T/run/persona/$1"
}

fresh() { spine persona rm one >/dev/null 2>&1 && spine persona add one localhost/img >/dev/null 2>&1; }

spine persona add one localhost/img >/dev/null 2>&1
touch "$T/persist/home/one/keep"
for way in hangs floods rubbish json killed lies; do
    for verb in image-exists pull; do
        rm -f "$T"/image/docker.io_library_new
        cell "$verb" "$way" persona add new docker.io/library/new
        spine persona rm new --wipe new >/dev/null 2>&1 || runs "podman $verb $way: a refused add leaves nothing" gone "$T/persist/home/new"
    done
    fresh
    for verb in create init container-inspect start; do
        cell "$verb" "$way" persona start one
        runs "podman $verb $way: afterwards it can be used" usable one
        fresh
    done
    # A later start, from the container that it has.
    { spine persona start one && spine persona stop one; } >/dev/null 2>&1
    cid=$(cat "$T/pod/persona-one/id")
    for verb in init container-inspect start; do cell "$verb" "$way" persona start one; done
    spine persona stop one >/dev/null 2>&1 || true
    runs "podman $way: nobody loses a container by it" [ "$cid" = "$(cat "$T/pod/persona-one/id")" ]
    spine persona start one >/dev/null 2>&1
    cell exec "$way" run --detach one -- true
    cell stop "$way" persona stop one
    runs "podman stop $way: nothing of it runs" gone "$CG/personas/one" "$T/run/persona/one"
    cell rm "$way" persona rm one
    spine persona add one localhost/img >/dev/null 2>&1 || true
    spine persona start one >/dev/null 2>&1 || true
    runs "podman rm $way: afterwards it can be used" usable one
done

# podman has forgotten everything, and remembers at the next command: no container is lost by that.
spine persona start one >/dev/null 2>&1
cid=$(cat "$T/pod/persona-one/id")
bay0_stop KILL 2>/dev/null || true
fault ps 'once; echo "[]"; exit 0'
bay0_start --podman-timeout 2000
spine persona start one >/dev/null 2>&1 || true
runs 'podman ps forgets a container: it is still there' [ "$cid" = "$(cat "$T/pod/persona-one/id")" ]
runs 'and is used' usable one

peak=$(awk '/VmHWM/ { print $2 }' "/proc/$BAY0/status")
case $BUILD in *asan*) peak=0 ;; esac
runs "bay0 has never had more than $peak kB" [ "$peak" -lt 20000 ]
none 'no podman is left over' "$(podmen)"
end
