/* SPDX-License-Identifier: MIT
 * The logs in /persist/log: the end of one, following one, and keeping the generation before the newest. */
#ifndef BAY0_LOGS_H
#define BAY0_LOGS_H

#include "persona.h"

struct logs; /* bay0.logs */

/* Where bay0's own log lies, and that of a container. */
void logs_path(const struct bay0 *b, const char *container, char *out, size_t size);
/* Watches the directory of the logs; without that (logged) nothing can be followed and conmon keeps no older
 * generation. */
void logs_open(struct bay0 *b);
/* Going down: lets go of /persist. */
void logs_close(struct bay0 *b);
/* Answers {"lines":[...]}: the last ones; or with `follow` sends them and what comes then as events, until
 * the client goes. */
void logs_answer(struct bay0 *b, struct call *c);
/* The client c is gone. */
void logs_client_gone(struct bay0 *b, client_ref c);
/* At start, when it is known who is declared: removes the logs of personas that are not, as an interrupted
 * removal leaves them. */
void logs_prune(struct bay0 *b);
/* Removes the log of a container that is gone for good; who follows it hears the end. */
void logs_forget(struct bay0 *b, const char *container);

#endif
