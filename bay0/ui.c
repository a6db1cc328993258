/* SPDX-License-Identifier: MIT
 * The compositor as bay0 sees it: commands by swaymsg, events by `swaymsg -t subscribe -m`, one security
 * context for each persona. */
#include "ui.h"

#include "accounts.h"
#include "core/buf.h"
#include "core/swaytext.h"
#include "focus_run.h"
#include "log.h"
#include "persona.h"
#include "power.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SWAYMSG_MS = 5000, WLCTX_MS = 8000, CLIPBOARD_MS = 1500, RESUBSCRIBE_MS = 500, ENV_WORDS = 6 };

struct ui {
    bool up;
    struct child *subscriber;
    char env_text[ENV_WORDS][PATH_MAX];
    char *env[ENV_WORDS + 1];
};

/* One command under way; freed when its child is done. */
struct task {
    struct bay0 *b;
    char id[NAME_ID_MAX + 1];
    ui_done_fn *done;
    void *user;
    char text[SWAY_TEXT_MAX];
};

static void subscribe(struct bay0 *b);

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

static void options(struct bay0 *b, struct child_options *o, char *const *argv, uint32_t ms)
{
    child_options_init(o);
    o->argv = argv;
    o->env = b->ui->env;
    o->timeout_ms = ms;
    if (b->opt.init)
        account_apply(ACCOUNT_UI, o);
}

static struct task *task_new(struct bay0 *b, const char *id, ui_done_fn *done, void *user)
{
    struct task *t = calloc(1, sizeof *t);

    if (!t)
        return NULL;
    t->b = b;
    t->done = done;
    t->user = user;
    snprintf(t->id, sizeof t->id, "%s", id);
    return t;
}

static void task_end(struct task *t, bool ok)
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

/* Sends t->text; ends t in any case. */
static void send_text(struct task *t)
{
    /* "--" and one word: swaymsg joins its words, so the text goes over as it is. */
    char *argv[] = {"swaymsg", "-q", "--", t->text, NULL};
    struct child_options o;

    options(t->b, &o, argv, SWAYMSG_MS);
    o.done = on_swaymsg;
    o.user = t;
    if (!child_spawn(t->b->loop, &o)) {
        log_error("cannot run swaymsg: %s", strerror(errno));
        task_end(t, false);
    }
}

static void on_clipboard(void *user, const struct child_result *r)
{
    if (r->status != 0)
        log_warn("the clipboard could not be cleared: %.200s", r->err);
    send_text(user);
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
    options(b, &o, argv, CLIPBOARD_MS);
    o.done = on_clipboard;
    o.user = t;
    if (!child_spawn(b->loop, &o))
        send_text(t);
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
    options(b, &o, argv, SWAYMSG_MS);
    o.done = on_tree;
    o.user = t;
    if (!child_spawn(b->loop, &o)) {
        focus_run_flag(b, FE_VISIBLE, id, false);
        task_end(t, false);
    }
}

static void send_rules(struct task *t)
{
    struct buf text;

    buf_init(&text, t->text, sizeof t->text);
    if (sway_rules_text(t->id, &text) < 0) {
        task_end(t, false);
        return;
    }
    send_text(t);
}

static void on_context(void *user, const struct child_result *r)
{
    struct task *t = user;

    if (r->status != 0) {
        log_error("persona %s has no window socket: %.300s", t->id, r->err);
        task_end(t, false);
        return;
    }
    send_rules(t);
}

