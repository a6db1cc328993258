/* SPDX-License-Identifier: MIT
 * The loop: sources and timers that remove each other and themselves, signals, and rest when there is nothing
 * to do. */
#include "loop.h"

#include "tests/t.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { PIPES = 8 };

struct many {
    struct loop *loop;
    struct loop_source *source[PIPES];
    int in[PIPES], out[PIPES];
    int called;
};

static void remove_all(void *user, uint32_t events)
{
    struct many *m = user;

    (void)events;
    m->called++;
    for (int i = 0; i < PIPES; i++) {
        loop_remove(m->source[i]);
        m->source[i] = NULL;
    }
}

static void test_remove_in_callback(void)
{
    struct many m = {.loop = loop_create()};

    for (int i = 0; i < PIPES; i++) {
        int ends[2];

        if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
            return;
        m.in[i] = ends[0];
        m.out[i] = ends[1];
        m.source[i] = loop_add(m.loop, ends[0], EPOLLIN, remove_all, &m);
        (void)!write(ends[1], "x", 1);
    }
    loop_turn(m.loop, 1000);
    T_NAMED(m.called == 1, "the first callback removes all sources, the other seven stay silent");
    loop_turn(m.loop, 10);
    T_INT(m.called, 1);
    for (int i = 0; i < PIPES; i++) {
        close(m.in[i]);
        close(m.out[i]);
    }
    loop_destroy(m.loop);
}

struct churn {
    struct loop *loop;
    struct loop_source *source;
    int in, out, called;
};

/* Removes itself and adds a new source for the same fd, in the same turn. */
static void replace_self(void *user, uint32_t events)
{
    struct churn *c = user;

    (void)events;
    c->called++;
    loop_remove(c->source);
    c->source = loop_add(c->loop, c->in, EPOLLIN, replace_self, c);
}

static void test_replace_self(void)
{
    struct churn c = {.loop = loop_create()};
    int ends[2];

    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
        return;
    c.in = ends[0];
    c.out = ends[1];
    c.source = loop_add(c.loop, c.in, EPOLLIN, replace_self, &c);
    (void)!write(c.out, "x", 1);
    for (int i = 0; i < 100; i++)
        loop_turn(c.loop, 100);
    T_INT(c.called, 100);
    T(loop_modify(c.source, 0) == 0);
    loop_turn(c.loop, 20);
    T_INT(c.called, 100);
    T(loop_modify(c.source, EPOLLIN) == 0);
    loop_turn(c.loop, 100);
    T_INT(c.called, 101);
    T(loop_add(c.loop, -1, EPOLLIN, replace_self, &c) == NULL);
    T_INT(errno, EBADF);
    close(c.out);
    close(c.in);
    loop_destroy(c.loop); /* with a source still in it: LeakSanitizer looks */
}

static char order[64];

static void note(void *user)
{
    strncat(order, user, sizeof order - strlen(order) - 1);
}

struct again {
    struct loop *loop;
    struct loop_timer *other, *self;
    int rang;
};

static void ring_again(void *user)
{
    struct again *a = user;

    a->rang++;
    loop_timer_cancel(a->self); /* itself, while it rings: nothing to do */
    loop_timer_cancel(a->other);
    a->other = NULL;
    a->self = loop_timer(a->loop, 0, ring_again, a);
}

static void must_not_ring(void *user)
{
    (void)user;
    T_NAMED(false, "a cancelled timer rang");
}

