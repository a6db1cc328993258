#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: the overlay and the strip in the Spine's own compositor, with real key presses; a stand-in for bay0 where a state must be
# forced. Pictures of what was shown are kept in build/overlay: look at them.
. "$(dirname "$0")/parts-lib.sh"

[ -x "$BUILD/sbin/spine-switcher" ] || { echo '1..0 # SKIP spine-switcher is not built here'; exit 0; }
SHOTS=build/overlay
mkdir -p "$SHOTS"
SWITCHER='' BAY_IN=''

# --- the stand-in for bay0 ------------------------------------------------------------------------------------------
bay_start() {
    mkfifo "$T/bay.in"
    touch "$T/out/bay.log"
    python3 tests/native/fakebay.py "$T/bay0.sock" "$T/run/ui/sway.sock" <"$T/bay.in" >"$T/out/bay.log" 2>&1 &
    PARTS_PIDS+=($!)
    exec {BAY_IN}>"$T/bay.in"
    within 20 test -S "$T/bay0.sock"
}
bay() { printf '%s\n' "$1" >&"$BAY_IN"; }
asked() { grep -cE "^$1( |\$)" "$T/out/bay.log" || true; } # CMD: how often
asked_for() { [ "$(asked "$1")" -gt "$2" ]; }              # CMD NUMBER: more often than that
last() { grep -E "^$1 " "$T/out/bay.log" | tail -n 1; }

# people NUMBER [JQ]: that many personas, the first in front; JQ changes the list
people() {
    bay "personas $(jq -nc --argjson n "$1" '[range($n) | {
        id: (["work", "home", "banking", "a-name-of-thirty-one-characters", "mail"][.] // "persona-\(.)"),
        image: "i", state: (if . < 5 or . > 7 then "running" else "stopped" end), focus: (. == 0), frozen: (. == 1),
        throttled: (. == 4), attention: (. == 2), microphone: (. == 1), used: ($n - .), memory: (300000000 * (. + 1)),
        network: (if . == 2 then "none" else "slirp" end),
        declaration: {profile: (["desktop", "desktop", "sealed", "dev", "agent"][.] // "desktop"),
                      colour: ["#3f7fbf", "#2e8b57", "#b3261e", "#8e44ad", "#d98c00", "#00838f"][. % 6]}}]'"${2:-}")"
}

# --- the switcher ----------------------------------------------------------------------------------------------------
switcher_start() {
    local before
    before=$(asked subscribe)
    SPINE_SOCKET=$T/bay0.sock SPINE_SHARE=$PWD/switcher SPINE_SWITCHER_CONFIG=$T/switcher.conf SPINE_SWITCHER_TRACE=1 \
        "$BUILD/sbin/spine-switcher" 2>>"$T/out/switcher.log" &
    SWITCHER=$!
    PARTS_PIDS+=("$SWITCHER")
    within 20 asked_for subscribe "$before"
}
switcher_stop() { # returns its status
    local status=0
    kill -TERM "$SWITCHER"
    wait "$SWITCHER" || status=$?
    return "$status"
}
alive() { kill -0 "$SWITCHER" 2>/dev/null; }
# sway 1.12 does not tell of layer surfaces: the switcher's own trace and pixels do.
open() { [ "$(traced show)" -gt "$(traced hidden)" ]; }
shut() { ! open; }

mode_is() { [ "$(in_root swaymsg -r -t get_binding_state | jq -r .name)" = "$1" ]; }
said() { grep -qF "$1" "$T/out/switcher.log"; }
traced() { grep -c "^trace $1 " "$T/out/switcher.log" || true; }
shown_since() { [ "$(traced shown)" -gt "$1" ]; }

# Keys: one keyboard for one story. keys NAME ARG...: in the background; keys_end waits for them.
KEYS=''
keys() { in_root wtype "$@" & KEYS=$!; PARTS_PIDS+=("$KEYS"); }
keys_end() { wait "$KEYS"; }
# Whoever has the focus must have taken note of the new keyboard first.
press() { in_root wtype -s 200 "$@"; }
tap() { in_root wtype "${MOD[@]}" -k "$1" "${UNMOD[@]}"; }
MOD=(-M logo)
UNMOD=(-m logo)
pointer() { "$BUILD/tests/native/pointer" 1280 720 "$@"; }
# Closes whatever is open.
quiet() { shut || press -k Escape; within 10 shut; }

