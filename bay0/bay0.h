/* SPDX-License-Identifier: MIT
 * What bay0 is made of at run time. Everything hangs off one struct bay0; there are no other globals. */
#ifndef BAY0_BAY0_H
#define BAY0_BAY0_H

#include "cgroup.h"
#include "child.h"
#include "core/focus.h"
#include "core/life.h"
#include "core/podman.h"
#include "core/tenants.h"
#include "loop.h"
#include "server.h"
#include "store.h"

#include <limits.h>

enum { PERSONAS_MAX = FOCUS_PERSONAS_MAX };

struct job;
struct ui;
struct services;
struct tenants_run;
struct power;
struct reexec;
struct session;
struct ledger;
struct umbilical;
struct watchdog;
struct conmon;
struct logs;
struct strain;
struct asked;

/* A declared persona. Lives in bay0.persona[] until it is removed; `used` says whether the slot is taken. */
struct persona {
    bool used;
    struct bay0 *bay0;
    struct persona_spec spec;
    uint32_t range;
    enum life_state life;
    bool wanted;                /* the registry said so at start: it ran, and nobody stopped it */
    bool container;             /* podman has a container for it */
    bool fresh;                 /* declared in this life of bay0, and has had no container yet */
    int32_t pid;                /* of its first process as the Spine sees it, 0 when it does not run */
    char cgroup[96];            /* relative to the tree: personas/<id> */
    struct conmon *conmon;      /* while pid is known */
    struct cgroup_watch *watch; /* while it may run */
    struct cgroup_meter meter;  /* ditto */
    struct cgroup_state kernel; /* newest word of the kernel */
    struct strain *strain;      /* lack of memory and pressure: see pressure.h; while it is watched */
    bool slow_rest;             /* throttled because it rests */
    uint64_t oom_kills;         /* of its programs, for lack of memory, since it started */
    struct server *control;     /* its own control socket */
    int wayland;                /* listening fd of its Wayland socket, -1 */
    int wayland_close;          /* write end: closing it ends the security context, -1 */
    int pipewire;               /* fd of its sound socket, -1: see grant.h */
    int ai;                     /* fd of its socket to ai-core, -1: ditto */
    struct sound *sound;        /* its place at the sound server: see sound.h */
    struct loop_timer *timer;   /* focus engine's timer */
    struct job *job;            /* the operation under way */
    bool aired;                 /* held awake because outputs change */
    bool ahead_failed;          /* initialising it ahead of a start failed: not again before it has run */
    struct asked *asked;        /* a request that waits until that is undone, or NULL */
    bool attention;             /* a window of it asked for attention while it was behind */
    bool unclosed; /* an entry of the journal could not be closed: nothing may be begun that it would undo */
    char last_error[ERR_MESSAGE_MAX];
};

/* A client that waits for the end of a switch. */
enum { FOCUS_WAITS_MAX = 16, FOCUS_QUEUE_MAX = 64 };
struct focus_wait {
    uint64_t ticket; /* 0: free */
    client_ref client;
    int64_t request;
};
struct focus_queue {
    bool busy;
    size_t n;
    struct focus_event ev[FOCUS_QUEUE_MAX];
    char id[FOCUS_QUEUE_MAX][NAME_ID_MAX + 1];
    struct focus_actions out;
};

struct options {
    char run[PATH_MAX / 4], persist[PATH_MAX / 4], cgroup[PATH_MAX / 4], share[PATH_MAX / 4],
        libexec[PATH_MAX / 4];
    char spine[PATH_MAX / 4], podman[PATH_MAX / 4];
    uint32_t grace_ms;
    uint32_t podman_ms;  /* 0: podman_run.h's limits alone */
    uint32_t watchdog_s; /* 0: no watchdog */
    uint32_t ahead;      /* so many stopped personas are kept initialised */
    int check_fd;        /* >= 0: only say whether what lies there could be taken over */
    bool init;           /* PID 1: mounts, devices, power are ours */
    bool ui;             /* start seat, compositor and sound */
    bool tenants;        /* start system tenants */
};

struct bay0 {
    struct options opt;
    struct paths paths;
    const char *render_nodes[9];
    char render_text[8][32];
    struct loop *loop;
    struct store *store; /* NULL when the registry could not be opened */
    bool salvaged;       /* the registry was moved aside at start */
    bool rebuild;        /* the registry is new: who was in an older one is looked for */
    bool reconciled;     /* what podman and the kernel had at start is known and put right */
    int cgroups;         /* tree, -1 when there is none */
    struct machine machine;
    char disk[24];     /* of /persist, as io.max wants it; "": not known */
    bool no_pressure;  /* the kernel does not tell of pressure; that was said */
    int cgroup_podman; /* directory fd of the podman group, -1 */
    struct server *server;
    struct focus focus;
    struct focus_queue focus_queue;
    struct focus_wait waits[FOCUS_WAITS_MAX];
    uint64_t last_ticket;
    bool leaving;                       /* subscribers were told of a switch, and not yet of its end */
    char front_told[NAME_ID_MAX + 1];   /* who was in front when they were told last */
    char front_before[NAME_ID_MAX + 1]; /* who was in front when bay0 ended; "" once anybody was asked for */
    struct persona persona[PERSONAS_MAX];
    struct ui *ui;             /* sway: see ui.h */
    struct services *services; /* see service.h */
    bool sound_server;         /* PipeWire is there */
    struct tenants_run *tenants;
    struct ledger *ledger;       /* see ledger.h */
    struct umbilical *umbilical; /* see umbilical.h */
    struct power *power;         /* set once a shutdown is under way */
    struct reexec *reexec;       /* set while bay0 is about to go on in a new program */
    struct watchdog *watchdog;
    struct err disbelief;            /* why what was handed over is not used, if so */
    const struct handover *handover; /* while what was handed over is taken up */
    char program[PATH_MAX / 4];      /* what runs: where a new one is found */
    char **argv;
    struct logs *logs;        /* see logs.h; NULL when they cannot be watched */
    struct session *sessions; /* programs run inside personas: see exec.c */
    size_t sessions_n;
    uint64_t last_mark;
    struct argv podman_env;
    const char *persist_state; /* how /persist came to be, for doctor */
    int64_t clock_offset;      /* ms, wall clock minus time since boot when bay0 started */
    unsigned visits;           /* `spine doctor`s under way */
    bool trial;                /* one of them has its throw-away persona */
    struct loop_timer *ahead;  /* until it is looked who is to be initialised ahead */
};

enum { OPTIONS_HELP = 1 };
/* Options. 0, OPTIONS_HELP when help or version was asked for and printed, or -1 after a message on standard
 * error (then main ends with status 2; PID 1 goes on with the defaults). */
int options_parse(struct options *o, int argc, char **argv);

#endif
