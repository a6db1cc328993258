#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: what crosses the umbilical and what does not: equal bytes, one use, every refusal, a bay0 that dies at any step; and the ledger of it
# all, which is proven, rotated, and broken on purpose.
# shellcheck disable=SC2119 # no words are passed on
. "$(dirname "$0")/lib.sh"
begin
staged=$T/persist/transfer/.staged n_step=0
as() { timeout 60 "$T/bin/spine" --socket "$T/run/persona/$1/bay0.sock" "${@:2}"; } # PERSONA VERB...
audit() { "$T/bin/spine" audit --ledger "$T/persist/audit" "$@"; }
kinds() { audit --json | jq -r --arg k "$1" 'select(.kind == $k) | '"${2:-.number}"; }
waiting() { find "$staged" -type f | wc -l; }
# no PERSONA CODE CMD...: refused with this code, and nothing waits that did not before.
no() {
    local who=$1 code=$2 out before rc=0
    shift 2
    before=$(waiting)
    out=$(as "$who" --json "$@" 2>&1) || rc=$?
    claim "$who: ${*//$T/} is refused: $code" "$([ "$rc" -eq 1 ] && [ "$(tail -n 1 <<<"$out" | jq -r .error.code)" = "$code" ] &&
        [ "$(waiting)" = "$before" ] && echo 0 || echo 1)" "$out"
}
bay0_start
for p in a b c; do
    spine persona add "$p" localhost/img >/dev/null 2>&1
    spine persona start "$p" >/dev/null 2>&1
done
mkdir "$T/a" "$T/b"
head -c 3000001 /dev/urandom >"$T/a/report.pdf"
sum=$(sha256sum <"$T/a/report.pdf" | cut -d' ' -f1)

runs 'a sends' as a send "$T/a/report.pdf" --to b
runs 'nothing of it is in b' [ -z "$(ls -A "$T/b")$(ls -A "$T/persist/home/b")" ]
n1=$(as b --json pull | jq '.transfers[0].number')
runs 'it waits for b, hashed' [ "$(as b --json pull | jq -r '.transfers[] | [.number, .from, .to, .name, .bytes, .sha256] | join(" ")')" = "$n1 a b report.pdf 3000001 $sum" ]
runs 'it does not show to a, nor to c' [ "$(as a --json pull | jq '.transfers | length')$(as c --json pull | jq '.transfers | length')" = 00 ]
runs 'the Spine sees it' grep -q 'report.pdf' <<<"$(spine transfer list)"
runs 'only root may look at the folder' [ "$(stat -c '%a %u' "$staged")" = '700 0' ]
no c bad-value pull "$n1"
no a bad-value pull "$n1"
(cd "$T/b" && echo mine >report.pdf && as b pull "$n1" >/dev/null) || true
runs 'b has it, beside what was there' cmp "$T/a/report.pdf" "$T/b/report.pdf.1"
runs 'which is as it was' [ "$(cat "$T/b/report.pdf")" = mine ]
runs 'and no more' [ "$(find "$T/b" -type f -printf '%f\n' | sort | tr '\n' ' ')" = 'report.pdf report.pdf.1 ' ]
runs 'one use: nothing waits' [ "$(waiting)" -eq 0 ]
cd "$T/b"
no b bad-value pull "$n1"
cd "$OLDPWD"
runs 'nothing was made for it' [ "$(find "$T/b" -mindepth 1 | wc -l)" -eq 2 ]

