/* SPDX-License-Identifier: MIT
 * A container's conmon: the parent of its first process, holding its terminal and its log. When it dies alone
 * the kernel hangs up the terminal, and a container that is frozen does not hear of it. conmon(8),
 * pidfd_open(2). */
#ifndef BAY0_CONMON_H
#define BAY0_CONMON_H

#include "loop.h"

#include <stdint.h>

struct conmon;

/* Told once, from the loop, never from conmon_watch itself; also when it was gone before. fn may call
 * conmon_unwatch. */
typedef void conmon_gone_fn(void *user);

/* pid: the container's first process. NULL with errno. */
struct conmon *conmon_watch(struct loop *l, int32_t pid, conmon_gone_fn *fn, void *user);
void conmon_unwatch(struct conmon *c); /* NULL-safe */

#endif
