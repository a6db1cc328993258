/* SPDX-License-Identifier: MIT
 * Keeps the containers of some stopped personas initialised (core/ahead.h says whose): then a start has only
 * its windows to set up and its first process to let go. What was done ahead is never in anybody's way: a
 * request that cannot use it waits until it is undone. */
#ifndef BAY0_AHEAD_H
#define BAY0_AHEAD_H

#include "job.h"

/* Something has ended: after a moment of quiet it is looked who should be ready. Any number of times. */
void ahead_look(struct bay0 *b);
/* After LIFE_CLEAR: undoes it. */
void ahead_clear(struct persona *p);
/* The end of OP_PREPARE or OP_CLEAR. Its life is settled, but what waits is not begun: ahead_waiting. */
void ahead_settle(struct job *j, bool ok);

/* The request of c waits for the end of the operation under way. 0, or -1 with *e: another one waits already,
 * or memory is short. */
int ahead_wait(struct persona *p, const struct call *c, struct err *e);
/* Carries out what waits for p, if anything does. The last thing of a job's end. */
void ahead_waiting(struct persona *p);

#endif
