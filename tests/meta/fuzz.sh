#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: each fuzzer runs for a few seconds from its corpus and finds nothing.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

mapfile -t files < <(ours '*/fuzz/fuzz_*.c')
mapfile -t programs < <(printf '%s\n' "${files[@]}" | sed -E 's|.*/(.*)\.c|build/fuzz/\1|')
runs "fuzzers are built" make -s -j2 "${programs[@]}"
# Two at a time; each has its say in the order of the files.
said=build/fuzz/said
rm -rf "$said"
mkdir -p "$said"
one() { make -s fuzz FUZZERS="$1" FUZZ_SECONDS="${FUZZ_SECONDS:-5}" >"$2/${1##*/}" 2>&1 || echo "ended with status $?" >"$2/${1##*/}.bad"; }
export -f one
printf '%s\n' "${files[@]}" | xargs -P2 -I{} bash -c 'one "$@"' one {} "$said"
well() { cat "$1"; [ -s "$1" ] && [ ! -e "$1.bad" ]; }
for file in "${files[@]}"; do runs "$file for ${FUZZ_SECONDS:-5} s" well "$said/${file##*/}"; done
finish
