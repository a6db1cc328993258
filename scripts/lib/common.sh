# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Words and the cache for the build scripts; sourced with TOP set to the top of the tree.

CACHE=${SPINE_CACHE:-/var/cache/alpine-spine}

say() { printf '%s: %s\n' "${0##*/}" "$*"; }
die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

need_root() { [ "$(id -u)" -eq 0 ] || die "must run as root: it unpacks system roots with their owners"; }

# Hash of files' contents and of words: key FILE-or-WORD...
key() {
    local a
    for a in "$@"; do
        if [ -f "$a" ]; then sha256sum <"$a"; else printf '%s\n' "$a"; fi
    done | sha256sum | cut -c1-16
}

# stage NAME KEY FUNCTION [ARG...]: makes $CACHE/NAME-KEY once, by FUNCTION TMPDIR [ARG...], and sets STAGE to its path.
# Half-made results never get the final name; two runs at once wait for each other.
# Never call it in an && or || list or in a condition: bash then ignores errors inside FUNCTION.
stage() {
    local name=$1 key=$2 began status
    shift 2
    STAGE=$CACHE/$name-$key
    [ -e "$STAGE/.done" ] && { touch "$STAGE/.done"; return 0; }
    mkdir -p "$CACHE"
    exec {stage_lock}>"$CACHE/.lock-$name"
    flock "$stage_lock"
    if [ ! -e "$STAGE/.done" ]; then
        say "$name ..."
        began=$SECONDS
        rm -rf "$STAGE" "$STAGE.tmp"
        mkdir -p "$STAGE.tmp"
        set +e
        (
            set -e
            "$1" "$STAGE.tmp" "${@:2}"
        )
        status=$?
        set -e
        [ "$status" -eq 0 ] || die "making $name failed; its remains are in $STAGE.tmp"
        mv "$STAGE.tmp" "$STAGE"
        touch "$STAGE/.done"
        say "$name made in $((SECONDS - began)) s"
        forget "$name"
    fi
    exec {stage_lock}>&-
}

# Drops results of a stage that nobody used for an hour, the three newest kept: other trees and runs share this cache.
forget() {
    local old
    while read -r old; do
        rm -rf "${old%/.done}"
    done < <(find "$CACHE" -mindepth 2 -maxdepth 2 -path "$CACHE/$1-????????????????/.done" -printf '%T@ %p\n' |
        sort -rn | tail -n +4 | awk -v now="$(date +%s)" '$1 < now - 3600 { print $2 }')
}

# give FILE TARGET: the file under another name, without a copy where possible; it stays when the cache drops its own.
give() { ln -f "$1" "$2" 2>/dev/null || cp --remove-destination "$1" "$2"; }
