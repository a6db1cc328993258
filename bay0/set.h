/* SPDX-License-Identifier: MIT
 * `persona.set`: a declaration changed while its persona may run. */
#ifndef BAY0_SET_H
#define BAY0_SET_H

#include "job.h"

/* Whether what a declaration wants is there on this machine. 0 or -1 with *e. */
int set_possible(const struct bay0 *b, const struct persona_spec *s, struct err *e);
/* Answers c, at once. The life table has allowed it. */
void set_run(struct persona *p, struct call *c);
/* The end of the job, before the answer. */
void set_settle(struct job *j, bool ok);

#endif
