#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: with real keys and real personas: what is copied in one reaches the next by two deliberate keys and by no other way; the launcher
# lists and starts the programs of the one in front.
# shellcheck disable=SC2016 # words in single quotes are for the shell in the guest
set -euo pipefail
. "$(dirname "$0")/lib.sh"
paste() { in_persona "$1" timeout 20 wl-paste --no-newline "${@:2}" 2>&1 || true; }
pastes() { [ "$(paste "$1")" = "$2" ]; }
# carried FILTER: of the records of carries in the ledger
carried() { spine_sh 'cat /persist/audit/*' | jq -rs "[.[] | select(.kind == \"carry\")] | $1"; }
windows_are() { [ "$(windows "$1" | wc -l)" -eq "$2" ]; }
# copy N: presses the key and waits until it is said to be done for the N-th time
copy() { vm key meta_l-shift-c && wait_until 30 copied "$1"; }
copied() { [ "$(vm log | grep -c 'clipboard: Copied from')" -ge "$1" ] || [ "$(in_spine spine logs -n 1000 | grep -c 'clipboard: Copied from')" -ge "$1" ]; }
shot() { vm screenshot "$OUT/46-$1.png"; }
icon=/usr/share/icons/hicolor/48x48/apps/foot.png

vm_up clip
persona_up a localhost/persona-trixie
persona_up b localhost/persona-trixie
ok "a and b have a window each" eval 'wait_until 120 has_window a && wait_until 120 has_window b'
ok "the switcher is up" wait_until 60 service_is switcher state up
ok "a is in front" in_spine spine focus a

# Text
in_persona a sh -c 'printf "gr\303\274\303\237e from a" | wl-copy' </dev/null
ok "a has what it copied" wait_until 30 pastes a 'grüße from a'
ok "the copy key takes it" copy 1
shot copied
in_spine spine focus b
is "b has nothing of it" "$(paste b)" 'Nothing is copied'
vm key meta_l-shift-v
ok "after the paste key b has exactly it" wait_until 30 pastes b 'grüße from a'
shot carried
is "the ledger says what, from where and where to" "$(carried '.[0] | [.from, .to, .type, .bytes, .sha256] | join(" ")')" \
    "a b text/plain;charset=utf-8 14 $(printf 'gr\303\274\303\237e from a' | sha256sum | cut -d' ' -f1)"
none "and not the thing itself" "$(spine_sh 'grep -rl "from a" /persist/audit /persist/log 2>/dev/null' || true)"
in_spine spine focus a
is "the next switch takes it away again" "$(paste a)" 'Nothing is copied'

# A picture
sum=$(in_persona a sha256sum "$icon" | cut -d' ' -f1)
in_persona a sh -c 'wl-copy --type image/png <"$0"' "$icon" </dev/null
ok "a has the picture" wait_until 30 eval '[ "$(in_persona a timeout 20 sh -c "wl-paste --type image/png | sha256sum" | cut -d" " -f1)" = "$sum" ]'
ok "the copy key takes it" copy 2
in_spine spine focus b
vm key meta_l-shift-v
ok "b has exactly the picture" wait_until 30 eval '[ "$(in_persona b timeout 20 sh -c "wl-paste --type image/png | sha256sum" | cut -d" " -f1)" = "$sum" ]'
is "as the ledger says" "$(carried '.[1] | [.from, .to, .type, .sha256] | join(" ")')" "a b image/png $sum"

# An owner that is frozen: nobody hangs, and nothing is carried.
in_persona b sh -c 'echo word-of-b | wl-copy --foreground & sleep 1; kill -STOP $!' </dev/null
vm key meta_l-shift-c
began=$SECONDS
in_spine spine focus a
ok "a frozen owner holds up no switch" test $((SECONDS - began)) -lt 20
vm key meta_l-shift-v
is "and a gets nothing" "$(paste a)" 'Nothing is copied'
is "nor does the ledger" "$(carried length)" 2

# The launcher
in_persona a sh -c 'mkdir -p ~/.local/share/applications && cd ~/.local/share/applications && printf "[Desktop Entry]\nType=Application\nName=Mine\nExec=foot --title=mine\nIcon=/etc/passwd\n" >mine.desktop &&
    printf "[Desktop Entry]\nType=Application\nName=Evil\nExec=foot \$(reboot)\n" >evil.desktop && ln -s /dev/zero zero.desktop && head -c 3000 /dev/urandom >noise.desktop'
list=$(in_persona a spine apps)
like "a's programs" "$list" '^Mine +foot --title=mine$'
unlike "without what is not one" "$list" 'Evil|zero|noise'
vm key meta_l-d
sleep 8
shot launcher
vm type mine
vm key ret
ok "what is chosen starts in a" wait_until 60 windows_are a 2
is "as its own" "$(windows a | jq -r 'select(.title == "mine" or .name == "mine" or (.name | endswith("mine"))) | .workspace')" a
shot started
finish
