/* SPDX-License-Identifier: MIT
 * How large the machine is, and which disk /persist lies on. */
#ifndef BAY0_MACHINE_H
#define BAY0_MACHINE_H

#include "bay0.h"

/* Fills b->machine and b->disk; what cannot be found out stays unknown. The tree and /persist are there. */
void machine_look(struct bay0 *b);

#endif
