/* SPDX-License-Identifier: MIT
 * Fuzz target: sway's tree, read for the windows of a persona, whose sizes are then used for laying pictures.
 */
#include "switcher/core/picture.h"
#include "switcher/core/windows.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t memory[16 * 9], one = 0xff00ff00;
    const struct pixels to = {.at = memory, .width = 16, .height = 9, .stride = 16};
    const struct pixels from = {.at = &one, .width = 1, .height = 1, .stride = 1};
    struct windows w;

    if (windows_parse((const char *)data, size, "work", &w))
        return 0;
    must(w.width > 0 && w.height > 0 && w.n <= WINDOWS_MAX);
    picture_fill(&to, 0, 0, 16, 9, 0);
    for (size_t i = 0; i < w.n; i++) {
        must(memchr(w.at[i].handle, 0, WINDOWS_HANDLE_MAX) && w.at[i].handle[0]);
        must(w.at[i].width > 0 && w.at[i].height > 0);
        picture_lay(&to, w.at[i].x, w.at[i].y, w.at[i].width, w.at[i].height, &from, false);
    }
    return 0;
}
