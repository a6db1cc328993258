#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: scripts/image makes the Spine's parts, a second run makes nothing again, and the root keeps its promised size.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

SQUASH_MAX_MB=250
runs "scripts/image ends well" scripts/image
for f in vmlinuz initramfs.img root.squashfs qa.img store.erofs; do runs "$f is there" test -s "build/image/$f"; done
before=$(readlink -f build/image/*)
runs "scripts/image again ends well" scripts/image
claim "it made nothing new from the same inputs" "$([ "$before" = "$(readlink -f build/image/*)" ] && echo 0 || echo 1)"
mb=$(($(stat -Lc %s build/image/root.squashfs) / 1000000))
claim "root.squashfs is at most $SQUASH_MAX_MB MB" "$([ "$mb" -le "$SQUASH_MAX_MB" ] && echo 0 || echo 1)" "it has $mb MB"
finish
