/* SPDX-License-Identifier: MIT
 * Decides what one relayed connection does next. */
#include "relay/flow.h"

enum { BACKOFF_FIRST_MS = 25, BACKOFF_MOST_MS = 500 };

void flow_init(struct flow *f, int64_t now)
{
    *f = (struct flow){
        .state = FLOW_WAITING, .retry_at = now, .since = now, .full_at = -1, .blocked_at = -1, .gone_at = -1};
    f->writable[FLOW_CLIENT] = true;
    f->readable[FLOW_CLIENT] = true;
}

int64_t flow_backoff(unsigned tries)
{
    int64_t ms = BACKOFF_FIRST_MS;

    while (tries-- > 0 && ms < BACKOFF_MOST_MS)
        ms *= 2;
    return ms < BACKOFF_MOST_MS ? ms : BACKOFF_MOST_MS;
}

void flow_connecting(struct flow *f)
{
    f->state = FLOW_CONNECTING;
}

void flow_refused(struct flow *f, int64_t now)
{
    f->state = FLOW_WAITING;
    f->retry_at = now + flow_backoff(f->tries);
    if (f->tries < 32)
        f->tries++;
}

void flow_connected(struct flow *f)
{
    f->state = FLOW_OPEN;
    f->readable[FLOW_SERVER] = true;
    f->writable[FLOW_SERVER] = true;
}

void flow_client_gone(struct flow *f, int64_t now)
{
    if (f->gone_at >= 0)
        return;
    f->gone_at = now;
    f->readable[FLOW_CLIENT] = true; /* what it sent before it left still goes to the server */
    f->dir[FLOW_DOWN].shut = true;
}

enum flow_op flow_next(const struct flow *f, enum flow_way way, struct flow_room room)
{
    const struct flow_dir *d = &f->dir[way];
    bool sink_open = f->writable[flow_sink(way)];

    if (f->state != FLOW_OPEN || d->shut)
        return FLOW_REST;
    if (d->piped > 0 && sink_open)
        return FLOW_DRAIN;
    if (d->piped == 0 && d->spilled > 0 && sink_open)
        return FLOW_UNSPILL;
    if (d->eof)
        return d->piped == 0 && d->spilled == 0 ? FLOW_SHUT : FLOW_REST;
    if (!f->readable[way])
        return FLOW_REST;
    if (d->spilled == 0 && !d->pipe_full && room.pipe > 0)
        return FLOW_FILL;
    return way == FLOW_DOWN && f->lags && room.memory > 0 ? FLOW_SPILL : FLOW_REST;
}

static void book_moved(struct flow *f, enum flow_way way, enum flow_op op, size_t n, int64_t now)
{
    struct flow_dir *d = &f->dir[way];

    if (op == FLOW_FILL)
        d->piped += n;
    else if (op == FLOW_SPILL)
        d->spilled += n;
    else if (op == FLOW_DRAIN)
        d->piped -= n < d->piped ? n : d->piped;
    else if (op == FLOW_UNSPILL)
        d->spilled -= n < d->spilled ? n : d->spilled;

    if (op == FLOW_DRAIN)
        d->pipe_full = false;
    if (way == FLOW_UP && op == FLOW_FILL)
        f->heard = true;
    if (way == FLOW_DOWN && (op == FLOW_DRAIN || op == FLOW_UNSPILL)) {
        f->since = now;
        f->blocked_at = -1;
        f->taken += n;
        if (f->taken >= FLOW_LAG_BYTES || d->piped + d->spilled == 0) {
            f->full_at = -1;
            f->lags = false;
        }
    }
}

static void book_sink_broken(struct flow *f, enum flow_way way, int64_t now)
{
    if (way == FLOW_DOWN)
        flow_client_gone(f, now); /* nobody is left to answer */
    else
        f->dir[FLOW_UP].shut = true; /* the server may still have an answer on the way */
}

void flow_book(struct flow *f, enum flow_way way, enum flow_op op, enum flow_result result, size_t n,
               int64_t now)
{
    struct flow_dir *d = &f->dir[way];

    if (op == FLOW_SHUT) {
        d->shut = true;
        return;
    }
    switch (result) {
    case FLOW_MOVED:
        book_moved(f, way, op, n, now);
        break;
    case FLOW_END:
        d->eof = true;
        break;
    case FLOW_SRC_EMPTY:
        f->readable[way] = false;
        break;
    case FLOW_PIPE_FULL:
        d->pipe_full = true;
        break;
    case FLOW_SINK_FULL:
        f->writable[flow_sink(way)] = false;
        if (way == FLOW_DOWN && f->full_at < 0) {
            f->full_at = now;
            f->taken = 0;
        }
        break;
    case FLOW_SRC_BROKEN:
        d->eof = true;
        if (way == FLOW_DOWN)
            f->dir[FLOW_UP].shut = true; /* a reset connection takes nothing either */
        break;
    case FLOW_SINK_BROKEN:
        book_sink_broken(f, way, now);
        break;
    }
}

/* Since when FLOW_DOWN waits for the client alone, with more to come; -1 when it does not. */
static int64_t held_since(const struct flow *f)
{
    const struct flow_dir *d = &f->dir[FLOW_DOWN];
    bool more = f->state == FLOW_OPEN && !d->shut && !d->eof && f->readable[FLOW_SERVER];

    return more && !f->writable[FLOW_CLIENT] ? f->full_at : -1;
}

bool flow_late(struct flow *f, int64_t now)
{
    int64_t since = held_since(f);

    if (f->lags || since < 0 || now < since + FLOW_LAG_MS)
        return false;
    f->lags = true;
    return true;
}

void flow_settle(struct flow *f, struct flow_room room, int64_t now)
{
    bool full = f->lags && held_since(f) >= 0 && flow_next(f, FLOW_DOWN, room) == FLOW_REST;

    if (!full)
        f->blocked_at = -1;
    else if (f->blocked_at < 0)
        f->blocked_at = now;
}

enum flow_verdict flow_judge(const struct flow *f, int64_t stall, int64_t now)
{
    if (f->state != FLOW_OPEN)
        return f->gone_at >= 0 ? FLOW_GONE : FLOW_KEEP;
    if (f->dir[FLOW_UP].shut && f->dir[FLOW_DOWN].shut)
        return f->gone_at >= 0 ? FLOW_GONE : FLOW_DONE;
    if (f->gone_at >= 0 && now >= f->gone_at + stall)
        return FLOW_GONE;
    if (f->blocked_at >= 0 && now >= f->blocked_at + stall)
        return FLOW_STALLED;
    return FLOW_KEEP;
}

int64_t flow_deadline(const struct flow *f, int64_t stall)
{
    if (f->state == FLOW_WAITING)
        return f->retry_at;
    if (f->gone_at >= 0)
        return f->gone_at + stall;
    if (f->blocked_at >= 0)
        return f->blocked_at + stall;
    if (!f->lags && held_since(f) >= 0)
        return f->full_at + FLOW_LAG_MS;
    return -1;
}

int64_t flow_idle_from(const struct flow *f, int64_t stall)
{
    if (f->state == FLOW_OPEN && (!f->heard || f->dir[FLOW_DOWN].eof))
        return f->since + stall;
    return -1;
}
