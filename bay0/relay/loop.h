/* SPDX-License-Identifier: MIT
 * The relay's event loop: accepts, connects, copies, and ends with the command. */
#ifndef RELAY_LOOP_H
#define RELAY_LOOP_H

#include "relay/cmd.h"
#include "relay/opts.h"

struct loop;

/* listen_fd must be a listening, non-blocking Unix stream socket; signal_fd a non-blocking signalfd that has
 * SIGCHLD and whatever is to be passed on to the command; o->control_fd must have passed passed_control. None
 * is closed. NULL with errno set. */
struct loop *loop_create(const struct opts *o, int listen_fd, int signal_fd, struct cmd *cmd);

/* Returns when the command has ended and its last answers are delivered (for at most a second): 0, or -1 with
 * errno. */
int loop_run(struct loop *l);

/* Closes every connection; NULL is fine. */
void loop_destroy(struct loop *l);

#endif
