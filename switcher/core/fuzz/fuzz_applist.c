/* SPDX-License-Identifier: MIT
 * Fuzz target: a line of the list of programs, as a hostile persona may write it. */
#include "core/buf.h"
#include "switcher/core/applist.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct applist_line l;
    enum applist_kind kind = applist_parse((const char *)data, size, &l);

    must((kind == APPLIST_PROGRAM) == (l.command != NULL));
    must(kind == APPLIST_PROGRAM || !l.icon);
    if (kind == APPLIST_PROGRAM) {
        must(memchr(l.name, 0, sizeof l.name) && l.name[0] && utf8_all(l.name, strlen(l.name)));
        for (const char *c = l.name; *c; c++)
            must((unsigned char)*c >= 0x20 && *c != 0x7f);
        must(json_array_size(l.command) > 0 && json_array_size(l.command) <= APPLIST_WORDS_MAX);
        must((l.icon == NULL) == (l.icon_len == 0) && l.icon_len <= ICON_FILE_MAX);
    }
    applist_line_finish(&l);
    return 0;
}
