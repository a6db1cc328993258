#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: what boots is the Spine: bay0, a closed and read-only root, a guarded /persist, services without rights; and the shipped image.
# shellcheck disable=SC2016 # words in single quotes are for the shell in the guest
set -euo pipefail
. "$(dirname "$0")/lib.sh"

squash=build/image/root.squashfs
image_list() { unsquashfs -lln "$squash" | awk '$1 ~ /^[-dlcbps]/'; }
list=$(image_list)
none "the image holds no setuid or setgid file" "$(awk 'substr($1, 4, 1) ~ /[sS]/ || substr($1, 7, 1) ~ /[sS]/' <<<"$list")"
none "the image holds no getty, login, ssh, package manager, compiler or interpreter of programs" "$(grep -E \
    '/(s?bin)/(.*getty|login|sulogin|su|sudo|doas|passwd|sshd?|dropbear|telnetd?|apt.*|dpkg.*|apk|rpm|dnf|pacman|gcc.*|cc|c99|clang.*|ld|as|tcc|make|perl.*|python.*|lua.*|gdb|strace)( -> .*)?$' \
    <<<"$list" || true)"
none "no applet of busybox opens a session or a service" "$(grep -E \
    '/(s?bin)/(init|linuxrc|inetd|httpd|ftpd|tftpd|nc|adduser|addgroup|chpasswd|cttyhack|wget|dpkg|rpm)( -> .*busybox)$' <<<"$list" || true)"
none "the image names no guest agent" "$(grep -iE 'qemu-ga|guest-agent|/mnt/.' <<<"$list" || true)"
size=$(stat -L -c %s "$squash")
note "root.squashfs has $((size / 1048576)) MiB"
ok "root.squashfs has at most 250 MB" test "$size" -le 250000000
for f in containers/{containers.conf,storage.conf,policy.json,registries.conf,seccomp-desktop.json,seccomp-strict.json} sway.conf; do
    grep -q " squashfs-root/usr/share/spine/$f\$" <<<"$list" || echo "$f"
done >"$OUT/missing"
none "the configuration lies in /usr/share/spine" "$(<"$OUT/missing")"

vm_up boot
is "PID 1 is bay0" "$(in_spine readlink /proc/1/exe)" /usr/lib/spine/bay0
mounts=$(in_spine cat /proc/mounts)
mount_of() { awk -v at="$1" '$2 == at { got = $3 " " $4 } END { print got }' <<<"$mounts"; }
like "/ is squashfs, read-only" "$(mount_of /)" '^squashfs ro,'
fails "nothing can be written to /etc" spine_sh 'echo x >/etc/probe'
fails "/ cannot be made writable" spine_sh 'mount -o remount,rw / && touch /probe'
for flag in nodev nosuid noexec; do like "/persist is $flag" ",$(mount_of /persist)," ",$flag,"; done
like "/persist is ext4" "$(mount_of /persist)" '^ext4 '
like "/run is tmpfs, nosuid and nodev" "$(mount_of /run)" '^tmpfs .*nosuid,nodev'
like "/tmp is tmpfs and noexec" "$(mount_of /tmp)" '^tmpfs .*noexec'
like "the image store is read-only" "$(mount_of /usr/share/spine/images)" '^erofs ro,'
fails "a program on /persist does not run" spine_sh 'cp /usr/bin/busybox /persist/tmp/true && /persist/tmp/true'

ok "all checks of the doctor hold within three minutes" wait_until 180 in_spine spine doctor --quick
doctor=$(in_spine spine doctor --json 2>/dev/null)
none "the doctor has no failed check in JSON either" "$(jq -r '.checks[] | select(.ok | not) | .name' <<<"$doctor")"
services=$(in_spine spine service status --json)
none "every service is up" "$(jq -r '.services[] | select(.up | not) | .name + " " + .state' <<<"$services")"
is "all that should be there is there" "$(jq -r '[.services[].name] | sort | join(" ")' <<<"$services")" \
    "ai-core coldplug-devices coldplug-settle coldplug-subsystems firewall modules pipewire seatd sway switcher udevd wireplumber"
