/* SPDX-License-Identifier: MIT
 * The focus engine against a simulated world: a kernel that freezes late or never, a sway with its own mind,
 * operations that hold, users in a hurry. The promises are checked after every step. */
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

/* What people, keys, jobs and accidents do. */
enum deed {
    ADD,
    REMOVE,
    START,
    STOP,
    ASK,
    KEY,
    HOLD,
    RELEASE,
    EXEC,
    EXIT,
    WINDOW,
    SWAY,
    STRAY,
    WAIT,
    PAUSE,
    DEEDS
};

static void end_person(struct world *w, int i, bool remove)
{
    struct person *p = &w->p[i];

    if (remove)
        p->holds = p->sessions = p->active = 0; /* the engine forgets them with the persona */
    else
        p->running = p->elsewhere = false;
    feed(w, remove ? FE_REMOVED : FE_STOPPED, i, 0, false);
    p->running = p->elsewhere = p->frozen = false;
    must(w, !p->freeze_asked && !p->throttled && !p->ready_owed,
         "an ended one is left thawed and at full speed");
    if (remove)
        memset(p, 0, sizeof *p);
}

static void hold(struct world *w, int i, bool exec)
{
    struct person *p = &w->p[i];

    if (exec ? p->sessions == SESSIONS : p->holds == SESSIONS)
        return;
    p->ready_owed = true;
    if (exec) {
        p->sessions++;
        p->active++;
    } else
        p->holds++;
    feed(w, FE_HOLD, i, 0, exec);
    must(w, !p->freeze_asked, "a hold thaws");
}

static void let_go(struct world *w, int i, bool exec)
{
    struct person *p = &w->p[i];

    if (exec ? !p->sessions : !p->holds)
        return;
    if (exec) {
        if (p->active == p->sessions) /* sessions that lost their hold end first: what the engine supposes */
            p->active--;
        p->sessions--;
    } else
        p->holds--;
    feed(w, FE_RELEASE, i, 0, exec);
}

static void deed(struct world *w, enum deed d, int i)
{
    struct person *p = &w->p[i];

    if (d == ADD && !p->there) {
        p->there = true;
        p->background = w->tame ? BACKGROUND_FREEZE
                        : i < 4 ? BACKGROUND_FREEZE
                                : (enum background_mode)(i - 3);
        feed(w, FE_ADDED, i, 0, false);
    } else if (d == REMOVE && p->there && (!w->tame || !p->running)) {
        end_person(w, i, true);
    } else if (d == START && p->there && !p->running) {
        p->running = true;
        feed(w, FE_STARTED, i, 0, false);
    } else if (d == STOP && p->running) {
        end_person(w, i, false);
    } else if (d == ASK && w->next_ticket < TICKETS - 1) {
        w->tickets[++w->next_ticket] = 1;
        feed(w, FE_REQUEST, i, (uint64_t)w->next_ticket, false);
    } else if (d == KEY && w->up) {
        int to = i ? i : -1;

        if (w->shown != to)
            sway_says(w, to);
        w->shown = to;
    } else if ((d == HOLD || d == EXEC) && p->there) {
        hold(w, i, d == EXEC);
    } else if (d == RELEASE || d == EXIT) {
        let_go(w, i, d == EXIT);
    } else if (d == WINDOW && p->running && w->up) {
        p->elsewhere = !p->elsewhere;
        feed(w, FE_VISIBLE, i, 0, visible(w, i));
    } else if (d == SWAY && (w->showing < 0 || !w->up)) {
        w->up = !w->up;
        w->shown = -1;
        for (int k = 0; k < N; k++)
            w->p[k].elsewhere = false;
        feed(w, FE_SWAY, -1, 0, w->up);
    } else if (d == STRAY) {
        feed(w, w->showing < 0 && (i & 1) ? FE_SHOWN : FE_TIMER, p->timer ? -1 : i, 0, false);
    } else if (d == PAUSE && p->running) { /* somebody else writes cgroup.freeze */
        p->frozen = true;
        feed(w, FE_FROZEN, i, 0, false);
        p->frozen = p->frozen && p->freeze_asked;
    } else if (d == WAIT) {
        run(w, w->now + (uint64_t[]){20, 200, 900, 1500, 4000, 11000}[i]);
    }
}

