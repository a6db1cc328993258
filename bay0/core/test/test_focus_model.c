/* SPDX-License-Identifier: MIT
 * The focus engine against a simulated world: operations that hold, users in a hurry, accidents. The promises
 * are checked after every step, and once more when all is quiet. An argument is the number of random lives.
 */
#include "focus_world.h"

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
        int kept = 0;

        w->up = !w->up;
        w->shown = -1;
        for (int k = 0; k < w->queued; k++) /* the subscription ends with the compositor */
            if (w->q[k].kind != FE_WORKSPACE)
                w->q[kept++] = w->q[k];
        w->queued = kept;
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
    if (strict || (w->up && w->f.heard))
        must(w, w->front == (w->shown >= 0 && w->p[w->shown].running ? w->shown : -1),
             "sway shows the front");
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

static void test_random(uint64_t lives)
{
    static struct world w;
    unsigned long steps = 0, runs = 0;
    size_t most = 0;
    const char *broken = NULL;

    for (uint64_t seed = 1; seed <= lives && !broken; seed++, runs++) {
        broken = random_run(&w, seed, 20 + (int)(seed % 100));
        steps += w.steps;
        most = w.most > most ? w.most : most;
        if (broken)
            printf("# seed %llu at %llu ms\n", (unsigned long long)seed, (unsigned long long)w.now);
    }
    printf("# %lu random lives, %lu events, at most %zu actions for one\n", runs, steps, most);
    T_NAMED(!broken, broken ? broken : "random lives keep every promise");
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
    T_NAMED(!broken, broken ? broken : "every short sequence keeps every promise");
}

int main(int argc, char **argv)
{
    test_random(argc > 1 ? strtoull(argv[1], NULL, 10) : 4000);
    test_exhaustive();
    return t_done();
}
