/* SPDX-License-Identifier: MIT
 * The focus engine: one switch at a time, thaw before show, and who finds which place after it. */
#include "core/focus_rest.h"

#include <string.h>

enum { START_MS = 10000, CHECK_MS = 2000, FREEZE_MS = 500, THAW_MS = 250, AWAIT_MS = 2000 };

void focus_init(struct focus *f, uint32_t grace_ms)
{
    memset(f, 0, sizeof *f);
    f->grace_ms = grace_ms ? grace_ms : 1; /* 0 would cancel the timer, and nothing would ever freeze */
    f->start_ms = START_MS;
    f->check_ms = CHECK_MS;
    f->freeze_ms = FREEZE_MS;
    f->thaw_ms = THAW_MS;
    f->sway = true;
}

static void answer(struct focus_ctx *c, const char *id, uint64_t ticket, enum err_code code)
{
    struct focus_action *a;

    if (!ticket)
        return;
    a = focus_emit(c, FA_ANSWER, id);
    a->ticket = ticket;
    a->code = code;
}

static void set_front(struct focus_ctx *c, const char *id)
{
    struct focus *f = c->f;
    struct focus_persona *old = focus_find(f, f->front), *new = focus_find(f, id);
    bool other = strcmp(f->front, id) != 0;

    if (new) {
        new->used_at = ++f->turn;
        new->fresh_to = 0; /* the user has seen it: from here on it rests like any other */
    }
    if (other && old)
        old->changed = true;
    if (other && new)
        new->changed = true;
    focus_copy(f->front, sizeof f->front, id);
    if (other)
        focus_emit(c, FA_RECORD, id);
    /* Who else can be seen is asked again when the grace ends; exec sessions lose their hold. */
    for (size_t i = 0; i < FOCUS_PERSONAS_MAX; i++) {
        struct focus_persona *p = &f->p[i];

        if (!p->used || p == new)
            continue;
        if (other) {
            p->stale += p->execs;
            p->execs = 0;
        }
        focus_unseen(c, p);
    }
}

/* The switch under way is over, well or not; its persona finds its place again. */
static void end_switch(struct focus_ctx *c, enum err_code code)
{
    struct focus *f = c->f;
    struct focus_persona *t = focus_find(f, f->target);
    uint64_t ticket = f->ticket;

    f->phase = FOCUS_IDLE;
    f->target[0] = '\0';
    f->ticket = 0;
    if (t)
        answer(c, t->id, ticket, code);
    if (t && code == ERR_NONE)
        set_front(c, t->id);
    if (t)
        focus_settle(c, t);
}

static void show(struct focus_ctx *c, struct focus_persona *p)
{
    struct focus *f = c->f;
    bool stays = f->follow || f->doubt || (f->heard && strcmp(f->seen, p->id) == 0);

    if (!f->sway) {
        end_switch(c, ERR_SWAY);
        return;
    }
    f->phase = FOCUS_SHOW;
    f->moved = f->moved && f->follow; /* what sway said before it was told to move is overtaken */
    f->skipped = false;
    /* It says so only when it was elsewhere. Its words come late on a busy machine: those from before come
     * first. */
    focus_copy(f->await, sizeof f->await, stays ? "" : p->id);
    f->await_to = c->now + AWAIT_MS;
    focus_emit(c, FA_SHOW, p->id)->follow = f->follow;
}

static void begin_switch(struct focus_ctx *c, struct focus_persona *p, uint64_t ticket, bool follow)
{
    struct focus *f = c->f;

    focus_copy(f->target, sizeof f->target, p->id);
    f->ticket = ticket;
    f->follow = follow;
    f->phase = FOCUS_THAW;
    focus_wake(c, p);
    if (p->fz == FZ_AWAKE)
        show(c, p);
}

/* Only while idle. */
static void request(struct focus_ctx *c, const char *id, uint64_t ticket)
{
    struct focus *f = c->f;
    struct focus_persona *p = focus_find(f, id);

    if (!p || !p->running)
        answer(c, id, ticket, p ? ERR_NOT_RUNNING : ERR_NO_PERSONA);
    else if (!f->sway)
        answer(c, id, ticket, ERR_SWAY);
    else if (focus_is_front(f, p) && strcmp(f->seen, id) == 0)
        answer(c, id, ticket, ERR_NONE);
    else
        begin_switch(c, p, ticket, false);
}

static void follow_sway(struct focus_ctx *c)
{
    struct focus *f = c->f;
    struct focus_persona *p = focus_find(f, f->seen);

    if (!p || !p->running)
        set_front(c, "");
    else if (!focus_is_front(f, p))
        begin_switch(c, p, 0, true);
}

