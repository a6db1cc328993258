#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: what `make CC=musl-gcc` made is static, of musl, and runs. MUSL is what scripts/musl printed.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

for p in bay0 spine spine-relay; do
    f=build/musl/sbin/$p
    runs "$p is there" test -x "$f"
    none "$p needs no loader and no library" "$(readelf -lW "$f" | grep -F INTERP || true)$(readelf -dW "$f" | grep -F NEEDED || true)"
    none "$p holds nothing of glibc" "$(strings -a "$f" | grep -m3 -E 'GLIBC_[0-9]|GNU C Library' || true)"
done
runs "jansson, libmd and SQLite came from Debian's source packages" grep -qE '^jansson_[0-9]' "${MUSL:?}/versions"
none "all are known by their version" "$(grep -vE '^(jansson|libmd|sqlite3)_[0-9]' "$MUSL/versions" || true)"
finish
