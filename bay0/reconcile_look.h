/* SPDX-License-Identifier: MIT
 * What there is at start, gathered for core/reconcile: of the kernel, of podman, of the journal and the
 * registry. */
#ifndef BAY0_RECONCILE_LOOK_H
#define BAY0_RECONCILE_LOOK_H

#include "bay0.h"
#include "core/reconcile.h"

enum { LOOK_ENTRIES_MAX = 128, LOOK_MAX = 160, LOOK_STATUS_MAX = 24 };

/* found points into the rest: it is used where it lies. */
struct look {
    struct bay0 *b;
    struct found found;
    struct found_row rows[PERSONAS_MAX];
    struct found_entry entries[LOOK_ENTRIES_MAX];
    struct found_container containers[LOOK_MAX];
    struct found_cgroup cgroups[LOOK_MAX];
    const char *sockets[LOOK_MAX];
    char entry_id[LOOK_ENTRIES_MAX][NAME_ID_MAX + 1], entry_detail[LOOK_ENTRIES_MAX][16];
    char name[LOOK_MAX][CONTAINER_NAME_MAX], status[LOOK_MAX][LOOK_STATUS_MAX];
    char cgroup_id[LOOK_MAX][NAME_ID_MAX + 1], socket_id[LOOK_MAX][NAME_ID_MAX + 1];
};

/* In this order. The first forgets what was found before. */
void look_kernel(struct look *l, struct bay0 *b);
/* text: the answer of podman_ps. -1 with *e when it is none. Marks the personas that have a container. */
int look_podman(struct look *l, const char *text, size_t len, struct err *e);
void look_journal(struct look *l);
void look_rows(struct look *l);

#endif
