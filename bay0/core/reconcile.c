/* SPDX-License-Identifier: MIT
 * What was found at start, put side by side persona by persona, and the steps that make it agree. */
#include "core/reconcile.h"

#include "core/profile.h"

#include <string.h>

#define PERSONA "persona-"

/* Everything known of one id. */
struct file {
    const char *id;
    const struct found_row *row;
    const struct found_entry *entry; /* the last one staged */
    const struct found_container *container;
    const struct found_cgroup *cgroup;
    bool sockets;
};

const char *fix_name(enum fix_kind k)
{
    static const char *const names[FIX_COUNT] = {
        [FIX_THAW] = "thaw",
        [FIX_KILL] = "kill",
        [FIX_STOP] = "podman stop",
        [FIX_RM] = "podman rm",
        [FIX_UNCGROUP] = "remove cgroup",
        [FIX_UNSOCKETS] = "remove sockets",
        [FIX_UNHOME] = "remove empty home",
        [FIX_WIPE] = "wipe home",
        [FIX_UNREGISTER] = "unregister",
        [FIX_UNWANT] = "not wanted",
        [FIX_UNWANT_TENANT] = "tenant not wanted",
        [FIX_ADOPT] = "adopt",
        [FIX_SYNC] = "sync",
        [FIX_COMMIT] = "commit",
        [FIX_START] = "start",
    };

    return (unsigned)k < FIX_COUNT ? names[k] : "unknown";
}

static struct fix *add(struct fixes *out, enum fix_kind kind, const char *id)
{
    struct fix *f = &out->f[out->n];

    if (out->n < RECONCILE_STEPS_MAX)
        out->n++;
    else
        out->partial = true;
    *f = (struct fix){.kind = kind, .id = id};
    return f;
}

static const char *persona_of(const struct found_container *c)
{
    const char *id = c->name + strlen(PERSONA);

    return strncmp(c->name, PERSONA, strlen(PERSONA)) == 0 && name_id_ok(id) ? id : NULL;
}

static bool is_tenants(const struct found_entry *e)
{
    return e->op == OP_SERVICE_START || e->op == OP_SERVICE_STOP;
}

static void look_up(const struct found *w, struct file *f)
{
    for (size_t i = 0; i < w->rows_n; i++)
        if (strcmp(w->rows[i].spec->id, f->id) == 0)
            f->row = &w->rows[i];
    for (size_t i = 0; i < w->entries_n; i++)
        if (!is_tenants(&w->entries[i]) && strcmp(w->entries[i].id, f->id) == 0 &&
            (!f->entry || w->entries[i].entry > f->entry->entry))
            f->entry = &w->entries[i];
    for (size_t i = 0; i < w->containers_n; i++)
        if (persona_of(&w->containers[i]) && strcmp(persona_of(&w->containers[i]), f->id) == 0)
            f->container = &w->containers[i];
    for (size_t i = 0; i < w->cgroups_n; i++)
        if (strcmp(w->cgroups[i].id, f->id) == 0)
            f->cgroup = &w->cgroups[i];
    for (size_t i = 0; i < w->sockets_n; i++)
        f->sockets = f->sockets || strcmp(w->sockets[i], f->id) == 0;
}

static bool says(const struct found_container *c, const char *status)
{
    return c && strcmp(c->status, status) == 0;
}

/* Running as asked, nothing half-done about it. A change of its declaration stands in the row or does not: it
 * is taken over with the limits that the row says. */
static bool is_sound(const struct file *f)
{
    return f->row && (!f->entry || f->entry->op == OP_SET) && says(f->container, "running") && f->cgroup &&
           f->cgroup->populated;
}

/* This very start was to make the container. */
static bool is_first_start(const struct found_entry *e)
{
    return e->op == OP_START && strcmp(e->detail, RECONCILE_CREATE) == 0;
}

/* Is the container to go? The root of a persona that keeps it is the user's work and goes only when this very
 * start had made it, or with the persona. */
static bool container_goes(const struct file *f, bool keep_strangers)
{
    if (!f->row && !f->entry && keep_strangers && !name_id_reserved(f->id))
        return false;
    if (!f->row || (f->entry && f->entry->op == OP_RM) || says(f->container, "removing"))
        return true;
    if (!profile_get(f->row->spec->profile)->root_kept)
        return true;
    return f->entry && is_first_start(f->entry);
}

/* Podman puts a container into its storage before it knows of it, and takes it out after it has forgotten it:
 * what a power cut leaves between the two is in no list, and its name is taken. */
static bool may_be_unknown(const struct file *f)
{
    if (f->container || !f->entry || !f->row) /* a row goes after the container, with a sync between */
        return false;
    return f->entry->op == OP_RM || is_first_start(f->entry) ||
           (f->entry->op == OP_STOP && !profile_get(f->row->spec->profile)->root_kept);
}

