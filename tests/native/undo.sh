#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: an operation that fails at any step leaves things as they were, and says what failed with the right code.
. "$(dirname "$0")/lib.sh"
begin
bay0_start --podman-timeout 20000

# undone WHAT CODE CMD...: CMD is refused with CODE and nothing is left of it.
undone() {
    local what=$1 code=$2 before after
    shift 2
    before=$(traces)
    refused "$code" "$@"
    after=$(traces)
    none "$what: nothing is left" "$(diff <(printf '%s\n' "$before") <(printf '%s\n' "$after") || true)"
}

# add
fault pull "fail 125 'Error: initializing source docker://docker.io/x: reading manifest latest in docker.io/x: manifest unknown'"
undone 'pull of what is not there' no-such-image persona add new docker.io/library/x
fault pull "fail 125 'Error: writing blob: storing blob to file: write /persist/tmp/x: no space left on device'"
undone 'pull onto a full disk' disk-full persona add new docker.io/library/x
fault pull "fail 125 'Error: pinging container registry docker.io: dial tcp: connection refused'"
undone 'pull without a registry' pull-failed persona add new docker.io/library/x
fault pull
fault image-exists "fail 125 'Error: database is locked'"
undone 'look for the image' podman-failed persona add new localhost/img
fault image-exists 'die'
undone 'podman that is killed' podman-failed persona add new localhost/img
fault image-exists
touch "$T/persist/home/new"
undone 'add over what is no home' system-error persona add new localhost/img
rm -f "$T/persist/home/new"

# start, one step after the other
spine persona add one localhost/img >/dev/null 2>&1
rmdir "$T/persist/home/one"
fault create "fail 125 'Error: creating container storage: no space left on device'"
undone 'create' disk-full persona start one
fault create 'do_create >/dev/null; fail 125 "Error: something after it was made"'
undone 'create that came half-way' podman-failed persona start one
fault create
fault init "fail 126 'Error: crun: mount \`tmpfs\` to \`run\`: Permission denied: OCI permission denied'"
undone 'init' podman-failed persona start one
fault init 'do_init >/dev/null; fail 126 "Error: crun: writing to the pipe"'
undone 'init that came half-way' podman-failed persona start one
fault init
fault container-inspect 'do_inspect | sed "s/\"Privileged\":false/\"Privileged\":true/"; exit 0'
undone 'a container that is privileged' check-failed persona start one
fault container-inspect 'do_inspect | sed "s/\"CAP_CHOWN\",/\"CAP_CHOWN\",\"CAP_SYS_ADMIN\",/g"; exit 0'
undone 'a container that has more capabilities' check-failed persona start one
fault container-inspect "fail 125 'Error: inspecting object: database is locked'"
undone 'inspect' podman-failed persona start one
fault container-inspect
fault nft "echo '/dev/stdin:1:1-5: Error: Could not process rule: Operation not supported' >&2; exit 1"
undone 'firewall' check-failed persona start one
fault nft
fault nft-list "sed '1,2d; s/policy drop/policy accept/' \"\$rules\"; exit 0"
undone 'firewall that is another one in force' check-failed persona start one
fault nft-list "exit 1"
undone 'firewall that cannot be read back' check-failed persona start one
fault nft-list
fault start "fail 125 'Error: unable to start container: crun: write to exec fifo: no such file'"
undone 'start' podman-failed persona start one
fault start 'do_start >/dev/null; fail 125 "Error: after it was started"'
undone 'start that came half-way' podman-failed persona start one
fault start
rm "$T/image/localhost_img"
undone 'an image that went away' no-such-image persona start one
touch "$T/image/localhost_img"
runs 'after all that it starts' spine persona start one
runs 'and stops' spine persona stop one

# What the undo needs may fail too: nothing runs, and the next start is a good one.
fault init "fail 126 'Error: crun: no'"
fault rm "fail 125 'Error: database is locked'"
spine persona add two localhost/img >/dev/null 2>&1
refused podman-failed persona start two
runs 'undo without podman: nothing runs' gone "$CG/personas/two" "$T/run/persona/two"
fault init
fault rm
runs 'and the next start uses what is there' spine persona start two
spine persona stop two >/dev/null 2>&1

# What is left in the storage alone is in nobody's way.
spine persona rm one >/dev/null 2>&1
spine persona add one localhost/img >/dev/null 2>&1
mkdir -p "$T/storage/persona-one"
runs 'a container that podman does not know is cleared away' spine persona start one
runs 'and it is said' grep -q 'podman does not know goes first' "$T/bay0.err"
spine persona stop one >/dev/null 2>&1

# A container that a power cut has broken is made again; the home is not part of it.
touch "$T/persist/home/two/mine"
cid=$(cat "$T/pod/persona-two/id")
fault init 'once; fail 125 "Error: readlink /persist/containers/overlay/l/ABC: invalid argument"'
runs 'a broken container is made again' spine persona start two
runs 'it is another one' [ "$cid" != "$(cat "$T/pod/persona-two/id")" ]
runs 'with the same home' [ -e "$T/persist/home/two/mine" ]
runs 'and the log tells what is lost' grep -q 'two: its container is broken' "$T/bay0.err"
spine persona stop two >/dev/null 2>&1
fault init 'fail 125 "Error: readlink /persist/containers/overlay/l/ABC: invalid argument"'
refused podman-failed persona start two
fault init
runs 'one that stays broken is tried once more, not for ever' [ "$(grep -c 'two: its container is broken' "$T/bay0.err")" -eq 2 ]
runs 'and afterwards it starts' spine persona start two

# stop and rm go forwards only
fault stop "fail 125 'Error: given PID did not die within timeout'"
runs 'stop without podman kills' spine persona stop two
runs 'nothing of it runs' gone "$CG/personas/two" "$T/run/persona/two"
fault stop
fault rm "fail 125 'Error: database is locked'"
refused podman-failed persona rm two
runs 'a removal that failed leaves it stopped, and ps says why' is two '[.state, (.error | contains("locked"))] | @csv' '"stopped",true'
fault rm
runs 'and is done the next time' spine persona rm two
runs 'its container is gone' gone "$T/pod/persona-two"

# The programs that are not podman's.
spine persona add three localhost/img --network=none >/dev/null 2>&1
: >"$T/firewall"
runs 'one without a network starts' spine persona start three
runs 'and has no firewall to load' [ ! -s "$T/firewall" ]
end
