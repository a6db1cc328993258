/* SPDX-License-Identifier: MIT
 * Keeps one spine-sound for each persona with sound, and tells it when to be heard. */
#include "sound.h"

#include "accounts.h"
#include "core/sound.h"
#include "core/supervise.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ENV_WORDS = 5 };

struct sound {
    struct persona *p;
    struct supervisor sup;
    struct sound_state state;
    struct child *child;
    struct loop_timer *timer, *late;
    int words; /* write end of its standard input, -1 */
    struct argv argv;
};

static void feed(struct sound *s, enum sup_event ev);

static void on_late(void *user)
{
    struct sound *s = user;

    s->late = NULL;
    s->state.waiting = false;
    log_warn("persona %s: its sound was not %s within %d ms; going on", s->p->spec.id,
             s->state.parked ? "parked" : "brought back", SOUND_PARK_MS);
}

static void hang_up(struct sound *s)
{
    if (s->words >= 0)
        close(s->words);
    s->words = -1;
    loop_timer_cancel(s->late);
    s->late = NULL;
}

static void say(struct sound *s, enum sound_do what)
{
    const char *word = sound_word(&s->state);

    if (what == SOUND_DO_NOTHING || s->words < 0)
        return;
    /* Thousands of words unread: it will not come back by itself. */
    if (write(s->words, word, strlen(word)) < 0) {
        log_warn("persona %s: its sound does not listen (%s) and is started anew", s->p->spec.id,
                 strerror(errno));
        hang_up(s);
        if (s->child)
            child_kill(s->child, SIGKILL);
        return;
    }
    if (what != SOUND_DO_SAY_AND_WAIT)
        return;
    loop_timer_cancel(s->late);
    s->late = loop_timer(s->p->bay0->loop, SOUND_PARK_MS, on_late, s);
}

static void on_line(void *user, const char *line, size_t len)
{
    struct sound *s = user;

    switch (sound_heard(&s->state, line, len)) {
    case SOUND_HEARD_READY:
        feed(s, SUP_EV_READY);
        break;
    case SOUND_HEARD_DONE:
        loop_timer_cancel(s->late);
        s->late = NULL;
        break;
    case SOUND_HEARD_NOTHING:
        break;
    }
}

static void on_end(void *user, const struct child_result *r)
{
    struct sound *s = user;

    s->child = NULL;
    hang_up(s);
    if (s->sup.state != SUP_STOPPING)
        log_warn("persona %s: its sound ended with status %d", s->p->spec.id, r->status);
    feed(s, SUP_EV_EXIT);
}

static void hear(struct sound *s, struct child_options *o)
{
    o->on_out_line = on_line;
    o->done = on_end;
    o->user = s;
}

static int spawn(struct sound *s)
{
    struct bay0 *b = s->p->bay0;
    char text[3][PATH_MAX], *env[ENV_WORDS + 1] = {"PATH=/usr/bin:/bin", "LANG=C.UTF-8"};
    struct child_options o;
    struct err e;
    int ends[2];

    if (sound_argv(&s->argv, &b->paths, &s->p->spec, &e) < 0) {
        errno = E2BIG;
        return -1;
    }
    for (size_t i = 0; i < 3; i++) {
        static const char *const names[] = {"XDG_RUNTIME_DIR", "PIPEWIRE_RUNTIME_DIR", "HOME"};

        snprintf(text[i], sizeof text[i], "%s=%s/audio", names[i], b->paths.run);
        env[2 + i] = text[i];
    }
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -1;
    fcntl(ends[1], F_SETFL, O_NONBLOCK); /* PID 1 waits for no reader */
    child_options_init(&o);
    o.argv = s->argv.word;
    o.env = env;
    o.stdin_fd = ends[0];
    o.stderr_fd = -2;
    o.fds[0] = s->p->pipewire;
    o.fds_n = 1;
    hear(s, &o);
    if (b->opt.init)
        account_apply(ACCOUNT_AUDIO, &o);
    if (b->cgroups >= 0 && cgroup_make(b->cgroups, "ui/sound", &e) == 0)
        o.cgroup_fd = cgroup_open(b->cgroups, "ui/sound");
    s->child = child_spawn(b->loop, &o);
    if (o.cgroup_fd >= 0)
        close(o.cgroup_fd);
    close(ends[0]);
    s->words = ends[1];
    say(s, sound_started(&s->state));
    return s->child ? 0 : -1;
}

