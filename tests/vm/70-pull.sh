#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: images from a real registry, on loopback of this machine, and from files: progress, and each way in which a pull can fail.
# After each failure nothing is left, and the same add works.
# Programs for the guest's shell stand in single quotes.
# shellcheck disable=SC2016
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib-refused.sh"

address=192.168.76.100:5000 # where scripts/vm shows the registry to the guest
work=$(mktemp -d /tmp/spine-pull.XXXXXX)
registry='' gate=''

leave() {
    vm_leave
    [ -z "$gate" ] || kill "$gate" 2>/dev/null || true
    [ -z "$registry" ] || kill "$registry" 2>/dev/null || true
    rm -rf "$work"
}
trap leave EXIT

registry_up() {
    docker-registry serve "$work/registry.yml" >>"$OUT/registry.log" 2>&1 &
    registry=$!
    wait_until 20 curl -sf "http://127.0.0.1:$port/v2/" || { echo 'Bail out! the registry does not start'; exit 1; }
}
registry_down() {
    kill "$registry"
    wait "$registry" 2>/dev/null || true
    registry=
}
gate_says() { echo "$*" >"$work/gate"; }

# Images: a static busybox, and the same with a layer that takes a while.
image() { # NAME BYTES
    local root=$work/root a
    mkdir -p "$root"/{bin,etc,dev,proc,sys,run,tmp,root,home,usr/local/bin}
    cp "$(command -v busybox)" "$root/bin/busybox"
    for a in sh sleep true cat test; do ln -sf busybox "$root/bin/$a"; done
    echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
    head -c "$2" /dev/urandom >"$root/load"
    tar -C "$root" --numeric-owner -cf "$work/$1.tar" .
    store import --quiet --change 'CMD ["/bin/sh","-c","trap \"exit 0\" TERM; while :; do sleep 3600 & wait $!; done"]' \
        --change 'ENV PATH=/bin' "$work/$1.tar" "localhost/$1:1"
}
store() { podman --root "$work/graph" --runroot "$work/run" --tmpdir "$work/tmp" --storage-driver vfs --log-level=error "$@"; }
publish() { store push --quiet --tls-verify=false "localhost/$1:1" "127.0.0.1:$port/test/$2:1"; }

: >"$OUT/registry.log"
mkdir -p "$work"/{blobs,run,tmp}
port=$(python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$work/registry.yml" <<Y
version: 0.1
log: {level: warn, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $work/blobs}}
http: {addr: "127.0.0.1:$port"}
Y
registry_up
gate_says pass
python3 tests/vm/gate.py "$port" "$work/gate" >"$work/gate.port" &
gate=$!
wait_until 20 test -s "$work/gate.port"
{
    image tiny 1000
    image big 8000000
    publish tiny tiny
    publish big big
    image hurt 3000000
    publish hurt hurt
    store save --quiet --format oci-archive -o "$work/box.tar" localhost/tiny:1
    store save --quiet --format docker-dir -o "$work/box" localhost/tiny:1
} >"$OUT/images.log" 2>&1 || { sed 's/^/# /' "$OUT/images.log"; echo 'Bail out! the images cannot be made'; exit 1; }

vm_up pull --registry "$(cat "$work/gate.port")"
trap leave EXIT
refused_ready

# The uplink, by DHCP
ok "the uplink has an address" wait_until 120 in_spine sh -c 'ip -4 addr show dev eth0 | grep -q "inet 192\.168\.76\."'
ok "and the file for names" wait_until 20 in_spine test -e /run/spine/net/resolv.conf
ok "/etc/resolv.conf is that file" in_spine test /etc/resolv.conf -ef /run/spine/net/resolv.conf
is "udhcpc does not run as root" "$(spine_sh 'for p in /proc/[0-9]*; do
    tr "\0" " " <$p/cmdline | grep -q "^busybox udhcpc" && sed -n "s/^Uid:\t\([0-9]*\).*/\1/p" $p/status; done' 2>/dev/null)" 903
ok "sway is up meanwhile" wait_until 120 service_is sway up true

# The shipped configuration wants TLS. It is for this VM alone that the test's registry needs none.
spine_json() { refused "$1" "$2" "$3" spine "${@:4}" --json; }
refused_base
spine_json "a registry without TLS" pull-failed . persona add one "$address/test/tiny:1"
spine_sh 'cp /usr/share/spine/containers/registries.conf /run/registries.conf
    printf "[[registry]]\nlocation = \"%s\"\ninsecure = true\n" "$1" >>/run/registries.conf
    mount --bind /run/registries.conf /usr/share/spine/containers/registries.conf' "$address"

# What works
said=$(raw '{"id":7,"cmd":"persona.add","args":{"id":"one","image":"'"$address"'/test/tiny:1","network":"none"}}')
like "progress says what is pulled" "$said" "\"progress\":.*\"detail\":\"Trying to pull $address/test/tiny:1"
is "each line of progress has the id of the request" "$(jq -c .id <<<"$said" | sort -u)" 7
is "its steps, in order" "$(jq -r '.progress.step // empty' <<<"$said" | uniq | paste -sd' ')" 'image resolve copy config store home sync register'
is "then the answer" "$(tail -n 1 <<<"$said" | jq -c '[.ok, .result.state]')" '[true,"stopped"]'
ok "the persona starts" in_spine spine persona start one
ok "and runs its programs" in_persona one test -s /load
said=$(in_spine spine persona add --network none two "$address/test/tiny:1" 2>&1)
unlike "an image that is there is not pulled again" "$said" 'Trying to pull'
in_spine spine persona rm two --json >/dev/null 2>&1

