/* SPDX-License-Identifier: MIT
 * The table of a persona's life, and the plans of its operations as rows: step, undo, and when it belongs. */
#include "core/life.h"

#include "core/profile.h"

#include <string.h>

#define REFUSE(state, code)                                                                                  \
    {                                                                                                        \
        LIFE_REFUSE, (state), (code)                                                                         \
    }
#define GO(action, next)                                                                                     \
    {                                                                                                        \
        (action), (next), ERR_NONE                                                                           \
    }
#define STAY(state)                                                                                          \
    {                                                                                                        \
        LIFE_IGNORE, (state), ERR_NONE                                                                       \
    }
#define BUSY(state) REFUSE(state, ERR_BUSY)
#define LATER(state)                                                                                         \
    {                                                                                                        \
        LIFE_WAIT, (state), ERR_NONE                                                                         \
    }
/* Who is not at rest is not prepared. */
#define NO_AHEAD(state) [LIFE_AHEAD] = STAY(state), [LIFE_ASIDE] = STAY(state)

/* The columns are the events in their order. While an operation is under way, news of the cgroup belongs to
 * its own steps. */
const struct life_cell life_table[LIFE_STATE_COUNT][LIFE_EVENT_COUNT] = {
    [LIFE_STOPPED] = {[LIFE_ASK_START] = GO(LIFE_START, LIFE_STARTING),
                      [LIFE_ASK_STOP] = REFUSE(LIFE_STOPPED, ERR_NOT_RUNNING),
                      [LIFE_ASK_RM] = GO(LIFE_RM, LIFE_REMOVING),
                      [LIFE_ASK_FOCUS] = REFUSE(LIFE_STOPPED, ERR_NOT_RUNNING),
                      [LIFE_ASK_EXEC] = REFUSE(LIFE_STOPPED, ERR_NOT_RUNNING),
                      [LIFE_ASK_SET] = GO(LIFE_SET, LIFE_STOPPED),
                      [LIFE_DONE] = STAY(LIFE_STOPPED),
                      [LIFE_UNDONE] = STAY(LIFE_STOPPED),
                      [LIFE_DIED] = STAY(LIFE_STOPPED),
                      [LIFE_AHEAD] = GO(LIFE_PREPARE, LIFE_PREPARING),
                      [LIFE_ASIDE] = STAY(LIFE_STOPPED)},
    [LIFE_ADDING] = {[LIFE_ASK_START] = BUSY(LIFE_ADDING),
                     [LIFE_ASK_STOP] = BUSY(LIFE_ADDING),
                     [LIFE_ASK_RM] = BUSY(LIFE_ADDING),
                     [LIFE_ASK_FOCUS] = BUSY(LIFE_ADDING),
                     [LIFE_ASK_EXEC] = BUSY(LIFE_ADDING),
                     [LIFE_ASK_SET] = BUSY(LIFE_ADDING),
                     [LIFE_DONE] = GO(LIFE_SETTLE, LIFE_STOPPED),
                     [LIFE_UNDONE] = GO(LIFE_SETTLE, LIFE_STOPPED),
                     [LIFE_DIED] = STAY(LIFE_ADDING),
                     NO_AHEAD(LIFE_ADDING)},
    [LIFE_STARTING] = {[LIFE_ASK_START] = BUSY(LIFE_STARTING),
                       [LIFE_ASK_STOP] = BUSY(LIFE_STARTING),
                       [LIFE_ASK_RM] = BUSY(LIFE_STARTING),
                       [LIFE_ASK_FOCUS] = BUSY(LIFE_STARTING),
                       [LIFE_ASK_EXEC] = BUSY(LIFE_STARTING),
                       [LIFE_ASK_SET] = BUSY(LIFE_STARTING),
                       [LIFE_DONE] = GO(LIFE_SETTLE, LIFE_RUNNING),
                       [LIFE_UNDONE] = GO(LIFE_SETTLE, LIFE_STOPPED),
                       [LIFE_DIED] = STAY(LIFE_STARTING),
                       NO_AHEAD(LIFE_STARTING)},
    [LIFE_RUNNING] = {[LIFE_ASK_START] = REFUSE(LIFE_RUNNING, ERR_RUNNING),
                      [LIFE_ASK_STOP] = GO(LIFE_STOP, LIFE_STOPPING),
                      [LIFE_ASK_RM] = REFUSE(LIFE_RUNNING, ERR_RUNNING),
                      [LIFE_ASK_FOCUS] = GO(LIFE_FOCUS, LIFE_RUNNING),
                      [LIFE_ASK_EXEC] = GO(LIFE_EXEC, LIFE_RUNNING),
                      [LIFE_ASK_SET] = GO(LIFE_SET, LIFE_RUNNING),
                      [LIFE_DONE] = STAY(LIFE_RUNNING),
                      [LIFE_UNDONE] = STAY(LIFE_RUNNING),
                      [LIFE_DIED] = GO(LIFE_REPORT_DEATH, LIFE_FAILED),
                      NO_AHEAD(LIFE_RUNNING)},
    [LIFE_STOPPING] = {[LIFE_ASK_START] = BUSY(LIFE_STOPPING),
                       [LIFE_ASK_STOP] = BUSY(LIFE_STOPPING),
                       [LIFE_ASK_RM] = BUSY(LIFE_STOPPING),
                       [LIFE_ASK_FOCUS] = BUSY(LIFE_STOPPING),
                       [LIFE_ASK_EXEC] = BUSY(LIFE_STOPPING),
                       [LIFE_ASK_SET] = BUSY(LIFE_STOPPING),
                       [LIFE_DONE] = GO(LIFE_SETTLE, LIFE_STOPPED),
                       [LIFE_UNDONE] = GO(LIFE_SETTLE, LIFE_FAILED),
                       [LIFE_DIED] = STAY(LIFE_STOPPING),
                       NO_AHEAD(LIFE_STOPPING)},
    [LIFE_REMOVING] = {[LIFE_ASK_START] = BUSY(LIFE_REMOVING),
                       [LIFE_ASK_STOP] = BUSY(LIFE_REMOVING),
                       [LIFE_ASK_RM] = BUSY(LIFE_REMOVING),
                       [LIFE_ASK_FOCUS] = BUSY(LIFE_REMOVING),
                       [LIFE_ASK_EXEC] = BUSY(LIFE_REMOVING),
                       [LIFE_ASK_SET] = BUSY(LIFE_REMOVING),
                       [LIFE_DONE] = GO(LIFE_SETTLE, LIFE_STOPPED),
                       [LIFE_UNDONE] = GO(LIFE_SETTLE, LIFE_FAILED),
                       [LIFE_DIED] = STAY(LIFE_REMOVING),
                       NO_AHEAD(LIFE_REMOVING)},
    [LIFE_FAILED] = {[LIFE_ASK_START] = GO(LIFE_START, LIFE_STARTING),
                     [LIFE_ASK_STOP] = GO(LIFE_STOP, LIFE_STOPPING),
                     [LIFE_ASK_RM] = GO(LIFE_RM, LIFE_REMOVING),
                     [LIFE_ASK_FOCUS] = REFUSE(LIFE_FAILED, ERR_NOT_RUNNING),
                     [LIFE_ASK_EXEC] = REFUSE(LIFE_FAILED, ERR_NOT_RUNNING),
                     [LIFE_ASK_SET] = GO(LIFE_SET, LIFE_FAILED),
                     [LIFE_DONE] = STAY(LIFE_FAILED),
                     [LIFE_UNDONE] = STAY(LIFE_FAILED),
                     [LIFE_DIED] = STAY(LIFE_FAILED),
                     NO_AHEAD(LIFE_FAILED)},
    [LIFE_PREPARING] = {[LIFE_ASK_START] = LATER(LIFE_PREPARING),
                        [LIFE_ASK_STOP] = REFUSE(LIFE_PREPARING, ERR_NOT_RUNNING),
                        [LIFE_ASK_RM] = LATER(LIFE_PREPARING),
                        [LIFE_ASK_FOCUS] = REFUSE(LIFE_PREPARING, ERR_NOT_RUNNING),
                        [LIFE_ASK_EXEC] = REFUSE(LIFE_PREPARING, ERR_NOT_RUNNING),
                        [LIFE_ASK_SET] = LATER(LIFE_PREPARING),
                        [LIFE_DONE] = GO(LIFE_SETTLE, LIFE_READY),
                        [LIFE_UNDONE] = GO(LIFE_SETTLE, LIFE_STOPPED),
                        [LIFE_DIED] = STAY(LIFE_PREPARING),
                        NO_AHEAD(LIFE_PREPARING)},
    [LIFE_READY] = {[LIFE_ASK_START] = GO(LIFE_START, LIFE_STARTING),
                    [LIFE_ASK_STOP] = REFUSE(LIFE_READY, ERR_NOT_RUNNING),
                    [LIFE_ASK_RM] = GO(LIFE_CLEAR, LIFE_PREPARING),
                    [LIFE_ASK_FOCUS] = REFUSE(LIFE_READY, ERR_NOT_RUNNING),
                    [LIFE_ASK_EXEC] = REFUSE(LIFE_READY, ERR_NOT_RUNNING),
                    [LIFE_ASK_SET] = GO(LIFE_CLEAR, LIFE_PREPARING),
                    [LIFE_DONE] = STAY(LIFE_READY),
                    [LIFE_UNDONE] = STAY(LIFE_READY),
                    [LIFE_DIED] = GO(LIFE_CLEAR, LIFE_PREPARING),
                    [LIFE_AHEAD] = STAY(LIFE_READY),
                    [LIFE_ASIDE] = GO(LIFE_CLEAR, LIFE_PREPARING)},
};

