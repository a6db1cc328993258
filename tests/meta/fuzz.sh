#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: each fuzzer runs for a few seconds from its corpus and finds nothing.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

mapfile -t files < <(ours '*/fuzz/fuzz_*.c')
mapfile -t programs < <(printf '%s\n' "${files[@]}" | sed -E 's|.*/(.*)\.c|build/fuzz/\1|')
runs "fuzzers are built" make -s -j2 "${programs[@]}"
for file in "${files[@]}"; do
    runs "$file for ${FUZZ_SECONDS:-5} s" make -s fuzz FUZZERS="$file" FUZZ_SECONDS="${FUZZ_SECONDS:-5}"
done
finish
