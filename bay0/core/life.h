/* SPDX-License-Identifier: MIT
 * The life of a persona (states x events) and the steps of each operation, decided before anything is done.
 */
#ifndef BAY0_CORE_LIFE_H
#define BAY0_CORE_LIFE_H

#include "core/err.h"
#include "core/spec.h"

#include <stddef.h>

enum life_state {
    LIFE_STOPPED,
    LIFE_ADDING,
    LIFE_STARTING,
    LIFE_RUNNING,
    LIFE_STOPPING,
    LIFE_REMOVING,
    LIFE_FAILED,
    LIFE_PREPARING, /* stopped; its container is being initialised ahead of a start, or that is undone */
    LIFE_READY, /* stopped, initialised ahead: nothing of it runs, its first process waits to be started */
    LIFE_STATE_COUNT
};
enum life_event {
    LIFE_ASK_START,
    LIFE_ASK_STOP,
    LIFE_ASK_RM,
    LIFE_ASK_FOCUS,
    LIFE_ASK_EXEC,
    LIFE_ASK_SET, /* requests */
    LIFE_DONE,    /* the operation under way ended well. After a start: read the cgroup once more and feed
                     LIFE_DIED     when it is empty, since a death during the start is left to the steps */
    LIFE_UNDONE,  /* it failed and was undone */
    LIFE_DIED,    /* the persona's cgroup became empty */
    LIFE_AHEAD,   /* bay0 itself: its container is to be initialised ahead of a start */
    LIFE_ASIDE,   /* ditto: not any more */
    LIFE_EVENT_COUNT
};
enum life_action {
    LIFE_REFUSE,
    LIFE_IGNORE,
    LIFE_START,
    LIFE_STOP,
    LIFE_RM,
    LIFE_FOCUS,
    LIFE_EXEC,
    LIFE_SET,
    LIFE_PREPARE,
    LIFE_CLEAR, /* undo what was done ahead; a request is carried out after that */
    LIFE_WAIT,  /* the request is carried out when the operation under way has ended */
    LIFE_SETTLE,
    LIFE_REPORT_DEATH /* say it, then run the plan of OP_STOP: what is left of it goes away */
};

struct life_cell {
    enum life_action action;
    enum life_state next;
    enum err_code error; /* with LIFE_REFUSE */
};
/* ADDING that is undone and REMOVING that is done lead to STOPPED, but then there is no row any more. The end
 * of a clearing is LIFE_UNDONE however it went. */
extern const struct life_cell life_table[LIFE_STATE_COUNT][LIFE_EVENT_COUNT];
/* stopped adding starting running stopping removing failed; PREPARING and READY are stopped too */
const char *life_state_name(enum life_state s);

/* Typed steps. bay0/job runs them; each has at most one undo, run in reverse order when a later step fails.
 * Undoing must be possible twice and for a step that failed half-way. */
enum step_kind {
    STEP_NONE,
    STEP_IMAGE,    /* image there? else pull it, with progress */
    STEP_HOME,     /* /persist/home/<id> exists */
    STEP_SOCKETS,  /* run directory, control and Wayland sockets of the persona */
    STEP_CGROUP,   /* its cgroup directory, thawed, with its limits */
    STEP_CREATE,   /* podman create */
    STEP_INIT,     /* podman init */
    STEP_CHECK,    /* podman inspect, compared with the declaration */
    STEP_FIREWALL, /* nft in its network namespace */
    STEP_WINDOWS,  /* security context and sway rules */
    STEP_START,    /* podman start */
    STEP_THAW,
    STEP_STOP,   /* podman stop, bounded */
    STEP_KILL,   /* cgroup.kill, wait for populated 0, thaw */
    STEP_RM,     /* podman rm --force */
    STEP_UNHOME, /* rmdir of a home made just now: one with anything in it stays */
    STEP_UNSOCKETS,
    STEP_UNCGROUP,
    STEP_UNWINDOWS,
    STEP_WIPE,     /* the home */
    STEP_SYNC,     /* syncfs(/persist) */
    STEP_REGISTER, /* the registry's row and its copy beside the homes; closes the journal's entry */
    STEP_UNREGISTER,
    STEP_LIMITS,    /* its cgroup takes the limits of the changed declaration */
    STEP_UNLIMITS,  /* and those of the one before again */
    STEP_REDECLARE, /* the registry's row and its copy as changed; closes the journal's entry */
    STEP_COUNT
};
struct step {
    enum step_kind kind, undo; /* a kind of STEP_NONE: only its undo counts */
    bool may_fail; /* say so and go on with the next: clearing up does not stop at the first obstacle */
};
enum { PLAN_STEPS_MAX = 20 };
struct plan {
    struct step step[PLAN_STEPS_MAX];
    size_t n;
};
/* Those of a service are a system tenant's: they stand in the journal, and have no plan. OP_PREPARE is the
 * part of a start that can be done ahead, OP_CLEAR takes it back; both change nothing that lasts, and do not
 * stand in the journal. */
enum operation {
    OP_ADD,
    OP_START,
    OP_STOP,
    OP_RM,
    OP_SERVICE_START,
    OP_SERVICE_STOP,
    OP_SET,
    OP_PREPARE,
    OP_CLEAR,
    OP_COUNT
};
/* What is there before the operation; undo leaves it alone. */
struct plan_facts {
    bool frozen;          /* stop: thaw first */
    bool populated;       /* rm: processes are left over (a failed persona): kill first */
    bool container_there; /* start: a container from before, sound and made for this declaration */
    bool home_there;      /* add, start: the home exists */
    bool wipe;            /* rm */
    bool grouped;         /* set: it has a cgroup whose limits can be changed */
    bool ready;           /* start: OP_PREPARE was done, and its process waits */
};
void life_plan(enum operation op, const struct persona_spec *s, const struct plan_facts *f, struct plan *out);
const char *step_name(enum step_kind k); /* "podman create"..., for progress, logs and golden tests */

#endif
