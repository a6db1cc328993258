# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Makes a Debian root from packages: with mmdebstrap, or with debootstrap where a distribution has only that.

DEBIAN_MIRROR=${SPINE_DEBIAN_MIRROR:-http://deb.debian.org/debian}
DEBIAN_LEAVE_OUT=(/usr/share/man /usr/share/locale /usr/share/info /usr/share/doc)

# debian_root VARIANT SUITE DIR PACKAGE... : VARIANT is extract (nothing is configured), essential or minbase (with apt).
# The Release file of a suite that is not released may be past its Valid-Until, so the date is not asked for.
debian_root() {
    local variant=$1 suite=$2 dir=$3 packages leave=() p
    shift 3
    packages=$(IFS=, && printf '%s' "$*")
    if command -v mmdebstrap >/dev/null; then
        for p in "${DEBIAN_LEAVE_OUT[@]}"; do leave+=(--dpkgopt="path-exclude=$p/*"); done
        mmdebstrap --quiet --variant="$variant" --components=main --aptopt='Acquire::Check-Valid-Until "false"' \
            --aptopt='Acquire::Languages "none"' --aptopt='Apt::Install-Recommends "false"' \
            "${leave[@]}" --dpkgopt='path-include=/usr/share/doc/*/copyright' \
            --include="$packages" "$suite" "$dir" "$DEBIAN_MIRROR"
    elif command -v debootstrap >/dev/null; then
        debootstrap --variant=minbase --include="$packages" "$suite" "$dir" "$DEBIAN_MIRROR" >/dev/null
        rm -rf "$dir"/var/cache/apt/archives/*.deb "$dir"/var/lib/apt/lists/*_*
        for p in "${DEBIAN_LEAVE_OUT[@]:0:3}"; do rm -rf "${dir:?}$p"; done
    else
        echo "neither mmdebstrap nor debootstrap is here; run scripts/setup" >&2
        return 1
    fi
}
