# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Turns picked files into the Spine's root: fixed users, mount points, links, kernel modules. Sourced by scripts/image.

# busybox applets that get a name of their own; login, getty, su, telnetd, httpd and their like get none.
APPLETS='[ ash awk base64 basename blockdev cat chgrp chmod chown chroot clear cmp cp cut date dd df diff dirname dmesg du echo
    egrep env expr false fgrep find free grep gunzip gzip head hexdump hostname id ifconfig ionice ip kill killall less ln ls
    lsmod md5sum mkdir mkfifo mknod mktemp more mount mv nice nohup nproc od pidof ping printenv printf ps pwd readlink
    realpath renice rm rmdir route sed seq setsid sh sha256sum shuf sleep sort stat stty sync sysctl tac tail tar tee test
    time timeout top touch tr true truncate tty udhcpc umount uname uniq uptime usleep vi wc which who whoami xargs yes zcat'

# Modules of hardware that a Spine has no use for; drivers that personas never see.
MODULES_DROP='drivers/media drivers/infiniband drivers/staging drivers/comedi drivers/isdn drivers/iio drivers/target
    drivers/scsi/lpfc drivers/scsi/qla2xxx drivers/scsi/qla4xxx drivers/scsi/bfa drivers/scsi/mpi3mr drivers/net/ethernet/mellanox
    drivers/net/ethernet/chelsio drivers/net/ethernet/qlogic drivers/net/wan drivers/net/hamradio net/can drivers/net/can
    net/sctp net/rds net/tipc net/ax25 net/rose net/netrom net/decnet net/atm drivers/atm fs/ocfs2 fs/gfs2 fs/ceph fs/orangefs'

furnish_modules() { # ROOT KERNEL
    local dir version d
    mkdir -p "$1/lib/modules"
    cp -al "$2"/modules/* "$1/lib/modules/"
    for dir in "$1"/lib/modules/*; do
        version=${dir##*/}
        rm -f "$dir/build" "$dir/source"
        for d in $MODULES_DROP; do rm -rf "${dir:?}/kernel/$d"; done
        depmod -b "$1" "$version" 2>/dev/null
    done
}

# The groups that the base's udev rules speak of keep their numbers; ours are fixed (docs/contracts.md).
furnish_users() { # ROOT LARDER
    local root=$1 larder=$2 row name id
    awk -F: -v OFS=: '$1 ~ /^(root|tty|disk|kmem|lp|dialout|cdrom|floppy|tape|audio|video|input|render|kvm|sgx|clock|utmp|users|nogroup|nobody)$/ \
        { $2 = "x"; $4 = ""; print }' "$larder/etc/group" >"$root/etc/group"
    for row in spine:900 spine-ui:901 spine-audio:902 spine-net:903 seat:904; do
        name=${row%:*} id=${row#*:}
        ! cut -d: -f3 "$root/etc/group" | grep -qx "$id" || { echo "furnish: group number $id is taken" >&2; return 1; }
        printf '%s:x:%s:\n' "$name" "$id" >>"$root/etc/group"
    done
    id=910
    for name in video input render audio; do
        # A base whose udev rules do not speak of one of these has no such group.
        grep -q "^$name:" "$root/etc/group" || printf '%s:x:%s:\n' "$name" "$id" >>"$root/etc/group"
        id=$((id + 1))
    done
    sed -i -E -e 's/^((video|input|render|seat):.*)$/\1spine-ui/' -e 's/^(audio:.*)$/\1spine-audio/' "$root/etc/group"
    {
        echo root:x:0:0:root:/root:/bin/sh
        echo spine-ui:x:901:901:compositor:/run/spine/ui:/bin/false
        echo spine-audio:x:902:902:sound:/run/spine/audio:/bin/false
        echo spine-net:x:903:903:uplink:/run/spine/net:/bin/false
        echo nobody:x:65534:65534:nobody:/:/bin/false
    } >"$root/etc/passwd"
    awk -F: '{ print $1 ":!:::::::" }' "$root/etc/passwd" >"$root/etc/shadow"
    chmod 0600 "$root/etc/shadow"
}

furnish_files() { # ROOT
    local root=$1 d
    for d in dev proc sys run tmp mnt persist root etc var/lib var/log var/cache usr/share/spine/images usr/lib/spine usr/sbin \
        usr/bin; do
        mkdir -p "$root/$d"
    done
    # Without a store drive podman must still find an image store here, an empty one.
    mkdir -p "$root"/usr/share/spine/images/{overlay,overlay-images,overlay-layers}
    touch "$root"/usr/share/spine/images/{overlay-images/images.lock,overlay-layers/layers.lock}
    for d in sbin bin; do
        [ -e "$root/$d" ] || ln -s "usr/$d" "$root/$d"
    done
    chmod 1777 "$root/tmp"
    chmod 0700 "$root/root"
    ln -sfn /run "$root/var/run"
    ln -sfn /tmp "$root/var/tmp"
    ln -sfn /proc/self/mounts "$root/etc/mtab"
    ln -sfn /run/spine/net/resolv.conf "$root/etc/resolv.conf"
    : >"$root/etc/machine-id"
    echo spine >"$root/etc/hostname"
    printf '127.0.0.1\tlocalhost spine\n::1\tlocalhost\n' >"$root/etc/hosts"
    ln -sfn /usr/lib/spine/bay0 "$root/sbin/init"
    if [ ! -L "$root/usr/libexec/podman/catatonit" ] && [ ! -e "$root/usr/libexec/podman/catatonit" ]; then
        mkdir -p "$root/usr/libexec/podman"
        ln -s /usr/bin/catatonit "$root/usr/libexec/podman/catatonit"
    fi
    # systemd's udev and its like are one program that becomes the daemon when called by this name.
    [ -e "$root/usr/sbin/udevd" ] || [ -e "$root/sbin/udevd" ] ||
        ln -s "$(cd "$root" && find usr/bin usr/sbin -name udevadm -printf '/%p\n' | head -1)" "$root/usr/sbin/udevd"
}

furnish_applets() { # ROOT
    local root=$1 a busybox
    busybox=/$(cd "$root" && find usr/bin usr/sbin bin sbin -name busybox -print 2>/dev/null | head -1)
    for a in $APPLETS; do
        [ -e "$root/usr/bin/$a" ] || [ -e "$root/usr/sbin/$a" ] || [ -L "$root/usr/bin/$a" ] || ln -s "$busybox" "$root/usr/bin/$a"
    done
    [ -e "$root/bin/sh" ] || [ -L "$root/bin/sh" ] || ln -s "$busybox" "$root/bin/sh"
}

# What must not be in the shipped root; a list that names too much is found here and not by an attacker.
furnish_check() { # ROOT
    local bad
    bad=$(cd "$1" && find . \( -type f -perm /6000 \) -o \( -path './usr/*bin/*' -o -path './bin/*' -o -path './sbin/*' \) \
        \( -name '*getty' -o -name login -o -name su -o -name sudo -o -name 'ssh*' -o -name 'apt*' -o -name 'dpkg*' -o -name apk \
        -o -name passwd -o -name gcc -o -name cc -o -name ld -o -name as -o -name 'perl*' -o -name 'python*' -o -name qemu-ga \) -print)
    [ -z "$bad" ] || { printf 'furnish: must not be in the image:\n%s\n' "$bad" >&2; return 1; }
}
