/* SPDX-License-Identifier: MIT
 * A connection of bay0's own to sway's socket: requests go out as they are made, answers come in the same
 * order. sway-ipc(7). */
#ifndef BAY0_SWAY_IPC_H
#define BAY0_SWAY_IPC_H

#include "core/swayhead.h"
#include "loop.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SWAY_ASK_MAX = 1024,         /* bytes of a request */
    SWAY_ASKS_MAX = 256,         /* that wait for their answers */
    SWAY_SENT_MAX = 8,           /* of these with sway: its answers to more could be too much for it */
    SWAY_ANSWER_MAX = 256 * 1024 /* a longer one is passed over */
};

/* What came of a request. error: NULL, or why there is no answer; then text is "". */
struct sway_answer {
    const char *error;
    const char *text; /* NUL-terminated, valid during the callback */
    size_t len;
    bool lost; /* the connection was, or time ran out: sway may or may not have heard it */
};
typedef void sway_answer_fn(void *user, const struct sway_answer *a);

struct sway_ask;

/* Opened when something is asked, and anew after it was lost. Private but for asks, the number of those that
 * wait. */
struct sway_ipc {
    struct loop *loop;
    char path[PATH_MAX];
    uint32_t timeout_ms;
    int fd; /* -1: not open */
    struct loop_source *source;
    struct loop_timer *timer;       /* while anything is asked: the oldest one's end */
    struct sway_ask *first, **last; /* all that wait, oldest first */
    struct sway_ask *unsent;        /* the first of them that sway does not have yet */
    size_t asks, sent;              /* of all, of those with sway */
    char head[SWAY_HEAD];           /* of the answer that is coming in */
    size_t head_n;
    uint32_t left; /* bytes of it to come */
    char *text;    /* its beginning, or all of it */
    size_t text_n, text_size;
    bool passed_over; /* it is too long, or memory is short */
};

void sway_ipc_init(struct sway_ipc *i, struct loop *l, const char *path, uint32_t timeout_ms);
/* Asks; done is called exactly once and from the loop (or from sway_ipc_drop): with the answer, or when the
 * connection was lost, or timeout_ms later at the latest, which ends the connection. It may ask again, and
 * drop. False with errno, done not called: sway cannot be reached at once, too much is asked already, or too
 * long. */
bool sway_ipc_ask(struct sway_ipc *i, uint32_t type, const char *text, sway_answer_fn *done, void *user);
/* Ends the connection; what waits is told so at once. Nothing is held afterwards. */
void sway_ipc_drop(struct sway_ipc *i);

#endif
