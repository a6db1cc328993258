/* SPDX-License-Identifier: MIT
 * A simulated world for the focus engine: a kernel that freezes late or never and a sway with its own mind.
 * Each action is checked against the promises. For test_focus_model.c alone. */
#ifndef BAY0_CORE_TEST_FOCUS_WORLD_H
#define BAY0_CORE_TEST_FOCUS_WORLD_H

#include "core/focus.h"
#include "tests/t.h"

enum { N = 6, QUEUE = 256, TICKETS = 4096, SESSIONS = 8 };
static const char *const ids[N] = {"a", "b", "c", "d", "e", "f"};

struct pending { /* something that reaches the engine later */
    uint64_t at;
    enum focus_event_kind kind;
    int who; /* -1: nobody */
    bool flag;
};
struct person {
    bool there, running, freeze_asked, frozen, throttled, parked, ready_owed, elsewhere;
    enum background_mode background;
    uint64_t timer; /* 0: not armed */
    int holds, sessions, active;
};
struct world {
    struct focus f;
    struct person p[N];
    struct pending q[QUEUE];
    int queued;
    uint64_t now, stream_at; /* sway's events come in order: none before stream_at */
    int shown;               /* workspace that sway shows, -1: none of ours */
    int showing;             /* FA_SHOW under way, -1: none */
    bool up, tame;           /* tame: everything ends at once and well */
    int front;
    unsigned char tickets[TICKETS]; /* 0 unused, 1 waiting, 2 answered */
    int next_ticket;
    uint64_t rng;
    const char *broken; /* the first promise that did not hold */
    unsigned long steps;
    size_t most;
};

static uint32_t roll(struct world *w, uint32_t n)
{
    w->rng ^= w->rng << 13;
    w->rng ^= w->rng >> 7;
    w->rng ^= w->rng << 17;
    return (uint32_t)(w->rng >> 32) % n;
}

static void must(struct world *w, bool ok, const char *what)
{
    if (!ok && !w->broken)
        w->broken = what;
}

static int who(const char *id)
{
    for (int i = 0; i < N; i++)
        if (strcmp(ids[i], id) == 0)
            return i;
    return -1;
}

static void later(struct world *w, uint64_t ms, enum focus_event_kind kind, int i, bool flag)
{
    must(w, w->queued < QUEUE, "the world's queue holds");
    if (w->queued < QUEUE)
        w->q[w->queued++] = (struct pending){w->now + ms, kind, i, flag};
}

static void sway_says(struct world *w, int workspace)
{
    uint64_t at = w->now + (w->tame ? 0 : roll(w, 120));

    w->stream_at = at > w->stream_at ? at : w->stream_at;
    later(w, w->stream_at - w->now, FE_WORKSPACE, workspace, false);
}

static bool visible(const struct world *w, int i)
{
    return w->up && w->p[i].running && (w->shown == i || w->p[i].elsewhere);
}

static void on_freeze(struct world *w, const struct focus_actions *out, size_t at, int i)
{
    bool timer = false;

    for (size_t k = at; k < out->n; k++)
        timer = timer || (out->a[k].kind == FA_TIMER && out->a[k].ms && strcmp(out->a[k].id, ids[i]) == 0);
    must(w, w->front != i, "the front one is never frozen");
    must(w, !visible(w, i), "nothing visible is frozen");
    must(w, !w->p[i].holds && !w->p[i].active, "nothing held is frozen");
    must(w, w->p[i].running && w->p[i].background == BACKGROUND_FREEZE,
         "only running `freeze` ones are frozen");
    must(w, timer, "FA_FREEZE comes with the timer of the fall-back");
    w->p[i].freeze_asked = true;
    later(w, 0, FE_THAWED, i, false); /* read anew: not frozen yet */
    if (w->tame || roll(w, 8))
        later(w, w->tame ? 1 : roll(w, 10) ? roll(w, 60) : roll(w, 1500), FE_FROZEN, i, false);
}

static void on_front(struct world *w, int i)
{
    w->front = i;
    for (int k = 0; k < N; k++)
        if (k != i)
            w->p[k].active = 0;
}

static void on_show(struct world *w, const struct focus_action *a, int i)
{
    bool well = w->tame || roll(w, 12), done = well || !roll(w, 3);

    must(w, w->showing < 0, "never two switches in flight");
    must(w, w->up, "no show without a compositor");
    must(w, w->p[i].running && !w->p[i].freeze_asked, "thaw comes before show");
    w->showing = i;
    if (done && !a->follow && w->shown != i) {
        w->shown = i;
        sway_says(w, i);
    }
    later(w, w->tame ? 1 : roll(w, 150), well ? FE_SHOWN : FE_SHOW_FAILED, i, false);
}

static void on_answer(struct world *w, const struct focus_action *a)
{
    must(w, a->ticket && a->ticket < TICKETS && w->tickets[a->ticket] == 1, "every ticket is answered once");
    if (a->ticket < TICKETS)
        w->tickets[a->ticket] = 2;
}

