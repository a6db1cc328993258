/* SPDX-License-Identifier: MIT
 * Every operation of a persona, cut off after each of its steps and in the middle of them, by the end of bay0
 * or of the power; then what reconcile wants is done, that too cut off after each step. In the end the
 * persona is as before or as asked, the home is what it was, and nothing is left over. */
#include "core/profile.h"
#include "core/reconcile.h"
#include "tests/t.h"

/* What podman's book says; the kernel may know better. */
enum book { ABSENT, CREATED, INITIALISED, RUNNING, EXITED, REMOVING };
static const char *const status[] = {NULL, "created", "initialized", "running", "exited", "removing"};

struct world {
    bool row, wanted;
    bool changed;        /* the declaration in the row */
    bool limits_changed; /* what the cgroup has of it */
    bool staged;
    enum operation op;
    const char *detail;
    enum book book;
    int container; /* which one; 0: none */
    bool synced;   /* what podman wrote is on the disk */
    bool home, home_used, home_synced;
    bool cgroup, populated, frozen, sockets;
    bool up; /* bay0 knows it as running, or is told to start it */
};

static const char *const cuts[] = {"bay0 ends", "the power, podman says exited",
                                   "the power, podman still says so",
                                   "the power, and what was not synced is lost"};

/* What a cut takes away. */
static void cut(struct world *w, size_t how)
{
    w->up = false;
    if (how == 0)
        return;
    w->cgroup = w->populated = w->frozen = w->sockets = false;
    if (how == 1 && w->book >= INITIALISED && w->book != REMOVING)
        w->book = EXITED;
    if (how == 3 && !w->synced)
        w->book = ABSENT, w->container = 0;
    if (how == 3 && !w->home_synced)
        w->home = false;
}

static void gone(struct world *w)
{
    w->book = ABSENT;
    w->container = 0;
}

/* One step; half: what its first half may have changed. */
static void step(struct world *w, enum step_kind kind, bool half)
{
    switch (kind) {
    case STEP_HOME:
        w->home_synced = w->home_synced && w->home;
        w->home = true;
        break;
    case STEP_SOCKETS:
        w->sockets = true;
        break;
    case STEP_CGROUP:
        w->cgroup = true;
        w->frozen = false;
        break;
    case STEP_CREATE:
        w->book = CREATED;
        w->container = 2;
        w->synced = false;
        break;
    case STEP_INIT:
        w->populated = true;
        w->book = half ? w->book : INITIALISED;
        break;
    case STEP_START:
        w->book = half ? w->book : RUNNING;
        break;
    case STEP_THAW:
        w->frozen = false;
        break;
    case STEP_STOP:
        w->populated = false;
        w->book = half ? w->book : EXITED;
        break;
    case STEP_KILL:
        w->populated = w->frozen = false;
        break;
    case STEP_RM:
        w->populated = false;
        if (half && w->book != ABSENT)
            w->book = REMOVING;
        else
            gone(w);
        break;
    case STEP_UNSOCKETS:
        w->sockets = false;
        break;
    case STEP_UNCGROUP:
        w->cgroup = w->frozen = false;
        break;
    case STEP_WIPE:
        w->home_used = false;
        w->home = half;
        break;
    case STEP_SYNC:
        w->synced = w->synced || !half;
        w->home_synced = w->home_synced || !half;
        break;
    case STEP_REGISTER:
    case STEP_UNREGISTER: /* all or nothing */
        if (!half) {
            w->row = kind == STEP_REGISTER;
            w->staged = w->wanted = false;
        }
        break;
    case STEP_LIMITS: /* some of them may be written */
        w->limits_changed = true;
        break;
    case STEP_UNLIMITS:
        w->limits_changed = false;
        break;
    case STEP_REDECLARE: /* all or nothing */
        if (!half) {
            w->changed = true;
            w->staged = false;
        }
        break;
    case STEP_NONE:
    case STEP_IMAGE:
    case STEP_CHECK:
    case STEP_FIREWALL:
    case STEP_WINDOWS:
    case STEP_UNWINDOWS:
    case STEP_UNHOME:
    case STEP_COUNT:
        break;
    }
}

/* Stages op, then does n steps of its plan, the last of them by half; past the last one it is closed. False:
 * there are not so many. */
