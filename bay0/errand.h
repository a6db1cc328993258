/* SPDX-License-Identifier: MIT
 * One copy over the umbilical, by a child, and what follows from its end. See umbilical.h. */
#ifndef BAY0_ERRAND_H
#define BAY0_ERRAND_H

#include "umbilical.h"

enum errand_kind { ERRAND_SEND, ERRAND_PULL, ERRAND_ACCEPT };

struct errand {
    struct bay0 *b;
    struct errand *next;
    enum errand_kind kind;
    struct transfer *t;   /* its place, while the copy is under way */
    struct transfer what; /* the same as it was */
    client_ref client;
    int64_t request;
    int from, to;                     /* what the copy reads and writes; owned */
    int home;                         /* accept: the receiver's; owned, -1 */
    char name[TRANSFER_NAME_MAX + 8]; /* accept: what it is called there */
    bool forgotten;                   /* its persona is removed */
    struct child *child;
};

struct errand *errand_new(struct bay0 *b, const struct call *c, enum errand_kind kind, struct err *e);
void errand_free(struct errand *x);
/* Copies from one to the other, then answers; x is not for keeping. What leaves for the other side is in the
 * ledger before its first byte is there. */
void errand_go(struct errand *x, struct transfer *t);
/* Ends the copy, if it is still under way, as a failure. */
void errand_stop(struct errand *x);

#endif