static void act(struct world *w, const struct focus_actions *out, size_t k, int removed)
{
    const struct focus_action *a = &out->a[k];
    int i = who(a->id);
    struct person *p = i < 0 ? NULL : &w->p[i];

    if (a->kind == FA_ANSWER) {
        on_answer(w, a);
        return;
    }
    if (a->kind == FA_RECORD) {
        must(w, !a->id[0] || (p && p->running), "only a running one gets the front");
        on_front(w, i);
        return;
    }
    must(w, p && (p->there || i == removed), "no action for unknown ids");
    if (!p)
        return;
    if (a->kind == FA_FREEZE)
        on_freeze(w, out, k, i);
    else if (a->kind == FA_THAW) {
        p->freeze_asked = false;
        if (w->tame || roll(w, 10))
            later(w, w->tame || !p->frozen ? 0 : roll(w, 40), FE_THAWED, i, false);
    } else if (a->kind == FA_THROTTLE || a->kind == FA_UNTHROTTLE) {
        must(w, p->throttled == (a->kind == FA_UNTHROTTLE), "throttle and its end alternate");
        must(w, a->kind == FA_UNTHROTTLE || w->front != i, "the front one is never throttled");
        p->throttled = a->kind == FA_THROTTLE;
    } else if (a->kind == FA_SHOW)
        on_show(w, a, i);
    else if (a->kind == FA_PARK_SOUND || a->kind == FA_UNPARK_SOUND) {
        must(w, p->parked == (a->kind == FA_UNPARK_SOUND), "sound is parked and unparked in turn");
        p->parked = a->kind == FA_PARK_SOUND;
    } else if (a->kind == FA_TIMER) {
        must(w, a->ms || p->timer, "only an armed timer is cancelled");
        p->timer = a->ms ? w->now + a->ms : 0;
    } else if (a->kind == FA_ASK_VISIBLE) {
        if (w->tame || roll(w, 10))
            later(w, w->tame ? 1 : roll(w, 80), FE_VISIBLE, i, true); /* answered from the truth of then */
    } else if (a->kind == FA_READY) {
        must(w, p->ready_owed && !p->freeze_asked, "ready is said once, and awake");
        p->ready_owed = false;
    }
}

static void feed(struct world *w, enum focus_event_kind kind, int i, uint64_t ticket, bool flag)
{
    static struct focus_actions out;
    struct focus_event ev = {
        .kind = kind, .id = i < 0 ? "" : ids[i], .ticket = ticket, .flag = flag, .now = w->now};
    int removed = kind == FE_REMOVED ? i : -1;

    if (kind == FE_ADDED) {
        ev.colour = "#336699";
        ev.background = w->p[i].background;
    }
    focus_event(&w->f, &ev, &out);
    w->steps++;
    w->most = out.n > w->most ? out.n : w->most;
    must(w, out.n < FOCUS_ACTIONS_MAX, "the actions fit");
    for (size_t k = 0; k < out.n; k++)
        act(w, &out, k, removed);
    must(w, removed < 0 || !w->p[removed].timer, "timers never leak");
}

/* The kernel's and sway's news are made from their state at the moment they are read. */
static void deliver(struct world *w, struct pending e)
{
    struct person *p = e.who < 0 ? NULL : &w->p[e.who];

    if (e.kind == FE_FROZEN || e.kind == FE_THAWED) {
        if (!p->running && e.kind == FE_FROZEN)
            return;
        if (e.kind == FE_FROZEN && !p->freeze_asked)
            return;
        p->frozen = e.kind == FE_FROZEN || (p->frozen && p->freeze_asked);
        feed(w, p->frozen ? FE_FROZEN : FE_THAWED, e.who, 0, false);
    } else if (e.kind == FE_VISIBLE) {
        if (w->up)
            feed(w, FE_VISIBLE, e.who, 0, visible(w, e.who));
    } else {
        if (e.kind == FE_SHOWN || e.kind == FE_SHOW_FAILED)
            w->showing = -1;
        feed(w, e.kind, e.who, 0, e.flag);
    }
}

/* Lets time run to `until`, or until nothing is left to happen. */
static void run(struct world *w, uint64_t until)
{
    for (int guard = 0; guard < 100000; guard++) {
        int best = -1, timer = -1;
        uint64_t at = until;

        for (int k = 0; k < w->queued; k++)
            if (w->q[k].at < at || (best < 0 && w->q[k].at == at))
                at = w->q[best = k].at;
        for (int i = 0; i < N; i++)
            if (w->p[i].timer && w->p[i].timer < at)
                at = w->p[timer = i].timer;
        if (best < 0 && timer < 0) {
            w->now = until == UINT64_MAX ? w->now : until;
            return;
        }
        w->now = at > w->now ? at : w->now;
        if (timer >= 0) {
            w->p[timer].timer = 0;
            feed(w, FE_TIMER, timer, 0, false);
        } else {
            struct pending e = w->q[best];

            memmove(&w->q[best], &w->q[best + 1], sizeof e * (size_t)(w->queued - best - 1));
            w->queued--;
            deliver(w, e);
        }
    }
    must(w, false, "the world comes to rest");
}

#endif
