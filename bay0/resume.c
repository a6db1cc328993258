/* SPDX-License-Identifier: MIT
 * The new program's side of a re-exec: believes what was handed over, or does without. */
#include "resume.h"

#include "ahead.h"
#include "core/version.h"
#include "exec.h"
#include "focus_run.h"
#include "fsutil.h"
#include "log.h"
#include "ops.h"
#include "persona.h"
#include "pressure.h"
#include "service.h"
#include "sound.h"
#include "ui.h"
#include "watchdog.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

static int read_sealed(int fd, struct handover *h, struct err *e)
{
    const int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    struct stat st;
    char *text = NULL;
    ssize_t n = -1;
    int rc;

    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || (fcntl(fd, F_GET_SEALS) & seals) != seals ||
        st.st_size > HANDOVER_MAX)
        return err_set(e, ERR_BAD_VALUE, "descriptor %d is no sealed memory of the right size", fd);
    text = malloc((size_t)st.st_size + 1);
    if (text)
        n = fs_read_fd(fd, text, (size_t)st.st_size + 1);
    if (n < 0)
        rc = err_set(e, ERR_SYSTEM, "cannot read descriptor %d: %s", fd, strerror(errno));
    else
        rc = handover_read(text, (size_t)n, h, e);
    free(text);
    return rc;
}