/* What was put off until no switch is under way. The newest wish of a person comes first. */
static void catch_up(struct focus_ctx *c)
{
    struct focus *f = c->f;

    while (f->phase == FOCUS_IDLE) {
        if (f->next[0]) {
            char id[sizeof f->next];

            memcpy(id, f->next, sizeof id);
            f->next[0] = '\0';
            request(c, id, f->next_ticket);
        } else if (f->reshow || (f->pick && !f->front[0])) {
            const struct focus_persona *p =
                f->front[0] ? focus_find(f, f->front) : focus_pick(f, PICK_LAST, 0);

            f->reshow = f->pick = false;
            if (p && f->sway)
                begin_switch(c, focus_find(f, p->id), 0, false);
        } else if (f->moved) {
            f->moved = false;
            follow_sway(c);
        } else {
            break;
        }
    }
    f->pick = f->pick && f->phase != FOCUS_IDLE;
}

static void on_added(struct focus_ctx *c, const struct focus_event *ev)
{
    struct focus_persona *p = focus_find(c->f, ev->id);

    for (size_t i = 0; i < FOCUS_PERSONAS_MAX && !p; i++)
        if (!c->f->p[i].used)
            p = &c->f->p[i];
    if (!p || !ev->id || !ev->id[0])
        return;
    if (!p->used) {
        memset(p, 0, sizeof *p);
        p->used = true;
        c->f->doubt = c->f->doubt || !c->f->seen[0];
        focus_copy(p->id, sizeof p->id, ev->id);
    }
    focus_copy(p->colour, sizeof p->colour, ev->colour ? ev->colour : "");
    if (p->background != ev->background)
        focus_wake(c, p); /* the new kind of rest begins with a new grace */
    p->background = ev->background;
    p->changed = true;
    focus_settle(c, p);
}

static void on_started(struct focus_ctx *c, struct focus_persona *p)
{
    struct focus *f = c->f;

    if (p->running)
        return;
    p->running = p->changed = true;
    p->visible = false;
    p->fresh_to = c->now + f->start_ms;
    if (!f->front[0] && f->phase == FOCUS_IDLE && f->sway)
        begin_switch(c, p, 0, false);
    else if (!f->front[0])
        f->pick = true;
    focus_settle(c, p);
}

static void on_stopped(struct focus_ctx *c, struct focus_persona *p)
{
    struct focus *f = c->f;

    if (!p->running)
        return;
    p->running = p->visible = false;
    p->changed = true;
    /* Its directory serves the next start: leave it thawed and at full speed. There is nothing to wait for.
     */
    focus_wake(c, p);
    focus_arm(c, p, 0);
    focus_set(p, FZ_AWAKE);
    focus_ready(c, p);
    if (focus_is_target(f, p) && f->phase == FOCUS_THAW) {
        end_switch(c, ERR_NOT_RUNNING);
    } else if (focus_is_target(f, p)) {
        answer(c, p->id, f->ticket, ERR_NOT_RUNNING); /* FA_SHOW is out: its end is still awaited */
        f->ticket = 0;
    }
    if (focus_is_front(f, p)) {
        set_front(c, "");
        f->pick = true;
    }
}

static void on_removed(struct focus_ctx *c, struct focus_persona *p)
{
    on_stopped(c, p);
    if (strcmp(c->f->await, p->id) == 0)
        c->f->await[0] = '\0'; /* its name means nothing any more */
    if (p->parked)
        focus_emit(c, FA_UNPARK_SOUND, p->id);
    focus_emit(c, FA_CHANGED, p->id);
    memset(p, 0, sizeof *p);
}

static void on_request(struct focus_ctx *c, const struct focus_event *ev)
{
    struct focus *f = c->f;
    struct focus_persona *p = focus_find(f, ev->id);

    if (!p || !p->running || f->phase == FOCUS_IDLE) {
        request(c, ev->id ? ev->id : "", ev->ticket);
        return;
    }
    if (f->next[0])
        answer(c, f->next, f->next_ticket, ERR_SUPERSEDED);
    focus_copy(f->next, sizeof f->next, p->id);
    f->next_ticket = ev->ticket;
    if (f->phase == FOCUS_THAW && !focus_is_target(f, p))
        end_switch(c, ERR_SUPERSEDED); /* nothing has been shown yet; catch_up takes the new one */
}

static void on_shown(struct focus_ctx *c, const struct focus_event *ev)
{
    struct focus *f = c->f;
    struct focus_persona *t = focus_find(f, f->target);

    if (f->phase != FOCUS_SHOW || !ev->id || strcmp(ev->id, f->target) != 0)
        return;
    if (ev->kind == FE_SHOWN && !f->moved)
        focus_copy(f->seen, sizeof f->seen, f->target);
    if (ev->kind == FE_SHOW_FAILED) { /* then what was passed over is where sway is */
        f->await[0] = '\0';
        if (f->skipped)
            focus_copy(f->seen, sizeof f->seen, f->passed);
    }
    f->heard = f->heard || f->skipped || ev->kind == FE_SHOWN;
    if ((ev->kind == FE_SHOWN || f->follow) && t && t->running) {
        end_switch(c, ERR_NONE); /* followed: sway is there even when the colours failed */
        return;
    }
    end_switch(c, ERR_SWAY);
    if (ev->kind == FE_SHOWN)
        f->reshow = f->pick = true; /* sway shows one that has ended meanwhile */
    else
        f->moved = f->heard; /* sway stays where it was last, be that the front or not */
}

