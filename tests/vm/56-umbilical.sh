#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Files between two real personas: sent, not seen, pulled once, equal; every refusal; a power cut in the midst; and the ledger of it all.
# shellcheck disable=SC2016 # what stands in single quotes is for the shell in the persona
set -euo pipefail
. "$(dirname "$0")/lib.sh"

vm_up umbilical
persona_up work localhost/persona-trixie --network none --background run
persona_up box localhost/persona-busybox --network none --background run

at() { in_persona "$1" sh -c "cd \"\$HOME\" && $2" sh "${@:3}"; } # PERSONA SCRIPT [ARG...]: in its home
waiting() { in_spine spine transfer list --json | jq '.transfers | length'; }
number() { in_spine spine transfer list --json | jq -r --arg n "$1" '.transfers[] | select(.name == $n) | .number'; }
ledger() { in_spine spine audit --json | jq -r "$@"; }
# refused NAME CODE PERSONA WORD...: with this code; then as much waits as before.
refused() {
    local name=$1 code=$2 who=$3 said
    said=$(at "$who" 'spine --json "$@" 2>&1' "${@:4}") || true
    is "$name is refused" "$(tail -n 1 <<<"$said" | jq -r '.error.code' 2>/dev/null) $(waiting)" "$code $held"
}
# What waits is what its name says.
whole() {
    spine_sh 'cd /persist/transfer/.staged && for f in *; do [ -e "$f" ] || continue
        [ "$(sha256sum <"$f" | cut -d" " -f1)" = "$(echo "$f" | cut -d. -f5)" ] || echo "$f"; done'
}

