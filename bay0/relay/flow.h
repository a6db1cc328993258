/* SPDX-License-Identifier: MIT
 * Decides what one relayed connection does next. Pure: touches only the struct it is given; time comes in as
 * an argument.
 *
 * A connection joins a client (Unix socket) and the server (TCP). Each direction has a pipe for splice(2);
 * the direction to the client also has memory to spill into, so that a client which does not read cannot hold
 * the server at once. Memory is two copies more, so one that reads, only not as fast as the server speaks, is
 * waited for. Times are milliseconds of a monotonic clock, sizes are bytes. */
#ifndef RELAY_FLOW_H
#define RELAY_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FLOW_LAG_MS = 20,           /* past the turns of a busy machine, and no time for a server */
    FLOW_LAG_BYTES = 64 * 1024, /* who takes less in that time lags: not one that reads a byte now and then */
};

enum flow_side { FLOW_CLIENT, FLOW_SERVER, FLOW_SIDES };

/* A direction is named after the side that it reads from. */
enum flow_way { FLOW_UP = FLOW_CLIENT, FLOW_DOWN = FLOW_SERVER, FLOW_WAYS };

enum flow_state {
    FLOW_WAITING,    /* no server yet; connect again at flow.retry_at */
    FLOW_CONNECTING, /* connect(2) under way */
    FLOW_OPEN,       /* copying */
};

enum flow_op {
    FLOW_REST,    /* nothing can move */
    FLOW_FILL,    /* splice source -> pipe */
    FLOW_SPILL,   /* receive source -> memory; only FLOW_DOWN */
    FLOW_DRAIN,   /* splice pipe -> sink */
    FLOW_UNSPILL, /* send memory -> sink; only FLOW_DOWN */
    FLOW_SHUT,    /* tell the sink that no more comes: shutdown(SHUT_WR) */
    FLOW_OPS
};

/* What a system call said. */
enum flow_result {
    FLOW_MOVED,      /* some bytes */
    FLOW_END,        /* source: end of file */
    FLOW_SRC_EMPTY,  /* would block: source has no byte */
    FLOW_PIPE_FULL,  /* would block: pipe has no room */
    FLOW_SINK_FULL,  /* would block: sink takes no more */
    FLOW_SRC_BROKEN, /* source failed for good */
    FLOW_SINK_BROKEN /* sink failed for good */
};

enum flow_verdict {
    FLOW_KEEP,
    FLOW_DONE,    /* both directions finished: close both sockets */
    FLOW_GONE,    /* the client left: close both */
    FLOW_STALLED, /* the client does not read: reset the server's side, close the client's */
};

/* How many bytes one direction may still take. */
struct flow_room {
    size_t pipe, memory;
};

struct flow_dir {
    size_t piped, spilled; /* bytes on the way */
    bool pipe_full;        /* no room in the pipe until something was drained */
    bool eof;              /* the source gives no more */
    bool shut;             /* the sink gets no more; what is still on the way is void */
};

struct flow {
    enum flow_state state;
    unsigned tries;     /* failed connects */
    int64_t retry_at;   /* FLOW_WAITING: when to connect */
    int64_t since;      /* accepted at, or last byte given to the client */
    int64_t full_at;    /* FLOW_DOWN is held up by the client since; -1 when it is not */
    size_t taken;       /* bytes given to it since then */
    bool lags;          /* too few for so long: memory may be used */
    int64_t blocked_at; /* FLOW_DOWN full since, memory too; -1 when it is not */
    int64_t gone_at;    /* the client hung up at; -1 when it has not */
    bool heard;         /* the client has sent a byte */
    bool readable[FLOW_SIDES];
    bool writable[FLOW_SIDES];
    struct flow_dir dir[FLOW_WAYS];
};

static inline enum flow_side flow_sink(enum flow_way way)
{
    return way == FLOW_UP ? FLOW_SERVER : FLOW_CLIENT;
}

void flow_init(struct flow *f, int64_t now);

/* Delay in ms before connect number `tries` + 1: grows from 25 to 500. */
int64_t flow_backoff(unsigned tries);
void flow_connecting(struct flow *f);
void flow_refused(struct flow *f, int64_t now);
void flow_connected(struct flow *f);

/* The client's socket is closed at the far end in both directions. */
void flow_client_gone(struct flow *f, int64_t now);

/* The next step for one direction. */
enum flow_op flow_next(const struct flow *f, enum flow_way way, struct flow_room room);

/* Books the outcome of a step; `n` counts only for FLOW_MOVED. */
void flow_book(struct flow *f, enum flow_way way, enum flow_op op, enum flow_result result, size_t n,
               int64_t now);

/* Notes whether the client lags; true when that is new, so that something may move. */
bool flow_late(struct flow *f, int64_t now);

/* Notes whether FLOW_DOWN is full; call when both directions rest. */
void flow_settle(struct flow *f, struct flow_room room, int64_t now);

enum flow_verdict flow_judge(const struct flow *f, int64_t stall, int64_t now);

/* When flow_judge, flow_late or a retry has to be looked at again, without any event; -1 for never. */
int64_t flow_deadline(const struct flow *f, int64_t stall);

/* The server has nothing more for this client and the client does not care to end: when every place is taken,
 * such a connection may be dropped from this time on. -1 when it must stay. */
int64_t flow_idle_from(const struct flow *f, int64_t stall);

/* Bytes read from the server that the client has not been given. */
static inline size_t flow_owed(const struct flow *f)
{
    const struct flow_dir *d = &f->dir[FLOW_DOWN];

    return d->shut ? 0 : d->piped + d->spilled;
}

#endif
