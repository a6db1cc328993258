# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Tests of bay0 as an ordinary process with a podman that is told what to do; the control groups and mounts are real.
# A test sources this and calls begin; BUILD names the build to test. What is mounted ends with the test's own namespace.
set -euo pipefail
if [ -z "${NATIVE_NAMESPACE:-}" ]; then
    NATIVE_NAMESPACE=1 exec unshare --mount --propagation private "$0" "$@"
fi
# shellcheck disable=SC1091
. "$(dirname "${BASH_SOURCE[0]}")/../meta/lib.sh"
BUILD=${BUILD:-build/gcc}
T='' CG='' BAY0='' KEYBOARD='' BAY0_IN=("$BUILD/sbin/bay0") BAY0_UI=(--no-ui)

# A folder in memory, a control group, the programs that stand in for others.
begin() {
    local mount
    mount=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
    T=$(mktemp -d /tmp/spine-native.XXXXXX)
    trap over EXIT
    mount -t tmpfs -o mode=755 native "$T"
    mkdir -p "$T"/{bin,pod,image,fault,share,persist,run}
    if [ -z "$mount" ]; then
        mount=$T/cgroup
        mkdir "$mount"
        if ! mount -t cgroup2 none "$mount" 2>/dev/null; then
            printf 'ok 1 - %s # SKIP this machine: it has no cgroup v2\n1..1\n' "${0##*/}"
            exit 0
        fi
    fi
    CG=$mount/spine-native-$$
    ln -s "$PWD/tests/native/podman" "$T/podman"
    cp "$BUILD/tests/native/box" "$BUILD/sbin/spine" "$BUILD/sbin/spine-relay" "$T/bin/"
    mount --bind tests/native/nsenter "$(readlink -f "$(command -v nsenter)")"
    touch "$T/image/localhost_img"
    export SPINE_SOCKET=$T/run/bay0.sock
    # The sanitizers' reports are counted at the end.
    export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1}:log_path=$T/report UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}:log_path=$T/report
}

# bay0_start [OPTION...]; returns when its socket answers. PROGRAM: another bay0 than the one in BUILD.
# NATIVE_TENANTS=yes: with tenants. MAY_DIE=yes: 1 when it died.
bay0_start() {
    local from tenants=()
    [ -n "${NATIVE_TENANTS:-}" ] || tenants=(--no-tenants)
    touch "$T/bay0.err"
    from=$(wc -l <"$T/bay0.err")
    [ -z "${PROGRAM:-}" ] || BAY0_IN=("$PROGRAM")
    "${BAY0_IN[@]}" --run-dir "$T/run" --persist "$T/persist" --cgroup "$CG" --share "$T/share" --libexec "$T/bin" \
        --spine "$T/bin/spine" --podman "$T/podman" "${BAY0_UI[@]}" "${tenants[@]}" --grace 300 --ahead 0 "$@" </dev/null >>"$T/bay0.out" 2>>"$T/bay0.err" &
    BAY0=$!
    within 20 came "$((from + 1))" || { echo "# bay0 did not come up"; sed 's/^/# /' "$T/bay0.err"; exit 1; }
    ready_after "$((from + 1))"
}
# Up; or gone, which is an end too where a test lets it die on its way.
came() { ready_after "$1" || { [ -n "${MAY_DIE:-}" ] && ! kill -0 "$BAY0" 2>/dev/null; }; }
ready_after() { tail -n "+$1" "$T/bay0.err" | grep -qx 'spine: ready'; }

# bay0_stop SIGNAL: sends it, waits for the end and returns bay0's exit status.
bay0_stop() {
    local pid=$BAY0 status=0
    BAY0=
    kill -"$1" "$pid"
    wait "$pid" 2>/dev/null || status=$?
    return "$status"
}

over() {
    local status=$?
    [ -z "$KEYBOARD" ] || kill "$KEYBOARD" 2>/dev/null || true
    [ -z "$BAY0" ] || bay0_stop KILL || true
    if [ -d "$CG" ]; then
        echo 1 >"$CG/cgroup.kill" || true
        within 10 empty_tree || echo "# $CG could not be removed"
    fi
    [ "$status" -eq 0 ] || [ ! -s "$T/bay0.err" ] || tail -n 60 "$T/bay0.err" | sed 's/^/# /'
    umount -l "$T" && rmdir "$T"
    exit "$status"
}
empty_tree() { find "$CG" -depth -type d -exec rmdir {} + 2>/dev/null || true; [ ! -d "$CG" ]; }

# The last claim of each test, and its plan.
end() {
    local reports
    reports=$(cat "$T"/report* 2>/dev/null || true)
    none 'no sanitizer has anything to say' "$reports"
    finish
}

spine() { timeout 60 "$BUILD/sbin/spine" "$@"; }
ask() { timeout 60 "$BUILD/tests/native/ask" "$T/run/bay0.sock" "$@"; }
# row ID FILTER: jq on the persona's row.
row() { spine --json ps | jq -r --arg id "$1" "(.result // .).personas[] | select(.id == \$id) | $2"; }
is() { [ "$(row "$1" "$2")" = "$3" ]; } # ID FILTER VALUE
state_is() { is "$1" .state "$2"; }
gone() { local p; for p in "$@"; do [ ! -e "$p" ] || return 1; done; }
not() { ! "$@"; }
# Podman's commands under way; who holds a container's terminal lives in the same group.
podmen() { local p; for p in $(cat "$CG/podman/cgroup.procs" 2>/dev/null); do [ "$(cat "/proc/$p/comm" 2>/dev/null)" = conmon ] || echo "$p"; done; }
frozen_is() { grep -qx "frozen $2" "$CG/personas/$1/cgroup.events" 2>/dev/null; }
# fault VERB TEXT: what podman is to do first; no TEXT: nothing any more.
fault() { if [ -n "${2:-}" ]; then printf '%s\n' "$2" >"$T/fault/$1"; else rm -f "$T/fault/$1"; fi; }

# refused CODE CMD...: a claim that spine fails with this code.
refused() {
    local code=$1 out rc=0
    shift
    out=$(spine --json "$@" 2>&1) || rc=$?
    if [ "$rc" -eq 1 ] && [ "$(tail -n 1 <<<"$out" | jq -r .error.code 2>/dev/null)" = "$code" ]; then
        claim "$* is refused: $code" 0
    else
        claim "$* is refused: $code" 1 "status $rc: $out"
    fi
}

# Everything that an operation may leave behind, as text to compare.
traces() {
    find "$T/pod" "$T/persist/home" "$T/run/persona" "$CG/personas" -mindepth 1 -maxdepth 1 \( -type d -o -path '*/home/*' \) 2>/dev/null | sort || true
    spine --json ps | jq -c '(.result // .).personas[] | [.id, .state, .frozen]'
}
