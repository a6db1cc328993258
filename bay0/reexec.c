/* SPDX-License-Identifier: MIT
 * The old program's side of a re-exec: waits for a quiet moment, writes down what is there, tries the new
 * program, becomes it. */
#include "reexec.h"

#include "exec.h"
#include "fsutil.h"
#include "log.h"
#include "persona.h"
#include "pressure.h"
#include "resume.h"
#include "service.h"
#include "sound.h"
#include "tenant.h"
#include "ui.h"
#include "watchdog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { WAIT_MS = 20000, LOOK_MS = 20, CHECK_MS = 10000, ENV_MAX = 256 };

struct reexec {
    struct bay0 *b;
    client_ref client;
    int64_t request;
    uint64_t until; /* ms: then it is given up */
    bool checked;   /* the new program has said that it can */
};

static void look(void *user);

static void later(struct reexec *x, uint64_t ms);

static void give_up(struct reexec *x, const struct err *e)
{
    struct bay0 *b = x->b;

    log_error("bay0 goes on as it is: %s", e->message);
    server_hold(false);
    if (x->client)
        server_answer_err(x->client, x->request, e);
    b->reexec = NULL;
    free(x);
}

static void later(struct reexec *x, uint64_t ms)
{
    struct err e;

    if (loop_timer(x->b->loop, ms, look, x))
        return;
    err_set(&e, ERR_NO_MEMORY, "no memory to wait for a quiet moment");
    give_up(x, &e);
}

static bool persona_keep(const struct persona *p, struct handover_persona *k, struct err *e)
{
    const struct focus_persona *f = focus_find(&p->bay0->focus, p->spec.id);

    *k = (struct handover_persona){.life = p->life,
                                   .pid = p->pid,
                                   .container = p->container,
                                   .attention = p->attention,
                                   .watched = p->watch != NULL,
                                   .control = p->control ? server_fd(p->control) : -1,
                                   .wayland = p->wayland,
                                   .wayland_close = p->wayland_close,
                                   .pipewire = p->pipewire,
                                   .ai = p->ai};
    memcpy(k->id, p->spec.id, sizeof k->id);
    memcpy(k->error, p->last_error, sizeof k->error);
    pressure_keep(p, k);
    if (p->job)
        err_set(e, ERR_BUSY, "persona %s is %s", p->spec.id, life_state_name(p->life));
    else if (!f || !focus_keep(f, &k->focus))
        err_set(e, ERR_BUSY, "persona %s is being frozen or thawed", p->spec.id);
    else
        return sound_keep(p, &k->sound, e);
    return false;
}

/* Who waits for something that nobody in the new program knows of would wait for ever: that connection ends.
 */
static void keep_clients(const struct reexec *x, struct handover *h)
{
    size_t n = server_keep(h->client, HANDOVER_CLIENTS_MAX);

    for (size_t i = 0; i < n; i++) {
        const struct handover_client *k = &h->client[i];
        unsigned known = k->ref == x->client;

        for (size_t s = 0; s < h->sessions_n; s++)
            known += h->session[s].client == k->ref;
        if (k->pending != known)
            continue;
        if (k->ref == x->client) {
            h->asker = x->client;
            h->asked = x->request;
        }
        h->client[h->clients_n++] = *k;
    }
}

/* false with *e: something is under way. */
static bool collect(const struct reexec *x, struct handover *h, struct err *e)
{
    struct bay0 *b = x->b;
    size_t children = 0;

    *h = (struct handover){.version = HANDOVER_VERSION,
                           .pid = getpid(),
                           .begun = loop_now(),
                           .last_client = server_last_ref(),
                           .last_ticket = b->last_ticket,
                           .last_mark = b->last_mark,
                           .salvaged = b->salvaged,
                           .watchdog = watchdog_fd(b),
                           .focus.turn = b->focus.turn};
    if (!b->reconciled || !b->server)
        return err_set(e, ERR_BUSY, "podman has not said yet what it has from before"), false;
    if (b->visits)
        return err_set(e, ERR_BUSY, "a check-up is under way"), false;
    if (b->focus.phase != FOCUS_IDLE)
        return err_set(e, ERR_BUSY, "a switch to persona %s is under way", b->focus.target), false;
    h->control = server_fd(b->server);
    memcpy(h->front_before, b->front_before, sizeof h->front_before);
    memcpy(h->focus.front, b->focus.front, sizeof h->focus.front);
    memcpy(h->focus.seen, b->focus.seen, sizeof h->focus.seen);
    for (size_t i = 0; i < PERSONAS_MAX; i++)
        if (b->persona[i].used && !persona_keep(&b->persona[i], &h->persona[h->personas_n++], e))
            return false;
    if (!services_keep(b, h, e) || !tenants_keep(b, h, e) || !exec_keep(b, h, e) || !ui_keep(b, h, e))
        return false;
    /* A child that nobody has named is a command under way. */
    for (size_t i = 0; i < h->services_n; i++)
        children += h->service[i].child.pid > 0;
    for (size_t i = 0; i < h->personas_n; i++)
        children += h->persona[i].sound.child.pid > 0;
    children += h->sessions_n + h->ui_up;
    if (child_count() != children)
        return err_set(e, ERR_BUSY, "a command of bay0 is under way"), false;
    keep_clients(x, h);
    return true;
}

