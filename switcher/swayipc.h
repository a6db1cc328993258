/* SPDX-License-Identifier: MIT
 * Asks sway for its tree over its own socket ($SWAYSOCK), without waiting and with a bound. sway-ipc(7). */
#ifndef SWITCHER_SWAYIPC_H
#define SWITCHER_SWAYIPC_H

#include <stddef.h>

struct client;
struct swayipc;

enum { SWAYIPC_TREE_MAX = 4 << 20, SWAYIPC_MS = 2000 };

/* tree is NULL when there was no answer in SWAYIPC_MS, or none that may be read; it lives as long as the
 * call. */
typedef void (*swayipc_fn)(void *data, const char *tree, size_t len);

/* fn is called exactly once, never from within this call, unless swayipc_cancel comes first. NULL when sway
 * cannot be reached; then fn is not called. */
struct swayipc *swayipc_tree(struct client *c, swayipc_fn fn, void *data);
void swayipc_cancel(struct swayipc *s); /* NULL is fine */

#endif
