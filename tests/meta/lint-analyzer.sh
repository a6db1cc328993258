#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# gcc -fanalyzer finds nothing in anything that is built. Objects only: nothing is linked or run.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

generated
mapfile -t files < <(ours '*.c')
objects=("${files[@]/%.c/.o}")
build() { make -s -k -j2 BUILD=build/analyzer CC=gcc CFLAGS='-O1 -fanalyzer' "$@" >build/analyzer.log; }
runs "gcc -fanalyzer: ${#files[@]} files" build "${objects[@]/#/build/analyzer/}"
finish