/* -1 with *e; *busy when it is worth trying again. */
static int seal(const struct reexec *x, struct handover *h, bool *busy, struct err *e)
{
    const int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    char *text;
    int fd;

    *busy = !collect(x, h, e);
    if (*busy)
        return -1;
    text = handover_write(h, e);
    if (!text)
        return -1;
    fd = memfd_create("handover", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd >= 0 && (fs_write_all(fd, text, strlen(text)) < 0 || fcntl(fd, F_ADD_SEALS, seals) < 0))
        fs_close(&fd);
    free(text);
    return fd >= 0
               ? fd
               : err_set(e, ERR_SYSTEM, "cannot write down what is to be handed over: %s", strerror(errno));
}

static void on_checked(void *user, const struct child_result *r)
{
    struct reexec *x = user;
    struct err e;

    if (r->status == 0) {
        x->checked = true;
        later(x, 0); /* not from in here: the loop may hold news of this turn */
        return;
    }
    err_set(&e, ERR_CHECK, "%s cannot take over: status %d%s: %.200s", x->b->program, r->status,
            r->timed_out ? " (time-out)" : "", r->err);
    err_hint(&e, "put a sound program there; nothing has changed");
    give_up(x, &e);
}

/* What is broken must show here and not after the exec, where there is no way back. */
static void check(struct reexec *x, int fd)
{
    char *argv[] = {x->b->program, "--check-handover", "3", NULL};
    struct child_options o;
    struct err e;

    child_options_init(&o);
    o.argv = argv;
    o.env = environ;
    o.fds[0] = fd;
    o.fds_n = 1;
    o.timeout_ms = CHECK_MS;
    o.done = on_checked;
    o.user = x;
    if (child_spawn(x->b->loop, &o))
        return;
    err_set(&e, ERR_SYSTEM, "%s cannot be tried: %s", x->b->program, strerror(errno));
    give_up(x, &e);
}

static void keep_open(void *user, int fd)
{
    const int *flags = user;

    if (fd >= 0)
        (void)fcntl(fd, F_SETFD, *flags);
}

/* Comes back only when it failed. */
static void become(struct reexec *x, const struct handover *h, int fd)
{
    char number[sizeof RESUME_ENV + 16], *env[ENV_MAX + 2];
    int stays = 0, closes = FD_CLOEXEC;
    size_t n = 0;
    struct err e;

    for (char **at = environ; *at && n < ENV_MAX; at++)
        env[n++] = *at;
    snprintf(number, sizeof number, RESUME_ENV "=%d", fd);
    env[n++] = number;
    env[n] = NULL;
    log_info("bay0 goes on as %s", x->b->program);
    handover_fds(h, keep_open, &stays);
    keep_open(&stays, fd);
    (void)execve(x->b->program, x->b->argv, env);
    err_set(&e, ERR_SYSTEM, "cannot execute %s: %s", x->b->program, strerror(errno));
    handover_fds(h, keep_open, &closes);
    give_up(x, &e);
}

static void look(void *user)
{
    struct reexec *x = user;
    struct handover *h = calloc(1, sizeof *h);
    bool busy = false;
    struct err e;
    int fd = -1;

    if (x->b->power)
        err_set(&e, ERR_BUSY, "the Spine is being switched off");
    else if (!h)
        err_set(&e, ERR_NO_MEMORY, "no memory for what is to be handed over");
    else
        fd = seal(x, h, &busy, &e);
    if (fd >= 0 && x->checked)
        become(x, h, fd);
    else if (fd >= 0)
        check(x, fd);
    else if (busy && loop_now() < x->until)
        later(x, LOOK_MS);
    else
        give_up(x, &e);
    fs_close(&fd);
    free(h);
}

void reexec_start(struct bay0 *b, client_ref client, int64_t request)
{
    struct reexec *x = b->reexec || b->power ? NULL : calloc(1, sizeof *x);
    struct err e;

    if (!x) {
        if (b->reexec || b->power)
            err_set(&e, ERR_BUSY,
                    b->power ? "the Spine is being switched off" : "bay0 is about to go on anew already");
        else
            err_set(&e, ERR_NO_MEMORY, "no memory to go on anew");
        log_warn("%s", e.message);
        if (client)
            server_answer_err(client, request, &e);
        return;
    }
    *x = (struct reexec){.b = b, .client = client, .request = request, .until = loop_now() + WAIT_MS};
    b->reexec = x;
    server_hold(true); /* what is asked for from now on waits in the sockets */
    later(x, 0);
}