static void on_timer(void *user)
{
    struct sound *s = user;

    s->timer = NULL;
    feed(s, SUP_EV_TIMER);
}

static void feed(struct sound *s, enum sup_event ev)
{
    struct sup_decision d = sup_event(&s->sup, ev, loop_now());

    loop_timer_cancel(s->timer);
    s->timer = d.timer_ms ? loop_timer(s->p->bay0->loop, d.timer_ms, on_timer, s) : NULL;
    switch (d.action) {
    case SUP_DO_SPAWN:
        if (spawn(s) == 0)
            break;
        log_error("persona %s: its sound could not be started: %s", s->p->spec.id, strerror(errno));
        hang_up(s);
        feed(s, SUP_EV_EXIT);
        break;
    case SUP_DO_TERM:
    case SUP_DO_KILL:
        if (s->child)
            child_kill(s->child, d.action == SUP_DO_TERM ? SIGTERM : SIGKILL);
        break;
    case SUP_DO_REPORT_GIVE_UP:
        log_error("persona %s: its sound keeps dying and is not started any more; it runs on in silence. "
                  "Stopping and starting the persona tries again",
                  s->p->spec.id);
        break;
    case SUP_DO_NOTHING:
    case SUP_DO_WAIT:
        break;
    }
}

static struct sound *sound_new(struct persona *p)
{
    struct sound *s = calloc(1, sizeof *s);

    if (!s)
        return NULL;
    s->p = p;
    s->words = -1;
    sup_init(&s->sup);
    p->sound = s;
    return s;
}

int sound_open(struct persona *p, struct err *e)
{
    if (p->sound)
        return 0;
    if (!sound_new(p))
        return err_set(e, ERR_NO_MEMORY, "persona %s: no memory for its sound", p->spec.id);
    if (p->bay0->sound_server)
        feed(p->sound, SUP_EV_START);
    return 0;
}

bool sound_keep(const struct persona *p, struct handover_sound *k, struct err *e)
{
    const struct sound *s = p->sound;

    *k = (struct handover_sound){.words = -1, .child = {.out = -1, .err = -1}};
    sup_init(&k->sup);
    if (!s)
        return true;
    k->there = true;
    k->sup = s->sup;
    k->state = s->state;
    k->state.waiting = false; /* its timer does not go on */
    k->words = s->words;
    if (!s->late && s->sup.state != SUP_STARTING && s->sup.state != SUP_STOPPING &&
        (!s->child || child_keep(s->child, &k->child)))
        return true;
    err_set(e, ERR_BUSY, "the sound of persona %s is on its way", p->spec.id);
    return false;
}

void sound_resume(struct persona *p, const struct handover_sound *k)
{
    uint64_t now = loop_now(), at = k->sup.timer_at;
    struct sound *s = k->there ? sound_new(p) : NULL;
    struct child_options o;

    if (!s)
        return;
    s->sup = k->sup;
    s->state = k->state;
    s->words = k->words;
    s->timer = at ? loop_timer(p->bay0->loop, at > now ? at - now : 0, on_timer, s) : NULL;
    if (!k->child.pid)
        return;
    child_options_init(&o);
    hear(s, &o);
    s->child = child_adopt(p->bay0->loop, &k->child, &o);
    if (s->child)
        return;
    hang_up(s);
    feed(s, SUP_EV_EXIT);
}

void sound_close(struct persona *p)
{
    struct sound *s = p->sound;

    if (!s)
        return;
    p->sound = NULL;
    loop_timer_cancel(s->timer);
    hang_up(s);
    if (s->child) {
        child_kill(s->child, SIGKILL);
        child_detach(s->child);
    }
    free(s);
}

void sound_server(struct bay0 *b, bool up)
{
    b->sound_server = up;
    for (size_t i = 0; i < PERSONAS_MAX; i++)
        if (b->persona[i].used && b->persona[i].sound)
            feed(b->persona[i].sound, up ? SUP_EV_START : SUP_EV_STOP);
}

void sound_park(struct persona *p, bool park)
{
    if (p->sound)
        say(p->sound, sound_ask(&p->sound->state, park));
}

bool sound_ok(const struct bay0 *b)
{
    for (size_t i = 0; i < PERSONAS_MAX; i++) {
        const struct persona *p = &b->persona[i];

        if (p->used && p->sound && p->sound->sup.state != SUP_UP)
            return false;
    }
    return true;
}
