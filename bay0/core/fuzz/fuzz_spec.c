/* SPDX-License-Identifier: MIT
 * Fuzz target: a declaration as JSON; what is accepted must survive the way to JSON and back. */
#include "core/err.h"
#include "core/spec.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static void units(const uint8_t *data, size_t size)
{
    char text[40];
    uint64_t bytes;
    uint32_t milli;

    if (size >= sizeof text)
        size = sizeof text - 1;
    memcpy(text, data, size);
    text[size] = '\0';
    spec_parse_size(text, &bytes);
    spec_parse_cpus(text, &milli);
    if (name_image_ok(text))
        must(text[0] != '-' && !strstr(text, "..") && !strpbrk(text, " \t\n\r\x1b"));
    if (name_cores_ok(text))
        must(strspn(text, "0123456789,-") == strlen(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct persona_spec s, again;
    struct err e = {0};
    json_t *j, *out;

    units(data, size);
    j = size < 65536 ? json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (!j)
        return 0;
    if (spec_from_json(j, &s, &e) == 0) {
        must(name_id_ok(s.id) && name_image_ok(s.image) && name_colour_ok(s.colour));
        out = spec_to_json(&s);
        must(out && spec_from_json(out, &again, &e) == 0 && memcmp(&s, &again, sizeof s) == 0);
        json_decref(out);
    } else {
        must(e.code != ERR_NONE && e.message[0]);
    }
    json_decref(j);
    return 0;
}
