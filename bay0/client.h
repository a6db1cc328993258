/* SPDX-License-Identifier: MIT
 * One connection of a control socket: its bytes in and out, its lines, its fds. Used by server only. */
#ifndef BAY0_CLIENT_H
#define BAY0_CLIENT_H

#include "server.h"

/* At most SERVER_RATE_PER_SECOND in each second. */
struct rate {
    uint64_t since; /* loop_now at the start of the second */
    unsigned used;
};
bool rate_take(struct rate *r);           /* false: none left in this second */
uint64_t rate_wait(const struct rate *r); /* ms until there are new ones */

/* line is one whole line without its newline; too long or unfinished ones come with e set and line NULL. fds
 * may be taken by setting them to -1. */
typedef void client_line_fn(struct client *c, const char *line, size_t len, const struct err *e,
                            int fds[SERVER_FDS_MAX]);

struct client {
    struct client *next, *prev; /* server.c: all clients */
    struct server *server;
    struct loop *loop;
    client_ref ref;
    uid_t uid;
    bool limited; /* came through a persona's socket */
    bool subscribed;
    bool keys;        /* subscribed, and it is the switcher */
    unsigned pending; /* requests without a final answer */
    server_gone_fn *gone;
    void *gone_user;
    server_drained_fn *drained;
    void *drained_user;

    /* client.c only */
    int fd;
    struct loop_source *source;
    struct loop_timer *resume;
    uint32_t events;
    client_line_fn *on_line;
    void (*on_close)(struct client *c);
    char *in, *out;
    size_t in_len, in_size, in_seen; /* in_seen: bytes known to hold no newline */
    size_t out_at, out_len, out_size;
    int fds[SERVER_FDS_MAX];
    bool has_fds;
    size_t fds_at; /* index in `in` of the last byte that came with them */
    struct rate rate;
    bool eof, closing, doomed, busy, closed, held;
};

/* Takes fd. on_close is told once, before the client is freed. NULL with errno (fd is closed). */
struct client *client_create(struct loop *l, int fd, client_line_fn *on_line,
                             void (*on_close)(struct client *));
/* Ends it now; safe inside on_line. */
void client_close(struct client *c);
/* Queues and sends what goes at once. A reader that leaves too much unread is given up. Never frees c. */
void client_send(struct client *c, const char *data, size_t len);
/* Call when pending went down: reading may go on, or the connection may be over. Never frees c. */
void client_answered(struct client *c);
/* Held, nothing is read from it. */
void client_hold(struct client *c, bool on);
/* Nothing of it lies in bay0's memory: no part of a line, no answer that it has not read. */
bool client_idle(const struct client *c);
/* Gives it up at the next turn. */
void client_doom(struct client *c);

#endif