# Quota first, while nobody has asked for anything yet.
sent=$(at box 'echo x >small; n=0; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17; do spine send small --to work >/dev/null 2>said && n=$((n + 1)); done
    echo "$n $(cat said)"')
like "sixteen files of one persona wait, and the next is refused" "$sent" '^16 .*16 is the most'
spine_sh 'spine transfer list --json | grep -o "\"number\":[0-9]*" | cut -d: -f2 | while read -r n; do spine transfer drop "$n"; done'
is "the Spine drops them" "$(waiting)" 0

sum=$(at work 'head -c 1000003 /dev/urandom >report.pdf && sha256sum <report.pdf | cut -d" " -f1')
before=$(at box 'find / -xdev 2>/dev/null | wc -l; cat /proc/self/mountinfo | wc -l')
ok "work sends a file" at work 'spine send report.pdf --to box'
is "nothing appears in box" "$(at box 'find / -xdev 2>/dev/null | wc -l; cat /proc/self/mountinfo | wc -l')" "$before"
is "box is told what waits, by hash" "$(at box 'spine --json pull' | jq -r '.transfers[] | [.from, .name, .bytes, .sha256] | join(" ")')" "work report.pdf 1000003 $sum"
is "work is not" "$(at work 'spine --json pull' | jq '.transfers | length')" 0
n=$(number report.pdf) held=1
refused "a pull by who sent it" bad-value work pull "$n"
refused "the Spine's list, from inside" not-allowed box transfer list
refused "the ledger, from inside" system-error box audit
is "box pulls it" "$(at box 'spine pull "$1"' "$n")" report.pdf
is "equal bytes, and box's own" "$(at box 'sha256sum <report.pdf | cut -d" " -f1; stat -c %U report.pdf; id -un')" \
    "$(printf '%s\n%s\n%s' "$sum" "$(at box 'id -un')" "$(at box 'id -un')")"
held=0
refused "what was pulled once" bad-value box pull "$n"
ok "work sends it again" at work 'spine send report.pdf --to box'
is "a second one does not write over the first" "$(at box 'echo mine >report.pdf; spine pull "$1"; cat report.pdf' "$(number report.pdf)")" $'report.pdf.1\nmine'

at work 'mkfifo fifo; ln -s report.pdf link; mkdir dir; truncate -s 1T hole; cp report.pdf ".bashrc"; cp report.pdf "./-rf \$(reboot)
"'
refused "a FIFO" bad-value work send fifo --to box
refused "a link" bad-value work send link --to box
refused "a directory" bad-value work send dir --to box
refused "a device" bad-value work send /dev/null --to box
refused "a hole of 1 TB" limit-reached work send hole --to box
refused "a file to nobody" no-such-persona work send report.pdf --to nobody
refused "a file to itself" bad-value work send report.pdf --to work
refused "a file to ../box" bad-id work send report.pdf --to ../box
fails "a send on the Spine is refused" in_spine spine send /etc/passwd --to box
ok "a hidden name" at work 'spine send .bashrc --to box'
ok "a name that a shell would read" at work 'spine send "./-rf \$(reboot)
" --to box'
is "both are harmless" "$(in_spine spine transfer list --json | jq -r '[.transfers[].name] | join(" ")')" '_bashrc _rf___reboot__'
ok "root accepts one on the Spine" in_spine spine transfer accept "$(number _bashrc)"
is "it is in the home of box, and belongs there" "$(at box 'sha256sum <_bashrc | cut -d" " -f1; stat -c "%U %a" _bashrc')" \
    "$(printf '%s\n%s 600' "$sum" "$(at box 'id -un')")"

# A day passes: not by a clock that jumps while bay0 runs, but for a bay0 that begins anew.
in_spine busybox date -s "@$(($(in_spine date +%s) + 90000))" >/dev/null
is "a clock that jumps takes nothing away" "$(waiting)" 1
in_spine spine reexec >/dev/null
is "after a day it is gone" "$(waiting)" 0
is "as the ledger says" "$(ledger 'select(.kind == "expired") | .name')" '_rf___reboot__'
in_spine busybox date -s "@$(($(in_spine date +%s) - 90000))" >/dev/null

# A power cut: one file waits, another one is half sent.
ok "one file waits" at work 'spine send report.pdf --to box'
at work 'truncate -s 250M large'
spine_sh 'setsid spine run work -- sh -c "cd && spine send large --to box" >/dev/null 2>&1 </dev/null &'
ok "the copy of another one is under way" wait_until 30 in_spine pidof spine
sleep 2
ok "bay0 answers meanwhile" in_spine timeout 20 spine ps
vm cut
ok "the power is cut, and it boots" vm up
ok "box is back" wait_until 120 ps_is box state running
is "the one that waited waits; nothing is half there" "$(in_spine spine transfer list --json | jq -r '[.transfers[].name] | join(" ")') $(whole)" 'report.pdf '
ok "it is pulled" at box 'rm -f report.pdf*; spine pull "$1"' "$(number report.pdf)"
is "and equal" "$(at box 'sha256sum <report.pdf | cut -d" " -f1')" "$sum"

# With the persona goes what was for it.
ok "one more" at work 'spine send report.pdf --to box'
in_spine spine persona stop box >/dev/null 2>&1
ok "box is removed" in_spine spine persona rm box
is "and what was for it" "$(waiting)" 0

# The ledger
like "the chain is whole" "$(in_spine spine audit --verify)" 'the chain is whole'
is "sent and pulled, with the hash" "$(ledger -s --arg s "$sum" '[.[] | select(.sha256 == $s and .name == "report.pdf") | .kind] | unique | join(" ")')" 'dropped pulled sent'
is "by whom" "$(ledger -s '[.[] | select(.kind == "pulled") | .by] | unique | join(" ")')" 'persona spine'
is "what was refused in work" "$(ledger -s '[.[] | select(.kind == "refused" and .persona == "work" and .command == "transfer.send") | .error] | unique | join(" ")')" \
    'bad-id bad-value limit-reached no-such-persona'
is "and on the Spine" "$(ledger 'select(.kind == "refused" and .uid == 0 and .command == "transfer.send") | .error')" not-allowed
is "what was granted" "$(ledger 'select(.kind == "add" and .persona == "box") | [.profile, .network, .gpu, .audio, .ai] | join(" ")')" 'desktop none false false true'
is "what was removed" "$(ledger 'select(.kind == "rm") | .persona')" box
at=$(spine_sh 'cp -r /persist/audit /run/audit && cd /run/audit && f=$(ls | head -n 1) && sed -i "3s/T/U/" "$f" && sed -n 4p "$f"' | jq .seq)
said=$(in_spine spine audit --verify --ledger /run/audit 2>&1) || true
like "a changed byte is found, and where" "$said" "breaks at record ($((at - 1))|$at) in 0"
finish