const char *life_state_name(enum life_state s)
{
    static const char *const names[LIFE_STATE_COUNT] = {
        [LIFE_STOPPED] = "stopped", [LIFE_ADDING] = "adding",     [LIFE_STARTING] = "starting",
        [LIFE_RUNNING] = "running", [LIFE_STOPPING] = "stopping", [LIFE_REMOVING] = "removing",
        [LIFE_FAILED] = "failed",   [LIFE_PREPARING] = "stopped", [LIFE_READY] = "stopped",
    };

    return (unsigned)s < LIFE_STATE_COUNT ? names[s] : "unknown";
}

const char *step_name(enum step_kind k)
{
    static const char *const names[STEP_COUNT] = {
        [STEP_NONE] = "nothing",
        [STEP_IMAGE] = "image",
        [STEP_HOME] = "home",
        [STEP_SOCKETS] = "sockets",
        [STEP_CGROUP] = "cgroup",
        [STEP_CREATE] = "podman create",
        [STEP_INIT] = "podman init",
        [STEP_CHECK] = "check",
        [STEP_FIREWALL] = "firewall",
        [STEP_WINDOWS] = "windows",
        [STEP_START] = "podman start",
        [STEP_THAW] = "thaw",
        [STEP_STOP] = "podman stop",
        [STEP_KILL] = "kill",
        [STEP_RM] = "podman rm",
        [STEP_UNHOME] = "remove empty home",
        [STEP_UNSOCKETS] = "remove sockets",
        [STEP_UNCGROUP] = "remove cgroup",
        [STEP_UNWINDOWS] = "forget windows",
        [STEP_WIPE] = "wipe home",
        [STEP_SYNC] = "sync",
        [STEP_REGISTER] = "register",
        [STEP_UNREGISTER] = "unregister",
        [STEP_LIMITS] = "limits",
        [STEP_UNLIMITS] = "limits as before",
        [STEP_REDECLARE] = "declare anew",
    };

    return (unsigned)k < STEP_COUNT ? names[k] : "unknown";
}

