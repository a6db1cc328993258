/* SPDX-License-Identifier: MIT
 * The head of a message on sway's socket, byte for byte. */
#include "core/swayhead.h"
#include "tests/t.h"

int main(void)
{
    const uint16_t one = 1;
    unsigned char out[SWAY_HEAD + 1] = {[SWAY_HEAD] = 0xee};
    uint32_t length, type;

    sway_head_write(out, 0x01020304, SWAY_GET_TREE);
    T(out[SWAY_HEAD] == 0xee);
    if (*(const unsigned char *)&one == 1)
        T(memcmp(out, "i3-ipc\4\3\2\1\4\0\0\0", SWAY_HEAD) == 0);
    T(sway_head_read(out, &length, &type) && length == 0x01020304 && type == SWAY_GET_TREE);
    out[5] = 'C';
    T(!sway_head_read(out, &length, &type));
    return t_done();
}
