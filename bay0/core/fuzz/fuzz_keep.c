/* SPDX-License-Identifier: MIT
 * Fuzz target: what a lost registry is built from. The first byte says whether it is a copy or podman's
 * words. */
#include "core/err.h"
#include "core/keep.h"
#include "core/podman.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

/* What is accepted is sound, and survives being written. */
static void accepted(const struct kept *k)
{
    static struct kept again;
    struct err e = {0};
    char *text = keep_text(&k->spec, k->range);

    must(text && k->range < RANGE_COUNT && strcmp(k->spec.id, "work") == 0 && name_image_ok(k->spec.image));
    must(keep_parse(text, strlen(text), "work", &again, &e) == 0);
    must(again.range == k->range && memcmp(&again.spec, &k->spec, sizeof k->spec) == 0);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct kept k;
    struct err e = {0};
    char *text;
    int rc;

    if (size == 0)
        return 0;
    text = malloc(size); /* exact, so that a read past the end is seen */
    if (!text)
        return 0;
    memcpy(text, data + 1, size - 1);
    rc = data[0] % 2 ? keep_from_inspect(text, size - 1, "work", &k, &e)
                     : keep_parse(text, size - 1, "work", &k, &e);
    if (rc == 0)
        accepted(&k);
    must((rc != 0) == (e.code != ERR_NONE && e.message[0]));
    free(text);
    return 0;
}
