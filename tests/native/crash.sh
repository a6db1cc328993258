#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: bay0 dies at the n-th durable step of every operation, and again while it puts that right; then each persona is as before or as asked,
# homes are equal and nothing is left over. CRASH_EVERY=1 takes every step (else each third), CRASH_FROM=0.. says which comes first.
. "$(dirname "$0")/lib.sh"
case $BUILD in *asan*) EVERY=${CRASH_EVERY:-9} FROM=${CRASH_FROM:-1} ;; *) EVERY=${CRASH_EVERY:-3} FROM=${CRASH_FROM:-0} ;; esac
begin
export SPINE_CRASH_FILE=$T/crash
rounds=0 nested=0

bay0() { PROGRAM=$BUILD-crash/sbin/bay0 bay0_start --podman-timeout 20000; }
arm() { echo "$1" >"$SPINE_CRASH_FILE"; }
dead() { ! kill -0 "$BAY0" 2>/dev/null; }
# What the registry, podman, the kernel and the file system say of it all.
world() {
    traces | grep -vE '/home/.new$|/pod/tenant-' # a tenant's container is made anew when it is wanted
    for p in a b; do
        [ ! -e "$T/pod/persona-$p/id" ] || if [ -n "${NEW_ID:-}" ]; then echo "container $p"; else cat "$T/pod/persona-$p/id"; fi
    done
    find "$T/persist/home/.declared" -name '*.json' | sort | xargs -r jq -c .declaration
    spine --json persona list | jq -c '(.result // .).personas[]'
    [ ! -e "$CG/personas/a/pids.max" ] || echo "pids of a $(cat "$CG/personas/a/pids.max")"
    find "$T/persist/home" -name keep | sort | xargs cat | cksum
    spine --json service status | jq -c '(.result // .).services[] | [.name, .state]'
    find "$T/persist/home" -maxdepth 1 -mindepth 1 -name '[a-z]*' -printf '%f %u\n' | sort
}
# Who is in front may be lost, and a persona in the back freezes when it will.
settled() { world | sed -E 's/,(true|false)\]$/]/'; }

differ() { diff <(echo "$before") <(echo "$1") | grep '^[<>]' | tr '\n' ' ' || true; }

either() { now=$(settled); [ "$now" = "$before" ] || [ "$now" = "$after" ]; }

# crashes NAME BACK CMD...: CMD is cut at every step; BACK leads from after it to before it.
crashes() {
    local name=$1 back=$2 before after now='' n=$((1 + FROM % EVERY)) bad='' at='' finished='' steps=0
    shift 2
    before=$(settled)
    "$@" >/dev/null 2>&1 || { claim "$name" 1 'it does not even work'; return; }
    after=$(settled)
    $back >/dev/null 2>&1
    while [ -z "$finished" ] && [ "$n" -lt 200 ]; do
        rm -f "$SPINE_CRASH_FILE.at"
        [ "$(settled)" = "$before" ] || { bad+="step $n: not as before to begin with: $(differ "$(settled)")"$'\n'; break; }
        arm "$n"
        "$@" >/dev/null 2>&1 || true
        if [ -e "$SPINE_CRASH_FILE" ]; then
            steps=$((n - $(cat "$SPINE_CRASH_FILE")))
            rm -f "$SPINE_CRASH_FILE"
            finished=yes
        else
            within 5 dead || bad+="step $n: bay0 lives on"$'\n'
            wait "$BAY0" 2>/dev/null || true
            at=$(cat "$SPINE_CRASH_FILE.at")
            arm $((1 + n % 5)) # and again on the way up
            MAY_DIE=yes bay0 || { wait "$BAY0" 2>/dev/null || true; nested=$((nested + 1)); bay0; }
            rm -f "$SPINE_CRASH_FILE"
            rounds=$((rounds + 1))
        fi
        within 10 either ||
            bad+="step $n, $at: $(differ "$now")"$'\n'
        [ "$(settled)" = "$before" ] || $back >/dev/null 2>&1 || bad+="step $n, $at: no way back"$'\n'
        n=$((n + EVERY))
    done
    none "$name, cut at every $EVERY. of its $steps steps" "$bad"
}

bay0
for p in a b c; do spine persona add "$p" localhost/img >/dev/null 2>&1; done
spine persona start b >/dev/null 2>&1
spine persona start c >/dev/null 2>&1
spine persona rm a >/dev/null 2>&1
for p in b c; do echo "of $p" >"$T/persist/home/$p/keep"; done
touch "$T/image/docker.io_ollama_ollama"
tenant=$(spine --json service status | jq -r '[(.result // .).services[] | select(.kind == "tenant")][0].name')
wipe_a() { spine persona rm a --wipe a; }
add_a() { spine persona add a localhost/img && echo 'of a' >"$T/persist/home/a/keep"; }
rm_a() { spine persona rm a; }
stop_a() { spine persona stop a; }
start_a() { spine persona start a; }
fresh_a() { stop_a && rm_a && add_a; }
used_a() { add_a && start_a && stop_a; }
again() { "$@" >/dev/null 2>&1 || { echo "# $* failed"; exit 1; }; }

rmdir "$T/persist/home/a"
crashes 'add' wipe_a spine persona add a localhost/img
add_a >/dev/null 2>&1 && rm_a >/dev/null 2>&1
crashes 'add over the home of before' rm_a spine persona add a localhost/img
add_a >/dev/null 2>&1
NEW_ID=yes crashes 'the first start' fresh_a start_a
start_a >/dev/null 2>&1 && stop_a >/dev/null 2>&1
crashes 'a later start' stop_a start_a
start_a >/dev/null 2>&1
crashes 'stop' start_a stop_a
spine focus b >/dev/null
within 30 frozen_is a 1
crashes 'stop of a frozen one' start_a stop_a
again stop_a
NEW_ID=yes crashes 'rm' used_a rm_a
NEW_ID=yes crashes 'rm --wipe' used_a wipe_a
spine persona rm a >/dev/null 2>&1 || true
crashes 'focus' 'spine focus b' spine focus c
crashes 'service start' "spine service stop $tenant" spine service start "$tenant"
again spine service start "$tenant"
crashes 'service stop' "spine service start $tenant" spine service stop "$tenant"
printf '# bay0 was killed %d times, and %d times more on its way up\n' "$rounds" "$nested"
runs 'it was killed at all' [ "$rounds" -gt 0 ]
# shellcheck disable=SC2016
runs 'the registry is sound' eval '{ spine --json doctor || true; } | jq -e "(.result // .).checks[] | select(.name == \"registry\") | .ok"'
end
