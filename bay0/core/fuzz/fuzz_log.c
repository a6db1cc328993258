/* SPDX-License-Identifier: MIT
 * Fuzzes what reads texts of others for `spine logs` and `spine doctor`: the first byte says which. */
#include "core/health.h"
#include "core/logline.h"
#include "core/name.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every check has a name and, when something is wrong, advice. */
static void judge(void *user, const struct health *h)
{
    (void)user;
    if (!h->name[0] || (h->level == HEALTH_WRONG) != (h->advice[0] != '\0'))
        __builtin_trap();
}

static void fuzz_lines(const char *text, size_t len)
{
    json_t *row = logline_json(text, len, "work");
    size_t last = logline_last(text, len, 3);
    struct logline l;
    bool whole;

    if (len > 0 && (logline_record(text, len, &whole) == 0 || logline_record(text, len, &whole) > len))
        __builtin_trap();
    logline_parse(text, len, &l);
    if (!row || last > len || l.message < text || l.message + l.len > text + len ||
        strlen(l.time) >= LOGLINE_TIME_MAX)
        __builtin_trap();
    json_decref(row);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct health_to to = {judge, NULL};
    char name[NAME_IMAGE_MAX + 1];
    char *text;

    if (size == 0 || !(text = malloc(size)))
        return 0;
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    switch (data[0] % 16) {
    case 0:
        fuzz_lines(text, size - 1);
        break;
    case 1:
        health_mounts(&to, text, "/persist", "");
        break;
    case 2:
        health_version(&to, "podman", text, NULL);
        break;
    case 3:
        health_probe(&to, text, size - 1);
        break;
    case 4:
        if (health_smallest_image(text, size - 1, name, sizeof name) && !name_image_ok(name))
            __builtin_trap();
        break;
    default: {
        enum health_ask ask = (enum health_ask)((data[0] % 16 - 5) % ASK_COUNT);

        if (health_answered(ask, data + 1, size - 1))
            health_answer(&to, ask, "x", NULL, data + 1, size - 1);
        break;
    }
    }
    free(text);
    return 0;
}
