/* SPDX-License-Identifier: MIT
 * Fuzz target: what spine-icon does with a file. */
#include "switcher/icon_decode.h"

#include <stdbool.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint32_t out[48 * 48];

    if (icon_decode(data, size, 48, out))
        return 0;
    for (size_t i = 0; i < sizeof out / sizeof *out; i++)
        for (int c = 0; c < 24; c += 8)
            must((out[i] >> c & 0xff) <= out[i] >> 24); /* premultiplied */
    return 0;
}
