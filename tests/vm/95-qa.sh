#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The short forms of the loops of scripts/qa; each shows at its end that its checks can fail. The long forms: docs/qa.md.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
seed=${SEED:-1}

# loop LOOP OPTION...: no loss, and the report says so.
loop() {
    local name=$1
    shift
    ok "scripts/qa $name $*" scripts/qa "$name" --name "t-qa-$name" --seed "$seed" --json "$OUT/qa-$name.json" "$@"
    is "$name: no losses are reported" "$(jq '.losses | length' "$OUT/qa-$name.json")" 0
    note "$name: $(jq -c '{seconds, counts, times, figures}' "$OUT/qa-$name.json")"
}

loop reboot --short --rounds 1
loop powercut --short --rounds 1 --longest 6
loop kill --short --rounds 3
fails "a loop that is not there is refused" scripts/qa nonsense
finish
