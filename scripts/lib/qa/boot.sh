# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Starts bay0 as an ordinary process on the disk in the second drive, as it would be started after a power cut, and looks; after guest.sh.
# Everything that a boot begins anew is new: /run, /dev/shm, control groups, and their names are the usual ones, since containers know them.
# Run in a control group of its own as: unshare -m -C sh -c ... sh DEVICE SECONDS

umount -l /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup && mkdir /sys/fs/cgroup/sh && echo 0 >/sys/fs/cgroup/sh/cgroup.procs || exit 1
for c in $(cat /sys/fs/cgroup/cgroup.controllers); do echo "+$c" >/sys/fs/cgroup/cgroup.subtree_control; done
mount -t tmpfs run /run && mount -t tmpfs shm /dev/shm && mkdir -p /run/spine || exit 1
umount -l /persist/containers/overlay /persist 2>/dev/null
e2fsck -p "$1" >/run/e2fsck 2>&1
[ $? -le 1 ] || { echo "left e2fsck: $(tr '\n' ' ' </run/e2fsck)"; exit 0; }
mount -t ext4 -o nodev,nosuid,noexec,noatime,errors=remount-ro "$1" /persist || { echo "left the disk cannot be mounted"; exit 0; }
groups=/sys/fs/cgroup/spine
/usr/lib/spine/bay0 --no-ui --no-tenants </dev/null >/dev/null 2>/run/bay0.err &
bay0=$!
i=0
until grep -q '^spine: ready' /run/bay0.err; do
    [ "$i" -lt $(($2 * 10)) ] || break
    i=$((i + 1))
    sleep 0.1
done
settle "$2"
look
sed 's/^/log /' /run/bay0.err
kill -9 "$bay0"
echo 1 >"$groups/cgroup.kill"
i=0
while grep -q 'populated 1' "$groups/cgroup.events" && [ "$i" -lt 100 ]; do i=$((i + 1)) && sleep 0.1; done
find "$groups" -depth -type d -exec rmdir {} +
cd /
grep ' /persist' /proc/mounts | cut -d' ' -f2 | sort -r | while read -r at; do umount "$at" || umount -l "$at"; done
