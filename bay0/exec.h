/* SPDX-License-Identifier: MIT
 * Programs started inside a running persona, with the caller's own standard input, output and error. */
#ifndef BAY0_EXEC_H
#define BAY0_EXEC_H

#include "persona.h"

/* Takes the call's fds. Answers {"status":N} when the program ends, or at once when it is detached and
 * started. */
void exec_start(struct persona *p, struct call *c);
/* The client c is gone: the programs whose end it waited for end too. */
void exec_client_gone(struct bay0 *b, client_ref c);
/* bay0 goes on in a new program (see reexec.h): the programs, and those who wait for their end, go on.
 * exec_keep: false with *e while one is on its way in or out. exec_resume: when the connections are there. */
bool exec_keep(struct bay0 *b, struct handover *h, struct err *e);
void exec_resume(struct bay0 *b, const struct handover *h);
/* The size of the terminal changed that the programs of client c were lent: podman is told, which looks. */
void exec_resized(struct bay0 *b, client_ref c);
/* p is awake (or has ended): programs that waited for it go in. */
void exec_awake(struct persona *p);

#endif
