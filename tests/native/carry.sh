#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: bay0, the switcher and sway together, with real keys: what is copied goes over by two keys, stands in the ledger, and goes no other way;
# the launcher starts a program.
# shellcheck disable=SC2119 # no words are passed on
. "$(dirname "$0")/sway-lib.sh"
[ -x "$BUILD/sbin/spine-switcher" ] || { echo '1..0 # SKIP spine-switcher is not built here'; exit 0; }
sway_begin
cp "$BUILD/sbin/spine-switcher" "$BUILD/sbin/spine-icon" "$T/bin/"
# The stand-in for podman runs programs in this root: what a persona has there of its own, and the CLI that bay0 mounts.
mount -t tmpfs local "$R/usr/local"
mkdir -p "$R"/usr/local/{bin,share/applications}
cp "$BUILD/sbin/spine" "$R/usr/local/bin/spine"
printf '[Desktop Entry]\nType=Application\nName=Mine\nExec=touch %s/started "%s/two words"\n' "$T" "$T" >"$R/usr/local/share/applications/mine.desktop"
printf '[Desktop Entry]\nType=Application\nName=Mine too\nExec=touch %s/not $(x)\n' "$T" >"$R/usr/local/share/applications/bad.desktop"
bay0_start
within 60 service_is sway up
within 60 service_is switcher up
plug_keyboard
PERSONA_OPTIONS=(--background run)
two_terminals

pastes() { [ "$(in_persona "$1" wl-paste -n 2>/dev/null </dev/null || true)" = "$2" ]; }
# keys KEYS...: pressed, and a keyboard plugged in again
keys() { key_press "$@" && plug_keyboard; }
carried() { cat "$T"/persist/audit/* 2>/dev/null | jq -rs "[.[] | select(.kind == \"carry\")] | $1"; }
# copied: presses the key and waits until it is done; a switch right behind it may take the clipboard away first, which is said.
copied() {
    local before
    before=$(grep -c 'clipboard: Copied from' "$T/bay0.err" || true)
    keys logo shift c
    within 10 copied_more "$before"
}
copied_more() { [ "$(grep -c 'clipboard: Copied from' "$T/bay0.err" || true)" -gt "$1" ]; }
carried_are() { [ "$(carried length)" = "$1" ]; }

spine focus a >/dev/null
in_persona a wl-copy 'from a' </dev/null >/dev/null 2>&1
runs 'a has what it copied' within 10 pastes a 'from a'
runs 'the copy key takes it' copied
spine focus b >/dev/null
runs 'b has nothing' within 10 pastes b ''
keys logo shift v
runs 'the carry is in the ledger' within 10 carried_are 1
runs 'b has it' within 10 pastes b 'from a'
claim 'as the ledger says' "$([ "$(carried '.[0] | [.from, .to, .type, .bytes, .sha256] | join(" ")')" = \
    "a b text/plain;charset=utf-8 6 $(printf 'from a' | sha256sum | cut -d' ' -f1)" ] && echo 0 || echo 1)" "$(carried .)"
spine focus a >/dev/null
runs 'the next switch takes it away' within 10 pastes a ''

# The key right behind the switch, by sway's own road, which bay0 only follows
in_persona a wl-copy 'again' </dev/null >/dev/null 2>&1
within 10 pastes a again
copied
missed=''
for n in 1 2 3 4 5; do
    sway_do 'workspace b'
    key_press logo shift v
    within 10 front_is b
    within 10 carried_are $((n + 1)) || missed+=" $n:not-carried"
    plug_keyboard
    within 10 pastes b again || missed+=" $n:not-pasted"
    spine focus a >/dev/null
    in_persona a wl-copy 'again' </dev/null >/dev/null 2>&1
    within 10 pastes a again || missed+=" $n:not-copied-in-a"
    copied || missed+=" $n:not-taken"
done
claim 'five times: the key right behind a switch carries, and the clearing does not take it' "$(wc -w <<<"$missed")" "missed:$missed"

# The launcher: it takes what is typed as soon as it is open, and Return when it has a list.
spine focus a >/dev/null
chosen() {
    [ -e "$T/started" ] || { in_root wtype -k Return && [ -e "$T/started" ]; }
}
key_press logo d
in_root wtype mine
runs 'the launcher starts what was chosen by its name' within 30 chosen
runs 'with its words as they are' within 10 test -e "$T/two words"
in_root wtype -k Escape
end
