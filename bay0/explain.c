/* SPDX-License-Identifier: MIT
 * `persona.explain`: what a persona is given and why, and what is otherwise in the container that runs. */
#include "explain.h"

#include "core/explain.h"
#include "core/firewall.h"
#include "core/inspect.h"
#include "mountinfo_read.h"
#include "nft.h"
#include "persona.h"
#include "podman_run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INSPECT_MS = 20000 };

/* One answer under way. The persona is looked for again at each turn: it may be gone, or have ended. */
struct explain {
    struct bay0 *b;
    client_ref client;
    int64_t request;
    char id[NAME_ID_MAX + 1];
    int32_t pid;
    json_t *result, *drift; /* drift belongs to result */
    struct argv argv;
};

static void finish(struct explain *x, bool compared)
{
    json_object_set_new(x->result, "compared", json_boolean(compared));
    server_answer_ok(x->client, x->request, x->result);
    json_decref(x->result);
    free(x);
}

static void add(void *user, const char *difference)
{
    struct explain *x = user;

    json_array_append_new(x->drift, json_string(difference));
}

static void add_limit(void *user, const char *file, const char *kernel, const char *want)
{
    char text[ERR_MESSAGE_MAX];

    snprintf(text, sizeof text, "control group: %s is %.100s, asked for %.100s", file, kernel, want);
    add(user, text);
}

/* NULL, and all of it answered, when it is not the one any more that was asked about. */
static struct persona *still_there(struct explain *x)
{
    struct persona *p = persona_find(x->b, x->id);

    if (p && p->life == LIFE_RUNNING && p->pid == x->pid)
        return p;
    add(x, "it ended while it was looked at");
    finish(x, false);
    return NULL;
}

static void on_rules(void *user, const struct child_result *r)
{
    struct explain *x = user;
    struct persona *p = still_there(x);

    if (!p)
        return;
    if (r->status != 0)
        add(x, "firewall: it cannot be read");
    else if (!firewall_in_force(&p->spec, r->out, r->out_len))
        add(x, "firewall: the rules in force are not those of its declaration");
    finish(x, true);
}

static void on_inspect(void *user, const struct child_result *r)
{
    struct explain *x = user;
    struct persona *p = still_there(x);
    struct err e;
    char *mounts;

    if (!p)
        return;
    if (r->status != 0) {
        add(x, "container: podman cannot inspect it");
        finish(x, false);
        return;
    }
    inspect_drift_persona(r->out, r->out_len, &x->b->paths, &p->spec, range_base(p->range), add, x, &e);
    mounts = mountinfo_read(p->pid, &e);
    if (!mounts || inspect_check_persona_mounts(mounts, strlen(mounts), &x->b->paths, &p->spec, &e) < 0)
        add(x, e.message);
    free(mounts);
    if (p->spec.network != NETWORK_SLIRP)
        finish(x, true);
    else if (!nft_list(x->b, p->pid, on_rules, x)) {
        add(x, "firewall: nsenter cannot be run");
        finish(x, false);
    }
}

static bool compare(struct explain *x, const struct persona *p)
{
    char name[CONTAINER_NAME_MAX];
    struct limits l;
    struct err e;

    persona_limits_now(p, &p->spec, &l);
    cgroup_differs(x->b->cgroups, p->cgroup, &l, add_limit, x);
    persona_container(p->spec.id, name);
    return podman_inspect(&x->argv, &x->b->paths, name, &e) == 0 &&
           podman_run(x->b, &x->argv, INSPECT_MS, on_inspect, x, &e);
}

void explain_answer(struct persona *p, const struct call *c)
{
    struct bay0 *b = p->bay0;
    struct explain *x = calloc(1, sizeof *x);
    json_t *rows = explain_rows(&b->paths, &p->spec, range_base(p->range), &b->machine);
    struct err e;

    if (x)
        x->result = json_pack("{s:s, s:s, s:o, s:o}", "id", p->spec.id, "state", life_state_name(p->life),
                              "rows", rows, "drift", x->drift = json_array());
    else
        json_decref(rows);
    if (!x || !x->result) {
        free(x);
        err_set(&e, ERR_NO_MEMORY, "cannot explain persona %s: no memory", p->spec.id);
        server_answer_err(c->client, c->request->id, &e);
        return;
    }
    x->b = b;
    x->client = c->client;
    x->request = c->request->id;
    x->pid = p->pid;
    memcpy(x->id, p->spec.id, sizeof x->id);
    if (p->life != LIFE_RUNNING) {
        finish(x, false);
    } else if (!compare(x, p)) {
        add(x, "container: podman cannot be run");
        finish(x, false);
    }
}
