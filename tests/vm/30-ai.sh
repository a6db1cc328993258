#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: one ai-core for all personas through a Unix socket, and no persona notices more than a wait when it dies.
# shellcheck disable=SC2016 # words in single quotes are for the shell in the guest
set -euo pipefail
. "$(dirname "$0")/lib.sh"

socket=/run/spine/ai/ollama.sock
ai_up() { service_is ai-core up true; }
# The one process called NAME that runs in ai-core's container.
pid_in_tenant() {
    spine_sh 'for p in $(cat /sys/fs/cgroup/spine/tenants/ai-core/libpod-*/cgroup.procs); do
        [ "$(cat /proc/$p/comm)" != "$1" ] || echo $p; done' "$1"
}
# ask ID [TOKENS]: the text of an answer. It waits once and does not try again: that is bay0's part.
ask() {
    in_persona "$1" curl -sS --max-time 100 --unix-socket /run/ai.sock -H 'Content-Type: application/json' \
        -d '{"model":"tiny","max_tokens":'"${2:-8}"',"messages":[{"role":"user","content":"hello"}]}' http://localhost/v1/chat/completions |
        jq -e '.choices[0].message | (.content != null) and (.role == "assistant")'
}
started() { ps_field "$1" pid; }
inode() { in_spine stat -c '%i' "$socket"; }

vm_up ai
persona_up work localhost/persona-trixie --background run
persona_up web localhost/persona-bookworm --background run
persona_up none localhost/persona-busybox --no-ai
ok "ai-core comes up" wait_until 180 ai_up
is "the status has the agreed form" "$(in_spine spine service status ai-core --json |
    jq -c '[.services[] | [.name, .up, .socket, .socket_exists, .restarts]]')" '[["ai-core",true,"/run/spine/ai/ollama.sock",true,0]]'

llama=$(pid_in_tenant llama-server)
like "one llama-server runs" "$llama" '^[0-9]+$'
is "and nowhere else" "$(in_spine pidof llama-server)" "$llama"
ok "work gets an answer" ask work
ok "web gets an answer" ask web
is "both from the same process" "$(pid_in_tenant llama-server)" "$llama"
both() {
    ask work 32 &
    local one=$!
    ask web 32 && wait "$one"
}
ok "two that ask at once are both answered" both
is "/run/ai.sock of each is a socket of its own, which bay0 has made" "$(for p in work web; do in_persona "$p" stat -c %i /run/ai.sock; done)" \
    "$(in_spine stat -c %i /run/spine/persona/work/ai.sock /run/spine/persona/web/ai.sock)"
# What happens at the socket of one that has no curl.
knock() { in_persona "$1" sh -c 'printf "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" | timeout 60 /home/persona/rawsock /run/ai.sock 2>&1' || true; }
program rawsock /persist/home/none/rawsock
like "one that declined it is refused at its socket" "$(knock none)" 'refused'
none "the grant is given while it runs" "$(in_spine spine persona set none --ai)"
like "and it is answered at the same socket" "$(knock none)" '200 OK'
ask work 400 >"$OUT/cut.log" 2>&1 &
cut=$!
sleep 1
none "it is taken from another one while that waits for an answer" "$(in_spine spine persona set work --no-ai)"
fails "which does not come" wait "$cut"
fails "and it is refused from then on" ask work
ok "others are answered" ask web
like "given again it is there at the next start, and that is said" "$(in_spine spine persona set work --ai)" 'started again'
fails "not before" ask work
in_spine spine persona stop work >/dev/null
ok "work starts again" in_spine spine persona start work
ok "and is answered" ask work

open=$(in_spine nsenter -t "$llama" -n ss -Hlntu)
like "in the tenant llama-server listens on loopback" "$open" '127\.0\.0\.1:11434'
unlike "and nothing listens elsewhere" "$open" ' (0\.0\.0\.0|\*|\[::\]):[0-9]+ +'
is "the tenant has no network but loopback" "$(in_spine nsenter -t "$llama" -n ip -o link | awk '{ print $2 }')" lo:
none "on the Spine no port is open" "$(in_spine ss -Hlntu)"
tenant_mounts=$(in_spine cat "/proc/$llama/mountinfo")
unlike "the tenant sees no screen, no sound and no persona" "$tenant_mounts" 'wayland|pipewire|persona'
like "its root is read-only" "$tenant_mounts" ' / / ro'
like "it has no capability" "$(in_spine grep CapEff "/proc/$llama/status")" '0{16}$'
like "its processes are nobody on the Spine" "$(in_spine stat -c %u "/proc/$llama")" '^53687[0-9]{4}$'

kept=$(inode)
work=$(started work) web=$(started web)
# killed NAME KILL...: a question is under way in work, KILL is done, then web asks and must be answered.
killed() {
    local name=$1 first before
    shift
    before=$(service_field ai-core restarts)
    ask work 64 >"$OUT/first.log" 2>&1 &
    first=$!
    sleep 0.5
    "$@"
    ok "$name is killed: the question that comes then is answered" ask web
    wait "$first" || true
    ok "$name: ai-core counts a restart" test "$(service_field ai-core restarts)" -gt "$before"
    ok "$name: ai-core is up again" wait_until 60 ai_up
    is "$name: the socket is the same" "$(inode)" "$kept"
}
kill_tenant() { in_spine kill -9 "$(pid_in_tenant "$1")"; }
kill_container() { spine_sh 'for d in /sys/fs/cgroup/spine/tenants/ai-core/libpod-*; do echo 1 >"$d/cgroup.kill"; done'; }
killed llama-server kill_tenant llama-server
killed spine-relay kill_tenant spine-relay
killed "the container" kill_container
is "no persona was touched" "$(started work) $(started web)" "$work $web"
ok "work is answered too" ask work

ok "ai-core stops when told to" in_spine spine service stop ai-core
is "then it is down and its socket stays" "$(in_spine spine service status ai-core --json | jq -c '.services[] | [.up, .socket_exists]')" '[false,true]'
none "nothing of it runs on" "$(in_spine pidof llama-server spine-relay || true)"
ask work >"$OUT/waiting.log" 2>&1 &
waiting=$!
ok "it starts when told to" in_spine spine service start ai-core
wait "$waiting" || true
is "who asked in between is answered" "$(<"$OUT/waiting.log")" true
is "through the same socket" "$(inode)" "$kept"
fails "a service that does not exist is refused" in_spine spine service start no-such-service
finish