static bool operate(struct world *w, enum operation op, bool wipe, const struct persona_spec *s, size_t n,
                    bool half)
{
    const struct plan_facts f = {.frozen = w->frozen,
                                 .populated = w->populated,
                                 .container_there = w->book != ABSENT,
                                 .home_there = w->home,
                                 .wipe = wipe,
                                 .grouped = w->cgroup};
    struct plan p;

    life_plan(op, s, &f, &p);
    w->staged = true;
    w->op = op;
    w->detail = op == OP_RM && wipe ? RECONCILE_WIPE : op == OP_ADD && !w->home ? RECONCILE_HOME : "";
    for (size_t i = 0; op == OP_START && i < p.n; i++)
        if (p.step[i].kind == STEP_CREATE)
            w->detail = RECONCILE_CREATE;
    for (size_t i = 0; i < n && i < p.n; i++)
        step(w, p.step[i].kind, half && i + 1 == n);
    if (n > p.n) {
        w->staged = false;
        if (op == OP_START || op == OP_STOP)
            w->wanted = w->up = op == OP_START;
    }
    return n <= p.n + 1;
}

static void look(const struct world *w, const struct persona_spec *s, struct fixes *out)
{
    const struct found_row row = {s, w->wanted};
    const struct found_entry entry = {9, w->op, "a", w->detail};
    const struct found_container container = {"persona-a", status[w->book], 77};
    const struct found_cgroup cgroup = {"a", w->populated, w->frozen, w->frozen};
    static const char *const sockets[] = {"a"};
    const struct found found = {.rows = &row,
                                .entries = &entry,
                                .containers = &container,
                                .cgroups = &cgroup,
                                .sockets = sockets,
                                .rows_n = w->row,
                                .entries_n = w->staged,
                                .containers_n = w->book != ABSENT,
                                .cgroups_n = w->cgroup,
                                .sockets_n = w->sockets};

    reconcile(&found, out);
}

/* False when it is not the time for it. */
static bool fix(struct world *w, enum fix_kind kind)
{
    switch (kind) {
    case FIX_THAW:
        w->frozen = false;
        return w->cgroup;
    case FIX_KILL:
        w->populated = w->frozen = false;
        return w->cgroup;
    case FIX_STOP:
        w->book = EXITED;
        return !w->frozen && !w->populated;
    case FIX_RM:
        gone(w);
        return !w->frozen && !w->populated;
    case FIX_UNCGROUP:
        w->cgroup = false;
        return !w->populated;
    case FIX_UNSOCKETS:
        w->sockets = false;
        return true;
    case FIX_UNHOME:
        w->home = w->home_used;
        return !w->row;
    case FIX_WIPE:
        w->home = w->home_used = false;
        return w->book == ABSENT;
    case FIX_UNREGISTER:
        w->row = false;
        return w->book == ABSENT;
    case FIX_UNWANT:
        w->wanted = false;
        return w->row;
    case FIX_ADOPT: /* with the limits of the row */
        w->up = w->sockets = true;
        w->limits_changed = w->changed;
        return w->row && w->populated && !w->frozen;
    case FIX_START: /* the ordinary operation, which makes what is missing */
        w->up = w->cgroup = w->sockets = w->populated = w->home = true;
        w->book = RUNNING;
        w->limits_changed = w->changed;
        w->container = w->container ? w->container : 3;
        return w->row && !w->staged;
    case FIX_SYNC:
        w->synced = w->home_synced = true;
        return true;
    case FIX_COMMIT:
        w->staged = false;
        return w->synced;
    case FIX_UNWANT_TENANT:
    case FIX_COUNT:
        break;
    }
    return false;
}

/* The container of a profile that throws its root away does not matter; nor does a home that is not there and
 * whose next start makes it, as long as nothing was in it. */
static bool same(const struct world *w, const struct world *want, const struct persona_spec *s)
{
    return w->row == want->row && w->wanted == want->wanted && w->up == want->up && !w->staged &&
           w->home_used == want->home_used && (w->home || !w->home_used) &&
           (w->row || w->home == want->home) && w->populated == w->up && w->cgroup == w->up &&
           w->changed == want->changed && (!w->up || w->limits_changed == w->changed) &&
           w->sockets == w->up && !w->frozen && w->book != REMOVING && (w->row || w->book == ABSENT) &&
           (!profile_get(s->profile)->root_kept || w->container == want->container);
}

