/* SPDX-License-Identifier: MIT
 * Fuzz target: the whole ledger, cut into two segments at the line that the first byte says, and a time of
 * `--since`. Whole as one is whole as two; every break has a reason; every record is one. */
#include "core/audit.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static void on_record(void *user, const json_t *record)
{
    ++*(uint64_t *)user;
    must(json_is_object(record) && json_is_string(json_object_get(record, "kind")));
    must(audit_wanted(record, "", ""));
}

static void on_break(void *user, uint64_t segment, uint64_t at, const char *why)
{
    (void)user;
    (void)at;
    must(segment > 0 && why[0]);
}

static uint64_t read_all(const char *text, size_t cut, size_t size, uint64_t second, struct audit *a)
{
    uint64_t told = 0;

    *a = (struct audit){.on_record = on_record, .on_break = on_break, .user = &told};
    audit_segment(a, 1, text, cut);
    if (cut < size)
        audit_segment(a, second, text + cut, size - cut);
    must(told == a->records);
    return a->breaks;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char since[LEDGER_TIME + 1], *text = malloc(size + 1);
    struct audit whole, parts;
    struct err e = {0};
    uint64_t ago, lines = 0;
    size_t cut = 0;

    if (!text || size == 0) {
        free(text);
        return 0;
    }
    memcpy(text, data + 1, size - 1);
    text[--size] = '\0';
    must((audit_since(text, since, &ago, &e) == 0) == (e.code == ERR_NONE) && strlen(since) <= LEDGER_TIME);
    for (size_t i = 0; i < size && lines < data[0]; i++)
        if (text[i] == '\n') {
            lines++;
            cut = i + 1;
        }
    if (read_all(text, size, size, 1, &whole) == 0)
        must(read_all(text, cut, size, lines + 1, &parts) == 0 && parts.records == whole.records);
    else
        must(read_all(text, cut, size, lines + 1, &parts) > 0 || cut == 0);
    free(text);
    return 0;
}