void ui_windows(struct persona *p, ui_done_fn *done, void *user)
{
    struct bay0 *b = p->bay0;
    char program[PATH_MAX], display[PATH_MAX];
    char *argv[] = {program,    "--display", display,           "--listen-fd", "3",           "--close-fd",
                    "4",        "--engine",  "org.alpinespine", "--app-id",    p->spec.image, "--instance-id",
                    p->spec.id, NULL};
    struct child_options o;
    struct task *t;
    int ends[2];

    if (!ui_up(b) || p->wayland < 0) {
        done(user, true);
        return;
    }
    t = task_new(b, p->spec.id, done, user);
    if (!t || pipe2(ends, O_CLOEXEC) < 0) {
        free(t);
        done(user, false);
        return;
    }
    snprintf(program, sizeof program, "%s/spine-wlctx", b->paths.libexec);
    snprintf(display, sizeof display, "%s/ui/wayland-1", b->paths.run);
    options(b, &o, argv, WLCTX_MS);
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

static void hotkey(struct bay0 *b, const char *command)
{
    static const char by_number[] = "nop spine focus ";
    const struct focus_persona *pick = NULL;

    if (strcmp(command, "nop spine poweroff") == 0)
        power_down(b, POWER_OFF);
    else if (strcmp(command, "nop spine reboot") == 0)
        power_down(b, POWER_REBOOT);
    else if (strcmp(command, "nop spine next") == 0)
        pick = focus_pick(&b->focus, PICK_NEXT, 0);
    else if (strcmp(command, "nop spine previous") == 0)
        pick = focus_pick(&b->focus, PICK_PREVIOUS, 0);
    else if (strcmp(command, "nop spine last") == 0)
        pick = focus_pick(&b->focus, PICK_LAST, 0);
    else if (strncmp(command, by_number, sizeof by_number - 1) == 0)
        pick =
            focus_pick(&b->focus, PICK_NUMBER, (unsigned)strtoul(command + sizeof by_number - 1, NULL, 10));
    if (pick)
        focus_run_request(b, 0, 0, pick->id);
}

/* A background window that asks for fullscreen on the output lands on the visible workspace, past every rule:
 * put it back. Only the change to fullscreen is answered, so that our own move brings no further round. */
static void keep_home(struct bay0 *b, const struct sway_event *ev)
{
    struct task *t;
    struct buf text;

    if (!ev->fullscreen || !persona_find(b, ev->instance) || strcmp(ev->instance, b->focus.front) == 0 ||
        strcmp(ev->instance, b->focus.target) == 0)
        return;
    t = task_new(b, ev->instance, NULL, NULL);
    if (!t)
        return;
    buf_init(&text, t->text, sizeof t->text);
    if (sway_return_text(ev->con_id, ev->instance, true, &text) < 0)
        task_end(t, false);
    else
        send_text(t);
}

/* A second screen may show a workspace that was hidden, and hide one that was seen. */
static void look_behind(struct bay0 *b)
{
    for (size_t i = 0; i < PERSONAS_MAX; i++)
        if (b->persona[i].used && b->persona[i].life == LIFE_RUNNING &&
            strcmp(b->persona[i].spec.id, b->focus.front) != 0)
            ui_ask_visible(b, b->persona[i].spec.id);
}

static void on_event(void *user, const char *line, size_t len)
{
    struct bay0 *b = user;
    struct sway_event ev;
    struct err e;

    if (sway_event_parse(line, len, &ev, &e) < 0) {
        log_warn("%s", e.message);
        return;
    }
    switch (ev.kind) {
    case SWAY_WORKSPACE_FOCUS:
        focus_run(b, FE_WORKSPACE, persona_find(b, ev.workspace) ? ev.workspace : "");
        break;
    case SWAY_WINDOW_FULLSCREEN:
        keep_home(b, &ev);
        break;
    case SWAY_BINDING:
        hotkey(b, ev.binding);
        break;
    case SWAY_OUTPUT:
        look_behind(b);
        break;
    case SWAY_NOTHING:
    case SWAY_WINDOW_NEW:
    case SWAY_WINDOW_MOVE:
    case SWAY_WINDOW_CLOSE:
    case SWAY_WINDOW_URGENT:
    case SWAY_SHUTDOWN:
        break;
    }
}

static void on_resubscribe(void *user)
{
    struct bay0 *b = user;

    if (b->ui->up && !b->ui->subscriber)
        subscribe(b);
}

static void on_subscriber_end(void *user, const struct child_result *r)
{
    struct bay0 *b = user;

    b->ui->subscriber = NULL;
    if (!b->ui->up)
        return;
    log_warn("sway's events stopped (status %d): %.200s", r->status, r->err);
    if (!loop_timer(b->loop, RESUBSCRIBE_MS, on_resubscribe, b))
        log_error("sway's events are lost until it is restarted: %s", strerror(errno));
}

static void subscribe(struct bay0 *b)
{
    char *argv[] = {"swaymsg", "-r",        "-m",
                    "-t",      "subscribe", "[\"workspace\",\"window\",\"binding\",\"output\",\"shutdown\"]",
                    NULL};
    struct child_options o;

    options(b, &o, argv, 0);
    o.on_out_line = on_event;
    o.done = on_subscriber_end;
    o.user = b;
    b->ui->subscriber = child_spawn(b->loop, &o);
    if (!b->ui->subscriber)
        log_error("cannot follow sway's events: %s", strerror(errno));
}

static void on_restored(void *user, bool ok)
{
    struct persona *p = user;

    if (!ok)
        log_error("persona %s: its windows could not be set up again", p->spec.id);
}

void ui_sway_ready(struct bay0 *b)
{
    b->ui->up = true;
    subscribe(b);
    for (size_t i = 0; i < PERSONAS_MAX; i++)
        if (b->persona[i].used && b->persona[i].wayland >= 0)
            ui_windows(&b->persona[i], on_restored, &b->persona[i]);
    focus_run_flag(b, FE_SWAY, "", true);
}

void ui_sway_gone(struct bay0 *b)
{
    b->ui->up = false;
    focus_run_flag(b, FE_SWAY, "", false);
    if (b->ui->subscriber)
        child_kill(b->ui->subscriber, SIGKILL);
}
