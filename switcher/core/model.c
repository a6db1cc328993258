/* SPDX-License-Identifier: MIT
 * The switcher's answers as a table: states x events. */
#include "switcher/core/model.h"

#include <stdio.h>
#include <string.h>

#include "switcher/core/view.h"

void model_init(struct model *m)
{
    memset(m, 0, sizeof(*m));
    m->away = true;
    m->columns = m->rows = 1;
}

struct model_persona *model_find(struct model *m, const char *id)
{
    for (unsigned i = 0; i < m->count; i++)
        if (strcmp(m->personas[i].id, id) == 0)
            return &m->personas[i];
    return NULL;
}

const struct model_persona *model_front(const struct model *m)
{
    for (unsigned i = 0; i < m->count; i++)
        if (strcmp(m->personas[i].id, m->front) == 0)
            return &m->personas[i];
    return NULL;
}

const struct model_persona *model_at(const struct model *m, unsigned index)
{
    if (m->state == MODEL_LAUNCHER || index >= m->view_count)
        return NULL;
    return &m->personas[m->view[index]];
}

bool model_shown(const struct model *m)
{
    return m->state != MODEL_HIDDEN;
}

/* FNV-1a, other bits than bay0 takes for the colour: two personas of one colour rarely share a sign. */
unsigned model_sign(const char *id)
{
    uint32_t h = 2166136261u;

    for (; *id; id++)
        h = (h ^ (unsigned char)*id) * 16777619u;
    return (h >> 9 ^ h >> 21) % MODEL_SIGNS;
}

void model_apps(struct model *m, const char *const *names, unsigned n, const char *error)
{
    m->apps = names;
    m->apps_count = n < MODEL_APPS ? n : MODEL_APPS;
    m->apps_known = names || error;
    snprintf(m->apps_error, sizeof(m->apps_error), "%s", error ? error : "");
    if (m->state == MODEL_LAUNCHER) {
        /* Another list: what its indices mean has changed. */
        m->view_count = m->selected = m->top = 0;
        view_refresh(m);
    }
}

typedef void (*answer_fn)(struct model *m, const struct model_event *e, struct model_actions *a);

/* Shows the personas anew, in this state unless there is nothing to show. */
static void lay_open(struct model *m, enum model_state state, struct model_actions *a)
{
    if (m->state == MODEL_HIDDEN)
        a->what |= MA_SHOW;
    a->what |= MA_REDRAW;
    m->filter[0] = '\0';
    m->view_count = m->selected = m->top = 0;
    m->state = m->away ? MODEL_ERROR : m->count == 0 ? MODEL_EMPTY : state;
    if (m->state == MODEL_ERROR || m->state == MODEL_EMPTY)
        return;
    view_order(m);
    view_refresh(m);
}

static void lay_hide(struct model *m, const struct model_event *e, struct model_actions *a)
{
    (void)e;
    m->state = MODEL_HIDDEN;
    m->filter[0] = '\0';
    m->view_count = m->selected = m->top = 0;
    a->what |= MA_HIDE;
}

/* The first of the order is where one is already, if anybody is in front. */
static int second(const struct model *m)
{
    return model_front(m) ? 1 : 0;
}

static void open_next(struct model *m, const struct model_event *e, struct model_actions *a)
{
    (void)e;
    lay_open(m, MODEL_SWITCH, a);
    if (m->view_count > 0)
        view_select(m, second(m));
}

static void open_previous(struct model *m, const struct model_event *e, struct model_actions *a)
{
    (void)e;
    lay_open(m, MODEL_SWITCH, a);
    view_step(m, -1);
}

static void open_stay(struct model *m, const struct model_event *e, struct model_actions *a)
{
    (void)e;
    lay_open(m, MODEL_FILTER_IN, a);
    if (m->view_count > 0)
        view_select(m, second(m));
}

static void open_launcher(struct model *m, const struct model_event *e, struct model_actions *a)
{
    (void)e;
    if (m->away || !model_front(m)) {
        lay_open(m, MODEL_FILTER_IN, a);
        return;
    }
    if (m->state == MODEL_HIDDEN)
        a->what |= MA_SHOW;
    a->what |= MA_REDRAW | MA_LIST_APPS;
    m->state = MODEL_LAUNCHER;
    m->filter[0] = '\0';
    model_apps(m, NULL, 0, NULL);
}

