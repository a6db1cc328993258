/* SPDX-License-Identifier: MIT
 * One persona's way to rest and back: grace, check, frozen or throttled. The switch itself is in focus.c. */
#include "core/focus_rest.h"

#include <string.h>

const char *fz_state_name(enum fz_state s)
{
    static const char *const names[FZ_STATE_COUNT] = {
        [FZ_AWAKE] = "awake",         [FZ_GRACE] = "grace",   [FZ_CHECKING] = "checking",
        [FZ_FREEZING] = "freezing",   [FZ_FROZEN] = "frozen", [FZ_THAWING] = "thawing",
        [FZ_THROTTLED] = "throttled",
    };

    return (unsigned)s < FZ_STATE_COUNT ? names[s] : "unknown";
}

struct focus_persona *focus_find(struct focus *f, const char *id)
{
    if (!id || !id[0])
        return NULL;
    for (size_t i = 0; i < FOCUS_PERSONAS_MAX; i++)
        if (f->p[i].used && strcmp(f->p[i].id, id) == 0)
            return &f->p[i];
    return NULL;
}

void focus_copy(char *to, size_t size, const char *from)
{
    size_t n = strnlen(from, size - 1);

    memcpy(to, from, n);
    to[n] = '\0';
}

struct focus_action *focus_emit(struct focus_ctx *c, enum focus_action_kind kind, const char *id)
{
    /* The size is proved by the model test: at most 4 actions a persona and event. */
    struct focus_action *a = &c->out->a[c->out->n < FOCUS_ACTIONS_MAX ? c->out->n++ : FOCUS_ACTIONS_MAX - 1];

    memset(a, 0, sizeof *a);
    a->kind = kind;
    focus_copy(a->id, sizeof a->id, id);
    return a;
}

void focus_arm(struct focus_ctx *c, struct focus_persona *p, uint32_t ms)
{
    if (!ms && !p->timer)
        return;
    focus_emit(c, FA_TIMER, p->id)->ms = ms;
    p->timer = ms != 0;
}

void focus_set(struct focus_persona *p, enum fz_state s)
{
    if (p->fz != s)
        p->changed = true;
    p->fz = s;
}

bool focus_is_front(const struct focus *f, const struct focus_persona *p)
{
    return strcmp(f->front, p->id) == 0;
}

bool focus_is_target(const struct focus *f, const struct focus_persona *p)
{
    return strcmp(f->target, p->id) == 0;
}

static bool may_rest(const struct focus *f, const struct focus_persona *p)
{
    return p->running && !focus_is_front(f, p) && !focus_is_target(f, p) && !p->holds && !p->execs &&
           !p->visible && p->background != BACKGROUND_RUN;
}

void focus_wake(struct focus_ctx *c, struct focus_persona *p)
{
    bool thaw = p->fz == FZ_FREEZING || p->fz == FZ_FROZEN || (p->fz == FZ_THROTTLED && p->fallback);

    if (p->fz == FZ_AWAKE || p->fz == FZ_THAWING)
        return;
    if (p->fz == FZ_THROTTLED)
        focus_emit(c, FA_UNTHROTTLE, p->id);
    p->fallback = false;
    if (thaw) {
        focus_emit(c, FA_THAW, p->id);
        focus_arm(c, p, p->running ? c->f->thaw_ms : 0);
        focus_set(p, FZ_THAWING);
    } else {
        focus_arm(c, p, 0);
        focus_set(p, FZ_AWAKE);
    }
}

void focus_settle(struct focus_ctx *c, struct focus_persona *p)
{
    uint32_t ms = c->f->grace_ms;

    if (!p->running)
        return;
    if (!may_rest(c->f, p)) {
        focus_wake(c, p);
        return;
    }
    if (p->fz != FZ_AWAKE)
        return;
    if (p->fresh_to > c->now && p->fresh_to - c->now > ms)
        ms = (uint32_t)(p->fresh_to - c->now);
    focus_arm(c, p, ms);
    focus_set(p, FZ_GRACE);
}

