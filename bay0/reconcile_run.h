/* SPDX-License-Identifier: MIT
 * At start: what podman and the kernel still have is compared with the registry (core/reconcile) and put
 * right. */
#ifndef BAY0_RECONCILE_RUN_H
#define BAY0_RECONCILE_RUN_H

#include "bay0.h"

typedef void reconcile_done_fn(struct bay0 *b);
/* done is called when b->reconciled is set. Should podman not answer, it is asked again and again, what is
 * frozen is thawed, and done is called once before too, so that people can be told. */
void reconcile_run(struct bay0 *b, reconcile_done_fn *done);

#endif
