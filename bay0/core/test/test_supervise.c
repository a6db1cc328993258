/* SPDX-License-Identifier: MIT
 * Every cell of the supervisor's table, then its arithmetic. */
#include "core/supervise.h"
#include "tests/t.h"

enum { NOW = 1000000 };

static void in_state(struct supervisor *s, enum sup_state state)
{
    sup_init(s);
    if (state == SUP_DOWN)
        return;
    sup_event(s, SUP_EV_START, NOW);
    if (state == SUP_UP || state == SUP_STOPPING)
        sup_event(s, SUP_EV_READY, NOW);
    if (state == SUP_STOPPING)
        sup_event(s, SUP_EV_STOP, NOW);
    if (state == SUP_BACKOFF)
        sup_event(s, SUP_EV_EXIT, NOW);
    for (uint64_t t = NOW; state == SUP_GAVE_UP && s->state != SUP_GAVE_UP; t++)
        sup_event(s, s->state == SUP_BACKOFF ? SUP_EV_TIMER : SUP_EV_EXIT, t);
}

static void test_every_cell(void)
{
    static const struct {
        enum sup_state from;
        enum sup_event ev;
        enum sup_action action;
        enum sup_state to;
        uint32_t timer;
    } rows[] = {
        {SUP_DOWN, SUP_EV_START, SUP_DO_SPAWN, SUP_STARTING, SUP_START_MS},
        {SUP_DOWN, SUP_EV_STOP, SUP_DO_NOTHING, SUP_DOWN, 0},
        {SUP_DOWN, SUP_EV_READY, SUP_DO_NOTHING, SUP_DOWN, 0},
        {SUP_DOWN, SUP_EV_EXIT, SUP_DO_NOTHING, SUP_DOWN, 0},
        {SUP_DOWN, SUP_EV_TIMER, SUP_DO_NOTHING, SUP_DOWN, 0},
        {SUP_STARTING, SUP_EV_START, SUP_DO_NOTHING, SUP_STARTING, SUP_START_MS},
        {SUP_STARTING, SUP_EV_STOP, SUP_DO_TERM, SUP_STOPPING, SUP_STOP_MS},
        {SUP_STARTING, SUP_EV_READY, SUP_DO_NOTHING, SUP_UP, 0},
        {SUP_STARTING, SUP_EV_EXIT, SUP_DO_WAIT, SUP_BACKOFF, SUP_BACKOFF_FIRST_MS},
        {SUP_STARTING, SUP_EV_TIMER, SUP_DO_KILL, SUP_STARTING, SUP_STOP_MS},
        {SUP_UP, SUP_EV_START, SUP_DO_NOTHING, SUP_UP, 0},
        {SUP_UP, SUP_EV_STOP, SUP_DO_TERM, SUP_STOPPING, SUP_STOP_MS},
        {SUP_UP, SUP_EV_READY, SUP_DO_NOTHING, SUP_UP, 0},
        {SUP_UP, SUP_EV_EXIT, SUP_DO_WAIT, SUP_BACKOFF, SUP_BACKOFF_FIRST_MS},
        {SUP_UP, SUP_EV_TIMER, SUP_DO_NOTHING, SUP_UP, 0},
        {SUP_STOPPING, SUP_EV_START, SUP_DO_NOTHING, SUP_STOPPING, SUP_STOP_MS},
        {SUP_STOPPING, SUP_EV_STOP, SUP_DO_NOTHING, SUP_STOPPING, SUP_STOP_MS},
        {SUP_STOPPING, SUP_EV_READY, SUP_DO_NOTHING, SUP_STOPPING, SUP_STOP_MS},
        {SUP_STOPPING, SUP_EV_EXIT, SUP_DO_NOTHING, SUP_DOWN, 0},
        {SUP_STOPPING, SUP_EV_TIMER, SUP_DO_KILL, SUP_STOPPING, SUP_STOP_MS},
        {SUP_BACKOFF, SUP_EV_START, SUP_DO_SPAWN, SUP_STARTING, SUP_START_MS},
        {SUP_BACKOFF, SUP_EV_STOP, SUP_DO_NOTHING, SUP_DOWN, 0},
        {SUP_BACKOFF, SUP_EV_READY, SUP_DO_NOTHING, SUP_BACKOFF, SUP_BACKOFF_FIRST_MS},
        {SUP_BACKOFF, SUP_EV_EXIT, SUP_DO_NOTHING, SUP_BACKOFF, SUP_BACKOFF_FIRST_MS},
        {SUP_BACKOFF, SUP_EV_TIMER, SUP_DO_SPAWN, SUP_STARTING, SUP_START_MS},
        {SUP_GAVE_UP, SUP_EV_START, SUP_DO_SPAWN, SUP_STARTING, SUP_START_MS},
        {SUP_GAVE_UP, SUP_EV_STOP, SUP_DO_NOTHING, SUP_DOWN, 0},
        {SUP_GAVE_UP, SUP_EV_READY, SUP_DO_NOTHING, SUP_GAVE_UP, 0},
        {SUP_GAVE_UP, SUP_EV_EXIT, SUP_DO_NOTHING, SUP_GAVE_UP, 0},
        {SUP_GAVE_UP, SUP_EV_TIMER, SUP_DO_NOTHING, SUP_GAVE_UP, 0},
    };
    static const char *const events[SUP_EVENT_COUNT] = {"start", "stop", "ready", "exit", "timer"};
    bool seen[SUP_STATE_COUNT][SUP_EVENT_COUNT] = {{false}};
    unsigned missing = 0;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct supervisor s;
        struct sup_decision d;
        char name[80];

        in_state(&s, rows[i].from);
        snprintf(name, sizeof name, "%s + %s", sup_state_name(rows[i].from), events[rows[i].ev]);
        T_NAMED(s.state == rows[i].from, name);
        d = sup_event(&s, rows[i].ev, NOW);
        T_NAMED(d.action == rows[i].action && s.state == rows[i].to && d.timer_ms == rows[i].timer, name);
        seen[rows[i].from][rows[i].ev] = true;
    }
    for (int st = 0; st < SUP_STATE_COUNT; st++)
        for (int ev = 0; ev < SUP_EVENT_COUNT; ev++)
            missing += !seen[st][ev];
    T_INT(missing, 0);
}

