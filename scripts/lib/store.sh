# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The image store: container images of the demo on one read-only EROFS drive, which podman uses as an additional image store.
# Each scripts/images/NAME.image defines image_root DIR (fills a root) and the arrays image_changes and image_files
# (what else its hash depends on). Sourced by scripts/image.

# The desktop of a persona image: session script, terminal colours, prompt. DIR TITLE BACKGROUND FOREGROUND ACCENT
image_desktop() {
    local dir=$1
    install -D -m 0755 "$TOP/scripts/images/persona-session" "$dir/usr/local/bin/persona-session"
    # Icons of all sizes are most of a small image's weight; the scalable ones are enough.
    rm -rf "$dir"/usr/share/icons/Adwaita/*x*
    mkdir -p "$dir/etc/xdg/foot"
    cat >"$dir/etc/xdg/foot/foot.ini" <<F
font=DejaVu Sans Mono:size=13
title=$2
locked-title=yes
initial-window-mode=maximized
pad=12x10
[colors]
background=$3
foreground=$4
regular2=$5
regular4=$5
bright2=$5
F
    cat >>"$dir/etc/bash.bashrc" <<'F'
PS1='\[\e[1;32m\]\h\[\e[0m\]:\w\$ '
F
}

image_changes=() image_files=()

image_make() { # DIR NAME
    image_root "$1/root"
    tar -C "$1/root" --numeric-owner --xattrs --sort=name -cf "$1/root.tar" .
    rm -rf "$1/root"
}

store_pack() { # DIR NAME=FOLDER...
    local dir=$1 pair name args c run
    shift
    # podman wants a short path for its run root.
    run=$(mktemp -d /tmp/spine-store.XXXXXX)
    for pair in "$@"; do
        name=${pair%%=*}
        # shellcheck source=/dev/null
        . "$TOP/scripts/images/$name.image"
        args=()
        for c in "${image_changes[@]}"; do args+=(--change "$c"); done
        podman --root "$dir/graph" --runroot "$run/run" --tmpdir "$run/tmp" --storage-driver overlay --log-level=error \
            import --quiet "${args[@]}" "${pair#*=}/root.tar" "localhost/$name:latest" >/dev/null
    done
    ! mountpoint -q "$dir/graph/overlay" || umount "$dir/graph/overlay"
    rm -rf "$run"
    # What libpod keeps beside the storage is of no use in a read-only store, and its locks would be looked for.
    rm -rf "$dir"/graph/{libpod,tmp,db.sql,networks,secrets,defaultNetworkBackend,storage.lock,userns.lock,mounts,overlay-containers}
    install -m 0644 "$TOP/scripts/images/tenants.json" "$dir/graph/tenants.json"
    # bookworm's mkfs.erofs cannot set a label: the drive is known by its serial or its partition label.
    mkfs.erofs -zlz4hc "$dir/store.erofs" "$dir/graph" >/dev/null
    rm -rf "$dir/graph"
}

# Sets STAGE to the folder with store.erofs.
store_make() {
    local name pairs=() keys=() how
    how=$(declare -f debian_root image_desktop image_make)
    for name in persona-trixie persona-bookworm persona-busybox ai-core; do
        image_changes=() image_files=()
        # shellcheck source=/dev/null
        . "$TOP/scripts/images/$name.image"
        stage "image-$name" "$(key "$TOP/scripts/images/$name.image" "$how" "${image_files[@]}")" image_make "$name"
        pairs+=("$name=$STAGE")
        keys+=("$STAGE")
    done
    stage store "$(key "$(declare -f store_pack)" "$TOP/scripts/images/tenants.json" "${keys[@]}")" store_pack "${pairs[@]}"
}
