/* SPDX-License-Identifier: MIT
 * The decisions of the relay, without a socket. */
#include "relay/flow.h"
#include "tests/t.h"

enum { STALL = 1000 };

static const struct flow_room ROOM = {4096, 4096}, NONE = {0, 0};

static struct flow open_flow(void)
{
    struct flow f;

    flow_init(&f, 0);
    flow_connecting(&f);
    flow_connected(&f);
    return f;
}

static void test_connect(void)
{
    struct flow f;

    flow_init(&f, 100);
    T_INT(flow_deadline(&f, STALL), 100);
    T_INT(flow_next(&f, FLOW_UP, ROOM), FLOW_REST);
    flow_connecting(&f);
    T_INT(flow_deadline(&f, STALL), -1);
    flow_refused(&f, 100);
    T_INT(f.retry_at, 125);
    flow_refused(&f, 125);
    T_INT(f.retry_at, 175);
    for (int i = 0; i < 100; i++)
        flow_refused(&f, 1000);
    T_INT(f.retry_at, 1500);
    T_INT(flow_judge(&f, STALL, 1 << 20), FLOW_KEEP);
    flow_client_gone(&f, 1000);
    T_INT(flow_judge(&f, STALL, 1000), FLOW_GONE);
    for (unsigned i = 0; i < 40; i++)
        T_NAMED(flow_backoff(i) <= flow_backoff(i + 1) && flow_backoff(i) >= 25 && flow_backoff(i) <= 500,
                "the delay grows within its bounds");
}

static void test_copy(void)
{
    struct flow f = open_flow();

    for (int way = 0; way < FLOW_WAYS; way++) {
        enum flow_way w = (enum flow_way)way;

        T_INT(flow_next(&f, w, ROOM), FLOW_FILL);
        flow_book(&f, w, FLOW_FILL, FLOW_MOVED, 100, 1);
        T_INT(flow_next(&f, w, ROOM), FLOW_DRAIN);
        flow_book(&f, w, FLOW_DRAIN, FLOW_MOVED, 60, 2);
        T_INT(f.dir[w].piped, 40);
        flow_book(&f, w, FLOW_DRAIN, FLOW_MOVED, 40, 2);
        T_INT(flow_next(&f, w, ROOM), FLOW_FILL);
        flow_book(&f, w, FLOW_FILL, FLOW_SRC_EMPTY, 0, 3);
        T_INT(flow_next(&f, w, ROOM), FLOW_REST);
        f.readable[w] = true;
        flow_book(&f, w, FLOW_FILL, FLOW_END, 0, 4);
        T_INT(flow_next(&f, w, ROOM), FLOW_SHUT);
        flow_book(&f, w, FLOW_SHUT, FLOW_MOVED, 0, 4);
        T_INT(flow_next(&f, w, ROOM), FLOW_REST);
        T_INT(flow_judge(&f, STALL, 5), way == 0 ? FLOW_KEEP : FLOW_DONE);
    }
}

/* The end is told only after the last byte, wherever that byte is. */
static void test_end_waits(void)
{
    struct flow f = open_flow();

    flow_book(&f, FLOW_DOWN, FLOW_FILL, FLOW_MOVED, 10, 1);
    f.writable[FLOW_CLIENT] = false;
    flow_book(&f, FLOW_DOWN, FLOW_FILL, FLOW_PIPE_FULL, 0, 1);
    f.lags = true;
    T_INT(flow_next(&f, FLOW_DOWN, ROOM), FLOW_SPILL);
    flow_book(&f, FLOW_DOWN, FLOW_SPILL, FLOW_MOVED, 5, 1);
    flow_book(&f, FLOW_DOWN, FLOW_SPILL, FLOW_END, 0, 1);
    T_INT(flow_next(&f, FLOW_DOWN, ROOM), FLOW_REST);
    T_INT(flow_owed(&f), 15);
    f.writable[FLOW_CLIENT] = true;
    T_INT(flow_next(&f, FLOW_DOWN, ROOM), FLOW_DRAIN); /* the pipe is older than the memory */
    flow_book(&f, FLOW_DOWN, FLOW_DRAIN, FLOW_MOVED, 10, 2);
    T_INT(flow_next(&f, FLOW_DOWN, ROOM), FLOW_UNSPILL);
    flow_book(&f, FLOW_DOWN, FLOW_UNSPILL, FLOW_MOVED, 5, 2);
    T_INT(flow_next(&f, FLOW_DOWN, ROOM), FLOW_SHUT);
    T_INT(flow_idle_from(&f, STALL), 2 + STALL);
}