# What is no file, or not theirs to send.
mkfifo "$T/a/fifo"
ln -s report.pdf "$T/a/link"
ln -s /etc/passwd "$T/a/passwd"
mknod "$T/a/null" c 1 3
truncate -s 1T "$T/a/hole"
truncate -s $(((1 << 28) + 1)) "$T/a/big"
: >"$T/a/empty"
no a bad-value send "$T/a/fifo" --to b
no a bad-value send "$T/a" --to b
no a bad-value send "$T/a/link" --to b
no a bad-value send "$T/a/passwd" --to b
no a bad-value send "$T/a/null" --to b
no a limit-reached send "$T/a/hole" --to b
no a limit-reached send "$T/a/big" --to b
no a no-such-persona send "$T/a/report.pdf" --to nobody
no a bad-value send "$T/a/report.pdf" --to a
no a bad-id send "$T/a/report.pdf" --to ../b
no a not-allowed transfer list
no a not-allowed transfer accept 1
refused not-allowed send "$T/a/report.pdf" --to b
refused not-allowed pull
refused bad-value transfer accept 99
raw() { timeout 20 python3 - "$T/run/persona/$1/bay0.sock" "$2" "${@:3}" <<'P'
import array, json, os, socket, sys, time
# Sends the line with a descriptor of the file, opened as the flags say; prints the answer's code.
fds = [os.open(sys.argv[3], int(sys.argv[4]))] * int(os.environ.get("TIMES", 1)) if len(sys.argv) > 3 else []
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendmsg([sys.argv[2].encode() + b"\n"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else [])
if len(sys.argv) > 5:
    time.sleep(0.1)
    os.truncate(sys.argv[3], int(sys.argv[5]))
print(json.loads(s.makefile().readline()).get("error", {}).get("code", "ok"))
P
}
send='{"cmd":"transfer.send","args":{"name":"x","to":"b"}}'
runs 'a request without a file' [ "$(raw c "$send")" = bad-request ]
runs 'a request with two' [ "$(TIMES=2 raw c "$send" "$T/a/report.pdf" 0)" = bad-request ]
runs 'a file that is only a name (O_PATH)' [ "$(raw c "$send" "$T/a/report.pdf" $((0x200000)))" = bad-value ]
runs 'a file open for writing' [ "$(raw c "$send" "$T/a/report.pdf" 1)" = bad-value ]
runs 'a thing of /proc that says it is empty' [ "$(raw c "$send" /proc/self/status 0)" = busy ]
runs 'nothing of these waits' [ "$(waiting)" -eq 0 ]
cp "$T/a/report.pdf" "$T/a/shrinks"
truncate -s 255M "$T/a/shrinks"
runs 'a file that shrinks meanwhile' [ "$(raw c "$send" "$T/a/shrinks" 0 5)" = busy ]
runs 'and leaves nothing' [ "$(waiting)" -eq 0 ]

# Names
(cd "$T/a" && cp report.pdf '.bashrc' && cp report.pdf -- '-rf $(reboot)' && cp report.pdf $'a\nb\033[2J')
for f in .bashrc '-rf $(reboot)' $'a\nb\033[2J'; do as a send "$T/a/$f" --to b >/dev/null; done
runs 'names are cleaned' [ "$(as b --json pull | jq -r '[.transfers[].name] | join(" ")')" = '_bashrc _rf___reboot_ a_b__2J' ]
nth() { as b --json pull | jq ".transfers[$1].number"; } # NUMBER of them, from 0; -1: the newest
n=$(nth 0)
runs 'root accepts one' spine transfer accept "$n"
runs 'it is in the home, as one of its own' [ "$(stat -c '%U %a %s' "$T/persist/home/b/_bashrc")" = "$(stat -c %U "$T/persist/home/b") 600 3000001" ]
runs 'and equal' cmp "$T/a/report.pdf" "$T/persist/home/b/_bashrc"
runs 'root drops one' spine transfer drop "$(nth 0)"
runs 'one is left' [ "$(as b --json pull | jq -r '[.transfers[].name] | join(" ")')" = a_b__2J ]
as a send "$T/a/.bashrc" --to b >/dev/null
n=$(nth -1)
runs 'accepted twice, nothing is written over' [ "$(spine transfer accept "$n")" = "$n _bashrc.1" ]
rm "$T/persist/home/b/_bashrc.1"
as a send "$T/a/report.pdf" --to b >/dev/null
mv "$T/persist/home/b" "$T/persist/home/b.real"
ln -s "$T/a" "$T/persist/home/b"
refused system-error transfer accept "$(nth -1)"
rm "$T/persist/home/b" && mv "$T/persist/home/b.real" "$T/persist/home/b"
runs 'a home that became a link takes nothing, and it still waits' [ "$(as b --json pull | jq '.transfers | length')" -eq 2 ]

# Quota, by number; b's own is its own. Twenty a minute.
echo x >"$T/a/small"
many() { local i ok=0; for i in $(seq 20); do as c send "$T/a/small" --to b >/dev/null 2>&1 && ok=$((ok + 1)); done; echo "$ok"; }
runs 'sixteen files of one persona wait, no more' [ "$(many)" -le 16 ]
no c limit-reached send "$T/a/small" --to b
runs 'another one may still send' as b send "$T/a/small" --to a

# Expiry: by the date that is in the name, looked at when bay0 starts.
bay0_stop KILL || true
old=$(find "$staged" -name '*.b.a.*' -printf '%f\n')
mv "$staged/$old" "$staged/$(sed -E 's/^([0-9]+\.b\.a)\.[0-9]+/\1.1700000000/' <<<"$old")"
before=$(waiting)
touch "$staged/half" "$staged/.x" && ln -s /etc/passwd "$staged/000000000099.a.b.1.x" && mkdir "$staged/d"
bay0_start
runs 'a file of yesterday is gone' [ "$(find "$staged" -name '*.b.a.*' | wc -l)" -eq 0 ]
runs 'and so is what is no transfer' [ "$(find "$staged" -mindepth 1 | wc -l)" -eq $((before - 1)) ]
runs 'the ledger says expired' [ "$(kinds expired '[.from, .to, .name] | join(" ")')" = 'b a small' ]
for p in a b c; do within 30 state_is "$p" running; done
runs 'who sent and who would have received takes it along' eval 'spine persona stop c && spine persona rm c'
runs 'nothing of c waits' [ "$(find "$staged" -name '*.c.*' | wc -l)" -eq 0 ]
runs 'and the ledger says why' [ "$(kinds dropped .why | sort -u | tr '\n' ';')" = 'asked for on the Spine;its persona is removed;' ]

# bay0 dies in the midst of it, and at each of its durable steps: a whole file waits, or none; who pulled has a whole file, or it still waits.
whole() { local f; find "$staged" -type f -printf '%f\n' | while read -r f; do [ "$(sha256sum <"$staged/$f" | cut -d' ' -f1)" = "$(cut -d. -f5 <<<"$f")" ] || echo "$f"; done; }
again() { wait "$BAY0" 2>/dev/null || true; bay0_start; }
dead() { ! kill -0 "$BAY0" 2>/dev/null; }
spine transfer list --json | jq -r '.transfers[].number' | while read -r n; do spine transfer drop "$n"; done
truncate -s 250M "$T/a/large"
as a send "$T/a/large" --to b >/dev/null 2>&1 &
sleep 0.2
bay0_stop KILL || true
wait $! 2>/dev/null || true
bay0_start
runs 'killed in the midst of a copy: nothing waits' [ "$(find "$staged" -mindepth 1 | wc -l)" -eq 0 ]
runs 'and nobody copies on' not pgrep -f "$T/bin/spine copy"
as a send "$T/a/large" --to b >"$T/large" 2>&1 &
sleep 0.2
runs 'reexec waits for a copy' spine reexec
wait $! || true
runs 'which comes to its end' [ "$(waiting)" -eq 1 ]
spine transfer drop "$(spine transfer list --json | jq '.transfers[0].number')"
export SPINE_CRASH_FILE=$T/crash
bay0_stop KILL || true
PROGRAM=$BUILD-crash/sbin/bay0
bay0_start
for step in 'before a transfer has a name' 'a transfer has a name'; do
    within 20 state_is a running
    echo $((++n_step)) >"$SPINE_CRASH_FILE"
    as a send "$T/a/report.pdf" --to b >/dev/null 2>&1 || true
    within 10 dead || true
    runs "bay0 dies: $step" grep -qx "$step" "$SPINE_CRASH_FILE.at"
    again
    rm -f "$SPINE_CRASH_FILE.at"
    none 'what waits is whole' "$(whole)"
done
runs 'only the second one waits' [ "$(waiting)" -eq 1 ]
within 20 state_is b running
echo 1 >"$SPINE_CRASH_FILE"
rm -rf "$T/b" && mkdir "$T/b"
out=$(cd "$T/b" && as b pull "$(as b --json pull | jq '.transfers[0].number')" 2>&1) || true
within 10 dead || true
runs 'bay0 dies: a transfer is taken away' grep -qx 'a transfer is taken away' "$SPINE_CRASH_FILE.at"
runs 'then it is here, under the name that it is told' cmp "$T/a/report.pdf" "$T/b/$(sed -n 's/.*here as \([^;]*\);.*/\1/p' <<<"$out")"
unset SPINE_CRASH_FILE
PROGRAM=$BUILD/sbin/bay0 again
for p in a b; do within 30 state_is "$p" running; done

# The ledger
runs 'sent, with its hash' [ "$(audit --json | jq -r 'select(.kind == "sent" and .number == '"$n1"') | [.from, .to, .name, .bytes, .sha256] | join(" ")')" = "a b report.pdf 3000001 $sum" ]
runs 'its number is that of its record' [ "$(audit --json | jq --argjson n "$n1" 'select(.seq == $n) | .kind')" = '"sent"' ]
runs 'pulled by the persona' [ "$(audit --json | jq -r 'select(.kind == "pulled" and .number == '"$n1"') | .by')" = persona ]
runs 'pulled by the Spine' [ "$(audit --json | jq -r 'select(.kind == "pulled" and .by == "spine") | .name' | head -n 1)" = _bashrc ]
runs 'a refusal in a persona' grep -q . <<<"$(audit --json | jq -r 'select(.kind == "refused" and .persona == "a" and .command == "transfer.send") | .error' | grep limit-reached)"
runs 'a refusal on the Spine' grep -q not-allowed <<<"$(audit --json | jq -r 'select(.kind == "refused" and .uid == 0 and .command == "transfer.send") | .error')"
runs 'what was granted' [ "$(kinds add '[.persona, .profile, .network, .gpu, .audio, .ai] | join(" ")' | head -n 1)" = 'a desktop slirp false false true' ]
runs 'what was removed' [ "$(kinds rm .persona)" = c ]
none 'no contents' "$(grep -l "$(head -c 3000001 "$T/a/report.pdf" | strings -n 12 | head -n 1)" -r "$T/persist/audit" "$T/persist/log" -F || true)"
runs 'the chain is whole' audit --verify
runs 'audit of one persona' [ "$(audit --json --persona c | jq -r '.persona // .from' | sort -u)" = c ]
runs 'the last two' [ "$(audit -n 2 | wc -l)" -eq 2 ]
runs 'from tomorrow on there is none' [ -z "$(audit --since 2999-01-01)" ]
runs 'of the last hour there are some' [ -n "$(audit --since 1h)" ]
rc=0
audit --since yesterday >/dev/null 2>&1 || rc=$?
claim 'a time that is none is refused' "$([ "$rc" -eq 1 ] && echo 0 || echo 1)"

# Rotation: 17 segments and more, of which 16 stay, while bay0 is killed in their midst.
segments() { find "$T/persist/audit" -name '*.jsonl' | wc -l; }
fill() { timeout 300 python3 - "$T/run/bay0.sock" "$1" <<'P'
import json, socket, sys
# Long records: what the user carried, again and again.
long = "a" * 31
line = json.dumps({"cmd": "clipboard.carried", "args": {"from": long, "to": long, "type": "text/" + "x" * 58, "bytes": 1 << 30, "sha256": "0" * 64}})
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
answers = s.makefile()
for _ in range(int(sys.argv[2]) // 16):
    s.sendall((line + "\n").encode() * 16)
    for _ in range(16):
        answers.readline()
P
}
for i in $(seq 8); do
    fill 6400
    [ "$i" -ne 4 ] || { bay0_stop KILL || true; bay0_start; }
done
runs 'sixteen segments stay' [ "$(segments)" -eq 16 ]
runs 'and the chain is whole' audit --verify
runs 'though it does not begin with 1' [ "$(audit --verify --json | jq '.whole and .first > 1 and .segments == 16 and .records == .last - .first + 1')" = true ]

# A changed byte is found, and told at its place.
segment=$(find "$T/persist/audit" -name '*.jsonl' | sort | sed -n 5p)
cp "$segment" "$T/kept"
line=$(sed -n 100p "$segment" | jq .seq)
sed -i '100s/xxx/xyx/' "$segment"
out=$(audit --verify --json 2>/dev/null) || true
runs 'a changed byte is found' [ "$(jq -c '[.whole, .breaks, .broken[0].segment, .broken[0].record]' <<<"$out")" = "[false,1,\"${segment##*/}\",$((line + 1))]" ]
not audit --verify >/dev/null 2>&1
claim 'and audit ends with 1' "$?"
runs 'with a word about it' grep -q "breaks at record $((line + 1)) in ${segment##*/}" <<<"$(audit 2>&1 >/dev/null)"
sed -i 100d "$segment"
runs 'a record taken out too' not audit --verify
mv "$segment" "$T/other"
runs 'and a whole segment' not audit --verify
cp "$T/kept" "$segment"
runs 'as it was, it is whole' audit --verify
end