/* Lives of life_ms, one after the other; returns the wait after the last one, 0 when it gave up. */
static uint32_t lives(struct supervisor *s, unsigned n, uint64_t life_ms, uint64_t *now)
{
    struct sup_decision d = {SUP_DO_NOTHING, 0};

    for (unsigned i = 0; i < n && s->state != SUP_GAVE_UP; i++) {
        if (s->state == SUP_BACKOFF) {
            *now += d.timer_ms;
            sup_event(s, SUP_EV_TIMER, *now);
        }
        sup_event(s, SUP_EV_READY, *now);
        *now += life_ms;
        d = sup_event(s, SUP_EV_EXIT, *now);
    }
    return d.timer_ms;
}

static void test_backoff(void)
{
    static const uint32_t want[] = {250, 500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000};

    for (unsigned n = 1; n <= sizeof want / sizeof *want; n++) {
        struct supervisor s;
        uint64_t now = NOW;

        sup_init(&s);
        sup_event(&s, SUP_EV_START, now);
        T_INT(lives(&s, n, 20000, &now), want[n - 1]); /* slow deaths: never 8 in the window */
        T_INT(s.restarts, n - 1);
    }
}

static void test_stable_resets(void)
{
    struct supervisor s;
    uint64_t now = NOW;

    sup_init(&s);
    sup_event(&s, SUP_EV_START, now);
    T_INT(lives(&s, 5, 10, &now), 4000);
    now += 4000;
    sup_event(&s, SUP_EV_TIMER, now);
    T_INT(lives(&s, 1, SUP_STABLE_MS - 1, &now), 8000);
    now += 8000;
    sup_event(&s, SUP_EV_TIMER, now);
    T_INT(lives(&s, 1, SUP_STABLE_MS, &now), SUP_BACKOFF_FIRST_MS);
}

