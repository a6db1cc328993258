/* SPDX-License-Identifier: MIT
 * The head of each message on sway's socket: magic, length of what follows, type; the numbers in the
 * machine's own order. sway-ipc(7). */
#ifndef BAY0_CORE_SWAYHEAD_H
#define BAY0_CORE_SWAYHEAD_H

#include <stdbool.h>
#include <stdint.h>

enum { SWAY_HEAD = 14 }; /* bytes */
enum { SWAY_RUN_COMMAND = 0, SWAY_GET_OUTPUTS = 3, SWAY_GET_TREE = 4, SWAY_GET_VERSION = 7 };

void sway_head_write(void *out, uint32_t length, uint32_t type); /* SWAY_HEAD bytes */
/* From SWAY_HEAD bytes; false when they are no head. Either number is set in any case. */
bool sway_head_read(const void *head, uint32_t *length, uint32_t *type);

#endif
