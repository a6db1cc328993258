/* SPDX-License-Identifier: MIT
 * One relayed connection: its descriptors, and the system calls that flow.h decides on. */
#ifndef RELAY_CONN_H
#define RELAY_CONN_H

#include "relay/flow.h"
#include "relay/spill.h"

#include <netinet/in.h>

/* What connections may hold for peers that do not read. */
struct conn_pool {
    size_t used, most; /* bytes in memory for all together: now, at most */
    size_t each;       /* bytes in pipe and memory for one direction of one connection */
};

struct conn {
    struct flow flow;
    int fd[FLOW_SIDES]; /* -1: not open; FLOW_SERVER is open from connect on */
    int pipe[FLOW_WAYS][2];
    struct spill spill;
    unsigned source; /* number of the one it came from */
    bool used;
    bool ready; /* something may move: conn_pump is due */
};

/* Takes over the accepted descriptor, also when it fails (-1 with errno). */
int conn_init(struct conn *c, int client, int64_t now);

/* Starts connecting; the outcome shows on fd[FLOW_SERVER] as an event, for conn_connected. */
void conn_connect(struct conn *c, const struct sockaddr_in *to, int64_t now);
void conn_connected(struct conn *c, int64_t now);

/* Moves bytes both ways until nothing moves, or until this connection's turn is over (then c->ready stays
 * set). */
void conn_pump(struct conn *c, struct conn_pool *pool, int64_t now);

/* Closes everything; with `reset` the server sees a reset instead of an end. */
void conn_finish(struct conn *c, struct conn_pool *pool, bool reset);

#endif
