#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: the registry is lost: it is built again from the copies of the declarations and from the labels of the containers.
. "$(dirname "$0")/lib.sh"
begin
bay0_start --podman-timeout 20000
db=$T/persist/personas.db copies=$T/persist/home/.declared

cid() { cat "$T/pod/persona-$1/id"; }
range() { jq .range "$copies/$1.json"; }
declared() { spine --json ps | jq -cS '[(.result // .).personas[] | .declaration]'; }
ids() { spine --json ps | jq -r '[(.result // .).personas[].id] | join(" ")'; }
# again HOW...: bay0 is killed, HOW is done to the files, and it is started again.
again() {
    bay0_stop KILL 2>/dev/null || true
    "$@"
    bay0_start --podman-timeout 20000
}
garbage() { rm -f "$db"-*; head -c 8192 /dev/urandom >"$db"; }
broken() { find "$T/persist" -maxdepth 1 -name 'personas.db.broken-?' | wc -l; }
home_sum() { find "$T/persist/home" -name keep | sort | xargs cat | cksum; }

for p in work idle gone; do spine persona add "$p" localhost/img --memory 300M --network none >/dev/null 2>&1; done
spine persona add fresh localhost/img --cpus 1.5 --autostart -- sleep 1000 >/dev/null 2>&1
spine persona start work >/dev/null 2>&1
spine persona start idle >/dev/null 2>&1
spine persona stop idle >/dev/null 2>&1
for p in work idle gone fresh; do echo "$p was here" >"$T/persist/home/$p/keep"; done
spine persona rm gone >/dev/null 2>&1
runs 'each persona has a copy of its declaration' [ "$(find "$copies" -type f -printf '%f\n' | sort | xargs)" = 'fresh.json idle.json work.json' ]
before=$(declared) work=$(cid work) idle=$(cid idle) pid=$(row work .pid) work_range=$(range work) fresh_range=$(range fresh)
homes=$(home_sum)

same() { # WHAT
    runs "$1: all are there, as they were declared" [ "$(declared)" = "$before" ]
    runs "$1: nobody has lost its container" [ "$(cid work) $(cid idle)" = "$work $idle" ]
    runs "$1: nor its range of ids" [ "$(range work) $(range fresh)" = "$work_range $fresh_range" ]
    runs "$1: homes are untouched" [ "$(home_sum)" = "$homes" ]
}

again garbage
runs 'a broken registry is moved aside' [ "$(broken)" = 1 ]
same 'garbage in its place'
runs 'who ran runs on' is work '[.state, .pid] | @csv' "\"running\",$pid"
runs 'who was stopped is stopped' state_is idle stopped
runs 'autostart is kept' within 20 state_is fresh running
runs 'who was stopped starts from the same container' spine persona start idle
runs 'that one' [ "$(cid idle)" = "$idle" ]
runs 'stop' spine persona stop idle
runs 'the one that was removed is not back' [ -z "$(row gone .id)" ]
spine persona add newer localhost/img >/dev/null 2>&1
runs 'a new one has a range that nobody has had' [ "$(range newer)" -ge 2048 ]
spine persona rm newer >/dev/null 2>&1
again true
same 'and after the next start'

again rm -f "$db" "$db-wal"
same 'no file'
again eval 'rm -f "$db"*; mkdir "$db"'
runs 'a directory in its place is moved aside' [ -d "$db.broken-1" ]
same 'a directory'
rm -r "$db".broken-*

# Without the copies: by the labels of the containers. Who has none is not known any more; its home stays.
spine persona stop fresh >/dev/null 2>&1
spine persona rm fresh >/dev/null 2>&1
before=$(declared) fresh_range=$work_range
range() { jq .range "$copies/${1/fresh/work}.json"; }
spine persona add homeless localhost/img >/dev/null 2>&1
again eval 'garbage; rm -r "$copies"'
runs 'without copies: who has no container is forgotten' [ "$(ids)" = 'idle work' ]
same 'by the labels'
runs 'who ran runs on' is work '[.state, .pid] | @csv' "\"running\",$pid"
again eval 'garbage; echo nonsense >"$copies/work.json"'
same 'a copy that is none'
spine persona stop work >/dev/null 2>&1
spine persona start work >/dev/null 2>&1
runs 'and starts from its container' [ "$(cid work)" = "$work" ]

# A label that is not understood: the container stays, whoever made it.
strange() {
    garbage
    rm -r "$copies"
    sed -i 's/org.alpinespine.spec={/org.alpinespine.spec={"newer":1,/' "$T/pod/persona-idle/args"
}
again strange
runs 'a label that is not understood: the others are there' [ "$(ids)" = work ]
runs 'and its container stays' [ "$(cid idle)" = "$idle" ]
runs 'the log says so' grep -q 'the container of idle stays as it is' "$T/bay0.err"
again true
runs 'at the next start too' [ "$(cid idle)" = "$idle" ]
sed -i 's/org.alpinespine.spec={"newer":1,/org.alpinespine.spec={/' "$T/pod/persona-idle/args"
again true
runs 'until it is understood' [ "$(ids)" = 'idle work' ]
same 'then'

# podman cannot say whose it is: asked again, nothing is touched meanwhile.
fault container-inspect "fail 125 'Error: database is locked'"
again eval 'garbage; rm -r "$copies"'
runs 'podman inspect fails: the containers stay' [ "$(cid work) $(cid idle)" = "$work $idle" ]
fault container-inspect
again true
same 'at the next start'

# What a tenant was told is kept.
tenant=$(spine --json service status | jq -r '[(.result // .).services[] | select(.kind == "tenant")][0].name')
runs 'a tenant is told to stop' spine service stop "$tenant"
wanted() { spine --json service status | jq -r --arg n "$tenant" '(.result // .).services[] | select(.name == $n) | .state'; }
bay0_stop TERM || true
NATIVE_TENANTS=yes bay0_start --podman-timeout 20000
sleep 1
runs 'and is not started at the next start' [ "$(wanted)" = down ]
touch "$T/image/docker.io_ollama_ollama"
runs 'a tenant is told to start' spine service start "$tenant"
bay0_stop TERM || true
NATIVE_TENANTS=yes bay0_start --podman-timeout 20000
runs 'and is started at the next start' within 20 eval '[ "$(wanted)" = up ]'
rc=0
bay0_stop TERM || rc=$?
claim 'SIGTERM ends bay0 with status 0' "$rc"
end
