#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: the image's own sound server with two personas' places, at native speed: who is heard, who sees what, what survives what.
# Card and microphone are stand-ins inside PipeWire; what is heard is read from the card's monitor.
set -euo pipefail
if [ -z "${SOUND_NAMESPACE:-}" ]; then
    SOUND_NAMESPACE=1 exec unshare --mount-proc --pid --fork --kill-child --propagation private "$0" "$@"
fi
. "$(dirname "$0")/lib.sh"
[ -s build/image/root.squashfs ] || { echo 'Bail out! there is no image; scripts/image makes it'; exit 1; }

R=$(mktemp -d /tmp/spine-sound.XXXXXX)
over() {
    local status=$?
    [ "$status" -eq 0 ] || tail -n 20 "$R"/tmp/*.log | sed 's/^/# /'
    [ -z "${KEEP:-}" ] || cp "$R"/tmp/*.wav "$KEEP"/
    umount -l "$R" && rmdir "$R"
    exit "$status"
}
trap over EXIT
mount -t tmpfs -o mode=755 sound "$R"
unsquashfs -q -n -f -d "$R" build/image/root.squashfs >/dev/null
mount -t proc proc "$R/proc"
mount --rbind /dev "$R/dev"
mkdir -p "$R/run/audio"
chown 902:902 "$R/run/audio"
chmod 1777 "$R/tmp"
cat >"$R/usr/share/pipewire/pipewire.conf.d/99-test.conf" <<'C'
context.properties = { default.clock.quantum = 8192 default.clock.min-quantum = 8192 default.clock.max-quantum = 8192 }
context.objects = [
    { factory = adapter args = { factory.name = support.null-audio-sink node.name = card media.class = Audio/Sink object.linger = true
        audio.position = [ FL FR ] priority.session = 1000 priority.driver = 1000 } }
    { factory = adapter args = { factory.name = support.null-audio-sink node.name = room media.class = Audio/Sink object.linger = true
        audio.position = [ FL FR ] priority.session = 1 } }
]
context.modules = [
    { name = libpipewire-module-loopback args = { audio.position = [ FL FR ]
        capture.props = { node.name = ear stream.capture.sink = true target.object = room node.passive = true }
        playback.props = { node.name = mic media.class = Audio/Source priority.session = 1000 } } }
]
C

# become UID [NAME=VALUE...] CMD...: the shell becomes CMD, so that $! is its number.
become() { exec chroot --userspec="$1:$1" --groups= "$R" env -i PATH=/usr/bin HOME=/tmp LANG=C.UTF-8 "${@:2}"; }
become_server() { become 902 XDG_RUNTIME_DIR=/run/audio PIPEWIRE_RUNTIME_DIR=/run/audio "$@"; }
# A persona's programs have another uid and their own socket.
become_persona() { become "$((536870912 + $(printf %d "'$1")))" XDG_RUNTIME_DIR=/tmp PIPEWIRE_REMOTE="/run/persona-$1" "${@:2}"; }
server() { (become_server timeout 20 "$@"); }
persona() { (become_persona "$1" timeout 20 "${@:2}"); }
said() { [ "$(tail -n 1 "$R/run/$1.out")" = "$2" ]; }
tell() { echo "$2" >"$R/run/$1.in"; }
play() { become_persona "$1" pw-play "/tmp/$1.wav" >>"$R/tmp/play-$1.log" 2>&1 & player[$1]=$!; }
stop() { kill -"$2" "${player[$1]}"; [ "$2" != KILL ] || wait "${player[$1]}" 2>/dev/null || true; }
# listen NAME SECONDS: what the card plays goes to NAME.wav
listen() { server timeout "$2" pw-record -P '{ stream.capture.sink = true }' --target card "/tmp/$1.wav" >/dev/null 2>&1 || true; }
tones() { tests/vm/tones.py "$R/tmp/$1.wav" "${3:-0}" 0 "$2" | cut -d' ' -f2-; }
# heard NAME FREQUENCY: all the time, without a gap; silent: never
heard() { local s g; read -r s g <<<"$(tones "$1" "$2" 192000)"; echo "$1 $2: $s % of the time, a gap of $g ms"; [ "$s" -ge 99 ] && [ "$g" -le 10 ]; }
# The edge of another tone may look like any for a moment, and the first half second was under way already.
silent() { [ ! -s "$R/tmp/$1.wav" ] || { local s; s=$(tones "$1" "$2" 96000 | cut -d' ' -f1); echo "$1 $2: $s % of the time"; [ "$s" -le 3 ]; }; }
# attempts TEXT: a busy machine may drop a piece of sound once; what is wrong is so three times.
attempts() { for _ in 1 2 3; do eval "$1" && return 0; done; return 1; }
# nodes ID: what a persona sees, a line each
nodes() { persona "$1" pw-dump 2>/dev/null | jq -r '.[] | select(.type == "PipeWire:Interface:Node") | .info.props["node.name"]' | sort | xargs; }
nodes_are() { [ "$(nodes "$1")" = "$2" ]; }
# Where a node's links lead.
leads() { server pw-link -l | awk -v n="$1:" 'index($1, n) == 1 { on = 1; next } /^[^ ]/ { on = 0 } on && $1 == "|->" { sub(/:.*/, "", $2); print $2 }' | sort -u | xargs; }
leads_to() { [ "$(leads "$1")" = "$2" ]; }
muted() { server pw-dump | jq -r --arg n "$1" '.[] | select(.info.props["node.name"]? == $n) | .info.params.Props[0].mute' | head -1; }
pipewire_start() { become_server pipewire >>"$R/tmp/pipewire.log" 2>&1 & pipewire=$!; }
wireplumber_start() { become_server wireplumber -p main-systemwide >>"$R/tmp/wireplumber.log" 2>&1 & wireplumber=$!; }
end_of() { kill -"$2" "$1" 2>/dev/null || true; wait "$1" 2>/dev/null || true; }