/* The grace is over and nothing of it can be seen. */
static void rest(struct focus_ctx *c, struct focus_persona *p)
{
    if (p->background == BACKGROUND_FREEZE) {
        if (p->fz == FZ_THROTTLED)
            focus_emit(c, FA_UNTHROTTLE, p->id);
        focus_emit(c, FA_FREEZE, p->id);
        focus_arm(c, p, c->f->freeze_ms);
        focus_set(p, FZ_FREEZING);
    } else {
        focus_arm(c, p, 0);
        focus_emit(c, FA_THROTTLE, p->id);
        focus_set(p, FZ_THROTTLED);
    }
}

void focus_ready(struct focus_ctx *c, struct focus_persona *p)
{
    if (!p->waiting)
        return;
    p->waiting = false;
    focus_emit(c, FA_READY, p->id);
}

/* Throttled because sway gave no word. */
static bool unanswered(const struct focus_persona *p)
{
    return p->fz == FZ_THROTTLED && !p->fallback && p->background == BACKGROUND_FREEZE;
}

void focus_visible(struct focus_ctx *c, struct focus_persona *p, bool flag)
{
    if (!p->running)
        return;
    p->visible = flag;
    if (may_rest(c->f, p) && (p->fz == FZ_CHECKING || unanswered(p)))
        rest(c, p);
    else
        focus_settle(c, p);
}

void focus_frozen(struct focus_ctx *c, struct focus_persona *p)
{
    if (p->fz == FZ_FREEZING || (p->fz == FZ_THROTTLED && p->fallback)) {
        if (p->fallback)
            focus_emit(c, FA_UNTHROTTLE, p->id);
        p->fallback = false;
        focus_arm(c, p, 0);
        focus_set(p, FZ_FROZEN);
    } else if (p->running && p->fz != FZ_FROZEN && p->fz != FZ_THAWING) {
        /* Somebody else froze it. Nothing is frozen but by the rules here. */
        if (p->fz == FZ_THROTTLED)
            p->fallback = true; /* throttled and frozen: both must be taken back */
        else
            focus_set(p, FZ_FROZEN);
        focus_wake(c, p);
    }
}

void focus_timer(struct focus_ctx *c, struct focus_persona *p)
{
    if (!p->timer)
        return;
    p->timer = false;
    switch (p->fz) {
    case FZ_GRACE:
        if (!c->f->sway) {
            rest(c, p); /* no compositor, nothing to be seen */
            break;
        }
        focus_set(p, FZ_CHECKING);
        focus_emit(c, FA_ASK_VISIBLE, p->id);
        focus_arm(c, p, c->f->check_ms);
        break;
    case FZ_FREEZING:
        p->fallback = true;
        __attribute__((fallthrough));
    case FZ_CHECKING: /* no word from sway: it may be visible, so slow it down, but do not freeze it */
        focus_emit(c, FA_THROTTLE, p->id);
        focus_set(p, FZ_THROTTLED);
        break;
    case FZ_THAWING:
        focus_thawed(c, p);
        break;
    case FZ_AWAKE:
    case FZ_FROZEN:
    case FZ_THROTTLED:
    case FZ_STATE_COUNT:
        break;
    }
}

void focus_hold(struct focus_ctx *c, struct focus_persona *p, bool exec)
{
    uint32_t *n = exec ? &p->execs : &p->holds;

    (*n)++;
    p->waiting = true;
    focus_wake(c, p);
    if (p->fz == FZ_AWAKE)
        focus_ready(c, p);
}

/* A release is counted against the sessions that lost their hold first: at worst a persona stays awake for
 * longer than it must, never the other way round. */
void focus_release(struct focus_ctx *c, struct focus_persona *p, bool exec)
{
    uint32_t *n = !exec ? &p->holds : p->stale ? &p->stale : &p->execs;

    if (*n)
        (*n)--;
    focus_settle(c, p);
}

void focus_unseen(struct focus_ctx *c, struct focus_persona *p)
{
    p->visible = false;
    if (unanswered(p))
        focus_wake(c, p); /* ask again, after a grace */
    focus_settle(c, p);
}
