/* SPDX-License-Identifier: MIT
 * The registry is new: personas that have a container and no row are known again by the container's label. */
#ifndef BAY0_REBUILD_H
#define BAY0_REBUILD_H

#include "bay0.h"
#include "core/reconcile.h"

/* all: nobody is left whom the registry does not know; then b->rebuild is over. */
typedef void rebuild_done_fn(void *user, bool all);
/* Asks podman about each of the containers in turn; found must stay until done is called, which may be at
 * once. */
void rebuild_run(struct bay0 *b, const struct found *found, rebuild_done_fn *done, void *user);

#endif