declare -A tone=([a]=450 [b]=1000 [room]=700) grants=([a]=play [b]=both) player=()
python3 -c 'import math, sys, wave
for name, hz in zip(sys.argv[2::2], sys.argv[3::2]):
    with wave.open("%s/tmp/%s.wav" % (sys.argv[1], name), "wb") as w:
        w.setnchannels(1), w.setsampwidth(2), w.setframerate(48000)
        second = b"".join(int(9000 * math.sin(2 * math.pi * int(hz) * i / 48000)).to_bytes(2, "little", signed=True) for i in range(48000))
        w.writeframes(second * 300)' "$R" a "${tone[a]}" b "${tone[b]}" room "${tone[room]}"
for id in a b; do
    mkfifo "$R/run/$id.in"
    : >"$R/run/$id.out"
    python3 tests/meta/sound-places.py "$R" "$id" "${grants[$id]}" 2>>"$R/tmp/places.log" &
done

pipewire_start
wireplumber_start
runs "both personas have their place" within 60 eval 'said a ready && said b ready'
# How often their threads were woken so far.
turns() { for p in $(pgrep -x spine-sound); do cat "/proc/$p/task"/*/status; done | awk '/ctxt_switches/ { n += $2 } END { print n }'; }
asleep() { local from; from=$(turns); sleep 2; echo "woken $(($(turns) - from)) times in 2 s"; [ "$(turns)" -le $((from + 4)) ]; }
runs "while nothing plays both sleep" within 20 asleep
play a
play b
runs "a sees its own sink and its own stream, and nothing else" within 30 nodes_are a 'persona-a pw-play'
sees=$(persona a pw-dump 2>/dev/null | jq -r '.[] | .type + " " + (.permissions | join(""))' | sed 's/PipeWire:Interface://' | sort)
claim "besides these the core, one factory and itself, all to look at only" \
    "$([ "$sees" = $'Client rx\nCore rx\nFactory r\nNode rx\nNode rx' ] && echo 0 || echo 1)" "$sees"
runs "each stream leads to its persona's sink, that to the card" eval 'within 20 leads_to persona-a.out card && within 20 leads_to persona-b.out card'
runs "both are heard" attempts 'listen both 3; heard both 450 && heard both 1000'

# Parking, and freezing what was not parked.
tell a park
runs "a is parked" within 10 said a parked
runs "then a is silent, and b goes on without a gap" attempts 'listen parked 3; silent parked 450 && heard parked 1000'
tell a unpark
runs "a is brought back" within 10 said a unparked
runs "a's player is stopped in the middle: b goes on without a gap" attempts '(sleep 1.5; stop a STOP) & listen stopped 5; stop a CONT; heard stopped 1000'
tell a park
within 10 said a parked || true
stop a STOP
runs "parked and stopped: a is silent, b goes on without a gap" attempts 'listen frozen 3; silent frozen 450 && heard frozen 1000'
stop a CONT
tell a unpark
within 10 said a unparked || true
runs "thawed and brought back: both are heard" attempts 'listen back 3; heard back 450 && heard back 1000'

# What a can get at by asking.
record() { persona a timeout 3 pw-record "$@" >/dev/null 2>&1 || true; }
frames() { [ ! -s "$R/tmp/$1.wav" ] || [ "$(stat -c %s "$R/tmp/$1.wav")" -le 100 ]; }
record /tmp/r1.wav
record --target mic /tmp/r2.wav
runs "a records nothing from the microphone, asked for or not" eval 'frames r1 && frames r2'
for target in card persona-b persona-b.out pw-play; do
    rm -f "$R/tmp/r.wav"
    record -P '{ stream.capture.sink = true }' --target "$target" /tmp/r.wav
    runs "a does not hear b by asking for $target" silent r 1000
done
record -P '{ stream.capture.sink = true }' /tmp/own.wav
runs "what it can record is its own sink, with nothing of b in it" eval 'silent own 1000 && heard own 450'
# b may listen: to a source of its own, which has the microphone behind it while b is in front.
become_server pw-play --target room /tmp/room.wav >>"$R/tmp/room.log" 2>&1 &
runs "the room is heard by the microphone" within 20 leads_to ear ''
runs "b sees its own source besides" within 20 nodes_are b 'persona-b persona-b.mic pw-play'
hears() { persona b timeout "$2" pw-record "${@:3}" "/tmp/$1.wav" >/dev/null 2>&1 || true; }
runs "b hears the room" attempts 'hears ear 4; heard ear 700'
runs "and nothing that a plays" silent ear 450
hears asked 4 --target mic
runs "asking for the microphone itself it gets the same" heard asked 700
for target in mic persona-b.mic persona-b.in ear room; do
    rm -f "$R/tmp/r.wav"
    record --target "$target" /tmp/r.wav
    runs "a does not hear the room by asking for $target" silent r 700
done
tell b park
within 10 said b parked || true
rm -f "$R/tmp/parked-ear.wav"
hears parked-ear 4
runs "b is parked: it hears nothing" silent parked-ear 700
tell b unpark
within 10 said b unparked || true
runs "and again when it is back" attempts 'hears back-ear 4; heard back-ear 700'
sink=$(persona a pw-dump | jq -r '.[] | select(.info.props["node.name"]? == "persona-a") | .id')
persona a pw-cli set-param "$sink" Props '{ mute: true }' >/dev/null 2>&1 || true
claim "a cannot write to its own sink" "$([ "$(muted persona-a)" = false ] && echo 0 || echo 1)"

# A false sink that calls itself b's, is better than the card, and offers itself as a filter.
become_persona a pw-record -P '{ media.class = Audio/Sink node.name = persona-b spine.persona = b priority.session = 9000 node.link-group = false
    filter.smart = true }' /tmp/false.wav >/dev/null 2>&1 &
two() { server pw-dump | jq -e '[.[] | select(.info.props["node.name"]? == "persona-b")] | length == 2'; }
runs "a offers a sink by the name of b's" within 20 two
stop b KILL
play b
runs "b's new stream plays to the card" within 20 leads_to persona-b.out card
runs "it is heard, and the false sink has nothing of it" attempts 'listen fooled 3; heard fooled 1000 && frames false'
for node in persona-b persona-b.out card mic; do
    runs "a cannot take $node away" eval "! persona a pw-cli destroy $node 2>&1 | grep -qi done; server pw-dump | jq -e '[.[] | select(.info.props[\"node.name\"]? == \"$node\")] | length > 0'"
done

# What ends and comes back.
end_of "$wireplumber" KILL
wireplumber_start
stop a KILL
play a
runs "a new session manager: a's new stream leads to the card as before" eval 'within 30 leads_to persona-a.out card && within 30 nodes_are a "persona-a pw-play"'
runs "and is heard" attempts 'listen manager 3; heard manager 450 && heard manager 1000'
tell a park
within 10 said a parked || true
end_of "$pipewire" KILL
play a
runs "the sound server is gone: a program of a that comes meanwhile waits" within 5 kill -0 "${player[a]}"
end_of "$wireplumber" KILL
pipewire_start
wireplumber_start
runs "a new sound server: a has its place again at the same socket" within 30 eval 'said a ready && said b ready'
runs "and who waited plays" within 30 leads_to persona-a.out card
runs "it is heard" attempts 'listen server 3; heard server 450'
kill "$(pgrep -n -f 'spine-sound.*--persona a')"
none "the session manager has nothing to complain of" "$(grep -E 'lua"\]:|traceback' "$R/tmp/wireplumber.log" || true)"
runs "a's place dies: it is back" within 20 eval '[ "$(grep -c ready "$R/run/a.out")" = 3 ]'
runs "the server ends what a had there" within 20 eval '! kill -0 "${player[a]}"'
play a
runs "and serves it anew" within 20 leads_to persona-a.out card
finish