# Waiting for udev has a limit of its own, which a busy machine may pass: it is tried again then.
none "none was restarted" "$(jq -r '.services[] | select(.restarts != 0 and .name != "coldplug-settle") | .name' <<<"$services")"

owners=$(spine_sh 'for d in /sys/fs/cgroup/spine/ui/*/; do for p in $(cat "$d/cgroup.procs"); do
    echo "$(basename "$d") $(cat /proc/$p/comm) $(stat -c %U /proc/$p) $(grep ^CapEff: /proc/$p/status | cut -f2)"; done; done')
is "each service runs alone in its cgroup, as its own user" "$(sort <<<"$owners" | awk '{ print $1, $2, $3 }')" "$(printf '%s\n' \
    'pipewire pipewire spine-audio' 'seatd seatd root' 'sway sway spine-ui' 'switcher spine-switcher spine-ui' 'udevd udevd root' 'wireplumber wireplumber spine-audio')"
none "the unprivileged ones have no capability" "$(awk '$3 != "root" && $4 !~ /^0+$/' <<<"$owners")"
is "bay0 has a cgroup of its own" "$(in_spine cat /proc/1/cgroup)" 0::/spine/bay0
none "no TCP or UDP port is open on the Spine" "$(in_spine ss -Hlntu)"
is "only root and the group spine reach the control socket" "$(in_spine stat -c '%a %U %G' /run/spine/bay0.sock)" "660 root spine"
is "the folders of compositor and sound are closed" "$(in_spine stat -c '%a %U' /run/spine/ui /run/spine/audio)" $'700 spine-ui\n700 spine-audio'
unlike "nobody but root can be logged in as, and there is no password" "$(in_spine cat /etc/passwd)" '^(spine|nobody).*/(ba)?sh$'
none "no process waits for a login" "$(in_spine ps -o args | grep -E 'getty|login' || true)"
none "the kernel finds no fault in a file system" "$(in_spine dmesg | grep -iE 'EXT4-fs (error|warning)' || true)"

seed=$(in_spine sha256sum /persist/seed)
is "the seed is bay0's alone" "$(in_spine stat -c '%a %s' /persist/seed)" "600 512"
spine_sh 'echo left >/run/left-behind; echo kept >/persist/tmp/../kept'
ok "it reboots by bay0" vm reboot
unlike "the seed was written anew" "$(in_spine sha256sum /persist/seed)" "${seed%% *}"
fails "/run starts empty" in_spine test -e /run/left-behind
is "/persist stays" "$(in_spine cat /persist/kept)" kept
qa=$(xargs -0 <"/proc/$(cat "$(vm dir)/pid")/cmdline")
qa_initrd=$(vm dir)/initrd.img
cmp -n "$(stat -L -c %s build/image/initramfs.img)" "$qa_initrd" build/image/initramfs.img >"$OUT/cmp" 2>&1 || true
none "the QA variant's initramfs begins with the shipped one" "$(<"$OUT/cmp")"
tail -c "$(stat -L -c %s build/image/qa.img)" "$qa_initrd" | cmp - build/image/qa.img >"$OUT/cmp" 2>&1 || true
none "and ends with the archive of the agent" "$(<"$OUT/cmp")"
ok "and has nothing between them but padding" test $(($(stat -c %s "$qa_initrd") - $(stat -L -c %s build/image/initramfs.img) - $(stat -L -c %s build/image/qa.img))) -lt 4
vm_down

vm_up boot --shipped
like "the shipped image says that it is ready" "$(vm log | tr -d '\r')" '^spine: ready$'
ok "its initramfs is the shipped one, byte by byte" cmp "$(vm dir)/initrd.img" build/image/initramfs.img
is "the machine is the same otherwise" "$(xargs -0 <"/proc/$(cat "$(vm dir)/pid")/cmdline")" "$qa"
fails "there is no guest agent in it" timeout 60 scripts/vm --name "$vm_name" exec --timeout 10 -- true
vm_down
finish
