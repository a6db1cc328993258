#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: two personas started ROUNDS times each keep their ranges of user ids, which are nobody else's, and the files in their homes keep their owners.
. "$(dirname "$0")/lib.sh"
ROUNDS=${ROUNDS:-50}
declare -A USER_OF=([a]=1000 [b]=0)
begin
bay0_start --podman-timeout 20000

# The first id outside, as podman was told.
base() { tr '\0' '\n' <"$T/pod/persona-$1/args" | sed -n 's/^--uidmap=0:\([0-9]*\):65536$/\1/p'; }
# A program of the persona's user writes into its home, through the mount that it sees, and reads what it wrote before.
writes() { # ID ROUND
    local uid=$(($(base "$1") + USER_OF[$1])) pid
    pid=$(row "$1" .pid)
    (
        cd "/proc/$pid/root/home/persona"
        # shellcheck disable=SC2016
        setpriv --reuid="$uid" --regid="$uid" --clear-groups sh -c 'cat round-* >/dev/null 2>&1 || [ "$1" = 1 ] && echo "$1" >"round-$1" && cat round-* >/dev/null' sh "$2" 2>/dev/null
    )
}
# Reads the other's home through its own eyes: it has another range.
foreign() { # ID OTHER
    local uid pid
    uid=$(base "$2") pid=$(row "$1" .pid)
    (cd "/proc/$pid/root/home/persona" && setpriv --reuid="$uid" --regid="$uid" --clear-groups sh -c 'cat round-1 || echo x >foreign' >/dev/null 2>&1)
}

spine persona add a localhost/img --profile sealed --network none >/dev/null 2>&1
spine persona add b localhost/img >/dev/null 2>&1
bad='' came=''
for ((n = 1; n <= ROUNDS; n++)); do
    for p in a b; do
        spine persona start "$p" >/dev/null 2>&1 || bad+="round $n: $p did not start"$'\n'
        echo "$(base "$p") $p" >>"$T/bases"
        writes "$p" "$n" || bad+="round $n: $p could not write"$'\n'
    done
    [ $((n % 10)) -ne 0 ] || ! foreign a b || came+="round $n"$'\n'
    # Others come and go meanwhile, and must not take or leave a range.
    if [ $((n % 10)) -eq 0 ]; then
        spine persona add guest localhost/img --profile dev >/dev/null 2>&1 && spine persona start guest >/dev/null 2>&1 || bad+="round $n: guest did not start"$'\n'
        echo "$(base guest) guest$n" >>"$T/bases"
        spine persona stop guest >/dev/null 2>&1 && spine persona rm guest --wipe guest >/dev/null 2>&1 || bad+="round $n: guest did not go"$'\n'
    fi
    for p in a b; do spine persona stop "$p" >/dev/null 2>&1 || bad+="round $n: $p did not stop"$'\n'; done
done
none "$ROUNDS rounds of two personas went well" "$bad"
none 'nobody could use the ids of the other in a home' "$came"
claim 'each had one range all the time' "$([ "$(sort -u "$T/bases" | awk '$2 == "a" || $2 == "b"' | wc -l)" -eq 2 ]; echo $?)" "$(sort "$T/bases" | uniq -c)"
none 'no range was ever two personas'"'"'' "$(sort -u "$T/bases" | cut -d' ' -f1 | uniq -d)"
none 'every range is 65536 ids above those of the Spine' "$(awk '$1 < 536870912 || $1 % 65536' "$T/bases")"
for p in a b; do
    none "every file of $p has its owner on disk" "$(find "$T/persist/home/$p" -mindepth 1 ! \( -uid "${USER_OF[$p]}" -gid "${USER_OF[$p]}" \))"
    claim "and there is one of each round" "$([ "$(find "$T/persist/home/$p" -name 'round-*' | wc -l)" -eq "$ROUNDS" ]; echo $?)"
done
bay0_stop TERM || true
end
