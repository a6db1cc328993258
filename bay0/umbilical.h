/* SPDX-License-Identifier: MIT
 * The umbilical: the only corridor for files between personas. One persona sends, which makes a copy of
 * bay0's own in the staging folder; nothing is seen of it in the other until a person pulls it there, or
 * accepts it on the Spine. The folder, /persist/transfer/.staged, is root's, and no id begins with a dot.
 *
 * A whole transfer or none: the copy has no name (O_TMPFILE) until all of it is on the disk and hashed. Then
 * one link gives it a name that says everything about it (core/transfer.h), so there is no second file that a
 * power cut could lose, and what was half done goes with its last descriptor.
 *
 * Who copies: the sender opens the file and passes the descriptor (SCM_RIGHTS), since a name would be bay0's
 * to follow, through links that the sender may turn meanwhile. The other way round, a descriptor of the
 * staged file in the sender's hands, could be written to for ever. bay0 looks at the descriptor once (fstat:
 * a regular file, its size with its holes, quota) and reads none of it: `spine copy` does, as nobody, without
 * capabilities, and bounded in bytes and time, so that bay0 waits for no disk and what the persona opened is
 * not read with rights that the persona has not. Pulled is the same way: the receiver's own program opens the
 * new file. */
#ifndef BAY0_UMBILICAL_H
#define BAY0_UMBILICAL_H

#include "bay0.h"
#include "core/ledger.h"
#include "core/transfer.h"

#include <jansson.h>

struct errand; /* a copy under way: see errand.h */
struct umbilical {
    struct bay0 *b;
    int dir; /* the staging folder, -1 when it could not be opened */
    uint64_t last;
    struct transfer all[TRANSFER_ALL_MAX];
    struct ledger_quota rate; /* of what each persona asks for */
    struct errand *errands;
    struct loop_timer *timer; /* rings when the next one expires */
};

/* b->umbilical; reads what is there and removes what is no transfer. */
void umbilical_open(struct bay0 *b);
/* Before /persist is unmounted. */
void umbilical_close(struct bay0 *b);
/* When it is known who is declared: removes what was from or for others, as an interrupted removal leaves it.
 */
void umbilical_prune(struct bay0 *b);
/* Persona id is removed: what was from it or for it goes too. */
void umbilical_forget(struct bay0 *b, const char *id);

/* For crossing.c and errand.c. A free place, filled and TRANSFER_COMING, or NULL with *e. */
struct transfer *umbilical_place(struct bay0 *b, const char *from, const char *to, uint64_t bytes,
                                 struct err *e);
struct transfer *umbilical_find(struct bay0 *b, uint64_t number); /* NULL when it is not staged */
int umbilical_new_file(struct bay0 *b);                           /* without a name; -1 with errno */
int umbilical_file(struct bay0 *b, const struct transfer *t);     /* open for reading; -1 with errno */
/* Gives the file its name; t, whose hash is known, is dated and numbered. 0 or -1 with *e. */
int umbilical_keep(struct bay0 *b, struct transfer *t, int fd, struct err *e);
/* Removes its file, if it has one, and frees the place. */
void umbilical_end(struct bay0 *b, struct transfer *t);
/* The same, recorded: nobody has pulled it. */
void umbilical_drop(struct bay0 *b, struct transfer *t, const char *why);
json_t *umbilical_rows(struct bay0 *b, const char *to); /* {"transfers":[...]}; NULL: for all */

#endif
