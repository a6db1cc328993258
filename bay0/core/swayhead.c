/* SPDX-License-Identifier: MIT
 * The head of each message on sway's socket. */
#include "core/swayhead.h"

#include <string.h>

static const char magic[] = {'i', '3', '-', 'i', 'p', 'c'};

void sway_head_write(void *out, uint32_t length, uint32_t type)
{
    char *at = out;

    memcpy(at, magic, sizeof magic);
    memcpy(at + sizeof magic, &length, sizeof length);
    memcpy(at + sizeof magic + sizeof length, &type, sizeof type);
}

bool sway_head_read(const void *head, uint32_t *length, uint32_t *type)
{
    const char *at = head;

    memcpy(length, at + sizeof magic, sizeof *length);
    memcpy(type, at + sizeof magic + sizeof *length, sizeof *type);
    return memcmp(at, magic, sizeof magic) == 0;
}
