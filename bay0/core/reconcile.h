/* SPDX-License-Identifier: MIT
 * Putting things right when bay0 starts: registry, journal, podman and cgroups in, typed steps out
 * (design 4.6). */
#ifndef BAY0_CORE_RECONCILE_H
#define BAY0_CORE_RECONCILE_H

#include "core/life.h"
#include "core/spec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What was found. All text is borrowed and must outlive the steps, which point to it. */
struct found_row {
    const struct persona_spec *spec;
    bool wanted; /* the user started it and did not stop it */
};
/* An operation that was staged and not committed. detail as bay0 staged it: RECONCILE_HOME with an OP_ADD
 * that makes the home, RECONCILE_WIPE with OP_RM --wipe, RECONCILE_CREATE with an OP_START whose plan has
 * STEP_CREATE, else "". */
#define RECONCILE_HOME   "home"
#define RECONCILE_WIPE   "wipe"
#define RECONCILE_CREATE "create"
struct found_entry {
    int64_t entry; /* in the order of staging */
    enum operation op;
    const char *id; /* a persona, or the tenant of an OP_SERVICE_... */
    const char *detail;
};
struct found_container {
    const char *name;   /* persona-<id>, tenant-<name> */
    const char *status; /* podman's word: running, exited, created, ... */
    int32_t pid;
};
struct found_cgroup {
    const char *id; /* its directory below personas/ */
    bool populated, frozen, freeze_asked;
};
struct found {
    const struct found_row *rows; /* any order, each id once */
    const struct found_entry *entries;
    const struct found_container *containers;
    const struct found_cgroup *cgroups;
    const char *const *sockets; /* ids that have a directory with sockets */
    size_t rows_n, entries_n, containers_n, cgroups_n, sockets_n;
    bool keep_strangers; /* a persona's container without a row stays: the registry has lost rows */
};

enum fix_kind {
    FIX_THAW,          /* cgroup.freeze = 0, full speed */
    FIX_KILL,          /* as STEP_KILL: cgroup.kill, wait for populated 0, thaw */
    FIX_STOP,          /* podman stop: its book says running, the kernel knows better */
    FIX_RM,            /* podman rm --force of container */
    FIX_UNCGROUP,      /* remove the empty cgroup directory */
    FIX_UNSOCKETS,     /* remove its sockets, that nobody listens on any more */
    FIX_UNHOME,        /* rmdir of a home that an add had made; one with anything in it stays */
    FIX_WIPE,          /* finish rm --wipe */
    FIX_UNREGISTER,    /* finish rm */
    FIX_UNWANT,        /* finish stop: the registry should not say that it is wanted */
    FIX_UNWANT_TENANT, /* finish service stop */
    FIX_ADOPT,         /* it runs, bay0 was away: life RUNNING, watch its cgroup, FE_STARTED */
    FIX_SYNC,          /* syncfs(/persist), before the journal is told */
    FIX_COMMIT,        /* journal entry */
    FIX_START,         /* start it, by the ordinary operation: wanted before, or autostart */
    FIX_COUNT
};
struct fix {
    enum fix_kind kind;
    const char *id;        /* the persona; "" with FIX_RM of others and with FIX_SYNC */
    const char *container; /* FIX_STOP, FIX_RM; FIX_RM with NULL: the one of the persona */
    int64_t entry;         /* FIX_COMMIT */
    int32_t pid;           /* FIX_ADOPT */
};
enum { RECONCILE_IDS_MAX = 256, RECONCILE_STEPS_MAX = 1024 };
struct fixes {
    struct fix f[RECONCILE_STEPS_MAX + 1]; /* the last one takes what does not fit, and does not count */
    size_t n;
    bool partial; /* there was more than fits: look again when these are done */
};

/* To be done in order. A step that fails is said and the others of the same id are left out, so that its
 * journal entry stays for the next start. Doing the same again is harmless. */
void reconcile(const struct found *found, struct fixes *out);
const char *fix_name(enum fix_kind k);

#endif
