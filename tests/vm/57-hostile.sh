#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: the hostile persona. Every attack of tests/hostile/attacks.txt, in every profile that it is for, and how many of how many were refused.
# shellcheck disable=SC2016 # words in single quotes are for the shell in the guest
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib-hostile.sh"
exec 3>&1

box=localhost/persona-busybox
hostile_build
is "the table has every attack that there is" "$("$OUT/hostile" list | grep -vx control | sort)" "$(awk -F'|' '!/^#/ && NF == 3 && $2 != "script" { print $1 }' "$ATTACKS" | sort)"

vm_up hostile --persist-size 1G
hostile_bring
{
    # Ceilings that this machine can hold; those of the profiles are tested elsewhere.
    persona_up victim "$box" --network none --background run
    persona_up desk "$box" --memory 512M
    persona_up seal "$box" --memory 512M --profile sealed --network none --background run
    persona_up agnt "$box" --memory 512M --profile agent --background run
    persona_up devl "$box" --memory 512M --profile dev --background run
} >"$OUT/hostile.start" 2>&1
is "the victim and its attackers run" "$(in_spine spine ps --json | jq -r '[.personas[] | .id + ":" + .state] | sort | join(" ")')" \
    "agnt:running desk:running devl:running seal:running victim:running"
for p in "${!ID[@]}"; do hostile_arm "$p"; done
spine_sh 'echo secret >/persist/home/victim/secret; setsid /run/hostile/lan >/run/hostile/reached 2>&1 </dev/null &'
victim=$(ps_field victim pid)
conmon=$(in_spine "$HOSTILE/podman" inspect --format '{{.State.ConmonPid}}' persona-desk)
began=$(in_spine cut -d' ' -f22 /proc/1/stat)
# What podman has mounted for containers comes and goes with them.
spine_mounts() { in_spine sh -c 'cut -d" " -f4- /proc/1/mountinfo | grep -vE "overlay|netns" | sort'; }
mounts=$(spine_mounts)

# What inspect and crun's own configuration say of each, against the golden lists.
for p in desktop sealed agent dev; do
    in_spine "$HOSTILE/podman" inspect "persona-${ID[$p]}" >"$OUT/inspect-$p.json"
    in_spine cat "$(jq -r '.[0].OCIConfigPath' "$OUT/inspect-$p.json")" >"$OUT/oci-$p.json"
    jq -rn --slurpfile i "$OUT/inspect-$p.json" --slurpfile o "$OUT/oci-$p.json" -f tests/hostile/inspect.jq >"$OUT/inspect-$p.txt"
    ok "$p: podman and crun were told what the golden list says, no more and no less" diff -u "tests/vm/golden/inspect-$p.txt" "$OUT/inspect-$p.txt"
done

in_spine spine focus desk >/dev/null
for p in desktop sealed agent dev; do
    mapfile -t names < <(listed "$p")
    attack "${ID[$p]}" "${names[@]}" >"$OUT/hostile-$p" 2>&1 || true
done
like "an address that is no neighbour's can be reached: the way out is open" "$(attack desk control)" '^got through control: 9.9.77.2:7777 says reached'
hostile_account
none "nobody reached the Spine or its neighbour otherwise" "$(spine_sh 'grep -v listens /run/hostile/reached | sort | uniq -c' | grep -v '1 neighbour tcp' || true)"
ok "the keeper of the attacker lives" in_spine test -d "/proc/$conmon"

