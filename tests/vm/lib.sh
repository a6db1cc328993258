# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# TAP and a VM for the tests in tests/vm. Sourced; goes to the top of the tree. A test names its VM with vm_up and ends with `finish`.
#
#   set -euo pipefail
#   . "$(dirname "$0")/lib.sh"
#   vm_up boot                      # scripts/vm --name t-boot up --fresh; down again at exit
#   is "PID 1 is bay0" "$(in_spine cat /proc/1/comm)" bay0
#   finish

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit
# shellcheck disable=SC2034 # pictures and logs of tests go here
OUT=$PWD/build/vm-tests
mkdir -p "$OUT"
tap_n=0 tap_bad=0 vm_name='' tap_finished=''

# ok NAME CMD...: a test that holds if CMD ends with 0; what it printed is shown otherwise.
ok() {
    local name=$1 said
    shift
    if said=$("$@" 2>&1); then pass "$name"; else fail "$name" "$(printf '$ %s\n%s' "$*" "$said")"; fi
}

# fails NAME CMD...: a test that holds if CMD ends with anything but 0.
fails() {
    local name=$1 said
    shift
    if said=$("$@" 2>&1); then fail "$name" "$(printf '$ %s\nended well:\n%s' "$*" "$said")"; else pass "$name"; fi
}

# is NAME GOT WANT
is() {
    if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "$(printf 'got  <%s>\nwant <%s>' "$2" "$3")"; fi
}

# like NAME TEXT REGEX (extended); unlike: the other way round.
like() {
    if grep -qE -- "$3" <<<"$2"; then pass "$1"; else fail "$1" "$(printf 'no match for: %s\n%s' "$3" "$2")"; fi
}
unlike() {
    local hits
    if hits=$(grep -E -- "$3" <<<"$2"); then fail "$1" "$hits"; else pass "$1"; fi
}

# none NAME TEXT: a test that holds if TEXT, the list of what is wrong, is empty.
none() { if [ -z "$2" ]; then pass "$1"; else fail "$1" "$2"; fi; }

pass() { tap_n=$((tap_n + 1)); printf 'ok %d - %s\n' "$tap_n" "$1"; }
fail() {
    tap_n=$((tap_n + 1)) tap_bad=$((tap_bad + 1))
    printf 'not ok %d - %s\n' "$tap_n" "$1"
    [ -z "${2:-}" ] || printf '%s\n' "$2" | head -n 40 | sed 's/^/# /'
}
skip() { tap_n=$((tap_n + 1)); printf 'ok %d - %s # SKIP %s\n' "$tap_n" "$1" "$2"; }
note() { printf '# %s\n' "$*"; }

finish() {
    vm_down
    tap_finished=yes
    printf '1..%d\n' "$tap_n"
    [ "$tap_bad" -eq 0 ]
}

vm() { scripts/vm --name "$vm_name" "$@"; }

# vm_up NAME [OPTION...]: a fresh VM called t-NAME; the options are those of `scripts/vm up`. One VM of a test at a time.
vm_up() {
    vm_name=t-$1
    shift
    trap vm_leave EXIT
    trap 'exit 130' INT TERM
    vm down >/dev/null 2>&1 || true
    vm up --fresh "$@" >"$OUT/$vm_name.up" 2>&1 && return 0
    sed 's/^/# /' "$OUT/$vm_name.up"
    printf 'Bail out! %s did not come up\n' "$vm_name"
    exit 1
}

# Takes the VM down; that it does not end by itself is a failure. Its console stays in $OUT.
vm_down() {
    local said
    [ -n "$vm_name" ] || return 0
    said=$(vm down 2>&1) || fail "$vm_name powers off by itself" "$said"
    vm_keep
    vm_name=
}

vm_keep() { vm log >"$OUT/$vm_name.console" 2>/dev/null || true; }

# Whatever happens, no VM is left running. A test that ended early says what bay0 saw last, and whether the machine died under it.
vm_leave() {
    [ -n "$vm_name" ] || return 0
    if [ -z "$tap_finished" ]; then
        echo '# ended early; the last of bay0:'
        { in_spine spine logs 2>&1 | tail -n 15 | sed 's/^/# /'; } || true
        echo '# of the console (each `spine: ready` is a boot):'
        { vm log | grep -aE 'Oops|panic|BUG:|int3|stall|hung task|reboot|spine: ready' | tail -n 10 | cut -c -200 | sed 's/^/# /'; } || true
    fi
    vm_keep
    vm cut >/dev/null 2>&1 || true
}

# in_spine CMD...: as root in the Spine; output and exit status pass through.
in_spine() { vm exec --timeout "${VM_EXEC_TIMEOUT:-120}" -- "$@"; }

# program NAME PATH: builds tests/vm/NAME.c and puts it at PATH in the guest, which has no compiler and maybe another libc.
program() {
    gcc -std=c11 -D_GNU_SOURCE -O1 -Wall -Wextra -Werror -static -o "$OUT/$1" "tests/vm/$1.c"
    vm push "$OUT/$1" "$2"
}

# spine_sh TEXT [ARG...]: a shell script in the Spine.
spine_sh() { in_spine sh -c "$1" sh "${@:2}"; }

# In the Spine: prints `KiB fds` of PID 1. Fds of commands under way come and go: the least of a second counts.
# shellcheck disable=SC2016,SC2034 # for the shell in the Spine; used by tests
PID1_SIZE='n=999; for i in 1 2 3 4 5; do f=$(ls /proc/1/fd | wc -l); [ "$f" -lt "$n" ] && n=$f; sleep 0.2; done
    echo "$(sed -n "s/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p" /proc/1/status) $n"'

# in_persona ID CMD...
in_persona() { in_spine spine run "$1" -- "${@:2}"; }

# wait_until SECONDS CMD...: until CMD ends with 0; status 1 when the time is over.
wait_until() {
    local until=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$until" ] || return 1
        sleep 0.2
    done
}

# ps_field ID FIELD, and whether it has a value: ps_is ID FIELD VALUE
ps_field() { in_spine spine ps --json | jq -r --arg id "$1" --arg f "$2" '.personas[] | select(.id == $id) | .[$f]'; }
ps_is() { [ "$(ps_field "$1" "$2")" = "$3" ]; }

# service_field NAME FIELD, and whether it has a value
service_field() { in_spine spine service status --json | jq -r --arg n "$1" --arg f "$2" '.services[] | select(.name == $n) | .[$f]'; }
service_is() { [ "$(service_field "$1" "$2")" = "$3" ]; }

# persona_up ID IMAGE [OPTION...] [-- CMD...]: added and started
persona_up() { in_spine spine persona add "$@" 2>/dev/null && in_spine spine persona start "$1" 2>/dev/null; }

# What sway shows, as JSON; `windows ID` are the windows of one persona, an object a line.
sway_tree() { in_spine env SWAYSOCK=/run/spine/ui/sway.sock swaymsg -r -t get_tree; }
sway_do() { in_spine env SWAYSOCK=/run/spine/ui/sway.sock swaymsg -q -- "$1"; }
windows() {
    sway_tree | jq -c --arg id "$1" '.. | objects | select(.type? == "workspace") as $w | $w | .. | objects
        | select(.sandbox_instance_id? == $id) | {workspace: $w.name, name, title: .window_properties.title, focused, visible, rect, deco_rect,
            fullscreen: .fullscreen_mode, engine: .sandbox_engine, app: .sandbox_app_id, app_id}'
}
has_window() { [ -n "$(windows "$1")" ]; }