/* Afterwards nothing of it runs. */
static void clear(const struct file *f, bool keep_strangers, struct fixes *out)
{
    const struct found_container *c = f->container;

    if (f->cgroup && f->cgroup->populated)
        add(out, FIX_KILL, f->id);
    else if (f->cgroup && (f->cgroup->frozen || f->cgroup->freeze_asked))
        add(out, FIX_THAW, f->id);
    if (c && container_goes(f, keep_strangers))
        add(out, FIX_RM, f->id)->container = c->name;
    else if (c && (says(c, "running") || says(c, "paused")))
        add(out, FIX_STOP, f->id)->container = c->name;
    else if (may_be_unknown(f))
        add(out, FIX_RM, f->id);
    if (f->cgroup)
        add(out, FIX_UNCGROUP, f->id);
    if (f->sockets)
        add(out, FIX_UNSOCKETS, f->id);
}

/* The rest of what had begun: an add and a start that did not end are undone, but for a row that is there
 * already; a stop and a removal are finished. */
static void finish(const struct file *f, struct fixes *out)
{
    if (!f->entry)
        return;
    switch (f->entry->op) {
    case OP_ADD:
        if (!f->row && strcmp(f->entry->detail, RECONCILE_HOME) == 0)
            add(out, FIX_UNHOME, f->id);
        break;
    case OP_START:
        break;
    case OP_STOP:
        if (f->row && f->row->wanted)
            add(out, FIX_UNWANT, f->id);
        break;
    case OP_RM:
        if (strcmp(f->entry->detail, RECONCILE_WIPE) == 0)
            add(out, FIX_WIPE, f->id);
        if (f->row)
            add(out, FIX_UNREGISTER, f->id);
        break;
    case OP_SET:
    case OP_PREPARE:
    case OP_CLEAR:
    case OP_SERVICE_START:
    case OP_SERVICE_STOP:
    case OP_COUNT:
        break;
    }
}

static void put_right(const struct file *f, bool keep_strangers, struct fixes *out)
{
    if (is_sound(f)) {
        if (f->cgroup->frozen || f->cgroup->freeze_asked)
            add(out, FIX_THAW, f->id);
        add(out, FIX_ADOPT, f->id)->pid = f->container->pid;
        return;
    }
    clear(f, keep_strangers, out);
    finish(f, out);
}

static bool wants_start(const struct file *f)
{
    bool ended = f->entry && (f->entry->op == OP_STOP || f->entry->op == OP_RM);

    return f->row && !is_sound(f) && !ended && (f->row->wanted || f->row->spec->autostart);
}

/* Every id that something knows of, once, in id order; full: there were more. */
struct ids {
    const char *id[RECONCILE_IDS_MAX];
    size_t n;
    bool full;
};

static void note(struct ids *ids, const char *id)
{
    size_t at = 0;

    if (!id || !name_id_ok(id))
        return;
    while (at < ids->n && strcmp(ids->id[at], id) < 0)
        at++;
    if (at < ids->n && strcmp(ids->id[at], id) == 0)
        return;
    if (ids->n == RECONCILE_IDS_MAX) {
        ids->full = true;
        return;
    }
    memmove(&ids->id[at + 1], &ids->id[at], (ids->n - at) * sizeof *ids->id);
    ids->id[at] = id;
    ids->n++;
}

static void collect(const struct found *w, struct ids *ids)
{
    ids->n = 0;
    ids->full = false;
    for (size_t i = 0; i < w->rows_n; i++)
        note(ids, w->rows[i].spec->id);
    for (size_t i = 0; i < w->entries_n; i++)
        note(ids, is_tenants(&w->entries[i]) ? NULL : w->entries[i].id);
    for (size_t i = 0; i < w->containers_n; i++)
        note(ids, persona_of(&w->containers[i]));
    for (size_t i = 0; i < w->cgroups_n; i++)
        note(ids, w->cgroups[i].id);
    for (size_t i = 0; i < w->sockets_n; i++)
        note(ids, w->sockets[i]);
}

void reconcile(const struct found *found, struct fixes *out)
{
    struct ids ids;

    collect(found, &ids);
    out->n = 0;
    out->partial = ids.full;
    for (size_t i = 0; i < ids.n; i++) {
        struct file f = {.id = ids.id[i]};

        look_up(found, &f);
        put_right(&f, found->keep_strangers, out);
    }
    /* A tenant is started anew with bay0's new socket; anything else with our label is nobody's. */
    for (size_t i = 0; i < found->containers_n; i++)
        if (!persona_of(&found->containers[i]))
            add(out, FIX_RM, "")->container = found->containers[i].name;
    /* A start that did not end has changed nothing that lasts. */
    for (size_t i = 0; i < found->entries_n; i++)
        if (found->entries[i].op == OP_SERVICE_STOP)
            add(out, FIX_UNWANT_TENANT, found->entries[i].id);
    if (found->entries_n)
        add(out, FIX_SYNC, "");
    for (size_t i = 0; i < found->entries_n; i++)
        add(out, FIX_COMMIT, found->entries[i].id)->entry = found->entries[i].entry;
    for (size_t i = 0; i < ids.n; i++) {
        struct file f = {.id = ids.id[i]};

        look_up(found, &f);
        if (wants_start(&f))
            add(out, FIX_START, f.id);
    }
}
