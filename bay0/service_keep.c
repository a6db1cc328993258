/* SPDX-License-Identifier: MIT
 * The Spine's own services when bay0 goes on in a new program: their processes stay, and so does what is
 * known of them. */
#include "service_life.h"

#include "log.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

bool services_keep(struct bay0 *b, struct handover *h, struct err *e)
{
    struct services *all = b->services;

    snprintf(h->interface, sizeof h->interface, "%s", all->interface);
    for (size_t i = 0; i < SERVICE_COUNT; i++) {
        const struct service *s = &all->s[i];
        struct handover_service *k = &h->service[h->services_n++];

        snprintf(k->name, sizeof k->name, "%s", s->row->name);
        k->wanted = s->wanted;
        k->done = s->done;
        k->sup = s->sup;
        k->child = (struct handover_child){.out = -1, .err = -1};
        if (s->sup.state == SUP_STARTING || s->sup.state == SUP_STOPPING ||
            (s->child && !child_keep(s->child, &k->child))) {
            err_set(e, ERR_BUSY, "%s is %s", s->row->name, sup_state_name(s->sup.state));
            return false;
        }
    }
    return true;
}

static void take_up(struct service *s, const struct handover_service *k)
{
    struct child_options o;

    s->wanted = k->wanted;
    s->done = k->done;
    s->sup = k->sup;
    service_rearm(s);
    if (!k->child.pid)
        return;
    child_options_init(&o);
    o.session = true;
    o.done = service_ended;
    o.user = s;
    s->child = child_adopt(s->b->loop, &k->child, &o);
    if (s->child)
        return;
    log_error("%s: process %d is lost: %s", s->row->name, (int)k->child.pid, strerror(errno));
    service_feed(s, SUP_EV_EXIT);
}

void services_resume(struct bay0 *b, const struct handover *h)
{
    struct services *all = b->services;

    snprintf(all->interface, sizeof all->interface, "%s", h->interface);
    for (size_t i = 0; i < SERVICE_COUNT; i++) {
        const struct handover_service *k = handover_service(h, all->s[i].row->name);

        if (k)
            take_up(&all->s[i], k);
    }
}

/* By pid and not by cgroup.kill: Linux 6.18 then also kills what is born in that group later. */
static void end_stray(void *user, int32_t pid)
{
    const struct service *s = user;
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);

    if (fd < 0)
        return;
    if (syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0) == 0)
        log_warn("%s: process %d of an earlier bay0 is ended", s->row->name, (int)pid);
    close(fd);
}

void services_end_strays(struct bay0 *b)
{
    char group[64];

    for (size_t i = 0; b->cgroups >= 0 && i < SERVICE_COUNT; i++) {
        snprintf(group, sizeof group, "ui/%s", b->services->s[i].row->name);
        cgroup_pids(b->cgroups, group, end_stray, &b->services->s[i]);
    }
}
