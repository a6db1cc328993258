/* SPDX-License-Identifier: MIT
 * Asks the server by HTTP whether it is ready: a model that loads answers 503, and its clients shall wait
 * instead of being told so. Nothing is accepted before; the backlog keeps who comes. */
#ifndef RELAY_PROBE_H
#define RELAY_PROBE_H

#include "relay/opts.h"

#include <netinet/in.h>
#include <stdbool.h>

enum { PROBE_HEAD = 12 }; /* "HTTP/1.1 503" */

struct probe {
    struct sockaddr_in to;
    char path[OPTS_PROBE + 1];
    bool ready; /* never false again */
    int fd;     /* -1 between two tries */
    bool sent;
    char head[PROBE_HEAD];
    size_t got;
    int64_t at; /* ms: when to try, or with fd open when to give this try up */
};

/* Without a path in o it is ready at once. */
void probe_init(struct probe *p, const struct opts *o);

/* Does what is due. True: p->fd is new and wants to be watched for EPOLLIN and EPOLLOUT, edge-triggered. */
bool probe_tick(struct probe *p, int64_t now);

/* Something happened on p->fd. */
void probe_event(struct probe *p, int64_t now);

/* Ends this try; the next one comes after a pause. */
void probe_close(struct probe *p, int64_t now);

#endif
