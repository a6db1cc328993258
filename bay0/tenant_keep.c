/* SPDX-License-Identifier: MIT
 * System tenants when bay0 goes on in a new program: their containers and their listening sockets stay. */
#include "tenant_life.h"

#include "fsutil.h"
#include "log.h"

#include <stdio.h>
#include <string.h>

bool tenants_keep(struct bay0 *b, struct handover *h, struct err *e)
{
    struct tenants_run *all = b->tenants;

    for (size_t i = 0; i < all->table.n; i++) {
        const struct tenant_run *t = &all->t[i];
        struct handover_tenant *k = &h->tenant[h->tenants_n++];

        if (t->phase != PHASE_NONE || t->child || t->sup.state == SUP_STARTING ||
            t->sup.state == SUP_STOPPING) {
            err_set(e, ERR_BUSY, "%s is %s", t->row->name, sup_state_name(t->sup.state));
            return false;
        }
        *k = (struct handover_tenant){.listen = t->listen,
                                      .channel = t->channel,
                                      .container = t->container,
                                      .may_pull = t->may_pull,
                                      .sup = t->sup};
        snprintf(k->name, sizeof k->name, "%s", t->row->name);
        snprintf(k->error, sizeof k->error, "%s", t->error);
    }
    return true;
}

void tenant_resume(struct tenant_run *t)
{
    const struct handover *h = t->b->handover;
    const struct handover_tenant *k = NULL;
    struct err e;

    for (size_t i = 0; h && i < h->tenants_n; i++)
        if (strcmp(h->tenant[i].name, t->row->name) == 0)
            k = &h->tenant[i];
    if (!k)
        return;
    t->listen = k->listen;
    t->channel = k->channel;
    t->container = k->container;
    t->may_pull = k->may_pull;
    t->sup = k->sup;
    memcpy(t->error, k->error, sizeof t->error);
    tenant_rearm(t);
    if (t->sup.state != SUP_UP)
        return;
    t->kernel.populated = true; /* should it have ended meanwhile, the watch says so at once */
    if (tenant_watch(t, &e) < 0)
        log_error("%s", e.message);
}

void tenants_close_unknown(struct bay0 *b, const struct handover *h)
{
    for (size_t i = 0; i < h->tenants_n; i++) {
        int fd = h->tenant[i].listen, channel = h->tenant[i].channel;

        if (tenants_find(&b->tenants->table, h->tenant[i].name))
            continue;
        log_error("there is no tenant %s any more: its socket is closed", h->tenant[i].name);
        fs_close(&fd);
        fs_close(&channel);
    }
}
