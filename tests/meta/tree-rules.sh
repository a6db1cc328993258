#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# TAP: sizes, registered tests, words that must not appear, what PID 1 may not do.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# A test is a list of cases and a script's option loop is a table: they may be longer.
LINES_MAX=450 TEST_LINES_MAX=550 FUNCTION_MAX=60 TEST_FUNCTION_MAX=100 SHELL_FUNCTION_MAX=80
mapfile -t c < <(c_files)
mapfile -t sh < <(shell_files)

none "no source file is over $LINES_MAX lines, no test over $TEST_LINES_MAX" "$(wc -l "${c[@]}" "${sh[@]}" |
    awk -v max="$LINES_MAX" -v test_max="$TEST_LINES_MAX" '
        $2 != "total" && $1 > ($2 ~ /\/test\/|^tests\// ? test_max : max) { print $2 ": " $1 " lines" }')"
# A function's body begins with a brace of its own line, a table's does not.
none "no C function is over $FUNCTION_MAX lines, in tests over $TEST_FUNCTION_MAX" "$(
    awk -v max="$FUNCTION_MAX" -v test_max="$TEST_FUNCTION_MAX" '
        /^{/ { from = FNR; name = last }
        /^}/ {
            n = FNR - from - 1
            if (from && n > (FILENAME ~ /\/test\/|^tests\// ? test_max : max)) print FILENAME ":" from ": " n " lines: " name
            from = 0
        }
        !/^ / { last = $0 }' "${c[@]}")"
none "no shell function is over $SHELL_FUNCTION_MAX lines" "$(awk -v max="$SHELL_FUNCTION_MAX" '
    /^[a-z_0-9]+\(\) [{(]/ { from = FNR; name = $1 }
    /^[})]/ { if (from && FNR - from - 1 > max) print FILENAME ":" from ": " FNR - from - 1 " lines: " name; from = 0 }' "${sh[@]}")"
none "every file says its licence at its top" \
    "$(for f in "${c[@]}" "${sh[@]}"; do head -n 3 "$f" | grep -q 'SPDX-License-Identifier: MIT' || echo "$f"; done)"
none "nothing is left to be done" "$(ours | grep -vxF tests/meta/tree-rules.sh | xargs -d '\n' grep -nIE '\b(TODO|FIXME|XXX|HACK)\b' || true)"
none "no generated or large file is kept" "$(ours | while read -r f; do
    [ "$(stat -c %s "$f")" -le 300000 ] || echo "$f"; case $f in *.o | *.a | *.img | *.pyc | *.orig | *.rej | build/*) echo "$f" ;; esac; done)"

# What bay0 itself is made of: PID 1, but not the relay and not tests. Children may end themselves.
mapfile -t pid1 < <(ours 'bay0/*.c' 'bay0/core/*.c' | grep -vE '/(test|fuzz|relay)/')
# options.c ends the process for --help, which is given to an ordinary process only.
none "PID 1 does not exit, abort or assert" "$(code "${pid1[@]}" |
    grep -E '\b(exit|abort|assert|err|errx|_Exit|quick_exit|__builtin_trap)\(' |
    grep -vE '^bay0/options\.c:' || true)"
none "only children call _exit" "$(code "${pid1[@]}" | grep -E '\b_exit\(' | grep -vE '^bay0/child_exec\.c:' || true)"
# Two places may: when epoll itself fails, a turn without a pause would burn the machine; without a loop there is nothing to do.
none "PID 1 does not sleep" "$(code "${pid1[@]}" | grep -E '\b(sleep|usleep|nanosleep|clock_nanosleep|pause|sigsuspend|wait|sigwait)\(' |
    grep -vE '^bay0/(loop\.c:.*nanosleep|main\.c:.*\bpause)' || true)"
none "no program has threads" "$(ours 'bay0/*.c' 'spine-cli/*.c' 'switcher/*.c' | xargs grep -nE '\bpthread_|<pthread\.h>|<threads\.h>' || true)"
none "nobody calls what cannot be called safely" \
    "$(printf '%s\n' "${c[@]}" | grep -vE '/(test|fuzz)/|^tests/' | { mapfile -t f; code "${f[@]}"; } | grep -E '\b(gets|sprintf|vsprintf|strcpy|strcat|strtok|mktemp|tmpnam|alloca|atoi|atol|rand|readdir_r)\(' || true)"

# The Makefile finds tests by wildcard; what it does not find is run by nobody.
made=$({ make -pnq BUILD=build/gcc WAYLAND_PROTOCOLS=/ 2>/dev/null || true; } | sed -nE 's/^(TEST_BINS|REPLAY_BINS) :?= //p')
none "every test program is registered" "$(ours '*.c' | xargs grep -lE '\bt_done\(\)' | grep -E '/test_[a-z_]+\.c$|/fuzz_[a-z_]+\.c$|^tests/[a-z_]+\.c$' |
    grep -vx tests/replay.c | while read -r f; do grep -qwF "build/gcc/${f%.c}" <<<"$made" || echo "$f"; done)"
none "every fuzzer has a corpus and every corpus a fuzzer" \
    "$({ ours '*/fuzz/fuzz_*.c' | sed -E 's|.*/fuzz_(.*)\.c|\1|'
        ours '*/fuzz/corpus/*' | sed -E 's|.*/corpus/([^/]+)/.*|\1|' | sort -u; } | sort | uniq -u)"
none "every test in shell can be run" "$(ours 'tests/*.sh' | grep -vE '/(lib[^/]*|[a-z]+-lib)\.sh$' | while read -r f; do [ -x "$f" ] || echo "$f"; done)"
claim "CI runs scripts/check" "$(grep -qx 'exec ./scripts/check' .ci/run && [ -x .ci/run ] && echo 0 || echo 1)"

# Rows of a table are told apart by their first word.
none "no row of a table is there twice" "$(ours '*.def' | while read -r f; do
    grep -oE '^[A-Z_]+\([A-Za-z_0-9"-]+' "$f" | sort | uniq -d | sed "s|^|$f: |"; done)"
finish
