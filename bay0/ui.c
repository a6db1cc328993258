/* SPDX-License-Identifier: MIT
 * The compositor as bay0 sees it: commands and questions by a connection to its socket, one security context
 * for each persona. */
#include "ui_task.h"

#include "accounts.h"
#include "core/buf.h"
#include "core/swaytext.h"
#include "focus_run.h"
#include "log.h"
#include "persona.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WLCTX_MS = 8000, ANSWER_MS = 5000 };

int ui_create(struct bay0 *b)
{
    struct ui *u = calloc(1, sizeof *u);
    char path[PATH_MAX];
    size_t n = 0;

    if (!u)
        return -1;
    snprintf(u->env_text[n++], PATH_MAX, "PATH=/usr/bin:/bin:/usr/sbin:/sbin");
    snprintf(u->env_text[n++], PATH_MAX, "XDG_RUNTIME_DIR=%s/ui", b->paths.run);
    snprintf(u->env_text[n++], PATH_MAX, "SWAYSOCK=%s/ui/sway.sock", b->paths.run);
    snprintf(u->env_text[n++], PATH_MAX, "WAYLAND_DISPLAY=wayland-1");
    snprintf(u->env_text[n++], PATH_MAX, "LANG=C.UTF-8");
    for (size_t i = 0; i < n; i++)
        u->env[i] = u->env_text[i];
    snprintf(path, sizeof path, "%s/ui/sway.sock", b->paths.run);
    u->clip.words = -1;
    sway_ipc_init(&u->ipc, b->loop, path, ANSWER_MS);
    b->ui = u;
    return 0;
}

bool ui_up(const struct bay0 *b)
{
    return b->ui && b->ui->up;
}

void ui_options(struct bay0 *b, struct child_options *o, char *const *argv, uint32_t ms)
{
    child_options_init(o);
    o->argv = argv;
    o->env = b->ui->env;
    o->timeout_ms = ms;
    if (b->opt.init)
        account_apply(ACCOUNT_UI, o);
}

struct task *task_new(struct bay0 *b, const char *id, ui_done_fn *done, void *user)
{
    struct task *t = calloc(1, sizeof *t);

    if (!t)
        return NULL;
    t->b = b;
    t->turn = b->focus.turn;
    t->done = done;
    t->user = user;
    snprintf(t->id, sizeof t->id, "%s", id);
    return t;
}

void task_end(struct task *t, bool ok)
{
    ui_done_fn *done = t->done;
    void *user = t->user;

    free(t);
    if (done)
        done(user, ok);
}

/* done ends t in any case. */
static void ask(struct task *t, uint32_t type, const char *text, sway_answer_fn *done)
{
    errno = ENOTCONN;
    if (ui_up(t->b) && sway_ipc_ask(&t->b->ui->ipc, type, text, done, t))
        return;
    log_error("sway cannot be asked: %s", strerror(errno));
    task_end(t, false);
}

static bool carried_out(const struct sway_answer *a, struct err *e)
{
    if (!a->error)
        return sway_result_parse(a->text, a->len, e) == 0;
    err_set(e, ERR_SWAY, "%s", a->error);
    return false;
}

static void on_sent(void *user, const struct sway_answer *a)
{
    struct task *t = user;
    bool ok, again = a->lost && t->insist;
    struct err e;

    ok = carried_out(a, &e);
    if (!ok)
        log_warn("%s", e.message);
    t->insist = false;
    if (again)
        task_send(t);
    else
        task_end(t, ok);
}

void task_send(struct task *t)
{
    ask(t, SWAY_RUN_COMMAND, t->text, on_sent);
}

void ui_show(struct persona *p, bool follow, ui_done_fn *done)
{
    struct bay0 *b = p->bay0;
    struct task *t;
    struct buf text;

    if (!b->opt.ui) { /* nothing is drawn: being in front is all there is */
        done(p, true);
        return;
    }
    t = ui_up(b) ? task_new(b, p->spec.id, done, p) : NULL;
    if (!t) {
        done(p, false);
        return;
    }
    buf_init(&text, t->text, sizeof t->text);
    if ((follow ? sway_colours_text(p->spec.colour, &text)
                : sway_show_text(p->spec.id, p->spec.colour, &text)) < 0)
        task_end(t, false);
    else
        clip_clear_then_send(t);
}

