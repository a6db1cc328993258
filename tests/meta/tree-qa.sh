#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: the oracle of scripts/qa, which must be able to say no; see scripts/lib/qa/selftest.py. No VM.
exec python3 -B "$(dirname "$0")/../../scripts/lib/qa/selftest.py"
