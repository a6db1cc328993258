/* SPDX-License-Identifier: MIT
 * A connection of bay0's own to sway's socket, for what cannot wait for a swaymsg to be started. sway-ipc(7).
 */
#ifndef BAY0_SWAY_IPC_H
#define BAY0_SWAY_IPC_H

#include "loop.h"

#include <stdbool.h>

struct sway_ipc;

/* NULL with errno when sway cannot be reached at once. */
struct sway_ipc *sway_ipc_open(struct loop *l, const char *path);
void sway_ipc_close(struct sway_ipc *i); /* NULL-safe */
/* Sends one command string; a refusal is logged. False when it could not be sent as a whole: then the
 * connection is of no more use, and the caller takes another road. NULL-safe. */
bool sway_ipc_run(struct sway_ipc *i, const char *command);

#endif
