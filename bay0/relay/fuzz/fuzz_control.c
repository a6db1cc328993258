/* SPDX-License-Identifier: MIT
 * Fuzz target: a packet of the relay's control socket; the first byte says how many descriptors came with it.
 * An order that gets through must be sound, and be what was said. */
#include "relay/control.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char again[CONTROL_MAX + 1];
    struct control c;
    const char *text, *wrong;
    size_t len;

    if (size == 0)
        return 0;
    text = (const char *)data + 1;
    wrong = control_parse(&c, text, size - 1, data[0]);
    if (wrong) {
        must(wrong[0] != '\0');
        return 0;
    }
    must(c.verb == CONTROL_ADD ? data[0] == 1 : c.verb == CONTROL_DEL && data[0] == 0);
    len = strlen(c.name);
    must(len >= 1 && len <= SOURCE_NAME_MAX &&
         strspn(c.name, "-0123456789abcdefghijklmnopqrstuvwxyz") == len);
    snprintf(again, sizeof again, "%s %s", c.verb == CONTROL_ADD ? "add" : "del", c.name);
    must(strlen(again) == size - 1 && memcmp(again, text, size - 1) == 0);
    return 0;
}