shot() { in_root grim -t ppm - >"$T/shot.ppm"; in_root grim -t png - >"$SHOTS/$1.png"; }
# pixel X Y: rrggbb in the last shot
pixel() {
    python3 - "$T/shot.ppm" "$1" "$2" <<'P'
import sys
data = open(sys.argv[1], "rb").read()
parts = data.split(None, 4)
width, x, y = int(parts[1]), int(sys.argv[2]), int(sys.argv[3])
at = len(data) - width * int(parts[2]) * 3 + (y * width + x) * 3
print(data[at : at + 3].hex())
P
}
# many COLOUR: a picture's worth of pixels of it can be seen
many() {
    in_root grim -t ppm - >"$T/shot.ppm"
    python3 -c 'import sys; d = open(sys.argv[1], "rb").read(); sys.exit(sum(d[i : i + 3] == bytes.fromhex(sys.argv[2]) for i in range(len(d) % 3, len(d) - 2, 3)) < 10000)' "$T/shot.ppm" "$1"
}
pixel_is() { in_root grim ${4:+-o "$4"} -t ppm - >"$T/shot.ppm" && [ "$(pixel "$1" "$2")" = "$3" ]; } # X Y COLOUR [OUTPUT]
check() { if "${@:2}"; then claim "$1" 0; else claim "$1" 1 "$(tail -n 5 "$T/out/switcher.log" "$T/out/bay.log")"; fi; }
soon() { check "$1" within 10 "${@:2}"; }
came_to() { [ "$(last persona.focus)" = "persona.focus {\"id\": \"$1\"}" ]; }

full() { sway_get get_tree | jq -e '[.. | objects | select(.app_id? == "foot" and .fullscreen_mode == 1)] | length == 1' >/dev/null; }
test_strip() {
    soon 'the strip comes and has the colour of the persona in front' pixel_is 640 3 3f7fbf
    bay 'say {"event":"front","id":"banking"}'
    soon 'and follows the front' pixel_is 640 3 b3261e
    shot strip
    bay 'say {"event":"front","id":""}'
    soon 'with nobody in front it is the Spine'\''s' pixel_is 640 3 12161d
    bay 'say {"event":"front","id":"work"}'
    within 10 pixel_is 640 3 3f7fbf
    spawn in_root foot -F sleep 100
    within 15 full
    soon 'it stays above a fullscreen window' pixel_is 640 3 3f7fbf
}

test_hold() {
    local n
    n=$(traced shown)
    keys "${MOD[@]}" -k Tab -s 2500 -k Tab -s 700 "${UNMOD[@]}"
    soon 'Mod+Tab opens the overlay over a fullscreen window' shown_since "$n"
    check 'while it is open the keys are its own' mode_is spine
    sleep 0.6
    shot fullscreen
    keys_end
    soon 'letting go of Mod closes it' shut
    soon 'and goes to the one that was selected' came_to home
    soon 'sway has its keys back' mode_is default
    in_root swaymsg -q '[app_id=foot] kill'
    shot released
}

test_tap() {
    local n
    n=$(asked persona.focus)
    tap Tab
    soon 'a quick tap goes to the last persona' asked_for persona.focus "$n"
    check 'which is work' came_to work
    soon 'and nothing stays open' shut
    shot tap
}

