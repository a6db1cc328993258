/* SPDX-License-Identifier: MIT
 * One system tenant at run time: its container's way up and down under supervision. Used by tenant.c alone.
 */
#ifndef BAY0_TENANT_LIFE_H
#define BAY0_TENANT_LIFE_H

#include "core/supervise.h"
#include "tenant.h"

enum { WAITS_MAX = 8 };

/* What is done, one after the other, to bring a tenant up. A container that is there already starts at INIT.
 */
enum phase {
    PHASE_NONE,
    PHASE_IMAGE,
    PHASE_PULL,
    PHASE_RM,
    PHASE_CREATE,
    PHASE_INIT,
    PHASE_CHECK,
    PHASE_START
};

struct waiter {
    client_ref client;
    int64_t request;
    bool up;
};

struct tenant_run {
    struct bay0 *b;
    const struct tenant *row;
    struct supervisor sup;
    enum phase phase;
    uint32_t range;
    bool container; /* made by us in this life of bay0 */
    bool may_pull;  /* a person asked for it */
    bool wanted;    /* nobody has stopped it by hand: kept in the registry */
    bool to_stop;   /* a person has asked for that last */
    int64_t entry;  /* of the journal, while what a person asked for is under way; 0 */
    int listen;     /* its socket: never closed, so its inode never changes */
    int channel;    /* to its relay, -1: see tenants_lend */
    char socket[PATH_MAX], cgroup[96];
    struct cgroup_watch *watch;
    struct cgroup_state kernel;
    struct child *child;
    struct child *stop; /* podman stop, under way */
    struct loop_timer *timer;
    struct argv argv;
    struct waiter waits[WAITS_MAX];
    char error[ERR_MESSAGE_MAX];
};

struct tenants_run {
    struct tenants table;
    struct tenant_run t[TENANTS_MAX];
    tenants_done_fn *stopped;
    void *stopped_user;
};

/* Its cgroup is watched. -1 with *e. */
int tenant_watch(struct tenant_run *t, struct err *e);
/* Arms its timer anew from what its supervisor waits for. */
void tenant_rearm(struct tenant_run *t);
/* Takes up what was handed over about it, if anything was. */
void tenant_resume(struct tenant_run *t);
/* Makes its listening socket. -1 with *e. */
int tenant_socket(struct tenant_run *t, struct err *e);
/* A new channel, with all in it that is lent. Returns the relay's end, which is the caller's to close, or -1
 * with *e. */
int tenant_channel(struct tenant_run *t, struct err *e);
/* Feeds an event to the tenant's supervisor and does what it decides. */
void tenant_feed(struct tenant_run *t, enum sup_event ev);
/* Answers those who wait for up or down; with *e all who wait for it to come up. */
void tenant_answer(struct tenant_run *t, bool up, const struct err *e);
/* What a person asked for is done: the registry is told, and the journal with it. */
void tenant_settle(struct tenant_run *t, bool up);
/* It came to nothing: the journal is told. */
void tenant_unstage(struct tenant_run *t);
/* Tells whoever waits for the end of all tenants once none runs. */
void tenants_look_stopped(struct tenants_run *all);

#endif
