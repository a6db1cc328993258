/* SPDX-License-Identifier: MIT
 * Nobody sees what the one before has copied: spine-wlclear stands by and clears the clipboard when told;
 * where it is not there, or does not answer, wl-copy does. */
#include "ui_task.h"

#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { CLEAR_MS = 1500 };

static const char word[] = "clear\n", answer[] = "cleared";

static void on_copied(void *user, const struct child_result *r)
{
    if (r->status != 0)
        log_warn("the clipboard could not be cleared: %.200s", r->err);
    task_send(user);
}

static void by_wl_copy(struct task *t)
{
    char *argv[] = {"wl-copy", "--clear", NULL};
    struct child_options o;

    ui_options(t->b, &o, argv, CLEAR_MS);
    o.done = on_copied;
    o.user = t;
    if (child_spawn(t->b->loop, &o))
        return;
    log_warn("the clipboard could not be cleared: %s", strerror(errno));
    task_send(t);
}

/* Returns who waited for it. */
static struct task *forget(struct clip *c)
{
    struct task *t = c->waiting;

    loop_timer_cancel(c->late);
    if (c->words >= 0)
        close(c->words);
    *c = (struct clip){.words = -1};
    return t;
}

/* What it still says is not heard: it would be taken for the next one's word. */
static struct task *end(struct clip *c)
{
    struct child *child = c->child;

    if (child) {
        (void)child_kill(child, SIGKILL);
        child_detach(child);
    }
    return forget(c);
}

static void on_line(void *user, const char *line, size_t len)
{
    struct clip *c = &((struct bay0 *)user)->ui->clip;
    struct task *t = c->waiting;

    if (!t || len != sizeof answer - 1 || memcmp(line, answer, len) != 0)
        return;
    loop_timer_cancel(c->late);
    c->late = NULL;
    c->waiting = NULL;
    task_send(t);
}

static void on_end(void *user, const struct child_result *r)
{
    struct task *t = forget(&((struct bay0 *)user)->ui->clip);

    log_warn("spine-wlclear ended with status %d: %.200s", r->status, r->err);
    if (t)
        by_wl_copy(t);
}

static void on_late(void *user)
{
    struct clip *c = &((struct bay0 *)user)->ui->clip;

    c->late = NULL;
    log_warn("spine-wlclear has not cleared the clipboard in %d ms and is ended", CLEAR_MS);
    by_wl_copy(end(c));
}

void clip_start(struct bay0 *b)
{
    char program[PATH_MAX], display[PATH_MAX], *argv[] = {program, display, NULL};
    struct clip *c = &b->ui->clip;
    struct child_options o;
    int ends[2];

    if (c->child || b->reexec || !ui_up(b) || pipe2(ends, O_CLOEXEC) < 0)
        return;
    (void)fcntl(ends[1], F_SETFL, O_NONBLOCK);
    snprintf(program, sizeof program, "%s/spine-wlclear", b->paths.libexec);
    snprintf(display, sizeof display, "%s/ui/wayland-1", b->paths.run);
    ui_options(b, &o, argv, 0);
    o.stdin_fd = ends[0];
    o.on_out_line = on_line;
    o.done = on_end;
    o.user = b;
    c->child = child_spawn(b->loop, &o);
    c->words = ends[1];
    close(ends[0]);
    if (c->child)
        return;
    log_warn("cannot start spine-wlclear: %s", strerror(errno));
    (void)forget(c);
}

bool clip_end(struct bay0 *b)
{
    bool there = b->ui->clip.child != NULL;
    struct task *t = end(&b->ui->clip);

    if (t)
        task_send(t);
    return there;
}

static bool told(struct clip *c, struct task *t)
{
    struct bay0 *b = t->b;

    if (!c->child || c->waiting)
        return false;
    c->late = loop_timer(b->loop, CLEAR_MS, on_late, b);
    if (c->late && write(c->words, word, sizeof word - 1) == (ssize_t)sizeof word - 1) {
        c->waiting = t;
        return true;
    }
    loop_timer_cancel(c->late);
    c->late = NULL;
    return false;
}

void clip_clear_then_send(struct task *t)
{
    struct bay0 *b = t->b;

    if (told(&b->ui->clip, t))
        return;
    clip_start(b); /* for the next one */
    by_wl_copy(t);
}
