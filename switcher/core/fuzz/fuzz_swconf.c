/* SPDX-License-Identifier: MIT
 * Fuzz target: the switcher's configuration. Whatever is in the file, the values can be used. */
#include "switcher/core/layout.h"

#include <stdbool.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static void complain(void *data, unsigned line, const char *sentence)
{
    (void)data;
    (void)line;
    must(strlen(sentence) < CONFIG_ERR);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config c;

    config_default(&c);
    config_parse(&c, (const char *)data, size, complain, NULL);
    must(c.font_size >= CONFIG_FONT_MIN && c.font_size <= CONFIG_FONT_MAX && c.scale >= 100 &&
         c.scale <= 300);
    must(c.strip_height >= c.font_size + 8 && c.strip_height <= 96);
    must(c.font[0] == '/' && memchr(c.font, 0, CONFIG_PATH) && !strpbrk(c.font, ":,\\=\n"));
    for (int k = 0; k < HOTKEY_COUNT; k++) {
        must(memchr(c.keys[k], 0, CONFIG_KEY) && c.keys[k][0]);
        must(!strpbrk(c.keys[k], " ;,\"'\\\n\t{}"));
    }
    return 0;
}
