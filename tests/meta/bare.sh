#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: on a bare Debian 12 with git and nothing else, scripts/setup installs all that `make` and `make tests` need.
# The root lies in the cache by the day; the packages that setup fetches are kept there too (cache/debs), so that only what
# is new is fetched again. Mounts are made in a namespace of their own and end with it, whatever happens.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. scripts/lib/common.sh

if [ "$(id -u)" -ne 0 ] || ! unshare --mount true 2>/dev/null; then
    printf 'ok 1 - bare Debian 12 # SKIP this machine: no root or no mount namespaces\n1..1\n'
    exit 0
fi

# Inside the namespace: /dev and /proc of this machine, the store of packages, then CMD in the root.
enter() { # ROOT CMD...
    # shellcheck disable=SC2016 # that shell is to expand it
    unshare --mount --propagation private --pid --fork --kill-child bash -euc '
        root=$1 debs=$2
        shift 2
        mount -t proc proc "$root/proc"
        mount --rbind /dev "$root/dev"
        mount -t tmpfs -o mode=1777 tmp "$root/tmp"
        mount --bind "$debs" "$root/var/cache/apt/archives"
        cp /etc/resolv.conf "$root/etc/resolv.conf"
        exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 SPINE_CACHE=/var/cache/alpine-spine \
            ${http_proxy:+http_proxy="$http_proxy"} chroot "$root" "$@"' - "$1" "$CACHE/debs" "${@:2}"
}

make_bare() { # DIR
    mkdir -p "$CACHE/debs/partial"
    mmdebstrap --quiet --variant=minbase --include=git --aptopt='Acquire::Languages "none"' \
        --aptopt='APT::Keep-Downloaded-Packages "true"' --dpkgopt=force-unsafe-io \
        --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' bookworm "$1/root" >&2
}

# The tree as a clone would give it, with what is not committed yet.
lay_tree() { # ROOT
    rm -rf "$1/src"
    mkdir "$1/src"
    ours | cpio --quiet -pdm "$1/src"
}

stage bare "$(key "$0" "$(date +%Y-%m-%d)")" make_bare >&2
find "$CACHE" -mindepth 1 -maxdepth 1 -name 'bare.??????' -mmin +180 -exec rm -rf {} +
root=$(mktemp -d -p "$CACHE" bare.XXXXXX)
trap 'rm -rf "$root"' EXIT
cp -a "$STAGE/root/." "$root/"
claim "the root holds git and no compiler" "$([ -x "$root/usr/bin/git" ] && [ ! -e "$root/usr/bin/cc" ] && [ ! -e "$root/usr/bin/make" ] && echo 0 || echo 1)"
lay_tree "$root"
claim "scripts/setup --check fails there" "$(enter "$root" /src/scripts/setup --check >/dev/null 2>&1 && echo 1 || echo 0)"
runs "scripts/setup ends well" enter "$root" /src/scripts/setup
runs "scripts/setup again finds nothing missing" enter "$root" /src/scripts/setup --check
made() { enter "$root" sh -c 'cd /src && exec make -s -j2 WAYLAND_PROTOCOLS="$(scripts/wayland-protocols)" "$@"' - "$@"; }
# shellcheck disable=SC2119
runs "make ends well" made
runs "make tests ends well" made tests
for p in bay0 spine spine-relay spine-wlctx; do runs "$p was built" test -x "$root/src/build/gcc/sbin/$p"; done
none "every tool of scripts/check is there" "$(for t in clang clang-format clang-tidy cppcheck shellcheck musl-gcc mmdebstrap qemu-system-x86_64 \
    mksquashfs mkfs.erofs scdoc tclsh dpkg-source apt-get podman skopeo jq python3 socat zsh fish man col docker-registry readelf strings; do
    enter "$root" sh -c "command -v $t" >/dev/null 2>&1 || echo "$t"; done)"
none "no mount is left" "$(grep -F "$root" /proc/mounts || true)"
finish
