#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: each fuzzer runs for a few seconds from its corpus and finds nothing.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

mapfile -t files < <(ours 'bay0/core/fuzz/fuzz_*.c' 'bay0/fuzz/fuzz_*.c')
names=()
for f in "${files[@]}"; do name=${f##*/fuzz_} && names+=("${name%.c}"); done
runs "fuzzers are built" make -s -j2 "${names[@]/#/build/fuzz/fuzz_}"
for name in "${names[@]}"; do
    runs "fuzz_$name for ${FUZZ_SECONDS:-5} s" make -s fuzz FUZZERS="fuzz_$name.c" FUZZ_SECONDS="${FUZZ_SECONDS:-5}"
done
finish
