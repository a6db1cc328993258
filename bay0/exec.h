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
/* The size of the terminal changed that the programs of client c were lent: podman is told, which looks. */
void exec_resized(struct bay0 *b, client_ref c);
/* p is awake (or has ended): programs that waited for it go in. */
void exec_awake(struct persona *p);

#endif