static void close_on_exec(void *user, int fd)
{
    int *bad = user;

    if (fd >= 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
        *bad = fd;
}

/* Or it is none at all. */
static bool socket_has(int fd, int option, int want)
{
    int is = 0;
    socklen_t size = sizeof is;

    return fd < 0 || (getsockopt(fd, SOL_SOCKET, option, &is, &size) == 0 && is == want);
}

static bool is_listener(int fd)
{
    return socket_has(fd, SO_ACCEPTCONN, 1);
}

/* Of a grant: listening or not. */
static bool is_socket(int fd)
{
    return socket_has(fd, SO_DOMAIN, AF_UNIX);
}

/* Open, close-on-exec again, and where it matters of the right kind. */
static int take_fds(const struct handover *h, struct err *e)
{
    bool listening = is_listener(h->control);
    int bad = -1;

    handover_fds(h, close_on_exec, &bad);
    if (bad >= 0)
        return err_set(e, ERR_BAD_VALUE, "descriptor %d is not open", bad);
    for (size_t i = 0; i < h->personas_n; i++)
        listening = listening && is_listener(h->persona[i].control) && is_listener(h->persona[i].wayland) &&
                    is_socket(h->persona[i].ai) && is_socket(h->persona[i].pipewire);
    for (size_t i = 0; i < h->tenants_n; i++)
        listening = listening && is_listener(h->tenant[i].listen);
    return listening ? 0 : err_set(e, ERR_BAD_VALUE, "a descriptor is not the socket that it should be");
}

static bool is_mine(const struct handover *h, struct err *e)
{
    if (h->pid != getpid())
        err_set(e, ERR_BAD_VALUE, "it is meant for process %d", (int)h->pid);
    return h->pid == getpid();
}

struct handover *resume_take(bool *again, struct err *e)
{
    const char *text = getenv(RESUME_ENV);
    struct handover *h;
    int fd;

    *again = text != NULL;
    if (!text)
        return NULL;
    fd = (int)strtol(text, NULL, 10);
    unsetenv(RESUME_ENV);
    h = calloc(1, sizeof *h);
    if (h && read_sealed(fd, h, e) == 0 && is_mine(h, e) && take_fds(h, e) == 0) {
        close(fd);
        return h;
    }
    if (!h)
        err_set(e, ERR_NO_MEMORY, "no memory");
    free(h);
    (void)syscall(SYS_close_range, (unsigned)HANDOVER_FD_MIN, ~0u, 0u);
    return NULL;
}

int resume_check(int fd)
{
    struct handover *h = calloc(1, sizeof *h);
    struct err e;
    int rc;

    if (h)
        rc = read_sealed(fd, h, &e);
    else
        rc = err_set(&e, ERR_NO_MEMORY, "no memory");
    free(h);
    if (rc < 0)
        fprintf(stderr, "%s\n", e.message);
    return rc < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static void close_all_of(const struct handover_persona *k)
{
    int fds[] = {k->control, k->wayland,     k->wayland_close,   k->pipewire,
                 k->ai,      k->sound.words, k->sound.child.out, k->sound.child.err};

    for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++)
        fs_close(&fds[i]);
}

static void persona_resume(struct bay0 *b, const struct handover_persona *k)
{
    struct persona *p = persona_find(b, k->id);
    struct err e;

    if (!p) {
        log_error("persona %s is not in the registry any more: its sockets are closed", k->id);
        close_all_of(k);
        return;
    }
    p->life = k->life;
    persona_runs(p, k->pid);
    p->container = k->container;
    p->attention = k->attention;
    memcpy(p->last_error, k->error, sizeof p->last_error);
    p->wayland = k->wayland;
    p->wayland_close = k->wayland_close;
    p->pipewire = k->pipewire;
    p->ai = k->ai;
    sound_resume(p, &k->sound);
    if (k->control >= 0)
        p->control = server_create(b->loop, k->control, p->spec.id, ops_handle, b, &e);
    if ((k->control >= 0 && !p->control) || (k->watched && persona_watch(p, &e) < 0))
        log_error("%s", e.message);
    p->slow_rest = k->focus.fz == FZ_THROTTLED;
    pressure_resume(p, k);
    focus_restore(&b->focus, k->id, &k->focus);
}

static void clients_resume(struct bay0 *b, const struct handover *h)
{
    server_last_ref_set(h->last_client);
    for (size_t i = 0; i < h->clients_n; i++) {
        const struct handover_client *k = &h->client[i];
        const struct persona *p = k->persona[0] ? persona_find(b, k->persona) : NULL;
        struct server *s = k->persona[0] ? p ? p->control : NULL : b->server;

        if (!s)
            close(k->fd);
        else if (server_adopt(s, k) < 0)
            log_warn("a connection is lost: %s", strerror(errno));
        ops_client(b, k->ref);
    }
}

/* Who is behind and awake begins a new grace; who rests, rests on. */
static void focus_resume(struct bay0 *b, const struct handover *h)
{
    struct focus *f = &b->focus;

    memcpy(f->front, h->focus.front, sizeof f->front);
    memcpy(f->seen, h->focus.seen, sizeof f->seen);
    f->turn = h->focus.turn;
    memcpy(b->front_told, f->front, sizeof b->front_told);
    for (size_t i = 0; i < h->personas_n; i++) {
        const struct focus_persona *p = focus_find(f, h->persona[i].id);

        if (p && p->running && p->fz == FZ_AWAKE && strcmp(f->front, p->id) != 0)
            focus_run_flag(b, FE_VISIBLE, p->id, false);
    }
}

static void answer(const struct handover *h)
{
    uint64_t ms = loop_now() - h->begun;
    json_t *result = json_pack("{s:s, s:I}", "version", SPINE_VERSION, "ms", (json_int_t)ms);

    log_info("bay0 goes on after %llu ms: %zu personas, %zu connections, %zu programs",
             (unsigned long long)ms, h->personas_n, h->clients_n, h->sessions_n);
    if (h->asker)
        server_answer_ok(h->asker, h->asked, result);
    json_decref(result);
}

void resume_run(struct bay0 *b, const struct handover *h)
{
    struct err e;

    b->last_ticket = h->last_ticket;
    b->last_mark = h->last_mark;
    b->salvaged = b->salvaged || h->salvaged;
    memcpy(b->front_before, h->front_before, sizeof b->front_before);
    b->server = server_create(b->loop, h->control, NULL, ops_handle, b, &e);
    if (!b->server)
        log_error("%s", e.message);
    for (size_t i = 0; i < h->personas_n; i++)
        persona_resume(b, &h->persona[i]);
    services_resume(b, h);
    b->sound_server = service_up(b, SERVICE_PIPEWIRE);
    if (b->ui)
        ui_resume(b, h, service_up(b, SERVICE_SWAY));
    clients_resume(b, h);
    exec_resume(b, h);
    focus_resume(b, h);
    watchdog_start(b, h->watchdog);
    b->reconciled = true;
    services_start(b);
    ahead_look(b);
    answer(h);
    (void)kill(getpid(), SIGCHLD); /* who ended meanwhile is told now */
}
