#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: what one persona copied is gone at the switch, carrying it gives exactly it, and nobody who hangs makes others hang.
. "$(dirname "$0")/parts-lib.sh"
parts_begin
persona_here a
persona_here b
window a 300000
window b 003000
sway_do 'workspace a'
rig_start
event '{"event":"front","id":"a"}'
front=a
within 10 told 'done front'

# go ID: a switch as bay0 does it
go() {
    local before
    before=$(lines)
    event "{\"event\":\"leaving\",\"id\":\"$front\",\"to\":\"$1\"}"
    sway_do "workspace $1"
    event "{\"event\":\"front\",\"id\":\"$1\"}"
    front=$1
    within 10 told_since "$before" 'done front'
}
key() { event "{\"event\":\"key\",\"key\":\"carry-$1\",\"front\":\"$front\"}"; }
# says REGEX CMD...: a line of the rig's after that command
says() {
    local before
    before=$(lines)
    "${@:2}"
    within 15 told_since "$before" "$1"
}
# copied FILE TYPE: in front it is copied, and known to be
offers() { in_root wl-paste --list-types 2>/dev/null | grep -qx "$1"; }
copied() {
    in_root wl-copy --clear
    spawn as "$front" wl-copy --foreground --type "$2" <"$1"
    within 10 offers "$2"
}
paste() { as "$front" timeout 10 wl-paste --no-newline "$@" 2>&1; }
same() { paste --type "$2" >"$T/out/pasted" && cmp "$1" "$T/out/pasted"; }
nothing() { [ "$(paste)" = 'Nothing is copied' ]; }

printf 'gr\xc3\xbc\xc3\x9fe, 1 < 2\n\ttab' >"$T/text"
sum=$(sha256sum "$T/text" | cut -d' ' -f1)
runs 'a copies text' copied "$T/text" 'text/plain;charset=utf-8'
runs 'and has it itself' same "$T/text" 'text/plain;charset=utf-8'
go b
runs 'after the switch b has nothing' nothing
go a
runs 'and a lost it' nothing

runs 'a copies again' copied "$T/text" 'text/plain;charset=utf-8'
runs 'the copy key says what it took' says 'say Copied from a: 19 bytes of text' key copy
go b
runs 'b still has nothing' nothing
runs 'the paste key has it recorded' says "ask clipboard.carried {\"bytes\":19,\"from\":\"a\",\"sha256\":\"$sum\",\"to\":\"b\",\"type\":\"text/plain;charset=utf-8\"}" key paste
runs 'and says so' within 10 told 'say Carried from a to b: 19 bytes of text'
runs 'b has exactly the text' same "$T/text" 'text/plain;charset=utf-8'
runs 'as often as it likes, and by another name' same "$T/text" text/plain
runs 'what bay0 says again takes nothing away' eval 'event "{\"event\":\"front\",\"id\":\"b\"}"; same "$T/text" text/plain'
runs 'it can be carried once' says 'say Nothing to paste: Super+Shift+C copies first' key paste
go a
runs 'the next switch takes it away' nothing

# A picture, larger than a pipe holds
{ printf '\x89PNG\r\n\x1a\n' && head -c 3000000 /dev/urandom; } >"$T/picture"
runs 'a copies a picture' copied "$T/picture" image/png
runs 'it is taken' says 'say Copied from a: 3000008 bytes of picture' key copy
go b
runs 'and carried' says 'say Carried from a to b: 3000008 bytes of picture' key paste
runs 'b has exactly the picture' same "$T/picture" image/png
claim 'as a picture alone' "$([ "$(in_root wl-paste --list-types)" = image/png ] && echo 0 || echo 1)" "$(in_root wl-paste --list-types)"

# The paste key before bay0's word, and for one that is not in front
go a
copied "$T/text" 'text/plain;charset=utf-8'
says 'say Copied' key copy
before=$(lines)
event '{"event":"leaving","id":"a","to":"b"}'
event '{"event":"key","key":"carry-paste","front":"a"}' # bay0 has not seen it shown yet
sway_do 'workspace b'
event '{"event":"front","id":"b"}'
front=b
runs 'a key that comes before the switch is told waits for it' within 10 told_since "$before" 'say Carried from a to b'
runs 'and the clearing of the switch does not take it' same "$T/text" text/plain
go a
copied "$T/text" text/plain
says 'say Copied' key copy
runs 'who is not in front gets nothing' says 'say Not pasted: b is not in front' event '{"event":"key","key":"carry-paste","front":"b"}'
runs 'and a still has its own' same "$T/text" text/plain

# What may not be carried
head -c 1048577 /dev/zero | tr '\0' x >"$T/long"
head -c 1048576 "$T/long" >"$T/most"
printf 'a\xff\xfeb' >"$T/bytes"
runs 'text of 1 MiB is taken' eval 'copied "$T/most" text/plain && says "say Copied from a: 1048576 bytes" key copy'
runs 'a byte more is refused' eval 'copied "$T/long" text/plain && says "say Not copied: the text of a is larger than 1024 KiB" key copy'
runs 'and nothing of it is kept' says 'say Nothing to paste' key paste
runs 'bytes that are no text are refused' eval 'copied "$T/bytes" "text/plain;charset=utf-8" && says "say Not copied: the text of a is not UTF-8" key copy'
runs 'a picture that is none is refused' eval 'copied "$T/text" image/png && says "say Not copied: the picture of a is no PNG" key copy'
runs 'another type is refused' eval 'copied "$T/text" application/x-thing && says "say Not copied: a has neither text nor a PNG picture to carry" key copy'
: >"$T/empty"
runs 'nothing at all is refused' eval 'copied "$T/empty" text/plain && says "say Not copied: the text of a is empty" key copy'
go b
runs 'without a selection it says so' says 'say Not copied: nothing is copied in b' key copy
go a

# Who hangs
copied "$T/text" text/plain
freeze "$SPAWNED"
began=$SECONDS
runs 'a frozen owner: the copy is given up' says 'say Not copied: a did not give its text in 4 s' key copy
claim 'in time' "$([ $((SECONDS - began)) -lt 10 ] && echo 0 || echo 1)" "$((SECONDS - began)) s"
go b
runs 'and b pastes nothing at once' timeout 5 bash -c "$(declare -f as in_root); T=$T R=$R; as b wl-paste 2>&1 | grep -qx 'Nothing is copied'"
go a
runs 'a picture again' copied "$T/picture" image/png
says 'say Copied' key copy
go b
says 'say Carried' key paste
# The Spine's own wl-paste asks without a window; its program never reads.
spawn in_root sh -c 'wl-paste --type image/png | sleep 1000'
runs 'a reader that hangs: others are served meanwhile' same "$T/picture" image/png
runs 'and it is given up' within 20 told 'log a program that asked for the clipboard does not read it'
runs 'then as before' same "$T/picture" image/png

# Twenty readers at once, all of them slow
# Each marks that it was served a first byte, or refused.
for _ in $(seq 20); do spawn in_root sh -c "wl-paste --type image/png | { head -c 1 >/dev/null; echo >>$T/out/asked; exec sleep 1001; }"; done
asked() { [ "$(wc -l <"$T/out/asked")" -ge 20 ]; }
runs 'twenty slow readers have asked' within 20 asked
began=$(date +%s%N)
go a
took=$((($(date +%s%N) - began) / 1000000))
claim 'many readers that hang: a switch goes on at once' "$([ "$took" -lt 2000 ] && echo 0 || echo 1)" "$took ms"
runs 'a has nothing of it' nothing
rig_stop
end
