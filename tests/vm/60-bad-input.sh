#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: bad input and broken parts. Each gets a clear error with a code and a hint, exit status 1, and changes nothing.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib-refused.sh"

box=localhost/persona-busybox
spine_json() { # NAME CODE HINT WORDS...: spine with these words is refused
    refused "$1" "$2" "$3" spine "${@:4}" --json
}

vm_up bad
refused_ready
wait_until 240 service_is sway up true || fail "sway is up"
{
    persona_up front "$box" --network none
    persona_up back "$box" --network none
    in_spine spine persona add idle "$box" --network none
} >"$OUT/bad.start" 2>&1
in_spine spine focus front >/dev/null
wait_until 60 ps_is back frozen true || fail "the background one is frozen"
refused_base
containers=$(refused_containers)

# Ids
for verb in 'persona start' 'persona stop' 'persona rm' focus logs; do
    read -ra words <<<"$verb"
    spine_json "$verb of an unknown id" no-such-persona 'spine persona list' "${words[@]}" nobody
done
refused "run in an unknown id" no-such-persona 'spine persona list' spine run --json nobody -- true
spine_json "add of the id ../etc" bad-id 'lower case letter' persona add ../etc "$box"
spine_json "start of the id '../etc'" bad-id 'lower case letter' persona start ../etc
spine_json "wipe of the id '../home'" bad-id 'lower case letter' persona rm ../home --wipe ../home
spine_json "a service that does not exist" no-such-service 'spine service status' service start nothing

# What is there already, and what is not so
spine_json "add of an id that is there" persona-exists 'spine persona rm' persona add front "$box"
spine_json "start of what runs" already-running . persona start front
spine_json "start of what is frozen" already-running . persona start back
spine_json "rm of what runs" already-running 'spine persona stop' persona rm front
spine_json "rm of what is frozen, with its home" already-running 'spine persona stop' persona rm back --wipe back
spine_json "focus of what is stopped" not-running 'spine persona start' focus idle
spine_json "stop of what is stopped" not-running 'spine persona start' persona stop idle
refused "run in what is stopped" not-running 'spine persona start' spine run --json idle -- true
spine_json "wipe with another id" confirm-mismatch 'repeat' persona rm idle --wipe front

# Values
spine_json "an image's name that is none" bad-value . persona add new 'No Such Image'
spine_json "a colour that is none" bad-value . persona add new "$box" --colour red
spine_json "too little memory" bad-value . persona add new "$box" --memory 1
spine_json "a network that is none" bad-value . persona add new "$box" --network wifi

# Images
spine_json "an image that is not there" no-such-image 'full names' persona add new localhost/nothing
spine_json "a short name that is not there" no-such-image 'full names' persona add new nothing
spine_json "an archive that is not there" no-such-image 'no such file' persona add new oci-archive:/persist/transfer/nothing.tar
spine_json "a folder that is not there" no-such-image 'no such image folder' persona add new dir:/persist/transfer/nothing
spine_json "a registry without a network" pull-failed 'network' persona add new 192.0.2.1:5000/nothing