test_keys() {
    local n
    n=$(asked persona.focus)
    keys "${MOD[@]}" -k Tab -s 400 -k Tab -s 400 -k Escape -s 400 "${UNMOD[@]}"
    within 10 open || true
    keys_end
    soon 'Esc cancels' shut
    check 'and nobody came to the front' [ "$(asked persona.focus)" -eq "$n" ]
    keys "${MOD[@]}" -k Tab -s 600 -k m -s 200 -k a -s 1200 "${UNMOD[@]}"
    sleep 1.4
    shot filter
    keys_end
    soon 'typing filters, letting go goes there' came_to mail
    keys "${MOD[@]}" -k Tab -s 300 -k z -s 200 "${UNMOD[@]}" -s 1500 -k BackSpace h -s 200 -k Return
    sleep 1.5
    check 'letting go where nothing matches leaves it open' open
    shot no-match
    keys_end
    soon 'and Enter goes where it leads then' came_to home
    bay 'say {"event":"front","id":"work"}'
    keys "${MOD[@]}" -k Tab -s 500 -k Down -s 200 -k Right -s 200 "${UNMOD[@]}"
    keys_end
    soon 'arrows choose' asked_for persona.focus "$((n + 1))"
    quiet
}

test_pointer() {
    pointer 640,10 ms=200 click ms=200
    soon 'a click on the strip opens it' open
    n=$(asked persona.focus)
    pointer 640,300 ms=100 650,310 ms=300 wheel=1 ms=300
    shot pointer
    pointer 640,600 ms=100 wheel=-1 ms=100 640,214 ms=300 click ms=200
    soon 'a click on a card goes there' asked_for persona.focus "$n"
    soon 'and closes it' shut
}

test_start() {
    local n
    n=$(asked persona.start)
    pointer 640,10 ms=200 click ms=200
    within 10 open
    press persona-7 -s 300 -k Return
    soon 'a stopped persona is started from it' asked_for persona.start "$n"
    soon 'and brought to the front' came_to "$(last persona.start | grep -oE 'persona-[0-9]+')"
    bay 'refuse persona.focus {"code":"sway-failed","message":"sway does not answer","hint":""}'
    tap Tab
    soon 'what failed is said in the strip' shut
    sleep 0.5
    shot refused
    bay 'accept persona.focus'
    check 'the switcher lives' alive
}

test_launcher() {
    bay 'say {"event":"front","id":"work"}'
    tap d
    soon 'Mod+d opens the launcher' open
    sleep 0.3
    shot launcher
    press -k Escape
    soon 'Esc closes it' shut
}

test_faults() {
    local n
    bay 'say {"event":"front","id":"work"}'
    keys "${MOD[@]}" -k Tab -s 1500 "${UNMOD[@]}"
    within 10 open
    bay 'say {"event":"persona-removed","id":"home"}'
    keys_end
    soon 'the selected persona vanishes: another one is taken' shut
    check 'and the switcher lives' alive
    keys "${MOD[@]}" -k Tab -s 3000 "${UNMOD[@]}"
    within 10 open
    bay drop
    soon 'bay0 goes away while it is open: that is said' said 'trying again'
    sleep 0.3
    shot away
    keys_end
    check 'the notice stays until Esc' open
    n=$(asked subscribe)
    people 3
    bay back
    soon 'bay0 is back: it is asked again' asked_for subscribe "$n"
    sleep 0.3
    shot back
    quiet
    people 0
    bay drop
    bay back
    within 10 asked_for subscribe "$((n + 1))"
    tap Tab
    soon 'no persona: a notice says how to add one' open
    sleep 0.3
    shot empty
    quiet
}

test_many() {
    local n
    people 60
    n=$(asked subscribe)
    bay drop
    bay back
    within 10 asked_for subscribe "$n"
    pointer 640,10 ms=200 click ms=200
    within 10 open
    press -k End
    sleep 0.5
    shot many
    n=$(asked persona.focus)
    press -k Return
    soon '60 personas: the last one can be gone to' asked_for persona.focus "$n"
    within 10 shut
}

