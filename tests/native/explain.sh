#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: `spine persona explain` says what a persona has and why, and what is otherwise in the one that runs.
. "$(dirname "$0")/lib.sh"
begin
bay0_start --podman-timeout 20000
# explained ID: its words, and its exit status behind them
explained() {
    local rc=0
    spine persona explain "$1" 2>&1 || rc=$?
    echo "status $rc"
}
says() { grep -qF -- "$2" <<<"$1"; }

spine persona add work localhost/img --memory 256M >/dev/null 2>&1
spine persona add box localhost/img --profile sealed >/dev/null 2>&1
out=$(explained work)
runs 'one that is stopped is explained' says "$out" 'status 0'
runs 'and compared with nothing' says "$out" 'nothing was compared'
runs 'a mount has its source and its reason' says "$out" "$T/persist/home/work rw,idmap,exec,nosuid,nodev"
runs 'a limit its value' says "$out" 268435456
runs 'a capability its reason' says "$out" 'rpm and dpkg give files capabilities'
refused no-such-persona persona explain nobody

spine persona start work >/dev/null 2>&1
spine persona start box >/dev/null 2>&1
out=$(explained work)
runs 'one that runs is as declared' says "$out" 'What runs is as declared.'
runs 'and that is a success' says "$out" 'status 0'
runs 'one without a network as well' says "$(explained box)" 'What runs is as declared.'
runs 'a script gets all of it' [ "$(spine --json persona explain work | jq -c '(.result // .) | [.id, .state, .compared, (.drift | length), (.rows | length > 40)]')" = '["work","running",true,0,true]' ]
row_is() { [ "$(spine --json persona explain work | jq -r --arg w "$1" '(.result // .).rows[] | select(.what == $w) | .is')" = "$2" ]; }
runs 'a grant that it has not' row_is lan 'not given'
spine persona set work --lan >/dev/null
runs 'and one that it has now' row_is lan given
out=$(explained work)
runs 'but its firewall is still that of its start' says "$out" 'differs: firewall:'
runs 'which is a difference' says "$out" 'status 1'
spine persona set work --no-lan >/dev/null

fault container-inspect 'do_inspect | sed "s/\"Privileged\":false/\"Privileged\":true/; s/\"PidMode\":\"private\"/\"PidMode\":\"host\"/"; exit 0'
out=$(explained work)
runs 'a container that is privileged is told' says "$out" 'HostConfig.Privileged is true, asked for false'
runs 'with all else that differs' says "$out" 'HostConfig.PidMode is "host", asked for private'
fault container-inspect "fail 125 'Error: inspecting object: database is locked'"
runs 'podman that fails is told' says "$(explained work)" 'podman cannot inspect it'
fault container-inspect
fault nft-list 'exit 1'
runs 'nft that fails is told' says "$(explained work)" 'differs: firewall: it cannot be read'
fault nft-list
fault container-inspect 'once; sleep 2; do_inspect; exit 0'
"$BUILD/sbin/spine" persona explain work >"$T/late" 2>&1 &
late=$!
within 10 gone "$T/fault/container-inspect"
spine persona stop work >/dev/null 2>&1
rc=0
wait "$late" || rc=$?
claim 'one that ends meanwhile is told as such' "$((rc == 1 ? 0 : 1))" "$(tail -n 1 "$T/late")"
runs 'in words' grep -q 'it ended while it was looked at' "$T/late"
runs 'and then there is nothing to compare' says "$(explained work)" 'nothing was compared'
from_inside() { echo '{"id":1,"cmd":"persona.explain","args":{"id":"work"}}' | timeout 60 "$BUILD/tests/native/ask" "$T/run/persona/box/bay0.sock"; }
runs 'a persona may not ask' [ "$(from_inside | jq -r .error.code)" = not-allowed ]
rc=0
bay0_stop TERM || rc=$?
claim 'SIGTERM ends bay0 with status 0' "$rc"
end