/* When a row belongs to the plan. */
enum when {
    ALWAYS,
    FROZEN,
    POPULATED,
    NO_CONTAINER,
    STALE_CONTAINER,
    KEPT,
    THROWAWAY,
    ONLINE,
    DRAWS,
    WIPE,
    GROUPED
};

static bool applies(enum when w, const struct persona_spec *s, const struct plan_facts *f)
{
    const struct profile *profile = profile_get(s->profile);

    switch (w) {
    case ALWAYS:
        return true;
    case FROZEN:
        return f->frozen;
    case POPULATED:
        return f->populated || f->frozen;
    case NO_CONTAINER: /* a fresh root each time, unless the profile keeps it */
        return !f->container_there || !profile->root_kept;
    case STALE_CONTAINER:
        return f->container_there && !profile->root_kept;
    case KEPT:
        return profile->root_kept;
    case THROWAWAY:
        return !profile->root_kept;
    case ONLINE:
        return s->network == NETWORK_SLIRP;
    case DRAWS:
        return profile->wayland;
    case WIPE:
        return f->wipe;
    case GROUPED:
        return f->grouped;
    }
    return true;
}

/* Of a start: what can be done ahead, and what cannot. */
enum part { WHOLE, AHEAD, AT_START };

struct row {
    enum step_kind kind, undo;
    enum when when;
    bool may_fail;
    enum part part;
};

