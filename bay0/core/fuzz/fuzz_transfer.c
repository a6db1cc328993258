/* SPDX-License-Identifier: MIT
 * Fuzz target: names from personas, and names of files in the staging folder. A cleaned name is clean and
 * safe; a file's name that is read is written the same. */
#include "core/buf.h"
#include "core/transfer.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static void cleaned(const char *raw)
{
    char name[TRANSFER_NAME_MAX + 1];

    transfer_name_clean(raw, name);
    must(name[0] && strlen(name) <= TRANSFER_NAME_MAX && utf8_all(name, strlen(name)));
    must(!strpbrk(name, "/\\ \t\n\r\"'`$&;|<>(){}[]*?!#~:%^") && name[0] != '.' && name[0] != '-');
    must(transfer_name_ok(name));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char again[TRANSFER_FILE_MAX + 1], *text = malloc(size + 1);
    struct transfer t = {.number = 7};

    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    cleaned(text);
    if (transfer_file_parse(text, &t) == 0) {
        must(t.number > 0 && t.state == TRANSFER_STAGED && name_id_ok(t.from) && name_id_ok(t.to));
        must(transfer_file_name(&t, again, sizeof again) == 0 && strcmp(again, text) == 0);
    } else {
        must(t.number == 7 && t.state == TRANSFER_FREE);
    }
    free(text);
    return 0;
}