static void check_rest(struct world *w, bool strict)
{
    must(w, w->f.phase == FOCUS_IDLE && !w->f.target[0] && !w->f.next[0] && w->showing < 0,
         "no switch is left over");
    for (int t = 1; t <= w->next_ticket; t++)
        must(w, w->tickets[t] == 2, "every ticket is answered");
    must(w, w->front == who(w->f.front), "the recorded front is the front");
    if (strict)
        must(w, w->shown == w->front, "sway shows the front");
    for (int i = 0; i < N; i++) {
        const struct person *p = &w->p[i];
        const struct focus_persona *e = focus_find(&w->f, ids[i]);
        bool awake = !p->freeze_asked && !p->throttled;
        bool busy = i == w->front || p->holds || p->active || p->background == BACKGROUND_RUN;

        must(w, !p->timer, "timers never leak");
        must(w, !p->ready_owed, "every hold is answered");
        must(w, p->there == (e != NULL), "the engine knows who is there");
        if (!p->running || busy)
            must(w, awake, "what is in front or held is awake");
        else if (visible(w, i))
            must(w, !p->freeze_asked && (!p->throttled || !strict), "what can be seen is awake");
        else if (p->background == BACKGROUND_THROTTLE)
            must(w, p->throttled && !p->freeze_asked, "`throttle` is throttled");
        else
            must(w,
                 (p->freeze_asked && !p->throttled && e->fz == FZ_FROZEN) ||
                     (p->throttled && e->fz == FZ_THROTTLED && (e->fallback || !strict)),
                 "every other one is frozen, or throttled instead");
        must(w, p->parked == (p->running && i != w->front && p->background != BACKGROUND_RUN),
             "sound follows");
    }
}

static void start_world(struct world *w, uint64_t seed, bool tame)
{
    memset(w, 0, sizeof *w);
    w->rng = seed * 0x9e3779b97f4a7c15u + 1;
    w->tame = tame;
    w->up = true;
    w->now = 1000;
    w->shown = w->showing = w->front = -1;
    focus_init(&w->f, 1000);
}

/* Ends with a world in which all goes well and a last request: then sway, kernel and engine must agree. */
static void finish(struct world *w)
{
    run(w, UINT64_MAX);
    check_rest(w, false);
    w->tame = true;
    if (!w->up)
        deed(w, SWAY, 0);
    run(w, UINT64_MAX);
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < N; i++)
            if (w->p[i].running) {
                deed(w, ASK, i);
                run(w, UINT64_MAX);
                check_rest(w, k > 0);
            }
}

static const char *random_run(struct world *w, uint64_t seed, int deeds)
{
    start_world(w, seed, false);
    for (int i = 0; i < N; i++) {
        deed(w, ADD, i);
        if (roll(w, 3))
            deed(w, START, i);
    }
    for (int k = 0; k < deeds && !w->broken; k++) {
        static const enum deed often[] = {ASK,  ASK,   ASK,   KEY,  KEY,     WAIT, WAIT,
                                          WAIT, START, START, HOLD, RELEASE, EXIT};
        uint32_t d = roll(w, DEEDS + sizeof often / sizeof *often);

        deed(w, d < DEEDS ? (enum deed)d : often[d - DEEDS], (int)roll(w, N));
    }
    if (!w->broken)
        finish(w);
    return w->broken;
}

static void test_random(void)
{
    static struct world w;
    unsigned long steps = 0, runs = 0;
    size_t most = 0;
    const char *broken = NULL;

    for (uint64_t seed = 1; seed <= 4000 && !broken; seed++, runs++) {
        broken = random_run(&w, seed, 20 + (int)(seed % 100));
        steps += w.steps;
        most = w.most > most ? w.most : most;
        if (broken)
            printf("# seed %llu at %llu ms\n", (unsigned long long)seed, (unsigned long long)w.now);
    }
    printf("# %lu random lives, %lu events, at most %zu actions for one\n", runs, steps, most);
    T_STR(broken, NULL);
}

/* Every sequence of DEPTH deeds on two personas. */
static void test_exhaustive(void)
{
    static const struct {
        enum deed d;
        int i;
    } letters[] = {{START, 0}, {START, 1}, {STOP, 0}, {STOP, 1}, {ASK, 0},    {ASK, 1},  {KEY, 0}, {KEY, 1},
                   {HOLD, 1},  {EXEC, 1},  {EXIT, 1}, {SWAY, 0}, {WINDOW, 1}, {WAIT, 0}, {WAIT, 3}};
    enum { LETTERS = sizeof letters / sizeof *letters, DEPTH = 4 };
    static struct world start, w;
    unsigned long runs = 1, steps = 0;
    const char *broken = NULL;

    for (int k = 0; k < DEPTH; k++)
        runs *= LETTERS;
    start_world(&start, 1, true);
    deed(&start, ADD, 0);
    deed(&start, ADD, 1);
    deed(&start, START, 0);
    for (unsigned long n = 0; n < runs && !broken; n++) {
        w = start;
        for (unsigned long k = 0, rest = n; k < DEPTH; k++, rest /= LETTERS)
            deed(&w, letters[rest % LETTERS].d, letters[rest % LETTERS].i);
        finish(&w);
        broken = w.broken;
        steps += w.steps;
        if (broken)
            printf("# sequence %lu\n", n);
    }
    printf("# %lu sequences of %d deeds, %lu events\n", runs, DEPTH, steps);
    T_STR(broken, NULL);
}

int main(void)
{
    test_random();
    test_exhaustive();
    return t_done();
}