void focus_thawed(struct focus_ctx *c, struct focus_persona *p)
{
    focus_arm(c, p, 0);
    focus_set(p, FZ_AWAKE);
    focus_ready(c, p);
    if (focus_is_target(c->f, p) && c->f->phase == FOCUS_THAW)
        show(c, p);
    else
        focus_settle(c, p);
}

static void on_sway(struct focus_ctx *c, bool up)
{
    c->f->sway = up;
    c->f->seen[0] = '\0';
    c->f->moved = c->f->heard = c->f->skipped = c->f->doubt = false;
    c->f->await[0] = '\0';
    if (up)
        c->f->reshow = c->f->pick = true;
    for (size_t i = 0; i < FOCUS_PERSONAS_MAX; i++)
        if (c->f->p[i].used)
            focus_unseen(c, &c->f->p[i]);
}

static void on_workspace(struct focus_ctx *c, const struct focus_event *ev)
{
    struct focus_persona *p = focus_find(c->f, ev->id);

    if (!c->f->sway)
        return;
    if (c->f->await[0] && c->now <= c->f->await_to && strcmp(p ? p->id : "", c->f->await) != 0) {
        focus_copy(c->f->passed, sizeof c->f->passed, p ? p->id : "");
        c->f->skipped = true;
        return;
    }
    c->f->await[0] = '\0';
    c->f->skipped = c->f->doubt = false;
    focus_copy(c->f->seen, sizeof c->f->seen, p ? p->id : "");
    c->f->moved = c->f->heard = true;
    if (c->f->phase == FOCUS_THAW && c->f->follow && !(p && focus_is_target(c->f, p)))
        end_switch(c, ERR_SUPERSEDED); /* sway has gone on meanwhile */
}

static void on_persona(struct focus_ctx *c, struct focus_persona *p, const struct focus_event *ev)
{
    switch (ev->kind) {
    case FE_REMOVED:
        on_removed(c, p);
        break;
    case FE_STARTED:
        on_started(c, p);
        break;
    case FE_STOPPED:
        on_stopped(c, p);
        break;
    case FE_VISIBLE:
        focus_visible(c, p, ev->flag);
        break;
    case FE_FROZEN:
        focus_frozen(c, p);
        break;
    case FE_THAWED:
        if (p->fz == FZ_THAWING || p->fz == FZ_FROZEN)
            focus_thawed(c, p);
        break;
    case FE_TIMER:
        focus_timer(c, p);
        break;
    case FE_HOLD:
        focus_hold(c, p, ev->flag);
        break;
    case FE_RELEASE:
        focus_release(c, p, ev->flag);
        break;
    case FE_ADDED:
    case FE_REQUEST:
    case FE_WORKSPACE:
    case FE_SHOWN:
    case FE_SHOW_FAILED:
    case FE_SWAY:
    case FE_EVENT_COUNT:
        break;
    }
}

/* Sound follows the place; `run` keeps its own in the background, that is what it is for. */
static void report(struct focus_ctx *c)
{
    for (size_t i = 0; i < FOCUS_PERSONAS_MAX; i++) {
        struct focus_persona *p = &c->f->p[i];
        bool park = p->running && p->background != BACKGROUND_RUN && !focus_is_front(c->f, p) &&
                    !focus_is_target(c->f, p);

        if (!p->used)
            continue;
        if (park != p->parked)
            focus_emit(c, park ? FA_PARK_SOUND : FA_UNPARK_SOUND, p->id);
        p->parked = park;
        if (p->changed)
            focus_emit(c, FA_CHANGED, p->id);
        p->changed = false;
    }
}

void focus_event(struct focus *f, const struct focus_event *ev, struct focus_actions *out)
{
    struct focus_ctx c = {f, out, ev->now};
    struct focus_persona *p = focus_find(f, ev->id);

    out->n = 0;
    if (ev->kind == FE_ADDED)
        on_added(&c, ev);
    else if (ev->kind == FE_REQUEST)
        on_request(&c, ev);
    else if (ev->kind == FE_WORKSPACE)
        on_workspace(&c, ev);
    else if (ev->kind == FE_SHOWN || ev->kind == FE_SHOW_FAILED)
        on_shown(&c, ev);
    else if (ev->kind == FE_SWAY)
        on_sway(&c, ev->flag);
    else if (p)
        on_persona(&c, p, ev);
    catch_up(&c);
    report(&c);
}