/* While memory holds bytes, newer ones must not overtake them through the pipe. */
static void test_order(void)
{
    struct flow f = open_flow();

    f.dir[FLOW_DOWN].spilled = 10;
    f.lags = true;
    T_INT(flow_next(&f, FLOW_DOWN, ROOM), FLOW_UNSPILL);
    f.writable[FLOW_CLIENT] = false;
    T_INT(flow_next(&f, FLOW_DOWN, ROOM), FLOW_SPILL);
    T_INT(flow_next(&f, FLOW_DOWN, NONE), FLOW_REST);
    f.dir[FLOW_UP].pipe_full = true;
    f.dir[FLOW_UP].piped = 1;
    f.writable[FLOW_SERVER] = false;
    T_INT(flow_next(&f, FLOW_UP, ROOM),
          FLOW_REST); /* a server that does not read holds its own client only */
}

/* A pipe has places, not bytes: one of big pages may hold more than is allowed before it is full. */
static void test_room(void)
{
    struct flow f = open_flow();

    flow_book(&f, FLOW_DOWN, FLOW_FILL, FLOW_MOVED, 4096, 1);
    flow_book(&f, FLOW_DOWN, FLOW_DRAIN, FLOW_SINK_FULL, 0, 1);
    f.lags = true;
    T_INT(flow_next(&f, FLOW_DOWN, ROOM), FLOW_FILL);
    T_INT(flow_next(&f, FLOW_DOWN, (struct flow_room){10, 0}), FLOW_FILL);
    T_INT(flow_next(&f, FLOW_DOWN, NONE), FLOW_REST);
    flow_settle(&f, NONE, 2);
    T_INT(f.blocked_at, 2);
}

static struct flow full_flow(void)
{
    struct flow f = open_flow();

    flow_book(&f, FLOW_DOWN, FLOW_FILL, FLOW_MOVED, 10, 50);
    flow_book(&f, FLOW_DOWN, FLOW_DRAIN, FLOW_SINK_FULL, 0, 50);
    flow_book(&f, FLOW_DOWN, FLOW_FILL, FLOW_PIPE_FULL, 0, 50);
    return f;
}

