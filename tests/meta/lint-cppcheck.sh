#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# cppcheck finds nothing.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# What is left out, and why:
args=(
    --suppress=missingIncludeSystem       # the C library's headers are not read, their meaning comes from --library
    --suppress=normalCheckLevelMaxBranches # says how deep it looked, nothing about the code
    --suppress=unmatchedSuppression       # a suppression in a file of which only some configurations are looked at
    --suppress=readdirCalled              # no program here has threads (tests/meta/tree-rules.sh sees to it)
    --suppress=strtokCalled
    --suppress=fgetgrentCalled
    --suppress=resourceLeak:*/test/*      # a test that cannot go on ends, and gives everything back by that
    --suppress=resourceLeak:tests/*
    --suppress=invalidFunctionArg:*/test/* # and closes -1 without harm
    --suppress=invalidPrintfArgType_uint:*/test/* # an enum without negative values is unsigned to gcc and clang
    --inline-suppr
)
mapfile -t files < <(ours '*.c')
mkdir -p build/cppcheck
runs "cppcheck: ${#files[@]} files" cppcheck --quiet --std=c11 --library=posix --platform=unix64 -j2 \
    --enable=warning,performance,portability --error-exitcode=1 -D_GNU_SOURCE -D__linux__ --max-configs=4 -I. -Ibay0 \
    --cppcheck-build-dir=build/cppcheck "${args[@]}" "${files[@]}"
finish
