# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# For tests of what bay0 refuses: every refusal has a code and a hint, ends with 1 and changes nothing. Sourced after lib.sh, which it needs.

REFUSED=/run/refused # in the guest

# Builds and brings what the guest needs; the VM is up.
refused_ready() {
    cat >"$OUT/case" <<'G'
#!/bin/sh
# Runs a command; prints its status, what it said and the state after it, each after a line of its own.
"$@" >/run/refused/out 2>/run/refused/err </dev/null
echo "$?"
cat /run/refused/out
echo =state
exec /run/refused/state
G
    cat >"$OUT/state" <<'G'
#!/bin/sh
# What no refusal may change: declarations and states, homes, sockets, cgroups, containers, what is being unpacked.
# `error` tells of the refusal itself.
spine ps --json | sed -E 's/"(memory|cpu_usec)":[0-9]+/"\1":0/g; s/,"error":"([^"\\]|\\.)*"//g'
spine persona list
ls -n /persist/home
for i in /run/spine/persona/*/* /sys/fs/cgroup/spine/personas/*/; do echo "$i"; done
ls /persist/tmp /persist/transfer /persist/containers/overlay-containers
G
    cat >"$OUT/podman" <<'G'
#!/bin/sh
# podman with bay0's configuration.
c=/usr/share/spine/containers
export CONTAINERS_CONF=$c/containers.conf CONTAINERS_STORAGE_CONF=$c/storage.conf CONTAINERS_REGISTRIES_CONF=$c/registries.conf
exec podman "$@"
G
    chmod +x "$OUT"/{case,state,podman}
    in_spine mkdir -p "$REFUSED"
    program rawsock "$REFUSED/rawsock" # the guest's netcat knows no Unix sockets
    for f in case state podman; do vm push "$OUT/$f" "$REFUSED/$f"; done
}

refused_containers() { in_spine "$REFUSED/podman" ps --all --no-trunc --format '{{.ID}} {{.Names}} {{.State}} {{.Pid}}'; }

# Remembers how things are, when those that left the front have frozen; later refusals are compared with it.
refused_base() {
    wait_until 60 all_at_rest || true
    base=$(in_spine "$REFUSED/state")
}
all_at_rest() {
    in_spine spine ps --json | jq -e '[.personas[] | select(.state == "running" and .background == "freeze" and (.focus or .frozen | not))] == []' >/dev/null
}

unchanged() { # NAME STATE
    if [ "$2" = "$base" ]; then
        pass "$1: nothing changed"
    else
        fail "$1: nothing changed" "$(diff <(printf '%s\n' "$base") <(printf '%s\n' "$2") || true)"
    fi
}

# refused NAME CODE HINT CMD...: the command, of spine with --json, is refused as it should. HINT is a regular expression.
refused() {
    local name=$1 code=$2 hint=$3 all said status nl=$'\n'
    shift 3
    all=$(in_spine "$REFUSED/case" "$@") || true
    status=${all%%"$nl"*}
    said=${all%%"$nl=state$nl"*}
    said=${said#*"$nl"}
    answered "$name" "$code" "$hint" "$(tail -n 1 <<<"$said")" "$status"
    unchanged "$name" "${all#*"$nl=state$nl"}"
}

# answered NAME CODE HINT LINE STATUS: the line is such an error of the protocol or of `spine --json`, and the status is 1.
answered() {
    if [ "$5" = 1 ] && jq -e --arg c "$2" --arg h "$3" '.error | .code == $c and (.message | length > 8) and (.hint | test($h))' <<<"$4" >/dev/null 2>&1; then
        pass "$1: $2"
    else
        fail "$1: $2" "$(printf 'status %s\n%s\nwanted: %s, hint %s' "$5" "$4" "$2" "$3")"
    fi
}

# raw LINE: sends a line as it is and prints the answers.
# shellcheck disable=SC2016
raw() { spine_sh 'printf "%s\n" "$1" | /run/refused/rawsock /run/spine/bay0.sock' "$1"; }