void ui_colour(struct persona *p)
{
    struct task *t = ui_up(p->bay0) ? task_new(p->bay0, p->spec.id, NULL, NULL) : NULL;
    struct buf text;

    if (!t)
        return;
    buf_init(&text, t->text, sizeof t->text);
    if (sway_colours_text(p->spec.colour, &text) < 0)
        task_end(t, false);
    else
        task_send(t);
}

struct seen {
    const char *id;
    bool visible;
};

static void on_window(void *user, const char *instance, const char *workspace, int64_t con_id, bool visible,
                      bool fullscreen)
{
    struct seen *s = user;

    (void)workspace, (void)con_id, (void)fullscreen;
    if (visible && strcmp(instance, s->id) == 0)
        s->visible = true;
}

static void on_tree(void *user, const struct sway_answer *a)
{
    struct task *t = user;
    struct seen seen = {.id = t->id};
    struct err e;

    if (a->error)
        log_warn("cannot read sway's tree: %s", a->error);
    else if (sway_tree_parse(a->text, a->len, on_window, &seen, &e) < 0)
        log_warn("%s", e.message);
    else if (t->turn !=
             t->b->focus.turn) /* another came to the front meanwhile: what was seen may be hidden now */
        ui_ask_visible(t->b, t->id);
    else /* no answer keeps it awake: nothing that may be seen is frozen */
        focus_run_flag(t->b, FE_VISIBLE, t->id, seen.visible);
    task_end(t, true);
}

void ui_ask_visible(struct bay0 *b, const char *id)
{
    struct task *t = ui_up(b) ? task_new(b, id, NULL, NULL) : NULL;

    if (t)
        ask(t, SWAY_GET_TREE, "", on_tree);
    else /* without a compositor nothing is visible */
        focus_run_flag(b, FE_VISIBLE, id, false);
}

static void on_context(void *user, const struct child_result *r)
{
    struct task *t = user;

    if (r->status != 0)
        log_error("persona %s has no window socket: %.300s", t->id, r->err);
    task_end(t, r->status == 0);
}

static void make_context(struct task *t)
{
    struct bay0 *b = t->b;
    struct persona *p = persona_find(b, t->id);
    char program[PATH_MAX], display[PATH_MAX];
    char *argv[] = {program, "--display", display,           "--listen-fd", "3",  "--close-fd",
                    "4",     "--engine",  "org.alpinespine", "--app-id",    NULL, "--instance-id",
                    t->id,   NULL};
    struct child_options o;
    int ends[2];

    if (!p || p->wayland < 0 || pipe2(ends, O_CLOEXEC) < 0) { /* it went away meanwhile */
        task_end(t, false);
        return;
    }
    argv[10] = p->spec.image;
    snprintf(program, sizeof program, "%s/spine-wlctx", b->paths.libexec);
    snprintf(display, sizeof display, "%s/ui/wayland-1", b->paths.run);
    ui_options(b, &o, argv, WLCTX_MS);
    o.fds[0] = p->wayland;
    o.fds[1] = ends[0];
    o.fds_n = 2;
    o.done = on_context;
    o.user = t;
    /* The compositor's end of an earlier context hangs up here: it must stop accepting before the new one
     * starts. */
    if (p->wayland_close >= 0)
        close(p->wayland_close);
    p->wayland_close = ends[1];
    if (!child_spawn(b->loop, &o))
        task_end(t, false);
    close(ends[0]);
}

static void on_rules(void *user, const struct sway_answer *a)
{
    struct task *t = user;
    struct err e;

    if (carried_out(a, &e)) {
        make_context(t);
        return;
    }
    log_error("persona %s: sway did not take its rules: %s", t->id, e.message);
    task_end(t, false);
}

/* The rules go first: with the context come the windows of those that wait on the socket. */
void ui_windows(struct persona *p, ui_done_fn *done, void *user)
{
    struct bay0 *b = p->bay0;
    struct task *t;
    struct buf text;

    if (!ui_up(b) || p->wayland < 0) {
        done(user, true);
        return;
    }
    t = task_new(b, p->spec.id, done, user);
    if (!t) {
        done(user, false);
        return;
    }
    buf_init(&text, t->text, sizeof t->text);
    if (sway_rules_text(t->id, &text) < 0)
        task_end(t, false);
    else
        ask(t, SWAY_RUN_COMMAND, t->text, on_rules);
}
