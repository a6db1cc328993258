/* SPDX-License-Identifier: MIT
 * The clipboard stays at home: at each switch what one persona had copied is taken away from the next. What
 * the user wants to carry over goes by two deliberate keys, is limited in kind and size, and stands in the
 * ledger before the other persona can see it. ext-data-control-v1.
 *
 * Nobody is waited for: an owner that does not give, or a reader that does not take, is given up after a
 * time. */
#ifndef SWITCHER_CARRY_H
#define SWITCHER_CARRY_H

struct carry;
struct client;

enum {
    CARRY_READ_MS = 4000,  /* for the owner to give all of it */
    CARRY_SEND_MS = 10000, /* for a reader to take all of it */
    CARRY_KEEP_MS = 60000, /* from copy to paste; then it is wiped */
    CARRY_FRONT_MS = 2000  /* for bay0 to say that the one to paste into is in front */
};

/* Before the client connects; SIGPIPE must be ignored. NULL when memory is short or the client has no room.
 */
struct carry *carry_new(struct client *c);
void carry_free(struct carry *k); /* wipes what it holds; NULL is fine */

#endif
