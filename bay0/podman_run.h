/* SPDX-License-Identifier: MIT
 * Runs one podman command: its own cgroup, its own environment, bounded in time. */
#ifndef BAY0_PODMAN_RUN_H
#define BAY0_PODMAN_RUN_H

#include "bay0.h"

enum { PODMAN_MS = 120000, PODMAN_PULL_MS = 3600000 };

/* Options for a podman command; argv is borrowed until child_spawn returns. */
void podman_options(struct bay0 *b, struct child_options *o, const struct argv *argv, uint32_t timeout_ms);
/* Options for a program beside podman, such as rm or sync: podman's environment and bound, bay0's own group.
 */
void podman_helper(struct bay0 *b, struct child_options *o, char *const *argv);
/* A podman command, started. NULL with *e. */
struct child *podman_run(struct bay0 *b, const struct argv *argv, uint32_t timeout_ms, child_done_fn *done,
                         void *user, struct err *e);
/* Why it could not even be started, from errno: ERR_NO_PODMAN for a missing program. Returns -1. */
int podman_spawn_error(struct bay0 *b, const char *what, struct err *e);

/* On a disk that is full podman and its helpers fail in words of many kinds, some of them about something
 * else: then the disk itself tells. Changes *e from ERR_PODMAN to ERR_DISK_FULL where that is so. */
void podman_look_at_disk(const struct bay0 *b, struct err *e);

#endif
