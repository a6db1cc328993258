/* SPDX-License-Identifier: MIT
 * The sockets of a persona's grants: ai-core's and the sound server's. Both are there for as long as the
 * persona has sockets, so that its container is the same whatever is granted; on one that is not granted
 * nobody listens, and connect(2) is refused. */
#ifndef BAY0_GRANT_H
#define BAY0_GRANT_H

#include "bay0.h"

/* Makes those that are not there, and opens what is granted. 0, or -1 with *e. Twice is once. */
int grants_open(struct persona *p, struct err *e);
void grants_close(struct persona *p); /* may be called at any time */

/* p->spec has just taken the place of before. What is taken back ends at once, connections and all; what is
 * given is there at once, but for a socket that was closed since the persona started: its container knows
 * that one and no other. true: such a one waits for the next start. */
bool grants_change(struct persona *p, const struct persona_spec *before);

#endif
