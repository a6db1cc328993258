/* SPDX-License-Identifier: MIT
 * Gathers what there is at start. */
#include "reconcile_look.h"

#include "core/inspect.h"
#include "log.h"
#include "persona.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

static void on_group(void *user, const char *name)
{
    struct look *l = user;
    size_t n = l->found.cgroups_n;
    struct cgroup_state now;
    char group[96];

    if (n == LOOK_MAX || !name_id_ok(name))
        return;
    snprintf(group, sizeof group, "personas/%s", name);
    cgroup_state(l->b->cgroups, group, &now);
    snprintf(l->cgroup_id[n], sizeof l->cgroup_id[0], "%s", name);
    l->cgroups[n] = (struct found_cgroup){l->cgroup_id[n], now.populated, now.frozen, now.freeze_asked};
    l->found.cgroups_n++;
}

static void find_sockets(struct look *l)
{
    char path[PATH_MAX];
    size_t n = 0;
    DIR *d;

    snprintf(path, sizeof path, "%s/persona", l->b->paths.run);
    d = opendir(path);
    for (struct dirent *at; d && n < LOOK_MAX && (at = readdir(d));) {
        if (!name_id_ok(at->d_name))
            continue;
        snprintf(l->socket_id[n], sizeof l->socket_id[0], "%.*s", NAME_ID_MAX, at->d_name);
        l->sockets[n] = l->socket_id[n];
        n++;
    }
    if (d)
        closedir(d);
    l->found.sockets_n = n;
}

void look_kernel(struct look *l, struct bay0 *b)
{
    l->b = b;
    l->found = (struct found){.rows = l->rows,
                              .entries = l->entries,
                              .containers = l->containers,
                              .cgroups = l->cgroups,
                              .sockets = l->sockets};
    if (b->cgroups >= 0)
        cgroup_list(b->cgroups, "personas", on_group, l);
    find_sockets(l);
}

static void on_container(void *user, const char *name, const char *status, int32_t pid)
{
    struct look *l = user;
    size_t n = l->found.containers_n;
    struct persona *p = strncmp(name, "persona-", 8) == 0 ? persona_find(l->b, name + 8) : NULL;

    /* Without a registry nobody knows whose it is: it may hold what its user installed. */
    if (n == LOOK_MAX || (!l->b->store && strncmp(name, "persona-", 8) == 0))
        return;
    snprintf(l->name[n], sizeof l->name[0], "%s", name);
    snprintf(l->status[n], sizeof l->status[0], "%s", status);
    l->containers[n] = (struct found_container){l->name[n], l->status[n], pid};
    l->found.containers_n++;
    if (p)
        p->container = true;
}

int look_podman(struct look *l, const char *text, size_t len, struct err *e)
{
    return inspect_ps(text, len, on_container, l, e);
}

static void on_entry(void *user, int64_t entry, enum operation op, const char *id, const char *detail)
{
    struct look *l = user;
    size_t n = l->found.entries_n;

    if (n == LOOK_ENTRIES_MAX)
        return;
    snprintf(l->entry_id[n], sizeof l->entry_id[0], "%s", id);
    snprintf(l->entry_detail[n], sizeof l->entry_detail[0], "%s", detail);
    l->entries[n] = (struct found_entry){entry, op, l->entry_id[n], l->entry_detail[n]};
    l->found.entries_n++;
}

void look_journal(struct look *l)
{
    struct err e;

    if (l->b->store && store_staged(l->b->store, on_entry, l, &e) < 0)
        log_error("%s", e.message);
}

void look_rows(struct look *l)
{
    for (size_t i = 0; i < PERSONAS_MAX; i++) {
        struct persona *p = &l->b->persona[i];

        if (p->used)
            l->rows[l->found.rows_n++] = (struct found_row){&p->spec, p->wanted};
    }
}
