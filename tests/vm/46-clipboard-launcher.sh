#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: with real keys: what is copied in one persona reaches the next by two deliberate keys and no other way; the launcher lists and
# starts the programs of the one in front.
# shellcheck disable=SC2016 # words in single quotes are for the shell in the guest
set -euo pipefail
. "$(dirname "$0")/lib.sh"
front_is() { [ "$(in_spine spine ps --json | jq -r '.personas[] | select(.focus) | .id')" = "$1" ]; }
paste() { in_persona "$1" timeout 20 wl-paste --no-newline "${@:2}" 2>&1 || true; }
pastes() { [ "$(paste "$1")" = "$2" ]; }
ledger() { spine_sh 'cat /persist/audit/*' | jq -c 'select(.event == "clipboard-carried" or .what == "clipboard.carried" or .cmd == "clipboard.carried")' 2>/dev/null; }

vm_up clip
persona_up a localhost/persona-trixie
persona_up b localhost/persona-trixie
ok "a and b have a window each" eval 'wait_until 120 has_window a && wait_until 120 has_window b'
ok "the switcher is up" wait_until 60 service_is switcher state up
ok "a is in front" in_spine spine focus a

in_persona a sh -c 'printf "gr\303\274\303\237e from a" | wl-copy' </dev/null
ok "a has what it copied" wait_until 30 pastes a 'grüße from a'
vm key meta_l-shift-c
in_spine spine focus b
is "b has nothing of it" "$(paste b)" 'Nothing is copied'
vm key meta_l-shift-v
ok "after the paste key b has exactly it" wait_until 30 pastes b 'grüße from a'
finish