static void test_give_up(void)
{
    struct supervisor s;
    struct sup_decision d;
    uint64_t now = NOW;

    sup_init(&s);
    sup_event(&s, SUP_EV_START, now);
    T_INT(lives(&s, SUP_DEATHS_MAX - 1, 1, &now), 16000);
    now += 16000;
    sup_event(&s, SUP_EV_TIMER, now);
    d = sup_event(&s, SUP_EV_EXIT, now + 1);
    T_INT(d.action, SUP_DO_REPORT_GIVE_UP);
    T_INT(d.timer_ms, 0);
    T_STR(sup_state_name(s.state), "gave-up");
    d = sup_event(&s, SUP_EV_START, now + 2);
    T_INT(d.action, SUP_DO_SPAWN);
    d = sup_event(&s, SUP_EV_EXIT, now + 3);
    T_INT(d.action, SUP_DO_WAIT); /* the slate is clean */
    T_INT(d.timer_ms, SUP_BACKOFF_FIRST_MS);
}

static void test_window_edge(void)
{
    struct supervisor s;
    uint64_t now = NOW;

    /* The eighth death lies outside the window of the first by one millisecond: it goes on. */
    for (uint32_t extra = 0; extra < 2; extra++) {
        sup_init(&s);
        now = NOW;
        sup_event(&s, SUP_EV_START, now);
        lives(&s, SUP_DEATHS_MAX - 1, 1, &now);
        sup_event(&s, SUP_EV_TIMER, now);
        sup_event(&s, SUP_EV_EXIT, s.deaths[0] + SUP_DEATHS_WINDOW_MS + extra);
        T_INT(s.state, extra ? SUP_BACKOFF : SUP_GAVE_UP);
    }
}

static void test_stop(void)
{
    struct supervisor s;
    struct sup_decision d;

    in_state(&s, SUP_STOPPING);
    T_INT(sup_event(&s, SUP_EV_STOP, NOW + 1000).timer_ms, SUP_STOP_MS - 1000); /* does not start anew */
    d = sup_event(&s, SUP_EV_TIMER, NOW + SUP_STOP_MS);
    T_INT(d.action, SUP_DO_KILL);
    d = sup_event(&s, SUP_EV_TIMER, NOW + 2 * SUP_STOP_MS);
    T_INT(d.action, SUP_DO_KILL);
    d = sup_event(&s, SUP_EV_EXIT, NOW + 2 * SUP_STOP_MS + 1);
    T_INT(d.action, SUP_DO_NOTHING);
    T_INT(s.state, SUP_DOWN);
    T_INT(s.deaths_n, 0);
}

static void test_start_while_stopping(void)
{
    struct supervisor s;

    in_state(&s, SUP_STOPPING);
    sup_event(&s, SUP_EV_START, NOW);
    T_INT(sup_event(&s, SUP_EV_EXIT, NOW + 1).action, SUP_DO_SPAWN);
    T_INT(s.state, SUP_STARTING);
    in_state(&s, SUP_STOPPING);
    sup_event(&s, SUP_EV_START, NOW);
    sup_event(&s, SUP_EV_STOP, NOW);
    T_INT(sup_event(&s, SUP_EV_EXIT, NOW + 1).action, SUP_DO_NOTHING);
    T_INT(s.state, SUP_DOWN);
}

int main(void)
{
    test_every_cell();
    test_backoff();
    test_stable_resets();
    test_give_up();
    test_window_edge();
    test_stop();
    test_start_while_stopping();
    return t_done();
}
