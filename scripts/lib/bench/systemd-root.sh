# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The image that bay0's boot is compared with: the Spine's own root with systemd as PID 1, logind and D-Bus added, and units that start the same
# compositor, sound and containers. Only the bench makes it. Run as: bash scripts/lib/bench/systemd-root.sh IMAGE OUT
set -euo pipefail
TOP=$(cd "$(dirname "$0")/../../.." && pwd)
. "$TOP/scripts/lib/common.sh"
. "$TOP/scripts/lib/debian.sh"
image=$(cd "$1" && pwd) out=$2
here=$TOP/scripts/lib/bench/systemd
need_root

make_larder() { debian_root essential forky "$1/root" systemd systemd-sysv dbus libpam-systemd udev mount; }

# What Debian's systemd would start here and the Spine has no counterpart of: left out, in systemd's favour.
MASKED=(getty.target systemd-ask-password-wall.path systemd-ask-password-console.path systemd-firstboot.service systemd-hwdb-update.service
    systemd-journal-catalog-update.service systemd-machine-id-commit.service systemd-random-seed.service systemd-sysusers.service systemd-update-done.service
    systemd-binfmt.service proc-sys-fs-binfmt_misc.automount sys-fs-fuse-connections.mount sys-kernel-config.mount ldconfig.service
    systemd-creds.socket systemd-factory-reset.socket systemd-hostnamed.socket systemd-journalctl.socket systemd-mute-console.socket systemd-sysext.socket
    systemd-sysinstall.socket systemd-ask-password.socket systemd-tmpfiles-clean.timer systemd-hibernate-clear.service imports.target)

make_root() { # DIR LARDER SQUASH
    local dir=$1 larder=$2 tree=$1/tree unit
    unsquashfs -quiet -no-progress -dest "$tree" "$3" >/dev/null
    python3 "$TOP/scripts/lib/pick.py" "$larder/root" "$TOP/scripts/images/bench-systemd.list" "$dir/picked"
    find "$dir/picked" -maxdepth 1 -type l -delete
    cp -a --remove-destination "$dir/picked/." "$tree/"
    ln -sfn ../lib/systemd/systemd "$tree/usr/sbin/init"
    echo 'messagebus:x:905:905:bus:/run/dbus:/bin/false' >>"$tree/etc/passwd"
    echo 'messagebus:x:905:' >>"$tree/etc/group"
    echo 'messagebus:!:::::::' >>"$tree/etc/shadow"
    install -D -m 0644 "$here/fstab" "$tree/etc/fstab"
    install -D -m 0644 "$here/card.rules" "$tree/usr/lib/udev/rules.d/99-bench-card.rules"
    install -D -m 0644 "$here/session.pam" "$tree/etc/pam.d/session"
    install -D -m 0755 "$here/persona" "$tree/usr/lib/bench/persona"
    mkdir -p "$tree/etc/systemd/system/multi-user.target.wants"
    for unit in "${MASKED[@]}"; do ln -s /dev/null "$tree/etc/systemd/system/$unit"; done
    ln -s /usr/lib/systemd/system/multi-user.target "$tree/etc/systemd/system/default.target"
    install -m 0644 "$here"/*.{service,target,path} "$tree/etc/systemd/system/"
    for unit in sway.service sway-up.path pipewire.service wireplumber.service firewall.service; do
        ln -s "../$unit" "$tree/etc/systemd/system/multi-user.target.wants/$unit"
    done
    mksquashfs "$tree" "$dir/root.squashfs" -quiet -no-progress -noappend -all-root -comp zstd -Xcompression-level 3 -b 256K -no-xattrs
    rm -rf "$tree" "$dir/picked"
}

stage bench-systemd-larder "$(key "$(declare -f debian_root make_larder)")" make_larder
larder=$STAGE
stage bench-systemd "$(key "$larder" "$image/root.squashfs" "$TOP/scripts/images/bench-systemd.list" "$0" "$here"/*)" make_root "$larder" "$image/root.squashfs"
mkdir -p "$out"
give "$STAGE/root.squashfs" "$out/root.squashfs"
for f in vmlinuz initramfs.img store.erofs; do give "$image/$f" "$out/$f"; done
