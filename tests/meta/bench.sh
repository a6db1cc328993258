#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: a guard against regressions: the quick native figures with few runs; none misses its goal by more than a factor of two. Figures: docs/bench.md.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
if ! grep -q cgroup2 /proc/filesystems; then
    printf 'ok 1 - the quick figures # SKIP this machine: it has no cgroup v2\n1..1\n'
    exit 0
fi
export SPINE_BENCH_MOST=10
while read -r name runs; do
    runs "$name: no goal is missed by more than two" scripts/bench "$name" --runs "$runs" --slack 2
done <<'E'
freeze 50
ask 10
switch 10
start 5
rest 2
E
finish