# A picture of what the persona in front had on its screen, though its windows are not shown any more.
test_picture() {
    local n
    persona_here work
    persona_here home
    window work ff0000
    sway_do 'workspace work'
    soon 'the window of work is on the screen' many ff0000
    window home 00ff00
    bay 'say {"event":"leaving","id":"work","to":"home"}'
    sway_do 'workspace home'
    bay 'say {"event":"front","id":"home"}'
    soon 'then that of home' many 00ff00
    check 'and work is gone' not many ff0000
    sleep 1
    n=$(traced shown)
    keys "${MOD[@]}" -k Tab -s 3000 -k Escape "${UNMOD[@]}"
    within 10 open
    within 5 shown_since "$n" || true
    shot picture
    check 'the overlay shows a picture of work' many ff0000
    keys_end
    within 10 shut
    bay 'say {"event":"front","id":"work"}'
    sway_do '[sandbox_instance_id=".*"] kill; workspace spine'
}

test_outputs() {
    local n
    bay 'say {"event":"front","id":"work"}'
    in_root swaymsg -q create_output
    soon 'another output has a strip too' pixel_is 640 3 3f7fbf HEADLESS-2
    in_root swaymsg -q 'focus output HEADLESS-2'
    keys "${MOD[@]}" -k Tab -s 2000 -k Escape "${UNMOD[@]}"
    soon 'the overlay opens' open
    soon 'on the output one works at' not pixel_is 640 360 000000 HEADLESS-2
    check 'and not on the other one' pixel_is 640 360 000000 HEADLESS-1
    in_root swaymsg -q 'output HEADLESS-2 unplug'
    soon 'its output is unplugged: it closes' shut
    keys_end
    check 'the other output keeps its strip' pixel_is 640 3 3f7fbf HEADLESS-1
    check 'and the switcher lives' alive
    check 'sway has its keys back then too' within 10 mode_is default
    in_root swaymsg -q 'output HEADLESS-1 scale 2'
    soon 'at scale 2 the strip is as high' pixel_is 640 50 "$(pixel 640 3)"
    n=$(traced shown)
    keys "${MOD[@]}" -k Tab -s 1500 -k Escape "${UNMOD[@]}"
    within 10 shown_since "$n"
    sleep 0.5
    shot scale2
    keys_end
    in_root swaymsg -q 'output HEADLESS-1 scale 1'
    within 10 shut
}

# At rest nothing wakes it: no context switch in 3 s.
test_rest() {
    local before after
    sleep 7
    before=$(awk '/ctxt_switches/ { n += $2 } END { print n }' "/proc/$SWITCHER/status")
    sleep 3
    after=$(awk '/ctxt_switches/ { n += $2 } END { print n }' "/proc/$SWITCHER/status")
    check 'hidden it does not wake up' [ "$after" -eq "$before" ]
}

test_config() {
    local n
    check 'it ends well' switcher_stop
    # Several at once, and one that is right among them.
    printf 'font-size = 9\nmodifier = Super\ncolour-panel = #204060\nnonsense\nkey-next = F9\n' >"$T/switcher.conf"
    switcher_start
    soon 'wrong values are said and the rest is used' said 'line 1: font-size wants a number from 18 to 48'
    check 'each of them' said 'line 4: there is no = in it'
    keys "${MOD[@]}" -k F9 -s 1000 -k Escape "${UNMOD[@]}"
    soon 'a hotkey of the file works' open
    keys_end
    within 10 shut
    n=$(traced show)
    keys "${MOD[@]}" -k Tab -s 500 "${UNMOD[@]}"
    keys_end
    check 'the shipped one does not any more' [ "$(traced show)" -eq "$n" ]
    check 'it ends well again' switcher_stop
    switcher_start
    keys "${MOD[@]}" -k F9 -s 1000 -k Escape "${UNMOD[@]}"
    soon 'started once more, the hotkey works still' open
    keys_end
    within 10 shut
    switcher_stop || true
    rm "$T/switcher.conf"
}

test_sway_restart() {
    local status=0
    switcher_start
    in_root swaymsg -q exit 2>/dev/null || true
    wait "$SWITCHER" || status=$?
    check 'without a compositor it ends, for bay0 to start it again' [ "$status" -eq 1 ]
    check 'and says so' said 'the compositor '
}

parts_begin
bay_start
people 8
switcher_start
# ONLY="hold faults" runs those alone.
for part in ${ONLY:-strip hold tap keys pointer start launcher picture faults many outputs rest config sway_restart}; do "test_$part"; done
end
