# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Words for figures that are shell scripts. Sourced.

# runs_of DEFAULT [--runs N]: the number of runs
runs_of() { if [ "${2:-}" = --runs ]; then echo "$3"; else echo "$1"; fi; }
# up_to_most N...: those numbers of personas that are not more than SPINE_BENCH_MOST
up_to_most() { local n; for n in "$@"; do [ "$n" -gt "${SPINE_BENCH_MOST:-1000}" ] || echo "$n"; done; }
progress() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

# row FIGURE ROW WHERE UNIT GOAL OURS OURS-FILE [AGAINST AGAINST-FILE [NOTE]]: prints a row; GOAL is JSON, a FILE has a sample a line.
# AGAINST may be empty.
row() {
    jq -nc --arg figure "$1" --arg row "$2" --arg where "$3" --arg unit "$4" --argjson goal "$5" --arg ours "$6" --slurpfile o "$7" \
        --arg against "${8:-}" --slurpfile a "${9:-/dev/null}" --arg note "${10:-}" \
        '{$figure, $row, $where, $unit, ours: {what: $ours, samples: $o}, against: (if $against == "" then null else {what: $against, samples: $a} end),
            $goal, $note}'
}
