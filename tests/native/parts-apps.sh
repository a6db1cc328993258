#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: the launcher's list comes from inside the persona; whatever a persona answers instead does no harm.
. "$(dirname "$0")/parts-lib.sh"
parts_begin
export SPINE_SOCKET=$T/bay0.sock SPINE_ICON=$PWD/$BUILD/sbin/spine-icon
mkdir -p "$T"/{persona,data/applications,data/icons/hicolor/48x48/apps,bin}
spawn python3 tests/native/execbay.py "$SPINE_SOCKET" "$T/persona"
within 10 test -S "$SPINE_SOCKET"

# persona ID TEXT: what runs there when it is asked
persona() { printf '#!/bin/sh\n%s\n' "$2" >"$T/persona/$1" && chmod +x "$T/persona/$1"; }
entry() { printf '[Desktop Entry]\nType=Application\n%b\n' "$2" >"$T/data/applications/$1.desktop"; }
for p in editor viewer foot; do printf '#!/bin/sh\n' >"$T/bin/$p" && chmod +x "$T/bin/$p"; done
entry editor 'Name=Zed\nExec=editor --new "two words" %U\nIcon=red'
entry viewer 'Name=album\nExec=viewer\nTerminal=true\nIcon=broken'
entry bad 'Name=Bad\nExec=editor $(reboot)'
entry worse '\x00\x01\xff'
ln -s /dev/zero "$T/data/applications/zero.desktop"
ln -s loop.desktop "$T/data/applications/loop.desktop"
mkfifo "$T/data/applications/pipe.desktop"
python3 - "$T/data/icons/hicolor/48x48/apps" <<'P'
import struct, sys, zlib
def chunk(t, d): return struct.pack(">I", len(d)) + t + d + struct.pack(">I", zlib.crc32(t + d))
png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0)) + \
    chunk(b"IDAT", zlib.compress(b"".join(b"\0" + b"\xff\0\0" * 64 for _ in range(64)))) + chunk(b"IEND", b"")
open(sys.argv[1] + "/red.png", "wb").write(png)
open(sys.argv[1] + "/broken.png", "wb").write(png[:80])
P
persona good "exec env -i HOME=$T/none XDG_DATA_DIRS=$T/data PATH=$T/bin $PWD/$BUILD/sbin/spine apps --json"
rig_start
list() { event "{\"event\":\"list\",\"id\":\"$1\"}"; }
# lists ID REGEX: asks, and what comes then
lists() {
    local before
    before=$(lines)
    list "$1"
    within 30 told_since "$before" "$2"
}
log_end() { tail -n "$1" "$T/out/rig.log"; }

runs 'the list comes' lists good 'apps good 2, 1 icons'
claim 'the command is the Spine'"'"'s own program' "$([ "$(cat "$T/persona/good.asked")" = '["/usr/local/bin/spine", "apps", "--json"]' ] && echo 0 || echo 1)" \
    "$(cat "$T/persona/good.asked")"
claim 'by name, with the icon that can be read' "$([ "$(grep '^app ' "$T/out/rig.log" | tail -n 2)" = $'app 0 album\napp 1 Zed +icon' ] && echo 0 || echo 1)" "$(log_end 5)"
claim 'which is the one' "$([ "$(head -c 13 "$T/out/icon-1.ppm" | tr '\n' ' ')" = 'P6 48 48 255 ' ] && [ "$(tail -c 6912 "$T/out/icon-1.ppm" | xxd -p -c 3 | sort -u)" = ff0000 ] && echo 0 || echo 1)" \
    "$(tail -c 6912 "$T/out/icon-1.ppm" | xxd -p -c 3 | sort | uniq -c | head -n 4)"
before=$(lines)
event '{"event":"start","id":"good","index":1}'
runs 'what is chosen starts inside the persona, word by word' within 10 told_since "$before" \
    'ask persona.exec {"command":\["editor","--new","two words"\],"detach":true,"id":"good"}'
event '{"event":"start","id":"good","index":0}'
runs 'what wants a terminal gets one' within 10 told_since "$before" 'ask persona.exec {"command":\["foot","viewer"\],"detach":true,"id":"good"}'
before=$(lines)
event '{"event":"start","id":"good","index":99}'
event '{"event":"start","id":"other","index":0}'
runs 'what is not on the list does not start' lists good 'apps good 2, 1 icons'
claim 'really' "$(! told_since "$before" 'ask persona.exec' && echo 0 || echo 1)"

