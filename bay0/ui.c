/* SPDX-License-Identifier: MIT
 * The compositor as bay0 sees it: commands by swaymsg, events by `swaymsg -t subscribe -m`, one security
 * context for each persona. */
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

enum { WLCTX_MS = 8000, CLIPBOARD_MS = 1500 };

int ui_create(struct bay0 *b)
{
    struct ui *u = calloc(1, sizeof *u);
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

static void on_swaymsg(void *user, const struct child_result *r)
{
    struct task *t = user;

    if (r->status != 0)
        log_warn("swaymsg failed with status %d%s: %.200s%.200s", r->status,
                 r->timed_out ? " (time-out)" : "", r->out, r->err);
    task_end(t, r->status == 0);
}

/* Sends t->text; done ends t in any case. */
static void send_then(struct task *t, child_done_fn *done)
{
    /* "--" and one word: swaymsg joins its words, so the text goes over as it is. */
    char *argv[] = {"swaymsg", "-q", "--", t->text, NULL};
    struct child_options o;

    ui_options(t->b, &o, argv, SWAYMSG_MS);
    o.done = done;
    o.user = t;
    if (!child_spawn(t->b->loop, &o)) {
        log_error("cannot run swaymsg: %s", strerror(errno));
        task_end(t, false);
    }
}

void task_send(struct task *t)
{
    send_then(t, on_swaymsg);
}

static void on_clipboard(void *user, const struct child_result *r)
{
    if (r->status != 0)
        log_warn("the clipboard could not be cleared: %.200s", r->err);
    task_send(user);
}

void ui_show(struct persona *p, bool follow, ui_done_fn *done)
{
    struct bay0 *b = p->bay0;
    char *argv[] = {"wl-copy", "--clear", NULL};
    struct child_options o;
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
                : sway_show_text(p->spec.id, p->spec.colour, &text)) < 0) {
        task_end(t, false);
        return;
    }
    ui_options(b, &o, argv, CLIPBOARD_MS);
    o.done = on_clipboard;
    o.user = t;
    if (!child_spawn(b->loop, &o))
        task_send(t);
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

static void on_tree(void *user, const struct child_result *r)
{
    struct task *t = user;
    struct seen seen = {.id = t->id};
    struct err e;

    if (r->status != 0)
        log_warn("cannot read sway's tree: %.200s", r->err);
    else if (r->truncated || sway_tree_parse(r->out, r->out_len, on_window, &seen, &e) < 0)
        log_warn("sway's tree is no answer%s", r->truncated ? ": too long" : "");
    else if (t->turn !=
             t->b->focus.turn) /* another came to the front meanwhile: what was seen may be hidden now */
        ui_ask_visible(t->b, t->id);
    else /* no answer keeps it awake: nothing that may be seen is frozen */
        focus_run_flag(t->b, FE_VISIBLE, t->id, seen.visible);
    task_end(t, true);
}

void ui_ask_visible(struct bay0 *b, const char *id)
{
    char *argv[] = {"swaymsg", "-r", "-t", "get_tree", NULL};
    struct child_options o;
    struct task *t = ui_up(b) ? task_new(b, id, NULL, NULL) : NULL;

    if (!t) { /* without a compositor nothing is visible */
        focus_run_flag(b, FE_VISIBLE, id, false);
        return;
    }
    ui_options(b, &o, argv, SWAYMSG_MS);
    o.done = on_tree;
    o.user = t;
    if (!child_spawn(b->loop, &o)) {
        focus_run_flag(b, FE_VISIBLE, id, false);
        task_end(t, false);
    }
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

static void on_rules(void *user, const struct child_result *r)
{
    struct task *t = user;

    if (r->status == 0) {
        make_context(t);
        return;
    }
    log_error("persona %s: sway did not take its rules: %.200s%.200s", t->id, r->out, r->err);
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
        send_then(t, on_rules);
}
