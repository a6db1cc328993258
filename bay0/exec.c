/* SPDX-License-Identifier: MIT
 * Programs started inside a running persona, with the caller's own standard input, output and error. */
#include "exec.h"

#include "core/inspect.h"
#include "exec_end.h"
#include "focus_run.h"
#include "log.h"
#include "podman_run.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A persona must not be frozen while a program is on its way in: podman would hang until the thaw. */
enum { ENTER_MS = 4000, WAKE_MS = 3000, EXEC_MAX = 256, GONE_MS = 2000 };

struct session {
    struct bay0 *b;
    struct session *next;
    char id[NAME_ID_MAX + 1];
    client_ref client;
    int64_t request;
    int fds[SERVER_FDS_MAX];
    uint64_t mark; /* finds its processes again */
    bool detach;
    bool entering;   /* holds the persona awake until it is inside */
    bool background; /* asked to run in the background: holds it awake until it ends or the user switches */
    struct argv argv;
    struct child *child;
    struct loop_timer *timer;
};

static void release_entry(struct session *s)
{
    if (!s->entering)
        return;
    s->entering = false;
    focus_run(s->b, FE_RELEASE, s->id);
}

static void session_end(struct session *s)
{
    struct session **at = &s->b->sessions;

    while (*at && *at != s)
        at = &(*at)->next;
    if (*at)
        *at = s->next;
    s->b->sessions_n--;
    loop_timer_cancel(s->timer);
    release_entry(s);
    if (s->background)
        focus_run_flag(s->b, FE_RELEASE, s->id, true);
    for (size_t i = 0; i < SERVER_FDS_MAX; i++)
        if (s->fds[i] >= 0)
            close(s->fds[i]);
    free(s);
}

static void fail(struct session *s, const struct err *e)
{
    server_answer_err(s->client, s->request, e);
    session_end(s);
}

static void on_end(void *user, const struct child_result *r)
{
    struct session *s = user;
    json_t *result;
    struct err e;

    s->child = NULL;
    if (s->detach && r->status != 0) {
        if (r->timed_out)
            err_set(&e, ERR_TIMEOUT, "cannot run it: podman did not end in time");
        else
            podman_failure(r->status, r->err, r->err_len, "cannot run it", &e);
        fail(s, &e);
        return;
    }
    result = json_pack("{s:i}", "status", r->status);
    server_answer_ok(s->client, s->request, result);
    json_decref(result);
    session_end(s);
}

static void on_entered(void *user)
{
    struct session *s = user;

    s->timer = NULL;
    release_entry(s);
}

static void launch(struct session *s)
{
    struct child_options o;
    struct err e;

    podman_options(s->b, &o, &s->argv, s->detach ? PODMAN_MS : 0);
    if (!s->detach) {
        o.stdin_fd = s->fds[0];
        o.stdout_fd = s->fds[1];
        o.stderr_fd = s->fds[2];
    }
    o.done = on_end;
    o.user = s;
    s->child = child_spawn(s->b->loop, &o);
    if (!s->child) {
        podman_spawn_error(s->b, "cannot run it", &e);
        fail(s, &e);
        return;
    }
    for (size_t i = 0; i < SERVER_FDS_MAX; i++)
        if (s->fds[i] >= 0) {
            close(s->fds[i]);
            s->fds[i] = -1;
        }
    if (!s->detach)
        s->timer = loop_timer(s->b->loop, ENTER_MS, on_entered, s);
}

static void on_wake_check(void *user)
{
    struct session *s = user;
    struct persona *p = persona_find(s->b, s->id);
    struct err e;

    s->timer = NULL;
    if (p && p->life == LIFE_RUNNING && !p->kernel.frozen) {
        launch(s);
        return;
    }
    err_set(&e, p && p->life == LIFE_RUNNING ? ERR_FROZEN : ERR_NOT_RUNNING,
            "cannot run it: persona %s is %s", s->id,
            p && p->life == LIFE_RUNNING ? "frozen and did not thaw in time" : "not running");
    fail(s, &e);
}

/* The program itself is what must end; podman's own process goes with it, or after it. */
static void end_now(struct session *s, int signo)
{
    const struct persona *p = persona_find(s->b, s->id);

    if (!p || exec_end(p, s->mark, signo) == 0 || signo == SIGKILL)
        child_kill(s->child, SIGTERM);
}

static void on_still_there(void *user)
{
    struct session *s = user;

    s->timer = NULL;
    release_entry(s);
    end_now(s, SIGKILL);
}

void exec_client_gone(struct bay0 *b, client_ref c)
{
    for (struct session *s = b->sessions, *next; s; s = next) {
        next = s->next;
        if (s->client != c || s->detach)
            continue;
        if (!s->child) { /* it still waits at the door */
            session_end(s);
            continue;
        }
        loop_timer_cancel(s->timer);
        end_now(s, SIGTERM);
        s->timer = loop_timer(b->loop, GONE_MS, on_still_there, s);
    }
}

