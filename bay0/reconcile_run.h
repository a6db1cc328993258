/* SPDX-License-Identifier: MIT
 * At start: what podman and the kernel still have is compared with the registry (core/reconcile) and put
 * right. */
#ifndef BAY0_RECONCILE_RUN_H
#define BAY0_RECONCILE_RUN_H

#include "bay0.h"

typedef void reconcile_done_fn(struct bay0 *b);
/* done is called in any case, at the latest when podman's time-out is over. */
void reconcile_run(struct bay0 *b, reconcile_done_fn *done);

#endif