static const struct row add_rows[] = {
    {STEP_IMAGE, STEP_NONE, ALWAYS, false, WHOLE}, /* an image stays for the next try */
    {STEP_HOME, STEP_UNHOME, ALWAYS, false, WHOLE},
    {STEP_SYNC, STEP_NONE, ALWAYS, false, WHOLE},
    {STEP_REGISTER, STEP_NONE, ALWAYS, false, WHOLE}, /* all or nothing */
};
static const struct row start_rows[] = {
    {STEP_SOCKETS, STEP_UNSOCKETS, ALWAYS, false, AHEAD},
    {STEP_CGROUP, STEP_UNCGROUP, ALWAYS, false, AHEAD},
    {STEP_HOME, STEP_UNHOME, ALWAYS, false, AHEAD},
    {STEP_RM, STEP_NONE, STALE_CONTAINER, false, AHEAD},
    {STEP_CREATE, STEP_RM, NO_CONTAINER, false, AHEAD},
    {STEP_INIT, STEP_KILL, ALWAYS, false, AHEAD},
    {STEP_CHECK, STEP_NONE, ALWAYS, false, AHEAD},
    {STEP_FIREWALL, STEP_NONE, ONLINE, false, AHEAD}, /* goes with the network namespace */
    {STEP_WINDOWS, STEP_UNWINDOWS, DRAWS, false, AT_START},
    {STEP_START, STEP_KILL, ALWAYS, false, AT_START},
    {STEP_SYNC, STEP_NONE, ALWAYS, false, AT_START},
};
/* Its first process has not run yet: podman's way to stop would wait for it to hear. */
static const struct row clear_rows[] = {
    {STEP_KILL, STEP_NONE, ALWAYS, false, WHOLE},
    {STEP_STOP, STEP_NONE, KEPT, true, WHOLE}, /* podman lets go of its root and its network */
    {STEP_RM, STEP_NONE, THROWAWAY, true, WHOLE},
    {STEP_UNSOCKETS, STEP_NONE, ALWAYS, true, WHOLE},
    {STEP_UNCGROUP, STEP_NONE, ALWAYS, true, WHOLE},
};
/* Nothing of a stop is undone: it goes on until nothing runs. */
static const struct row stop_rows[] = {
    {STEP_THAW, STEP_NONE, FROZEN, true, WHOLE},
    {STEP_STOP, STEP_NONE, ALWAYS, true, WHOLE},
    {STEP_KILL, STEP_NONE, ALWAYS, false, WHOLE},
    {STEP_RM, STEP_NONE, THROWAWAY, true, WHOLE}, /* the next start removes it if need be */
    {STEP_UNWINDOWS, STEP_NONE, DRAWS, true, WHOLE},
    {STEP_UNSOCKETS, STEP_NONE, ALWAYS, true, WHOLE},
    {STEP_UNCGROUP, STEP_NONE, ALWAYS, true, WHOLE},
    {STEP_SYNC, STEP_NONE, ALWAYS, true, WHOLE},
};
/* Forwards only: after a power cut it is done again from the beginning. The row goes last. */
static const struct row rm_rows[] = {
    {STEP_KILL, STEP_NONE, POPULATED, false, WHOLE}, {STEP_RM, STEP_NONE, ALWAYS, false, WHOLE},
    {STEP_UNWINDOWS, STEP_NONE, DRAWS, true, WHOLE}, {STEP_UNSOCKETS, STEP_NONE, ALWAYS, true, WHOLE},
    {STEP_UNCGROUP, STEP_NONE, ALWAYS, true, WHOLE}, {STEP_WIPE, STEP_NONE, WIPE, false, WHOLE},
    {STEP_SYNC, STEP_NONE, ALWAYS, false, WHOLE},    {STEP_UNREGISTER, STEP_NONE, ALWAYS, false, WHOLE},
};
static const struct row set_rows[] = {
    {STEP_LIMITS, STEP_UNLIMITS, GROUPED, false, WHOLE},
    {STEP_REDECLARE, STEP_NONE, ALWAYS, false, WHOLE}, /* all or nothing */
};

static const struct {
    const struct row *rows;
    size_t n;
} plans[OP_COUNT] = {
    [OP_ADD] = {add_rows, sizeof add_rows / sizeof *add_rows},
    [OP_START] = {start_rows, sizeof start_rows / sizeof *start_rows},
    [OP_STOP] = {stop_rows, sizeof stop_rows / sizeof *stop_rows},
    [OP_RM] = {rm_rows, sizeof rm_rows / sizeof *rm_rows},
    [OP_SET] = {set_rows, sizeof set_rows / sizeof *set_rows},
    [OP_PREPARE] = {start_rows, sizeof start_rows / sizeof *start_rows},
    [OP_CLEAR] = {clear_rows, sizeof clear_rows / sizeof *clear_rows},
};

_Static_assert(sizeof start_rows / sizeof *start_rows <= PLAN_STEPS_MAX, "the longest plan fits");

void life_plan(enum operation op, const struct persona_spec *s, const struct plan_facts *f, struct plan *out)
{
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < plans[op].n; i++) {
        struct row r = plans[op].rows[i];

        if (!applies(r.when, s, f) || (op == OP_PREPARE && r.part == AT_START))
            continue;
        if (r.undo == STEP_UNHOME && f->home_there)
            r.undo = STEP_NONE;
        if (op == OP_START && f->ready && r.part == AHEAD) {
            r.kind = STEP_NONE; /* it is done; a start that fails undoes it all the same */
            if (r.undo == STEP_NONE)
                continue;
        }
        out->step[out->n++] = (struct step){r.kind, r.undo, r.may_fail};
    }
}