/* In a session of its own, podman hears nothing from the terminal. */
void exec_resized(struct bay0 *b, client_ref c)
{
    for (struct session *s = b->sessions; s; s = s->next)
        if (s->client == c && s->child && !s->detach)
            child_kill(s->child, SIGWINCH);
}

static struct session *session_new(struct bay0 *b, const char *id, client_ref client, int64_t request)
{
    struct session *s = b->sessions_n < EXEC_MAX ? calloc(1, sizeof *s) : NULL;

    if (!s)
        return NULL;
    s->b = b;
    s->client = client;
    s->request = request;
    snprintf(s->id, sizeof s->id, "%s", id);
    for (size_t i = 0; i < SERVER_FDS_MAX; i++)
        s->fds[i] = -1;
    s->next = b->sessions;
    b->sessions = s;
    b->sessions_n++;
    return s;
}

void exec_start(struct persona *p, struct call *c)
{
    const struct request *q = c->request;
    const char *words[PROTO_EXEC_WORDS_MAX + 1];
    const char *text = q->exec_text;
    struct exec_request exec = {.tty = q->tty,
                                .interactive = q->interactive,
                                .detach = q->detach,
                                .words = words,
                                .term = q->term[0] ? q->term : NULL};
    struct session *s;
    struct err e;

    if (!q->detach && (c->fds[0] < 0 || c->fds[1] < 0 || c->fds[2] < 0)) {
        err_set(&e, ERR_BAD_REQUEST,
                "cannot run it: standard input, output and error must come with the request");
        server_answer_err(c->client, q->id, &e);
        return;
    }
    s = session_new(p->bay0, p->spec.id, c->client, q->id);
    if (!s) {
        err_set(&e, ERR_LIMIT, "cannot run it: %zu programs run already", p->bay0->sessions_n);
        server_answer_err(c->client, q->id, &e);
        return;
    }
    s->detach = q->detach;
    memcpy(s->fds, c->fds, sizeof s->fds);
    memset(c->fds, -1, sizeof c->fds);
    words[q->exec_words] = NULL;
    for (uint32_t i = 0; i < q->exec_words; i++, text += strlen(text) + 1)
        words[i] = text;
    exec.mark = s->mark = ++p->bay0->last_mark;
    if (podman_exec(&s->argv, &p->bay0->paths, &p->spec, &exec, &e) < 0) {
        fail(s, &e);
        return;
    }
    s->background = strcmp(p->bay0->focus.front, p->spec.id) != 0;
    /* The engine answers with FA_READY when the persona is awake (exec_awake); the timer is the bound. */
    s->entering = true;
    s->timer = loop_timer(p->bay0->loop, WAKE_MS, on_wake_check, s);
    if (s->background)
        focus_run_flag(p->bay0, FE_HOLD, p->spec.id, true);
    focus_run(p->bay0, FE_HOLD, p->spec.id);
}

void exec_awake(struct persona *p)
{
    if (p->life == LIFE_RUNNING && p->kernel.frozen) /* the engine waits less long than the sessions do */
        return;
    for (struct session *s = p->bay0->sessions, *next; s; s = next) {
        next = s->next;
        if (s->child || !s->entering || strcmp(s->id, p->spec.id) != 0)
            continue;
        loop_timer_cancel(s->timer);
        on_wake_check(s);
    }
}

bool exec_keep(struct bay0 *b, struct handover *h, struct err *e)
{
    for (const struct session *s = b->sessions; s; s = s->next) {
        struct handover_session *k = &h->session[h->sessions_n++];

        *k = (struct handover_session){.client = s->client,
                                       .request = s->request,
                                       .mark = s->mark,
                                       .entering = s->entering,
                                       .background = s->background};
        snprintf(k->persona, sizeof k->persona, "%s", s->id);
        if (!s->child || s->detach || !server_alive(s->client) || !child_keep(s->child, &k->child)) {
            err_set(e, ERR_BUSY, "a program is on its way into or out of persona %s", s->id);
            return false;
        }
    }
    return true;
}

void exec_resume(struct bay0 *b, const struct handover *h)
{
    for (size_t i = 0; i < h->sessions_n; i++) {
        const struct handover_session *k = &h->session[i];
        struct session *s = session_new(b, k->persona, k->client, k->request);
        struct child_options o;
        struct err e;

        if (!s)
            continue;
        s->mark = k->mark;
        s->entering = k->entering;
        s->background = k->background;
        child_options_init(&o);
        o.session = true;
        o.done = on_end;
        o.user = s;
        s->child = child_adopt(b->loop, &k->child, &o);
        if (!s->child) {
            err_set(&e, ERR_SYSTEM, "the program is lost: bay0 was started anew");
            fail(s, &e);
        } else if (s->entering) {
            s->timer = loop_timer(b->loop, ENTER_MS, on_entered, s);
        }
    }
}