static void test_timers(void)
{
    struct loop *l = loop_create();
    struct again a = {.loop = l};
    struct loop_timer *t;
    uint64_t start = loop_now(), took;

    loop_timer(l, 60, note, "c");
    loop_timer(l, 20, note, "a");
    loop_timer(l, 20, note, "b");
    t = loop_timer(l, 40, must_not_ring, NULL);
    loop_timer(l, 100, note, "d");
    loop_timer_cancel(t);
    while (strlen(order) < 4)
        loop_turn(l, -1);
    took = loop_now() - start;
    T_STR(order, "abcd");
    T(took >= 99 && took < 1000);

    a.self = loop_timer(l, 0, ring_again, &a);
    a.other = loop_timer(l, 0, must_not_ring, NULL);
    loop_turn(l, 1000);
    T_NAMED(a.rang == 1, "a timer of 0 ms set by its own callback waits for the next turn");
    for (int i = 0; i < 9; i++)
        loop_turn(l, 1000);
    T_INT(a.rang, 10);
    loop_timer_cancel(a.self);
    loop_timer(l, UINT64_MAX, must_not_ring, NULL);
    loop_turn(l, 20);
    loop_timer_cancel(NULL);
    loop_remove(NULL);
    loop_destroy(l);
    loop_destroy(NULL);
}

static void count_timer(void *user)
{
    ++*(int *)user;
}

/* Random deadlines, a third cancelled: each of the others rings once and in order. */
static uint64_t last_due;
static bool in_order = true;

struct due {
    uint64_t at;
    int *count;
};

static void due_rang(void *user)
{
    struct due *d = user;

    if (d->at < last_due || loop_now() < d->at)
        in_order = false;
    last_due = d->at;
    ++*d->count;
}

static void test_many_timers(void)
{
    enum { N = 3000 };
    static struct due due[N];
    static struct loop_timer *timer[N];
    struct loop *l = loop_create();
    unsigned seed = 7;
    int rang = 0, wanted = 0;

    for (int i = 0; i < N; i++) {
        unsigned ms = (unsigned)rand_r(&seed) % 200;

        due[i] = (struct due){.at = loop_now() + ms, .count = &rang};
        timer[i] = loop_timer(l, ms, due_rang, &due[i]);
    }
    for (int i = 0; i < N; i++)
        if (i % 3 == 0)
            loop_timer_cancel(timer[i]);
        else
            wanted++;
    for (uint64_t end = loop_now() + 2000; rang < wanted && loop_now() < end;)
        loop_turn(l, 100);
    T_INT(rang, wanted);
    T_NAMED(in_order, "timers ring in order and not early");
    loop_destroy(l);
}

static void stop_it(void *user)
{
    loop_stop(user);
}

static void test_idle(void)
{
    struct loop *l = loop_create();
    struct rusage before, after;
    uint64_t start = loop_now();
    int rang = 0;

    loop_timer(l, 300, stop_it, l);
    loop_timer_cancel(loop_timer(l, 10, count_timer, &rang));
    getrusage(RUSAGE_SELF, &before);
    loop_run(l);
    getrusage(RUSAGE_SELF, &after);
    T(loop_now() - start >= 300);
    T_INT(rang, 0);
    T_NAMED(after.ru_nvcsw - before.ru_nvcsw <= 3, "waiting 300 ms takes no more than a wake-up or two");
    loop_destroy(l);
}

static int signals[65];

static void signal_seen(void *user, int signo)
{
    (void)user;
    signals[signo]++;
}

static void test_signals(void)
{
    struct loop *l = loop_create();
    int ends[2];

    T_INT(loop_signals(l, signal_seen, NULL), 0);
    T_NAMED(loop_signals(l, signal_seen, NULL) == 0, "a second call only changes the callback");
    kill(getpid(), SIGTERM);
    kill(getpid(), SIGHUP);
    kill(getpid(), SIGPWR);
    if (pipe2(ends, O_CLOEXEC) == 0) {
        close(ends[0]);
        T_INT(write(ends[1], "x", 1), -1);
        T_NAMED(errno == EPIPE, "SIGPIPE does not end the process");
        close(ends[1]);
    }
    for (int i = 0; i < 5; i++)
        loop_turn(l, 10);
    T_INT(signals[SIGTERM], 1);
    T_INT(signals[SIGHUP], 1);
    T_INT(signals[SIGPWR], 1);
    T_INT(signals[SIGPIPE], 0);
    loop_destroy(l);
}

int main(void)
{
    test_remove_in_callback();
    test_replace_self();
    test_timers();
    test_many_timers();
    test_idle();
    test_signals();
    return t_done();
}
