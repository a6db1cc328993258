#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: the arithmetic of scripts/bench; see scripts/lib/bench/selftest.py. Nothing is measured.
exec python3 -B "$(dirname "$0")/../../scripts/lib/bench/selftest.py"
