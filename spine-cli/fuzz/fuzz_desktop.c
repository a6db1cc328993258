/* SPDX-License-Identifier: MIT
 * Fuzz target: desktop entries. What gets through must fit and be text. */
#include "core/buf.h"
#include "spine-cli/desktop.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct desktop_entry d;
    const char *at = d.text;

    if (desktop_parse((const char *)data, size, "de_DE.UTF-8@euro", &d) || !d.shown)
        return 0;
    must(memchr(d.name, 0, sizeof d.name) && d.name[0] && utf8_all(d.name, strlen(d.name)));
    must(memchr(d.icon, 0, sizeof d.icon) && memchr(d.try_exec, 0, sizeof d.try_exec));
    must(d.words > 0 && d.words <= DESKTOP_WORDS_MAX && d.text[0] && d.text[0] != '-');
    for (size_t i = 0; i < d.words; i++) {
        const char *end = memchr(at, 0, (size_t)(d.text + sizeof d.text - at));

        must(end != NULL);
        if (!end)
            return 0;
        must(utf8_all(at, (size_t)(end - at)) && !strpbrk(at, "\n\t\r"));
        at = end + 1;
    }
    return 0;
}