# Lines that spine would not send
table=$(
    cat <<'L'
broken JSON|bad-request|spine-protocol|{"id":1,"cmd":"persona.start","args":{"id":"idle"
no JSON at all|bad-request|spine-protocol|GET / HTTP/1.1
a list|bad-request|spine-protocol|["persona.start","idle"]
no command|bad-request|spine-protocol|{"id":1}
a command that is not there|unknown-command|spine help|{"id":1,"cmd":"persona.destroy","args":{"id":"idle"}}
an unknown field of the request|unknown-field|spine-protocol|{"id":1,"cmd":"persona.start","args":{"id":"idle"},"user":"root"}
an unknown field of the command|unknown-field|spine-protocol|{"id":1,"cmd":"persona.start","args":{"id":"idle","force":true}}
an unknown field of add|unknown-field|spine-protocol|{"id":1,"cmd":"persona.add","args":{"id":"new","image":"localhost/persona-busybox","privileged":true}}
a key twice|bad-request|spine-protocol|{"id":1,"cmd":"persona.start","args":{"id":"idle","id":"front"}}
an id of the wrong type|bad-id|lower case|{"id":1,"cmd":"persona.start","args":{"id":7}}
deep nesting|bad-request|spine-protocol|[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[
the id ..|bad-id|lower case letter|{"id":1,"cmd":"persona.add","args":{"id":"..","image":"localhost/persona-busybox"}}
the id ../../etc|bad-id|lower case letter|{"id":1,"cmd":"persona.add","args":{"id":"../../etc","image":"localhost/persona-busybox"}}
the id work/../x|bad-id|lower case letter|{"id":1,"cmd":"persona.add","args":{"id":"work/../x","image":"localhost/persona-busybox"}}
the id Work|bad-id|lower case letter|{"id":1,"cmd":"persona.add","args":{"id":"Work","image":"localhost/persona-busybox"}}
the id WORK|bad-id|lower case letter|{"id":1,"cmd":"persona.add","args":{"id":"WORK","image":"localhost/persona-busybox"}}
the id wörk|bad-id|lower case letter|{"id":1,"cmd":"persona.add","args":{"id":"wörk","image":"localhost/persona-busybox"}}
the id 1st|bad-id|lower case letter|{"id":1,"cmd":"persona.add","args":{"id":"1st","image":"localhost/persona-busybox"}}
the id a b|bad-id|lower case letter|{"id":1,"cmd":"persona.add","args":{"id":"a b","image":"localhost/persona-busybox"}}
the id a.b|bad-id|lower case letter|{"id":1,"cmd":"persona.add","args":{"id":"a.b","image":"localhost/persona-busybox"}}
the id |bad-id|lower case letter|{"id":1,"cmd":"persona.add","args":{"id":"","image":"localhost/persona-busybox"}}
the id -a|bad-id|lower case letter|{"id":1,"cmd":"persona.add","args":{"id":"-a","image":"localhost/persona-busybox"}}
the id of 32 letters|bad-id|lower case letter|{"id":1,"cmd":"persona.add","args":{"id":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","image":"localhost/persona-busybox"}}
L
)
said=$(raw "$(cut -d'|' -f4- <<<"$table")") || true
n=0
while IFS='|' read -r name code hint _; do
    n=$((n + 1))
    answer=$(sed -n "${n}p" <<<"$said")
    answered "$name" "$code" "$hint" "$answer" "$(jq 'if .ok == false then 1 else 0 end' <<<"$answer" 2>/dev/null)"
done <<<"$table"
is "one answer for each line" "$(wc -l <<<"$said")" "$n"
said=$(spine_sh '{ head -c 70000 /dev/zero | tr "\0" x; echo; } | /run/refused/rawsock /run/spine/bay0.sock') || true
answered "a line over 64 KiB" too-long 65536 "$said" "$(jq 'if .ok == false then 1 else 0 end' <<<"$said" 2>/dev/null)"
said=$(raw '{"id":'$'\n''{"id":5,"cmd":"hello"}') || true
is "the line after a broken one is answered" "$(tail -n 1 <<<"$said" | jq -c '[.id, .ok]')" '[5,true]'
unchanged "raw lines" "$(in_spine "$REFUSED/state")"
is "podman knows of no change either" "$(refused_containers)" "$containers"

# An add under way: the pull has nowhere to go and tries three times.
said=$(raw '{"id":1,"cmd":"persona.add","args":{"id":"slow","image":"192.0.2.1:5000/x"}}
{"id":2,"cmd":"persona.add","args":{"id":"slow","image":"localhost/persona-busybox"}}
{"id":3,"cmd":"persona.start","args":{"id":"slow"}}
{"id":4,"cmd":"persona.rm","args":{"id":"slow"}}' | jq -c 'select(has("ok"))') || true
is "while an id is being added, nothing else is done with it" "$(jq -sc 'map([.id, .error.code])' <<<"$said")" \
    '[[2,"busy"],[3,"busy"],[4,"busy"],[1,"pull-failed"]]'
unchanged "add while add" "$(in_spine "$REFUSED/state")"

# Podman is missing
in_spine touch "$REFUSED/nothing"
in_spine mount --bind "$REFUSED/nothing" /usr/bin/podman
spine_json "add without podman" podman-missing 'Spine image is incomplete' persona add new "$box"
spine_json "start without podman" podman-missing 'Spine image is incomplete' persona start idle
spine_json "rm without podman" podman-missing 'Spine image is incomplete' persona rm idle
like "doctor says that podman is missing" "$(in_spine spine doctor --quick || true)" '^FAIL +podman'
ok "a running persona can be stopped without podman" in_spine spine persona stop front
is "nothing of it runs on" "$(in_spine sh -c 'cat /sys/fs/cgroup/spine/personas/front/cgroup.procs 2>/dev/null' || true)" ''
in_spine umount /usr/bin/podman
ok "it starts again when podman is back" in_spine spine persona start front
in_spine spine focus front >/dev/null
wait_until 60 ps_is back frozen true || fail "back freezes again"
refused_base

# Sway is dead, and what comes in its place hangs: one that ends at once would be given up before the test is through.
printf '#!/bin/sh\nwhile :; do sleep 1; done\n' >"$OUT/stuck" && chmod +x "$OUT/stuck" && vm push "$OUT/stuck" "$REFUSED/stuck"
in_spine mount --bind "$REFUSED/stuck" /usr/bin/sway
in_spine killall -9 sway
ok "sway is dead" wait_until 60 service_is sway up false
spine_json "focus without sway" sway-failed 'spine doctor' focus back
like "doctor says that the compositor does not answer" "$(in_spine spine doctor --quick || true)" '^FAIL +compositor answers'
ok "a persona starts without sway" in_spine spine persona start idle
ok "and stops" in_spine spine persona stop idle
in_spine umount -l /usr/bin/sway # the stand-in still runs from it
in_spine killall -9 sway || true
ok "sway comes back" wait_until 120 service_is sway up true
ok "focus works when sway is back" wait_until 60 in_spine spine focus back
ok "front freezes" wait_until 60 ps_is front frozen true
in_spine spine focus front >/dev/null
ok "back freezes" wait_until 60 ps_is back frozen true

# ai-core is dead
in_spine spine service stop ai-core >/dev/null
like "doctor says that ai-core is down" "$(in_spine spine doctor --quick || true)" '^FAIL +ai-core'
refused_base
in_spine mount --bind "$REFUSED/nothing" /usr/bin/podman
spine_json "start of ai-core without podman" podman-missing 'Spine image is incomplete' service start ai-core
in_spine umount /usr/bin/podman
ok "a persona is there without ai-core" in_persona front true
is "its socket stays" "$(service_field ai-core socket_exists)" true
ok "ai-core starts again" in_spine spine service start ai-core

# A persona fills its home: the Spine keeps the last blocks for itself.
# shellcheck disable=SC2016
in_persona front sh -c 'for i in 1 2 3 4 5 6; do fallocate -l $(($(stat -f -c %a .) * 3686)) "fill$i"; done; cat /dev/zero >rest' >/dev/null 2>&1 || true
fails "the persona's disk is full" in_persona front sh -c 'head -c 10000000 /dev/zero >more'
ok "another one is added all the same" in_spine spine persona add new "$box" --network none
refused_base
spine_json "a start needs room of the persona's own" disk-full 'free space' persona start new
ok "what is not needed can be removed" in_spine spine persona rm new --wipe new

# The last block is gone
spine_sh 'cd /persist; dd if=/dev/zero of=fill bs=1M; dd if=/dev/zero of=fill2 bs=4k; dd if=/dev/zero of=fill3 bs=512; true' 2>/dev/null
refused_base
spine_json "add on a full disk" disk-full 'free space' persona add new "$box"
spine_json "start on a full disk" disk-full 'free space' persona start idle
like "doctor says that the disk is full" "$(in_spine spine doctor --quick || true)" '^FAIL +disk space'
ok "focus works on a full disk" in_spine spine focus back
ok "what runs can be stopped on a full disk" in_spine spine persona stop front
spine_sh 'rm /persist/fill* /persist/home/front/fill* /persist/home/front/rest' # a start needs room of the persona's own
ok "the same start works when there is room" in_spine spine persona start front
ok "the same add works when there is room" in_spine spine persona add new "$box" --network none
ok "and rm" in_spine spine persona rm new --wipe new

# The 65th. A stand-in for podman that knows every image: what counts here is bay0's own table.
printf '#!/bin/sh\nexit 0\n' >"$OUT/yes" && chmod +x "$OUT/yes" && vm push "$OUT/yes" "$REFUSED/yes"
in_spine mount --bind "$REFUSED/yes" /usr/bin/podman
have=$(in_spine spine persona list --json | jq '.personas | length')
lines=$(for ((i = have; i < 64; i++)); do printf '{"id":%d,"cmd":"persona.add","args":{"id":"n%d","image":"%s"}}\n' "$i" "$i" "$box"; done)
is "64 personas can be declared" "$(raw "$lines" | jq -c 'select(.ok)' | wc -l)" $((64 - have))
refused_base
spine_json "the 65th persona" limit-reached 'spine persona rm' persona add last "$box"
lines=$(for ((i = have; i < 64; i++)); do printf '{"id":%d,"cmd":"persona.rm","args":{"id":"n%d","wipe":"n%d"}}\n' "$i" "$i" "$i"; done)
is "they can be removed again" "$(raw "$lines" | jq -c 'select(.ok)' | wc -l)" $((64 - have))
in_spine umount /usr/bin/podman

unlike "bay0 found no fault in itself" "$(in_spine spine logs -n 10000)" 'internal'
finish
