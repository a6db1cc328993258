/* SPDX-License-Identifier: MIT
 * The listeners of all sources: the system calls that source.h decides on. */
#ifndef RELAY_GATE_H
#define RELAY_GATE_H

#include "relay/source.h"

enum { GATE_KEY = -16 }; /* epoll key of source i: GATE_KEY - i */

struct gate {
    int epoll;
    struct sources sources;
    int fd[SOURCES_MOST];
    int64_t said_since; /* this second's complaints */
    unsigned said;
};

/* listen_fd becomes source 0 and is never closed here. Nothing is watched before gate_watch. */
void gate_init(struct gate *g, int epoll, int listen_fd, unsigned max, unsigned each);

/* Takes over the listener of a name that is not known yet, also when it fails: -1, the table is full. */
int gate_open(struct gate *g, const char *name, int listen_fd);

/* The source must have no connection left. */
void gate_close(struct gate *g, unsigned i);

/* Its listener's event. */
void gate_event(struct gate *g, unsigned i);

/* The next client, with its source's number, or -1 when nobody is to be accepted. */
int gate_accept(struct gate *g, unsigned *source, int64_t now);

/* Watches those that have a place left, when all have been asked. */
void gate_watch(struct gate *g, int64_t now);

/* Watches none any more. */
void gate_rest(struct gate *g);

/* Closes every listener that gate_open took. */
void gate_finish(struct gate *g);

/* Whether one more line on stderr is still reasonable. */
bool gate_may_say(struct gate *g, int64_t now);

#endif
