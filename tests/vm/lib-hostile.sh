# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# For tests/vm/57-hostile.sh: the programs of tests/hostile in the guest, personas to run them in, and the account of what was refused.
# Sourced after lib.sh, which it needs.

HOSTILE=/run/hostile # in the guest
ATTACKS=tests/hostile/attacks.txt
declare -A ID=([desktop]=desk [sealed]=seal [agent]=agnt [dev]=devl)
made=0 refused=0 victim='' conmon='' # the last two are processes that the attackers are told of

hostile_build() {
    gcc -std=c11 -D_GNU_SOURCE -O1 -Wall -Wextra -Werror -static -o "$OUT/hostile" tests/hostile/{main,files,devices,calls,namespaces,net,wayland,control,transfer,load}.c
    gcc -std=c11 -D_GNU_SOURCE -O1 -Wall -Wextra -Werror -static -o "$OUT/lan" tests/hostile/lan.c
    gcc -std=c11 -D_GNU_SOURCE -O1 -Wall -Wextra -Werror -static -o "$OUT/rawsock" tests/vm/rawsock.c
    cat >"$OUT/podman" <<'G'
#!/bin/sh
# podman with bay0's configuration.
c=/usr/share/spine/containers
export CONTAINERS_CONF=$c/containers.conf CONTAINERS_STORAGE_CONF=$c/storage.conf CONTAINERS_REGISTRIES_CONF=$c/registries.conf
exec podman "$@"
G
    chmod +x "$OUT/podman"
}

hostile_bring() {
    in_spine mkdir -p "$HOSTILE"
    for f in hostile lan rawsock podman; do vm push "$OUT/$f" "$HOSTILE/$f"; done
}

# What was left for a persona to find in its home: its weapons, a setuid program, nodes of the first disk and of the memory.
# shellcheck disable=SC2016
hostile_arm() { # PROFILE
    spine_sh 'cd "/persist/home/$1" && cp /run/hostile/hostile . && chmod 0755 hostile && cp hostile setuid && chown "$2:$2" setuid && chmod 6755 setuid &&
        mknod node-disk b 254 0 && mknod node-mem c 1 1 && chmod 0666 node-disk node-mem' "${ID[$1]}" "$([ "$1" = desktop ] && echo 1000 || echo 0)"
}

# attack ID NAME...: makes these attacks inside and prints what came of each. There are more names than words in a command.
# shellcheck disable=SC2016
attack() {
    spine_sh 'echo "$2" >"/persist/home/$1/names"' "$1" "${*:2}"
    VM_EXEC_TIMEOUT=400 in_spine spine run "$1" -- sh -c 'VICTIM=$1 CONMON=$2 exec /home/persona/hostile $(cat /home/persona/names)' sh "$victim" "$conmon"
}

# listed PROFILE: the attacks that the table has for it
listed() { awk -F'|' -v p="$1" '!/^#/ && NF == 3 && ($2 == "all" || index("," $2 ",", "," p ",")) { print $1 }' "$ATTACKS"; }

# One claim for each attack of the table, over all profiles that it was made in.
hostile_account() {
    local name profiles why p line bad
    while IFS='|' read -r name profiles why; do
        case $name in '#'* | '') continue ;; esac
        case $profiles in held | script | known) continue ;; esac
        [ "$profiles" != all ] || profiles=desktop,sealed,agent,dev
        bad=''
        for p in ${profiles//,/ }; do
            made=$((made + 1))
            line=$(grep -E "^(refused|got through|unclear) $name:" "$OUT/hostile-$p" | tail -n 1) || true
            case $line in
            refused*) refused=$((refused + 1)) ;;
            *) bad+="$p: ${line:-not made}"$'\n' ;;
            esac
        done
        none "$name ($profiles): $why" "$bad"
    done <"$ATTACKS"
}

# staged NAME CMD...: an attack of the kind `held`; CMD holds if it was refused.
staged() {
    made=$((made + 1))
    if said=$("${@:2}" 2>&1); then
        refused=$((refused + 1))
        pass "$1: $(awk -F'|' -v n="$1" '$1 == n { print $3 }' "$ATTACKS")"
    else
        fail "$1" "$said"
    fi
}

# known NAME CMD...: the same for one that is known to get through; one that does not any more has to be told so in the table.
known=()
known() {
    if "${@:2}" >/dev/null 2>&1; then
        fail "$1 is known to get through" "it was refused: $ATTACKS and docs/threats.md say otherwise"
    else
        known+=("$1")
        pass "$1 is known to get through: $(awk -F'|' -v n="$1" '$1 == n { print $3 }' "$ATTACKS")"
    fi
}

# load ID NAME: begins it in the background, and waits until it says that it is there, or a while.
# shellcheck disable=SC2016
load() {
    spine_sh 'rm -f "/persist/home/$1/said"' "$1"
    in_spine spine run -d "$1" -- sh -c "exec /home/persona/hostile $2 >/home/persona/said 2>&1" || true
    wait_until 40 in_spine grep -q holds "/persist/home/$1/said" || true
}
ended() { case $(ps_field "$1" state) in stopped | failed) ;; *) return 1 ;; esac; }
# unload ID: whoever holds something is killed, all of them at once; the persona itself goes with it, if the load has not ended it.
# shellcheck disable=SC2016
unload() {
    spine_sh 'echo 1 >"/sys/fs/cgroup/spine/personas/$1/cgroup.kill"' "$1" 2>/dev/null || true
    wait_until 60 ended "$1" || true
    wait_until 60 in_spine spine persona start "$1"
    in_spine spine focus desk >/dev/null 2>&1 || true
}

# latency N: how long `spine ps` takes on the Spine, in ms, N times, the longest last
# shellcheck disable=SC2016
latency() { spine_sh 'i=0; while [ $i -lt "$1" ]; do /run/hostile/hostile time spine ps || echo 999999; i=$((i + 1)); done | sort -n' "$1"; }
# calm: bay0 answers each time, in time that counts as a life sign on an emulated machine, and another persona runs programs.
calm() {
    local all
    all=$(latency 10)
    printf '# spine ps under %s: %s ms\n' "$1" "$(xargs <<<"$all")" >&3
    [ "$(wc -l <<<"$all")" -eq 10 ] && [ "$(tail -n 1 <<<"$all")" -le 10000 ] && in_persona victim true
}
