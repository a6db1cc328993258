#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: sound follows the switch. Two personas play a tone each; the card's output is caught by QEMU and looked at.
# shellcheck disable=SC2016 # words in single quotes are for the shell in the guest
set -euo pipefail
. "$(dirname "$0")/lib.sh"

declare -A tone=([a]=450 [b]=1000)
vm_up sound --sound
wav=$(vm dir)/sound.wav
now() { stat -c %s "$wav"; }
# said FROM TO FREQUENCY: "SHARE GAP"
said() { tests/vm/tones.py "$wav" "$1" "$2" "$3" | cut -d' ' -f2-; }
# The last second and a half of what has been written.
last() { local n; n=$(now); said $((n > 264600 ? n - 264600 : 0)) "$n" "$1"; }
heard() { local s; read -r s _ <<<"$(last "${tone[$1]}")" && [ "$s" -ge 90 ]; }
silent() { [ "$(last "${tone[$1]}" | cut -d' ' -f1)" = 0 ]; }
frozen() { in_spine grep -qx 'frozen 1' "/sys/fs/cgroup/spine/personas/$1/cgroup.events"; }

# A minute and more of a tone whose second is a whole number of its waves.
make_tone() {
    in_persona "$1" sh -c 'exec perl -e "$1" "$2" 150 >/home/persona/tone.wav' sh 'my ($hz, $s) = @ARGV; my $n = 48000;
        my $second = pack "s<*", map { 9000 * sin(6.283185307179586 * $hz * $_ / $n) } 0 .. $n - 1;
        print "RIFF", pack("V", 36 + 2 * $n * $s), "WAVEfmt ", pack("VvvVVvv", 16, 1, 1, $n, 2 * $n, 2, 16), "data", pack("V", 2 * $n * $s);
        print $second for 1 .. $s' "${tone[$1]}"
}
play() { in_spine spine run -d "$1" -- sh -c 'exec pw-play /home/persona/tone.wav'; }

ok "the sound service is up" wait_until 180 service_is wireplumber up true
# The older one's library waits for nobody and has everybody wait for it.
persona_up a localhost/persona-bookworm --audio
persona_up b localhost/persona-trixie --audio
make_tone a
make_tone b

in_spine spine focus a
play a
ok "a is heard" wait_until 60 heard a
ok "b is not" silent b
in_spine spine focus b
play b
ok "b is heard" wait_until 60 heard b
ok "a freezes" wait_until 30 frozen a
from=$(now)
sleep 8
read -r share gap <<<"$(said "$from" "$(now)" "${tone[b]}")"
note "b, while a is frozen: heard in $share % of the time, longest gap $gap ms"
ok "b is heard without a gap while a is frozen" test "$share" -ge 99 -a "$gap" -le 20
is "a's tone is not in it" "$(said "$from" "$(now)" "${tone[a]}" | cut -d' ' -f1)" 0
in_spine spine focus a
ok "a is heard again" wait_until 60 heard a
ok "b freezes" wait_until 30 frozen b
ok "b is not heard" wait_until 20 silent b

# bay0's program is started anew in place: nobody's sound ends, and the next switch moves it as ever.
places=$(in_spine pidof spine-sound)
ok "bay0 goes on in a new program" in_spine spine reexec
is "with the same places at the sound server" "$(in_spine pidof spine-sound)" "$places"
ok "a is heard" wait_until 60 heard a
in_spine spine focus b
ok "b is heard after it" wait_until 60 heard b
in_spine spine focus a
ok "and a again" wait_until 60 heard a
ok "b freezes again" wait_until 30 frozen b

# What a persona sees, in the Spine as it is. (At length: tests/meta/sound.sh.)
sees=$(in_persona b timeout 60 pw-dump 2>/dev/null | jq -r '.[] | [.type, (.info.props["node.name"] // ""), (.permissions | join(""))] | join(" ")' |
    sed 's/PipeWire:Interface://' | sort)
is "b sees its own sink and stream, to look at only" "$sees" $'Client  rx\nCore  rx\nFactory  r\nNode persona-b rx\nNode pw-play rx'
is "every place at the sound server is the sound user's" "$(spine_sh 'for p in $(pidof spine-sound); do stat -c %U /proc/$p; done | sort | uniq -c | xargs')" "2 spine-audio"

# bay0 goes on in a new program: who plays plays on, and is parked by the new one.
places=$(in_spine pidof spine-sound | tr ' ' '\n' | sort | xargs)
from=$(now)
ok "bay0 goes on in a new program" in_spine spine reexec
sleep 2
read -r share gap <<<"$(said "$from" "$(now)" "${tone[a]}")"
note "a, over the re-exec: heard in $share % of the time, longest gap $gap ms"
# The program that bay0 starts to read the handover first takes the emulated CPUs for a moment.
ok "a is heard meanwhile" test "$share" -ge 70 -a "$gap" -le 500
is "the places at the sound server are the same" "$(in_spine pidof spine-sound | tr ' ' '\n' | sort | xargs)" "$places"
in_spine spine focus b
ok "the new one knows whom to park" eval 'wait_until 60 heard b && wait_until 20 silent a'
in_spine spine focus a
ok "and whom to bring back" wait_until 60 heard a

# The server dies; the socket in the persona does not.
spine_sh 'kill -9 "$(pidof pipewire)"'
playing() { play a && heard a; }
ok "after the sound server's death a is heard again, at the same socket" wait_until 90 playing

# Grants change while personas run. b is behind and frozen: what it is given is parked like all of its sound.
place() { spine_sh 'for p in $(pidof spine-sound); do tr "\0" " " </proc/$p/cmdline; echo; done' | grep -o -- "--persona $1 .*--grants [a-z]*" | grep -o '[a-z]*$'; }
pipewire() { in_persona "$1" timeout 30 pw-cli info 0; }
is "a may play" "$(place a)" play
none "the microphone is given to a" "$(in_spine spine persona set a --microphone)"
ok "it may listen too" eval '[ "$(place a)" = both ]'
ok "and has a microphone of its own" wait_until 60 eval 'in_persona a timeout 60 pw-dump 2>/dev/null | grep -q persona-a.mic'
ok "it can play on" wait_until 90 playing
none "the microphone is taken from it again" "$(in_spine spine persona set a --no-microphone)"
ok "it may play" wait_until 20 eval '[ "$(place a)" = play ]'
ok "and has no microphone" eval '! in_persona a timeout 60 pw-dump 2>/dev/null | grep -q persona-a.mic'
ok "it can play on" wait_until 90 playing
none "its sound is taken from it" "$(in_spine spine persona set a --no-audio)"
ok "it is silent" wait_until 20 silent a
fails "and the sound server is out of reach" pipewire a
like "given again it is there at the next start, and that is said" "$(in_spine spine persona set a --audio)" 'started again'
in_spine spine persona stop b
is "with b its place at the sound server is gone, and no other is left" "$(spine_sh 'pidof spine-sound | wc -w; ls /run/spine/persona')" $'0\na'
finish