static bool settled(struct world *w, const struct persona_spec *s, size_t upto)
{
    static struct fixes f;
    bool ok = true;

    look(w, s, &f);
    for (size_t i = 0; i < f.n && i < upto; i++)
        ok = fix(w, f.f[i].kind) && ok;
    return ok && !f.partial;
}

struct tally {
    unsigned long cases, bad;
};

static void examine(struct tally *t, const struct world *cut_world, const struct world *before,
                    const struct world *after, const struct persona_spec *s, const char *name, size_t n,
                    size_t how)
{
    for (size_t upto = 0; upto < 12; upto++)
        for (size_t again = 0; again < sizeof cuts / sizeof *cuts; again++) {
            struct world w = *cut_world;
            bool ok = settled(&w, s, upto); /* putting right is cut off too */

            cut(&w, again);
            ok = settled(&w, s, RECONCILE_STEPS_MAX) && ok;
            ok = ok && (same(&w, before, s) || same(&w, after, s));
            t->cases++;
            if (!ok && t->bad++ < 5)
                printf("# %s, step %zu, %s; then fix %zu, %s: row %d wanted %d up %d container %d book %d "
                       "home %d "
                       "%d cgroup %d populated %d sockets %d staged %d\n",
                       name, n, cuts[how], upto, cuts[again], w.row, w.wanted, w.up, w.container, w.book,
                       w.home, w.home_used, w.cgroup, w.populated, w.sockets, w.staged);
        }
}

static void run(const char *name, enum operation op, bool wipe, const struct world *start,
                struct persona_spec *s)
{
    struct world after = *start;
    struct tally t = {0};
    char text[128];

    operate(&after, op, wipe, s, PLAN_STEPS_MAX + 1, false);
    for (size_t n = 0;; n++)
        for (int half = 0; half < 2; half++) {
            struct world w = *start;

            if (!operate(&w, op, wipe, s, n, half))
                goto done;
            for (size_t how = 0; how < sizeof cuts / sizeof *cuts; how++) {
                struct world hit = w;

                cut(&hit, how);
                examine(&t, &hit, start, &after, s, name, n, how);
            }
        }
done:
    snprintf(text, sizeof text, "%s, %s%s: %lu cases", name, profile_get(s->profile)->name,
             s->autostart ? ", autostart" : "", t.cases);
    T_NAMED(t.bad == 0 && t.cases > 100, text);
}

static void test_profile(struct persona_spec *s)
{
    const bool kept = profile_get(s->profile)->root_kept;
    /* The home of `used` was there before and is used; all that is older than the operation is synced. */
    const struct world nothing = {.synced = true, .home_synced = true};
    const struct world used_home = {.synced = true, .home_synced = true, .home = true, .home_used = true};
    const struct world empty_home = {.synced = true, .home_synced = true, .home = true};
    struct world declared = used_home, stopped, up, frozen, left;

    declared.row = true;
    stopped = declared;
    if (kept) {
        stopped.book = EXITED;
        stopped.container = 1;
    }
    up = declared;
    up.book = RUNNING;
    up.container = 1;
    up.wanted = up.up = up.populated = up.cgroup = up.sockets = true;
    frozen = up;
    frozen.frozen = true;
    left = stopped; /* it failed, and something of it would not go */
    left.populated = left.cgroup = true;

    if (!s->autostart) { /* the next start of bay0 would start it, which is neither before nor after */
        run("add", OP_ADD, false, &nothing, s);
        run("add over a home", OP_ADD, false, &used_home, s);
        run("add over an empty home", OP_ADD, false, &empty_home, s);
        run("the first start", OP_START, false, &declared, s);
        run("a later start", OP_START, false, &stopped, s);
        run("rm", OP_RM, false, &stopped, s);
        run("rm --wipe", OP_RM, true, &stopped, s);
        run("rm of one never started", OP_RM, true, &declared, s);
        run("rm with processes left", OP_RM, false, &left, s);
    }
    run("stop", OP_STOP, false, &up, s);
    run("stop of a frozen one", OP_STOP, false, &frozen, s);
    run("set", OP_SET, false, &up, s);
    run("set of a frozen one", OP_SET, false, &frozen, s);
    if (!s->autostart)
        run("set of a stopped one", OP_SET, false, &stopped, s);
}

int main(void)
{
    for (int profile = 0; profile < PROFILE_COUNT; profile++) {
        struct persona_spec s = {.id = "a", .profile = (enum profile_id)profile};

        test_profile(&s);
    }
    return t_done();
}
