/* SPDX-License-Identifier: MIT
 * Following one log for one client. Used by logs.c alone. */
#ifndef BAY0_LOGS_FOLLOW_H
#define BAY0_LOGS_FOLLOW_H

#include "logs.h"

struct follower;

/* Sends the last n lines of container's log, then what comes. NULL with *e. on_drained is the follower's own
 * business: it goes on when a slow reader has read. */
struct follower *follower_new(struct bay0 *b, const char *container, client_ref client, int64_t request,
                              uint32_t n, struct err *e);
void follower_free(struct follower *f);
client_ref follower_client(const struct follower *f);
bool follower_is_of(const struct follower *f, const char *container);
/* The log is gone for good: answers the request. */
void follower_answer(struct follower *f);
/* Something changed in the directory: sends what is new, within bounds. */
void follower_go(struct follower *f);

#endif
