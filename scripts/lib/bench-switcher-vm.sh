#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Key press to overlay in the VM: from the time at which the guest's kernel has the key to the switcher's trace. Run by scripts/bench.
#   usage: bench-switcher-vm.sh ROUNDS
# shellcheck disable=SC2016 # words in single quotes are for the shell in the guest
set -euo pipefail
. "$(dirname "$0")/../../tests/vm/lib.sh"
rounds=$1 warm=5

vm_up bench
persona_up web localhost/persona-bookworm
persona_up work localhost/persona-trixie
both() { has_window web && has_window work; }
wait_until 120 both
for p in web work; do in_spine spine focus "$p"; sleep 2; done
program input /run/input
# The switcher that bay0 starts next says on the console when it draws.
spine_sh 'cd /mnt/qa/bin && cp /usr/lib/spine/spine-switcher traced &&
    printf "#!/bin/sh\nexec env SPINE_SWITCHER_TRACE=1 /mnt/qa/bin/traced\n" >switcher && chmod 0755 switcher &&
    mount --bind switcher /usr/lib/spine/spine-switcher && kill -9 "$(pidof spine-switcher)"
    setsid /run/input watch >/run/keys 2>&1 </dev/null &'
traced() { in_spine pidof traced >/dev/null; }
wait_until 60 traced
sleep 5
for ((i = 0; i < rounds + warm; i++)); do
    vm keydown meta_l
    vm key tab
    sleep 1
    vm key esc
    vm keyup meta_l
    sleep 0.5
done
{ in_spine cat /run/keys; vm log; } | awk -v warm="$warm" -v rounds="$rounds" '
    $1 == "key" && $2 == 15 { key[++n] = $3 }
    match($0, /trace (drawn|shown) [0-9]+/) { split(substr($0, RSTART, RLENGTH), t, " "); at[t[2], ++seen[t[2]]] = t[3] }
    function first(what, from, before, i) {
        for (i = 1; i <= seen[what]; i++) if (at[what, i] >= from && (!before || at[what, i] < before)) return at[what, i] - from
        return -1
    }
    END {
        for (i = warm + 1; i <= n; i++) print first("drawn", key[i], key[i + 1]), first("shown", key[i], key[i + 1])
        if (n != warm + rounds) print "-1 -1"
    }' >"$OUT/bench-switcher"
! grep -q -- -1 "$OUT/bench-switcher" || { echo "bench: the overlay did not come each time" >&2; exit 1; }
figure() { # COLUMN WHAT
    cut -d' ' -f"$1" "$OUT/bench-switcher" | sort -n | awk -v what="$2" '{ v[NR] = $1 / 1000 } END {
        printf "VM: key press to %-26s median %7.1f ms   p99 %7.1f ms   n %d\n", what, v[int((NR + 1) / 2)], v[int(NR * 0.99 + 0.999)], NR }'
}
figure 1 'first frame handed over'
figure 2 'frame presented'
vm_down
tap_finished=yes
