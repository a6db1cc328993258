#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: ROUNDS switches between two personas with windows: both stay connected, and sway, bay0 and the switcher grow no more. Then a GTK program that is
# frozen and hidden for SECONDS_FROZEN s, through LAYOUTS changes of the keyboard's layout and OUTPUTS of the screen, is as it was. Figures: docs/qa.md.
# shellcheck disable=SC2119 # no words are passed on
. "$(dirname "$0")/sway-lib.sh"
ROUNDS=${ROUNDS:-300} SECONDS_FROZEN=${SECONDS_FROZEN:-10} LAYOUTS=${LAYOUTS:-40} OUTPUTS=${OUTPUTS:-10}
sway_begin
[ ! -x "$BUILD/sbin/spine-switcher" ] || cp "$BUILD/sbin/spine-switcher" "$T/bin/"
bay0_start
within 60 service_is sway up
plug_keyboard
persona_up a foot 2>"$T/said"
persona_up b yad --text=hello --button=ok --width=400 --height=300 2>>"$T/said"
runs 'a has a terminal, b a GTK program' within 60 eval 'windows_are a 1 && windows_are b 1'
connected() { windows a '[.id, .pid]'; windows b '[.id, .pid]'; }
as_before() { [ "$(connected)" = "$before" ]; }
before=$(connected)

# rss NAME: KiB; what is not there has 0
pid_of() { case $1 in bay0) echo "$BAY0" ;; *) head -n 1 "$CG/ui/$1/cgroup.procs" 2>/dev/null || true ;; esac; }
rss() { sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$(pid_of "$1")/status" 2>/dev/null || true; }
sizes() { local p; for p in bay0 sway switcher; do printf '%s %s KiB, ' "$p" "$(rss "$p")"; done; }
programs=(bay0 sway)
[ ! -x "$T/bin/spine-switcher" ] || programs+=(switcher)
first="$(pid_of sway) $(pid_of switcher)"

# What has grown by the half of it may not grow any more. Now and then the one behind is given the time to freeze.
declare -A warm=()
went_wrong() { bad=$((bad + 1)) && echo "# switch $n: $1"; }
bad=0 began=$(date +%s%N) warm_at=$((ROUNDS / 2))
for ((n = 1; n <= ROUNDS; n++)); do
    if [ $((n % 2)) -eq 1 ]; then to=b from=a; else to=a from=b; fi
    spine focus "$to" >/dev/null 2>"$T/said" || went_wrong "$to: $(cat "$T/said")"
    [ $((n % 100)) -ne 0 ] || within 30 frozen_is "$from" 1 || went_wrong "$from does not freeze: $(row "$from" '[.frozen, .throttled, .freeze_failed]' | tr -d '\n')"
    [ "$n" -ne "$warm_at" ] || for p in "${programs[@]}"; do warm[$p]=$(rss "$p"); done
    [ $((n % 1000)) -ne 0 ] && [ "$n" -ne "$warm_at" ] || echo "# after switch $n: $(sizes)"
done
echo "# $ROUNDS switches in $((($(date +%s%N) - began) / 1000000)) ms, at the end: $(sizes)"
runs "$ROUNDS switches went well" [ "$bad" -eq 0 ]
runs 'both clients are still connected' as_before
runs 'nothing was started anew meanwhile' [ "$first" = "$(pid_of sway) $(pid_of switcher)" ]
case $BUILD in
*asan*) ;; # freed memory waits in quarantine
*)
    runs 'bay0 grew by no more than 192 KiB' [ $(($(rss bay0) - warm[bay0])) -le 192 ]
    runs 'sway grew by no more than 1 MiB' [ $(($(rss sway) - warm[sway])) -le 1024 ]
    [ -z "${warm[switcher]:-}" ] || runs 'the switcher grew by no more than 512 KiB' [ $(($(rss switcher) - warm[switcher])) -le 512 ]
    ;;
esac

# Hidden and frozen while everything changes around it; a change of outputs wakes it for a grace. wtype brings a keyboard with a layout of its own each time.
spine focus a >/dev/null
runs 'b freezes' within 20 frozen_is b 1
until=$((SECONDS + SECONDS_FROZEN)) layouts=0 outputs=0
while [ "$SECONDS" -lt "$until" ] || [ "$layouts" -lt "$LAYOUTS" ] || [ "$outputs" -lt "$OUTPUTS" ]; do
    if [ "$layouts" -lt "$LAYOUTS" ]; then
        layouts=$((layouts + 1))
        key_press "F$((13 + layouts % 5))"
    fi
    if [ "$outputs" -lt "$OUTPUTS" ]; then
        outputs=$((outputs + 1))
        case $((outputs % 5)) in
        0) sway_do 'output HEADLESS-1 mode 1280x720' ;;
        1) sway_do 'output HEADLESS-1 scale 2' ;;
        2) sway_do 'output HEADLESS-1 scale 1' ;;
        3) sway_do create_output ;;
        4) sway_do "output $(sway_get get_outputs | jq -r '[.[].name] | sort_by(split("-")[1] | tonumber) | last') unplug" && sway_do 'output HEADLESS-1 mode 1920x1080' ;;
        esac
    fi
    [ "$layouts" -lt "$LAYOUTS" ] || [ "$outputs" -lt "$OUTPUTS" ] || sleep 1
done
echo "# frozen for $SECONDS_FROZEN s or more, $layouts changes of layout, $outputs of outputs"
runs 'b is frozen, or again' within 20 frozen_is b 1
runs 'and is still connected' as_before
spine focus b >/dev/null
runs 'b is in front' within 10 front_is b
# An output that came and went while it slept would be its end here, when it wakes.
sleep 1
runs 'and its windows are there, awake' as_before
sway_do '[sandbox_instance_id="b"] kill'
runs 'and its program still listens: asked to close, it does' within 30 windows_are b 0
end