/* Goes to p; nothing when it cannot be gone to. */
static void go(struct model *m, const struct model_persona *p, struct model_actions *a)
{
    if (!p)
        return;
    if (p->life == LIFE_RUNNING && strcmp(p->id, m->front) != 0)
        a->what |= MA_FOCUS;
    else if (p->life == LIFE_STOPPED || p->life == LIFE_FAILED)
        a->what |= MA_START;
    else if (p->life != LIFE_RUNNING && p->life != LIFE_STARTING)
        return;
    memcpy(a->id, p->id, MODEL_ID);
    if (m->state != MODEL_HIDDEN)
        lay_hide(m, NULL, a);
}

static void go_last(struct model *m, const struct model_event *e, struct model_actions *a)
{
    const struct model_persona *p;

    (void)e;
    view_order(m);
    p = m->order_count > (unsigned)second(m) ? model_find(m, m->order[second(m)]) : NULL;
    if (p && p->life == LIFE_RUNNING)
        go(m, p, a);
}

static void commit(struct model *m, const struct model_event *e, struct model_actions *a)
{
    (void)e;
    if (m->state != MODEL_LAUNCHER) {
        go(m, model_at(m, m->selected), a);
    } else if (m->view_count > 0) {
        a->what |= MA_LAUNCH;
        a->index = m->view[m->selected];
        lay_hide(m, NULL, a);
    }
}

/* The modifier was let go. Where that leads nowhere the overlay stays: Enter and Esc end it then. */
static void let_go(struct model *m, const struct model_event *e, struct model_actions *a)
{
    commit(m, e, a);
    if (m->state == MODEL_SWITCH)
        m->state = MODEL_FILTER_IN;
    a->what |= m->state == MODEL_FILTER_IN ? MA_REDRAW : 0;
}

static void step_on(struct model *m, const struct model_event *e, struct model_actions *a)
{
    int by = 0;

    switch ((int)e->kind) {
    case ME_NEXT:
    case ME_RIGHT:
        by = 1;
        break;
    case ME_PREVIOUS:
    case ME_LEFT:
        by = -1;
        break;
    default:
        break;
    }
    view_step(m, by);
    a->what |= MA_REDRAW;
}

static void move_row(struct model *m, const struct model_event *e, struct model_actions *a)
{
    int to = (int)m->selected + (e->kind == ME_DOWN ? 1 : -1) * (int)m->columns;

    /* From the last full row down leads to the last one; from the first row up leads nowhere. */
    if (to >= (int)m->view_count &&
        m->selected / m->columns < (m->view_count + m->columns - 1) / m->columns - 1)
        to = (int)m->view_count - 1;
    if (to >= 0 && to < (int)m->view_count)
        view_select(m, to);
    a->what |= MA_REDRAW;
}

static void move_end(struct model *m, const struct model_event *e, struct model_actions *a)
{
    view_select(m, e->kind == ME_HOME ? 0 : (int)m->view_count - 1);
    a->what |= MA_REDRAW;
}

static void point(struct model *m, const struct model_event *e, struct model_actions *a)
{
    if (e->index < 0 || e->index >= (int)m->view_count || e->index == (int)m->selected)
        return;
    view_select(m, e->index);
    a->what |= MA_REDRAW;
}

static void click(struct model *m, const struct model_event *e, struct model_actions *a)
{
    if (e->index < 0 || e->index >= (int)m->view_count)
        return;
    view_select(m, e->index);
    a->what |= MA_REDRAW;
    commit(m, e, a);
}

static void scroll(struct model *m, const struct model_event *e, struct model_actions *a)
{
    int all = (int)((m->view_count + m->columns - 1) / m->columns), top = (int)m->top + e->index;

    if (top > all - (int)m->rows)
        top = all - (int)m->rows;
    m->top = top < 0 ? 0 : (unsigned)top;
    a->what |= MA_REDRAW;
}

static void filtered(struct model *m, struct model_actions *a)
{
    view_refresh(m);
    m->top = 0;
    view_select(m, 0);
    a->what |= MA_REDRAW;
}

static void type(struct model *m, const struct model_event *e, struct model_actions *a)
{
    size_t have = strlen(m->filter), len = strlen(e->text);

    if (len == 0 || have + len >= sizeof(m->filter) || (unsigned char)e->text[0] < ' ' || e->text[0] == 0x7f)
        return;
    memcpy(m->filter + have, e->text, len + 1);
    filtered(m, a);
}

