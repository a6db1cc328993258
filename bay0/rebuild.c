/* SPDX-License-Identifier: MIT
 * Inspects the containers that belong to nobody, one after the other, and registers whom their labels
 * declare. */
#include "rebuild.h"

#include "core/keep.h"
#include "focus_run.h"
#include "keep_files.h"
#include "log.h"
#include "persona.h"
#include "podman_run.h"

#include <stdlib.h>
#include <string.h>

#define PERSONA "persona-"

struct rebuild {
    struct bay0 *b;
    const struct found *found;
    size_t at;
    bool all;
    rebuild_done_fn *done;
    void *user;
    struct argv argv;
};

static void next(struct rebuild *r);

/* The persona that the container is named after, or NULL. The throw-away one of doctor is nobody's. */
static const char *persona_of(const struct found_container *c)
{
    const char *id = c->name + strlen(PERSONA);

    if (strncmp(c->name, PERSONA, strlen(PERSONA)) != 0 || !name_id_ok(id) || name_id_reserved(id))
        return NULL;
    return id;
}

/* An operation was under way: what it says of the container counts. */
static bool staged(const struct found *found, const char *id)
{
    for (size_t i = 0; i < found->entries_n; i++)
        if (strcmp(found->entries[i].id, id) == 0 && found->entries[i].op < OP_SERVICE_START)
            return true;
    return false;
}

static int take_over(struct bay0 *b, const struct child_result *c, const char *id, struct err *e)
{
    struct persona *p;
    struct kept k = {0};

    if (c->status != 0)
        return err_set(e, ERR_PODMAN, "podman inspect: status %d: %.200s", c->status, c->err);
    if (keep_from_inspect(c->out, c->out_len, id, &k, e) < 0 ||
        store_add(b->store, &k.spec, k.range, 0, e) < 0)
        return -1;
    p = persona_new(b, &k.spec, k.range, e);
    if (!p)
        return -1;
    p->life = LIFE_STOPPED;
    p->container = true;
    focus_run_added(b, p);
    return keep_write(b, &k.spec, k.range, e);
}

static void on_inspect(void *user, const struct child_result *c)
{
    struct rebuild *r = user;
    const char *id = persona_of(&r->found->containers[r->at]);
    struct err e;

    if (take_over(r->b, c, id, &e) == 0) {
        log_warn("registry: persona %s is known again by the label of its container", id);
    } else {
        log_error("registry: the container of %s stays as it is, without a persona: %s", id, e.message);
        r->all = false;
    }
    r->at++;
    next(r);
}

static void finish(struct rebuild *r)
{
    struct bay0 *b = r->b;
    rebuild_done_fn *done = r->done;
    void *user = r->user;
    bool all = r->all;
    struct err e;

    free(r);
    if (all && store_set(b->store, STORE_REBUILD, "", &e) == 0)
        b->rebuild = false;
    done(user, all);
}

static void next(struct rebuild *r)
{
    struct err e;

    for (; r->at < r->found->containers_n; r->at++) {
        const struct found_container *c = &r->found->containers[r->at];
        const char *id = persona_of(c);

        if (!id || persona_find(r->b, id) || staged(r->found, id))
            continue;
        if (podman_inspect(&r->argv, &r->b->paths, c->name, &e) == 0 &&
            podman_run(r->b, &r->argv, PODMAN_MS, on_inspect, r, &e))
            return;
        log_error("registry: the container of %s stays as it is, without a persona: %s", id, e.message);
        r->all = false;
    }
    finish(r);
}

void rebuild_run(struct bay0 *b, const struct found *found, rebuild_done_fn *done, void *user)
{
    struct rebuild *r = b->rebuild && b->store ? calloc(1, sizeof *r) : NULL;

    if (!r) {
        done(user, !b->rebuild);
        return;
    }
    *r = (struct rebuild){.b = b, .found = found, .all = true, .done = done, .user = user};
    next(r);
}
