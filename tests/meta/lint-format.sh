#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# clang-format would change nothing; every script passes shellcheck.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

mapfile -t files < <(c_files)
runs "clang-format: ${#files[@]} files" clang-format --dry-run -Werror "${files[@]}"
mapfile -t files < <(shell_files)
runs "shellcheck: ${#files[@]} files" shellcheck -x -P SCRIPTDIR -P . "${files[@]}"
finish
