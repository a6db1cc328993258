/* SPDX-License-Identifier: MIT
 * Decides whose next connection is accepted. Pure: touches only the struct it is given; time comes in as an
 * argument.
 *
 * A source is one listening socket, with a share of the places of its own: who fills it keeps nobody else
 * out. Sources are known by their number, which the next one may get when they are removed. */
#ifndef RELAY_SOURCE_H
#define RELAY_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

enum {
    SOURCES_MOST = 65, /* a persona each, and the Spine's own */
    SOURCE_NAME_MAX = 31,
};

struct source {
    bool used;
    char name[SOURCE_NAME_MAX + 1]; /* "": the inherited listener */
    unsigned count;                 /* connections that came from it */
    bool watched;                   /* its listener tells when somebody comes */
    bool backlog;                   /* somebody may wait there */
    int64_t retry_at;               /* left alone until then after a failure; -1: it is not */
};

struct sources {
    struct source at[SOURCES_MOST];
    unsigned max, each; /* places for all, places for one */
    unsigned count;     /* connections of all */
    unsigned turn;      /* who is looked at first for the next one */
};

/* Number 0 is the inherited listener, with the empty name. */
void sources_init(struct sources *s, unsigned max, unsigned each);

/* The number, or -1. */
int sources_find(const struct sources *s, const char *name);

/* A name that is not known yet, of at most SOURCE_NAME_MAX characters. The number, or -1 when the table is
 * full. */
int sources_add(struct sources *s, const char *name);

/* Only one that has no connection left. */
void sources_remove(struct sources *s, unsigned i);

/* A connection of this source begins, ends. */
void sources_took(struct sources *s, unsigned i);
void sources_freed(struct sources *s, unsigned i);

/* No place is left for it: its own are taken, or all are. */
bool sources_crowded(const struct sources *s, unsigned i);

/* Who is asked for one connection now, or -1: those with a backlog in turn, whatever comes of it. */
int sources_next(struct sources *s);

/* Somebody waits in its backlog, nobody does. */
void sources_came(struct sources *s, unsigned i);
void sources_dry(struct sources *s, unsigned i);

/* Whether its listener has to be watched, when all have been asked. One that is not counts as having a
 * backlog: nobody tells when somebody comes. */
bool sources_watch(struct sources *s, unsigned i);

void sources_pause(struct sources *s, unsigned i, int64_t until);

/* Ends the pauses that are over. */
void sources_resume(struct sources *s, int64_t now);

/* When the next pause ends; -1 for never. */
int64_t sources_deadline(const struct sources *s);

#endif