# What does not
refused_base
spine_json "an image that is not there" no-such-image 'check the name' persona add new "$address/test/nothing:1"
spine_json "a tag that is not there" no-such-image 'check the name' persona add new "$address/test/tiny:7"
spine_json "a registry that is not there" pull-failed 'address|network' persona add new 192.168.76.99:5000/test/tiny:1
spine_json "a registry whose name is not known" pull-failed . persona add new registry.invalid/test/tiny:1

gate_says cut 2000000
spine_json "a transfer that breaks off" pull-failed 'try again' persona add new "$address/test/big:1"
gate_says cut 0
spine_json "a registry that hangs up" pull-failed . persona add new "$address/test/big:1"
gate_says pass

# The registry dies in the middle of a transfer
gate_says stall 2000000
in_spine spine persona add new "$address/test/big:1" --json >"$work/said" 2>/dev/null &
adding=$!
ok "a transfer is under way" wait_until 60 spine_sh 'du -s /persist/tmp | { read -r n rest; [ "$n" -gt 1000 ]; }'
registry_down
gate_says cut 0 # what is on its way in the gate and in QEMU does not come either
status=0
wait "$adding" || status=$?
answered "the registry dies during a transfer" pull-failed . "$(tail -n 1 "$work/said")" "$status"
unchanged "the registry dies during a transfer" "$(in_spine "$REFUSED/state")"
spine_json "a registry that is down" pull-failed . persona add new "$address/test/big:1"
registry_up
gate_says pass

# A blob that is cut short on the registry's own disk
blob=$(find "$work/blobs" -name data -size +2000k -size -5000k | head -n 1)
cp "$blob" "$work/blob"
truncate -s 1000000 "$blob"
spine_json "a blob that is too short" pull-failed 'try again' persona add new "$address/test/hurt:1"
cp "$work/blob" "$blob"
printf X | dd of="$blob" bs=1 seek=1000000 conv=notrunc 2>/dev/null
spine_json "a blob with another content" pull-failed 'try again' persona add new "$address/test/hurt:1"
cp "$work/blob" "$blob"
ok "the same add works when the blob is whole" in_spine spine persona add new "$address/test/hurt:1"
in_spine spine persona rm new --wipe new >/dev/null 2>&1

# Ctrl-C
gate_says stall 2000000
refused_base
spine_sh '{ until [ "$(du -s /persist/tmp | cut -f1)" -gt 1000 ]; do sleep 0.1; done; kill -INT $(pidof spine); } &
    spine persona add new "$1" >/run/refused/add 2>&1; echo "status $?" >>/run/refused/add' "$address/test/big:1" || true
like "Ctrl-C ends spine" "$(in_spine cat /run/refused/add)" 'status (130|1)$'
ok "and the pull" wait_until 20 spine_sh '! pidof podman'
wait_until 20 spine_sh '! spine persona list | grep -q "^new "' || true
unchanged "Ctrl-C" "$(in_spine "$REFUSED/state")"
gate_says pass

# A line that breaks now and then
gate_says break 3000000
ok "a transfer that breaks off is taken up again where it was" in_spine spine persona add new "$address/test/big:1"
gate_says pass
is "the image is whole" "$(in_spine "$REFUSED/podman" image inspect --format '{{.Digest}}' "$address/test/big:1")" \
    "$(skopeo inspect --tls-verify=false --format '{{.Digest}}' "docker://127.0.0.1:$port/test/big:1")"
in_spine spine persona rm new --wipe new >/dev/null 2>&1
in_spine "$REFUSED/podman" rmi "$address/test/big:1" >/dev/null

# A full disk
spine_sh 'cd /persist; dd if=/dev/zero of=room bs=1M count=4
    /mnt/qa/bin/busybox fallocate -l $(($(stat -f -c %a .) * 4000)) fill
    dd if=/dev/zero of=fill2 bs=1M; rm room; true' 2>/dev/null
refused_base
spine_json "a disk that fills up during the pull" disk-full 'free space' persona add new "$address/test/big:1"
in_spine rm /persist/fill /persist/fill2
ok "the same add works when there is room" in_spine spine persona add new "$address/test/big:1" --network none
ok "and the persona starts" in_spine spine persona start new

# Files
in_spine mkdir -p /persist/transfer/box
vm push "$work/box.tar" /persist/transfer/box.tar
for f in "$work"/box/*; do vm push "$f" "/persist/transfer/box/${f##*/}"; done
for kind in oci-archive:/persist/transfer/box.tar dir:/persist/transfer/box; do
    id=${kind%%:*}
    ok "$id: is added" in_spine spine persona add "$id" "$kind" --network none
    ok "$id: starts" in_spine spine persona start "$id"
    ok "$id: runs its programs" in_persona "$id" test -s /load
done
in_spine dd if=/dev/zero of=/persist/transfer/junk.tar bs=1k count=20
in_spine dd if=/persist/transfer/box.tar of=/persist/transfer/half.tar bs=1k count=300
refused_base
spine_json "a file that is no image" no-such-image . persona add junk oci-archive:/persist/transfer/junk.tar
spine_json "half an archive" pull-failed 'try again' persona add half oci-archive:/persist/transfer/half.tar

unlike "bay0 found no fault in itself" "$(in_spine spine logs -n 10000)" 'internal'
finish
