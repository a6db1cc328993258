/* SPDX-License-Identifier: MIT
 * Waiting for a service to say that it is ready, without polling: a newline on a pipe (s6's contract) or a
 * file that appears (inotify). */
#ifndef BAY0_SERVICE_READY_H
#define BAY0_SERVICE_READY_H

#include "loop.h"

struct ready_wait;                 /* owned by the caller until ready_cancel */
typedef void ready_fn(void *user); /* may call ready_cancel */

/* The child's end of the pipe comes back in *child_fd: give it as fd 3, then close it. NULL with errno. */
struct ready_wait *ready_fd(struct loop *l, int *child_fd, ready_fn *fn, void *user);
/* path must not exist yet; its directory must, or it is waited for one level up only. */
struct ready_wait *ready_path(struct loop *l, const char *path, ready_fn *fn, void *user);
void ready_cancel(struct ready_wait *w); /* NULL-safe */

#endif