/* Memory is for a client that takes nothing for a while, not for one that is between two reads. */
static void test_lag(void)
{
    struct flow f = full_flow();

    T_INT(flow_next(&f, FLOW_DOWN, ROOM), FLOW_REST);
    flow_settle(&f, ROOM, 50);
    T_INT(flow_deadline(&f, STALL), 50 + FLOW_LAG_MS);
    T(!flow_late(&f, 49 + FLOW_LAG_MS));
    T(flow_late(&f, 50 + FLOW_LAG_MS));
    T_NAMED(!flow_late(&f, 51 + FLOW_LAG_MS), "it is new only once");
    T_INT(flow_next(&f, FLOW_DOWN, ROOM), FLOW_SPILL);
    T_INT(flow_deadline(&f, STALL), -1);

    f.writable[FLOW_CLIENT] = true; /* woken, but it still takes nothing */
    flow_book(&f, FLOW_DOWN, FLOW_DRAIN, FLOW_SINK_FULL, 0, 90);
    T_INT(flow_next(&f, FLOW_DOWN, ROOM), FLOW_SPILL);
    flow_book(&f, FLOW_DOWN, FLOW_DRAIN, FLOW_MOVED, 1, 95);
    flow_book(&f, FLOW_DOWN, FLOW_DRAIN, FLOW_SINK_FULL, 0, 95);
    flow_book(&f, FLOW_DOWN, FLOW_FILL, FLOW_PIPE_FULL, 0, 95);
    T_NAMED(flow_next(&f, FLOW_DOWN, ROOM) == FLOW_SPILL, "a byte now and then is too little");
    f.dir[FLOW_DOWN].piped = 2 * (size_t)FLOW_LAG_BYTES;
    flow_book(&f, FLOW_DOWN, FLOW_DRAIN, FLOW_MOVED, FLOW_LAG_BYTES - 1, 100);
    flow_book(&f, FLOW_DOWN, FLOW_DRAIN, FLOW_SINK_FULL, 0, 100);
    flow_book(&f, FLOW_DOWN, FLOW_FILL, FLOW_PIPE_FULL, 0, 100);
    T_INT(flow_next(&f, FLOW_DOWN, ROOM), FLOW_REST);
    T_INT(flow_deadline(&f, STALL), 100 + FLOW_LAG_MS);

    f.readable[FLOW_SERVER] = false;
    T_INT(flow_deadline(&f, STALL), -1); /* the server says nothing: nobody is held */
    T(!flow_late(&f, 1 << 20));
    f.readable[FLOW_SERVER] = true;
    T(flow_late(&f, 1 << 20));
    flow_book(&f, FLOW_DOWN, FLOW_SPILL, FLOW_END, 0, 1 << 20);
    T_INT(flow_deadline(&f, STALL), -1);

    f = full_flow();
    T(flow_late(&f, 70));
    flow_book(&f, FLOW_DOWN, FLOW_DRAIN, FLOW_MOVED, 10, 80);
    T_NAMED(!f.lags && f.full_at < 0, "who has taken all there is does not lag");
}

static void test_stall(void)
{
    struct flow f = full_flow();

    flow_settle(&f, NONE, 60);
    T_INT(flow_deadline(&f, STALL), 50 + FLOW_LAG_MS); /* the time begins when memory is full */
    T(flow_late(&f, 70));
    flow_settle(&f, ROOM, 70);
    T_INT(flow_deadline(&f, STALL), -1);
    flow_settle(&f, NONE, 70);
    T_INT(flow_deadline(&f, STALL), 70 + STALL);
    flow_settle(&f, NONE, 500);
    T_INT(flow_deadline(&f, STALL), 70 + STALL);
    T_INT(flow_judge(&f, STALL, 69 + STALL), FLOW_KEEP);
    T_INT(flow_judge(&f, STALL, 70 + STALL), FLOW_STALLED);

    flow_book(&f, FLOW_DOWN, FLOW_DRAIN, FLOW_MOVED, 1, 900);
    T_INT(flow_deadline(&f, STALL), -1);
    f = full_flow();
    T(flow_late(&f, 70));
    flow_settle(&f, NONE, 70);
    flow_book(&f, FLOW_DOWN, FLOW_FILL, FLOW_END, 0, 80);
    flow_settle(&f, NONE, 80);
    T_NAMED(flow_judge(&f, STALL, 1 << 20) == FLOW_KEEP,
            "a server that has finished is not held: the answer may wait");
}