# Instead of a list
persona empty 'echo "{\"end\":0}"'
runs 'nothing installed is an empty list' lists empty 'apps empty 0, 0 icons$'
runs 'a persona that is not there: bay0'"'"'s own words' lists absent 'apps absent 0, 0 icons: no persona absent'
persona fails 'exit 127'
runs 'a persona without the program' lists fails 'apps fails 0, 0 icons: .* ended with status 127'
persona text 'echo hello; echo "{\"name\":\"x\"}"; printf "\377\376\n"; echo "{\"name\":\"ok\",\"command\":[\"x\"]}"; echo "{\"end\":1}"'
runs 'lines that are none are left out' lists text 'apps text 1, 0 icons'
persona zero 'exec cat /dev/zero'
runs 'a line without end' lists zero 'apps zero 0, 0 icons: the persona.s list of programs is too long'
persona many 'while :; do echo "{\"name\":\"n\",\"command\":[\"x\"]}"; done'
runs 'a list without end' lists many 'apps many 256, 0 icons$'
persona blank 'while :; do echo; done'
runs 'lines without sense, without end' lists blank 'apps blank 0, 0 icons: the persona.s list of programs makes no sense'
persona escape 'printf "{\"name\":\"\\\\u001b[2Ja\\\\u202eb\",\"command\":[\"x\"]}\n{\"end\":1}\n"'
runs 'names are shown without what controls a screen' lists escape 'app 0 ?\[2Ja?b'
persona closed 'exec >&-; sleep 1; exit 5'
runs 'a program that closes its output' lists closed 'apps closed 0, 0 icons: .* ended with status 5'
persona hang 'exec sleep 1000'
ended=$(wc -l <"$T/persona/ended")
list hang
runs 'one that hangs does not hold up another' lists good 'apps good 2, 1 icons'
runs 'and is ended' within 10 eval '[ "$(wc -l <"$T/persona/ended")" -gt "$ended" ]'
runs 'one that hangs is given up' lists hang 'apps hang 0, 0 icons: the persona did not say in time'

# Icons that break the helper
icons() { # COUNT FILE: a persona with that many programs with this icon, and one that is well
    python3 -c 'import base64, json, sys
bad = base64.b64encode(open(sys.argv[2], "rb").read()).decode(); good = base64.b64encode(open(sys.argv[3], "rb").read()).decode()
for i in range(int(sys.argv[1])): print(json.dumps({"name": "b%d" % i, "command": ["x"], "icon": bad}))
print(json.dumps({"name": "z", "command": ["x"], "icon": good})); print(json.dumps({"end": 1}))' "$1" "$2" "$T/data/icons/hicolor/48x48/apps/red.png" >"$T/lines"
    persona icons "cat $T/lines"
}
for f in switcher/fuzz/corpus/icon/{cut,huge,bomb,icc-bomb,gif,long-chunk,palette-out-of-range,wrong-crc}; do
    icons 1 "$f"
    runs "an icon of the kind ${f##*/} hurts nobody else's" lists icons 'app 1 z +icon'
done
# A helper that falls over its first file, each time; and one that hangs
printf '#!/bin/sh\nexec %s/killer "$@"\n' "$T" >"$T/icon" && chmod +x "$T/icon"
printf '#!/bin/sh\nhead -c 4 >/dev/null; kill -SEGV $$\n' >"$T/killer" && chmod +x "$T/killer"
rig_stop
rm "$T/rig.in"
SPINE_ICON=$T/icon rig_start
icons 8 switcher/fuzz/corpus/icon/rgba
runs 'a helper that breaks each time: a list without icons' lists icons 'app 8 z$'
runs 'and it is not tried for ever' within 20 eval '[ "$(grep -c "an icon of .* is left out: spine-icon ended" "$T/out/rig.log")" -eq 4 ]'
printf '#!/bin/sh\nexec sleep 1000\n' >"$T/killer"
icons 1 switcher/fuzz/corpus/icon/rgba
runs 'a helper that hangs is ended' lists icons 'log an icon of .* is left out: spine-icon takes too long'
rig_stop

# The cage
mkfifo "$T/cage.in"
"$SPINE_ICON" 48 <"$T/cage.in" >"$T/cage.out" &
cage=$!
exec {hold}>"$T/cage.in"
if [ "${BUILD##*/}" = asan ]; then
    printf 'ok %d - %s # SKIP this build: the sanitizer needs the calls itself\n' $((tap_n += 1)) 'the helper may not call the system'
else
    runs 'the helper may not call the system' within 10 grep -qxP 'Seccomp:\t2' "/proc/$cage/status"
fi
runs 'nor gain rights' within 10 grep -qxP 'NoNewPrivs:\t1' "/proc/$cage/status"
claim 'it holds nothing but its three' "$(within 10 eval "[ \"\$(ls /proc/$cage/fd | xargs)\" = '0 1 2' ]" && echo 0 || echo 1)" "$(ls -l "/proc/$cage/fd")"
exec {hold}>&-
ended=0
wait "$cage" || ended=$?
claim 'and ends with its input' "$ended"
end