# Loads, one after the other, each judged by what bay0 and the victim can meanwhile.
front() { in_spine spine focus "$1" >/dev/null; }
ticks() { in_spine stat -c %s /persist/home/desk/.hostile-ticks; }
freezes() {
    local before
    front desk && attack desk escape-freeze && sleep 3 && [ "$(ticks)" -gt 10 ] || return 1
    front victim && wait_until 60 ps_is desk frozen true || return 1
    before=$(ticks)
    sleep 4
    [ "$(ticks)" = "$before" ] && front desk
}
staged escape-freeze freezes
held() { # NAME ID: the load is there, and the others are as before
    local rc=0
    load "$2" "$1"
    calm "$1" || rc=1
    unload "$2"
    return "$rc"
}
unload desk || true
for name in fork-bomb memory-bomb cpu-hog; do staged "$name" held "$name" desk; done
storm() {
    in_spine spine run -d desk -- /home/persona/hostile control-storm
    calm control-storm
}
staged control-storm storm
request='GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
asked() { # by the Spine, and by the victim
    spine_sh 'printf "$1" | /run/hostile/rawsock /run/spine/ai/ollama.sock' "$request" | grep -q '^HTTP/1.1 200' &&
        in_persona victim sh -c 'printf "$1" | /home/persona/rawsock /run/ai.sock' sh "$request" | grep -q '^HTTP/1.1 200'
}
spine_sh 'cp /run/hostile/rawsock /persist/home/victim/'
# Which of its requests the server takes up first is chance.
stall() {
    local rc=0
    for _ in 1 2 3 4; do
        load devl ai-stall
        asked || rc=1
        unload devl
    done
    return "$rc"
}
ok "ai-core answers before it" asked
staged ai-stall stall
# The compositor's user opens files like any other: nothing is kept back for it.
opens() { in_spine setpriv --reuid=901 --clear-groups cat /etc/passwd && spine_sh 'spine run -t victim -- tty </dev/tty9'; }
table_full() { # NAME
    local rc=0
    load devl "$1"
    in_spine cat /proc/sys/fs/file-nr /proc/sys/kernel/pty/nr
    opens || rc=1
    unload devl
    return "$rc"
}
for name in fill-files fill-terminals; do staged "$name" table_full "$name"; done
flooded() {
    attack desk flood-log || return 1
    [ "$(spine_sh 'du -kc /persist/log/persona-desk* | tail -n 1 | cut -f 1')" -le 3300 ]
}
staged flood-log flooded
# A disk that a persona has filled: the Spine's registry and podman's still have room, and what fills can be removed.
room() { # NAME FILE: nothing is left for a persona, and something for the Spine
    attack desk "$1"
    in_spine stat -f /persist
    [ "$(in_spine stat -f -c %a /persist)" -le 64 ] || return 1
    in_spine spine persona add spare "$box" --network none && in_spine spine persona rm spare --wipe spare && in_persona desk rm -rf "$2"
}
staged fill-home room fill-home /home/persona/.hostile-fill
staged fill-root room fill-root /hostile-fill

is "no mount of the Spine has changed" "$(spine_mounts)" "$mounts"
left_behind() { ! in_spine setpriv --reuid=65534 --clear-groups /persist/home/desk/setuid whoami; }
staged setuid-left-behind left_behind
# Whose root is kept puts links where the Spine will mount at the next start.
swapped() {
    # What is a mount point, or comes from the image, does not move; the rest does.
    in_persona desk sh -c 'for d in /home /usr/local /run/spine; do mv "$d" "${d}s" && ln -s ../../../../../../run/spine "$d"; done; rm /etc/mtab; ln -s /persist /etc/mtab; ln -s /persist/home /etc/hostname' || true
    in_spine spine persona stop desk
    in_spine spine persona start desk || true
    in_spine test -S /run/spine/persona/victim/bay0.sock && in_spine test -e /persist/home/victim/secret &&
        [ "$(spine_mounts)" = "$mounts" ]
}
staged swap-targets swapped
wiped() {
    spine_sh 'cd /persist/home/desk && ln -s /persist/home/victim v && ln -s ../victim/secret s && mkdir -p d && ln -s ../../victim d/v'
    in_spine spine persona stop desk
    in_spine spine persona rm desk --wipe desk && in_spine test -e /persist/home/victim/secret && fails_quietly in_spine test -e /persist/home/desk
}
fails_quietly() { ! "$@"; }
staged wipe-links wiped

is "bay0 is the one that it was" "$(in_spine cut -d' ' -f22 /proc/1/stat)" "$began"
unlike "and found no fault in itself" "$(in_spine spine logs -n 10000)" 'internal'
vm_down
printf '# %d of %d attacks were refused; known to get through: %s\n' "$refused" "$made" "${known[*]:-none}"
is "every attack was refused" "$refused" "$made"
finish