static void untype(struct model *m, const struct model_event *e, struct model_actions *a)
{
    size_t len = strlen(m->filter);

    (void)e;
    if (len == 0)
        return;
    do
        len--;
    while (len > 0 && ((unsigned char)m->filter[len] & 0xc0) == 0x80);
    m->filter[len] = '\0';
    filtered(m, a);
}

static void redraw(struct model *m, const struct model_event *e, struct model_actions *a)
{
    (void)m;
    (void)e;
    a->what |= MA_REDRAW;
}

static void lists(struct model *m, const struct model_event *e, struct model_actions *a)
{
    (void)e;
    if (m->count == 0) {
        m->state = MODEL_EMPTY;
        m->view_count = 0;
    } else {
        view_refresh(m);
    }
    a->what |= MA_REDRAW;
}

/* The first persona appeared, or bay0 is there again. */
static void reopen(struct model *m, const struct model_event *e, struct model_actions *a)
{
    if (m->count > 0 || m->away || m->state == MODEL_ERROR)
        open_stay(m, e, a);
    else
        a->what |= MA_REDRAW;
}

/* Somebody came to the front by another road, a digit for instance: what was selected is not wanted any more.
 */
static void front(struct model *m, const struct model_event *e, struct model_actions *a)
{
    if (m->front[0])
        lay_hide(m, e, a);
    a->what |= MA_REDRAW;
}

static void away(struct model *m, const struct model_event *e, struct model_actions *a)
{
    (void)e;
    m->state = MODEL_ERROR;
    m->view_count = m->selected = m->top = 0;
    a->what |= MA_REDRAW;
}

#define VIEW                                                                                                 \
    [ME_NEXT] = step_on, [ME_PREVIOUS] = step_on, [ME_LAST] = step_on, [ME_TEXT] = type,                     \
    [ME_BACKSPACE] = untype, [ME_LEFT] = step_on, [ME_RIGHT] = step_on, [ME_UP] = move_row,                  \
    [ME_DOWN] = move_row, [ME_HOME] = move_end, [ME_END] = move_end, [ME_ENTER] = commit,                    \
    [ME_ESC] = lay_hide, [ME_POINT] = point, [ME_CLICK] = click, [ME_SCROLL] = scroll, [ME_FRONT] = front,   \
    [ME_AWAY] = away, [ME_BACK] = redraw, [ME_CLOSED] = lay_hide, [ME_OPEN] = lay_hide
#define NOTICE                                                                                               \
    [ME_ESC] = lay_hide, [ME_ENTER] = lay_hide, [ME_CLICK] = lay_hide, [ME_CLOSED] = lay_hide,               \
    [ME_OPEN] = lay_hide, [ME_FRONT] = redraw, [ME_AWAY] = away

/* A cell that is not named changes nothing. */
static const answer_fn answers[MODEL_STATES][ME_KINDS] = {
    [MODEL_HIDDEN] = {[ME_NEXT] = open_next,
                      [ME_PREVIOUS] = open_previous,
                      [ME_LAST] = go_last,
                      [ME_LAUNCHER] = open_launcher,
                      [ME_OPEN] = open_stay,
                      [ME_LISTS] = redraw,
                      [ME_FRONT] = redraw,
                      [ME_AWAY] = redraw,
                      [ME_BACK] = redraw},
    [MODEL_SWITCH] = {VIEW, [ME_MOD_UP] = let_go, [ME_LAUNCHER] = open_launcher, [ME_LISTS] = lists},
    [MODEL_FILTER_IN] = {VIEW, [ME_LAUNCHER] = open_launcher, [ME_LISTS] = lists},
    [MODEL_LAUNCHER] = {VIEW, [ME_LAUNCHER] = lay_hide, [ME_LISTS] = redraw},
    [MODEL_EMPTY] = {NOTICE, [ME_LISTS] = reopen, [ME_BACK] = reopen},
    [MODEL_ERROR] = {NOTICE, [ME_BACK] = reopen},
};

struct model_actions model_event(struct model *m, const struct model_event *e)
{
    struct model_actions a = {0};
    answer_fn answer = answers[m->state][e->kind];

    if (answer)
        answer(m, e, &a);
    return a;
}