static void test_broken(void)
{
    struct flow f = open_flow();

    flow_book(&f, FLOW_UP, FLOW_FILL, FLOW_MOVED, 7, 1);
    flow_book(&f, FLOW_UP, FLOW_DRAIN, FLOW_SINK_BROKEN, 0, 2);
    T_INT(flow_next(&f, FLOW_UP, ROOM), FLOW_REST);
    T_INT(flow_next(&f, FLOW_DOWN, ROOM), FLOW_FILL); /* its last answer may be on the way */
    flow_book(&f, FLOW_DOWN, FLOW_FILL, FLOW_SRC_BROKEN, 0, 3);
    T_INT(flow_next(&f, FLOW_DOWN, ROOM), FLOW_SHUT);

    f = open_flow();
    flow_book(&f, FLOW_DOWN, FLOW_FILL, FLOW_SRC_BROKEN, 0, 3);
    T_INT(flow_next(&f, FLOW_UP, ROOM), FLOW_REST);

    f = full_flow();
    f.readable[FLOW_CLIENT] = false;
    flow_book(&f, FLOW_DOWN, FLOW_DRAIN, FLOW_SINK_BROKEN, 0, 40);
    T_INT(f.gone_at, 40);
    T_INT(flow_owed(&f), 0);
    T_INT(flow_next(&f, FLOW_UP, ROOM), FLOW_FILL); /* what the client sent before it left */
    T_INT(flow_judge(&f, STALL, 39 + STALL), FLOW_KEEP);
    T_INT(flow_judge(&f, STALL, 40 + STALL), FLOW_GONE);
    flow_client_gone(&f, 600);
    T_INT(f.gone_at, 40);
    flow_book(&f, FLOW_UP, FLOW_FILL, FLOW_END, 0, 41);
    flow_book(&f, FLOW_UP, FLOW_SHUT, FLOW_MOVED, 0, 41);
    T_INT(flow_judge(&f, STALL, 41), FLOW_GONE);
}

static void test_idle(void)
{
    struct flow f;

    flow_init(&f, 10);
    T_INT(flow_idle_from(&f, STALL), -1); /* waits for the server to load: its place is its own */
    flow_connecting(&f);
    flow_connected(&f);
    T_INT(flow_idle_from(&f, STALL), 10 + STALL);
    flow_book(&f, FLOW_UP, FLOW_FILL, FLOW_MOVED, 1, 20);
    T_INT(flow_idle_from(&f, STALL), -1); /* awaits an answer */
}

/* Every state of a direction has one next step, and none asks for what cannot move. */
static void test_all_states(void)
{
    int wrong = 0;

    for (unsigned bits = 0; bits < 1u << 9; bits++) {
        struct flow f = open_flow();
        struct flow_dir *d = &f.dir[FLOW_DOWN];
        enum flow_op op;

        f.readable[FLOW_SERVER] = bits & 1;
        f.writable[FLOW_CLIENT] = bits & 2;
        d->piped = bits & 4 ? 9 : 0;
        d->spilled = bits & 8 ? 9 : 0;
        d->pipe_full = bits & 16;
        d->eof = bits & 32;
        d->shut = bits & 64;
        f.lags = bits & 256;
        op = flow_next(&f, FLOW_DOWN, bits & 128 ? ROOM : NONE);
        wrong += (op == FLOW_FILL || op == FLOW_SPILL) && (!(bits & 1) || d->eof || d->shut);
        wrong += (op == FLOW_DRAIN || op == FLOW_UNSPILL) && (!(bits & 2) || d->shut);
        wrong += op == FLOW_DRAIN && d->piped == 0;
        wrong += op == FLOW_UNSPILL && (d->piped > 0 || d->spilled == 0);
        wrong += op == FLOW_SPILL && !f.lags;
        wrong += op == FLOW_FILL && (d->spilled > 0 || d->pipe_full);
        wrong += (op == FLOW_FILL || op == FLOW_SPILL) && !(bits & 128);
        wrong += op == FLOW_SHUT && (d->piped > 0 || d->spilled > 0 || !d->eof || d->shut);
        wrong += op == FLOW_REST && !d->shut && (bits & 2) && (d->piped > 0 || d->spilled > 0);
    }
    T_INT(wrong, 0);
}

int main(void)
{
    test_connect();
    test_copy();
    test_end_waits();
    test_order();
    test_room();
    test_lag();
    test_stall();
    test_broken();
    test_idle();
    test_all_states();
    return t_done();
}
