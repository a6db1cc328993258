/* SPDX-License-Identifier: MIT
 * `persona.explain`: what a persona is given and why, and what is otherwise in the container that runs. */
#ifndef BAY0_EXPLAIN_H
#define BAY0_EXPLAIN_H

#include "bay0.h"

/* Answers now, or when podman, the kernel and nft have told what is in force. */
void explain_answer(struct persona *p, const struct call *c);

#endif
