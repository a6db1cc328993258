/* SPDX-License-Identifier: MIT
 * The new program's side of a re-exec (see reexec.h): believes what was handed over, or does without. */
#ifndef BAY0_RESUME_H
#define BAY0_RESUME_H

#include "bay0.h"

/* Name of the environment variable that carries the number of the descriptor. */
#define RESUME_ENV "BAY0_HANDOVER"

/* First of all, as a new program. *again says whether an earlier program was here at all. The handover
 * (malloc'ed), or NULL: then nothing that was inherited is open any more but standard input, output and
 * error, and *e says why, if there was one. */
struct handover *resume_take(bool *again, struct err *e);
/* For bay0 --check-handover FD, which the old program runs first: exit status 0 and no word, or 1 and why. */
int resume_check(int fd);
/* When registry, services and tenants are there: personas, sockets, connections, programs, focus go on. */
void resume_run(struct bay0 *b, const struct handover *h);

#endif
