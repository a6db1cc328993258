/* SPDX-License-Identifier: MIT
 * Fuzz target: a segment of the audit ledger. What is proven ends at a newline and is proven again the same
 * way; the rest has a reason; the chain can be gone on with. */
#include "core/ledger.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct ledger_head h, again, any = {.any = true};
    char line[LEDGER_LINE_MAX + 2];
    struct err e = {0}, e2 = {0};
    size_t good;
    json_t *f;
    int n;

    ledger_begin(&h);
    good = ledger_check(&h, text, size, &e);
    must(good <= size && (good == size) == (e.code == ERR_NONE));
    must(good == 0 || text[good - 1] == '\n');
    ledger_begin(&again);
    must(ledger_check(&again, text, good, &e2) == good && e2.code == ERR_NONE);
    must(again.seq == h.seq && strcmp(again.prev, h.prev) == 0);
    must(strlen(h.prev) == LEDGER_HASH);
    must(ledger_check(&any, text, size, &e2) >= good);
    f = json_pack("{s:s}", "kind", "opened");
    n = ledger_line(&h, "2026-11-22T05:41:00.123Z", f, line, sizeof line);
    json_decref(f);
    must(n > 0 && ledger_check(&again, line, (size_t)n, &e2) == (size_t)n);
    return 0;
}
