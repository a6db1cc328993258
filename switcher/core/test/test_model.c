/* SPDX-License-Identifier: MIT
 * The overlay's answers: what a person does, story by story. */
#include "switcher/core/test/world.h"
#include "tests/t.h"

static struct model m;

static void test_hold(void)
{
    struct model_actions a;

    world(&m, 4);
    a = deed(&m, ME_NEXT);
    T(a.what == (MA_SHOW | MA_REDRAW) && m.state == MODEL_SWITCH);
    T_STR(chosen(&m), "p2");
    deed(&m, ME_NEXT);
    T_STR(chosen(&m), "p3");
    deed(&m, ME_PREVIOUS);
    deed(&m, ME_PREVIOUS);
    T_STR(chosen(&m), "p1");
    deed(&m, ME_PREVIOUS);
    T_STR(chosen(&m), "p4");
    a = deed(&m, ME_MOD_UP);
    T(a.what == (MA_HIDE | MA_FOCUS) && m.state == MODEL_HIDDEN);
    T_STR(a.id, "p4");
    deed(&m, ME_PREVIOUS);
    T_STR(chosen(&m), "p4");
    a = deed(&m, ME_ESC);
    T(a.what == MA_HIDE && m.state == MODEL_HIDDEN);
}

static void test_tap(void)
{
    struct model_actions a;

    world(&m, 3);
    deed(&m, ME_NEXT);
    a = deed(&m, ME_MOD_UP);
    T_STR(a.id, "p2");
    a = deed(&m, ME_LAST);
    T(a.what == MA_FOCUS);
    T_STR(a.id, "p2");
    world(&m, 1);
    T_INT(deed(&m, ME_LAST).what, 0);
    deed(&m, ME_NEXT);
    T_INT(deed(&m, ME_MOD_UP).what, MA_HIDE);
    world(&m, 2);
    m.front[0] = '\0';
    deed(&m, ME_NEXT);
    T_STR(chosen(&m), "p1");
}

/* Last used first, then never used, stopped ones last. */
static void test_order(void)
{
    static const char *const want[] = {"p1", "p5", "p2", "p3", "p4"};

    world(&m, 5);
    m.personas[1].used = 1;
    m.personas[2].used = 0;
    m.personas[3].life = LIFE_STOPPED;
    m.personas[4].used = 9;
    deed(&m, ME_NEXT);
    T_INT(m.view_count, 5);
    for (unsigned i = 0; i < 5; i++)
        T_STR(model_at(&m, i)->id, want[i]);
    /* A new one comes last and nothing jumps while one looks. */
    m.personas[0].used = 0;
    memcpy(m.personas[5].id, "new", 4);
    m.personas[5].life = LIFE_RUNNING;
    m.count = 6;
    deed(&m, ME_LISTS);
    T_STR(model_at(&m, 0)->id, "p1");
    T_STR(model_at(&m, 5)->id, "new");
    T_STR(chosen(&m), "p5");
}

static void drop(const char *id)
{
    struct model_persona *p = model_find(&m, id);

    m.count--;
    memmove(p, p + 1, (size_t)(&m.personas[m.count] - p) * sizeof(*p));
}

static void test_vanish(void)
{
    struct model_actions a;

    world(&m, 4);
    deed(&m, ME_NEXT);
    deed(&m, ME_NEXT);
    drop("p3");
    deed(&m, ME_LISTS);
    T_STR(chosen(&m), "p4");
    drop("p4");
    deed(&m, ME_LISTS);
    T_STR(chosen(&m), "p2");
    drop("p1");
    m.front[0] = '\0';
    deed(&m, ME_LISTS);
    T_STR(chosen(&m), "p2");
    drop("p2");
    a = deed(&m, ME_LISTS);
    T(m.state == MODEL_EMPTY && a.what == MA_REDRAW);
    T_INT(deed(&m, ME_MOD_UP).what, 0);
    T_INT(deed(&m, ME_ESC).what, MA_HIDE);
}

static void test_filter(void)
{
    struct model_actions a;

    world(&m, 3);
    memcpy(m.personas[0].id, "work", 5);
    memcpy(m.front, "work", 5);
    memcpy(m.personas[1].id, "homework", 9);
    memcpy(m.personas[2].id, "new-work", 9);
    deed(&m, ME_NEXT);
    type_in(&m, "W");
    type_in(&m, "o");
    T(m.state == MODEL_SWITCH);
    T_INT(m.view_count, 3);
    T_STR(model_at(&m, 0)->id, "work");
    T_STR(model_at(&m, 1)->id, "new-work");
    T_STR(model_at(&m, 2)->id, "homework");
    type_in(&m, "x");
    T_INT(m.view_count, 0);
    /* Letting go where nothing matches leaves it open. */
    T_INT(deed(&m, ME_MOD_UP).what, MA_REDRAW);
    T(m.state == MODEL_FILTER_IN);
    T_INT(deed(&m, ME_MOD_UP).what, 0);
    T_INT(deed(&m, ME_ENTER).what, 0);
    deed(&m, ME_BACKSPACE);
    deed(&m, ME_NEXT);
    a = deed(&m, ME_ENTER);
    T(a.what == (MA_HIDE | MA_FOCUS));
    T_STR(a.id, "new-work");
    deed(&m, ME_NEXT);
    type_in(&m, "h");
    a = deed(&m, ME_MOD_UP);
    T(a.what == (MA_HIDE | MA_FOCUS));
    T_STR(a.id, "homework");
    /* Whole characters come and go; no room, no change; control characters are none. */
    deed(&m, ME_OPEN);
    type_in(&m, "\xc3\xa9");
    deed(&m, ME_BACKSPACE);
    T_STR(m.filter, "");
    deed(&m, ME_BACKSPACE);
    for (int i = 0; i < 100; i++)
        type_in(&m, "a");
    T_INT(strlen(m.filter), MODEL_FILTER - 1);
    m.filter[0] = '\0';
    type_in(&m, "\x03");
    type_in(&m, "\x7f");
    T_STR(m.filter, "");
}

static void test_grid(void)
{
    world(&m, 8); /* 3 + 3 + 2, two rows shown */
    deed(&m, ME_OPEN);
    T_STR(chosen(&m), "p2");
    deed(&m, ME_DOWN);
    T_STR(chosen(&m), "p5");
    deed(&m, ME_DOWN);
    T_STR(chosen(&m), "p8");
    T_INT(m.top, 1);
    deed(&m, ME_DOWN);
    T_STR(chosen(&m), "p8");
    deed(&m, ME_UP);
    deed(&m, ME_RIGHT);
    T_STR(chosen(&m), "p6");
    deed(&m, ME_DOWN);
    T_STR(chosen(&m), "p8");
    deed(&m, ME_HOME);
    T_STR(chosen(&m), "p1");
    T_INT(m.top, 0);
    deed(&m, ME_LEFT);
    T_STR(chosen(&m), "p8");
    deed(&m, ME_UP);
    deed(&m, ME_UP);
    deed(&m, ME_UP);
    T_STR(chosen(&m), "p2");
    deed(&m, ME_END);
    T_STR(chosen(&m), "p8");
    at_index(&m, ME_SCROLL, -9);
    T_INT(m.top, 0);
    at_index(&m, ME_SCROLL, 9);
    T_INT(m.top, 1);
}

static void test_pointer(void)
{
    struct model_actions a;

    world(&m, 4);
    deed(&m, ME_NEXT);
    a = at_index(&m, ME_POINT, 3);
    T(a.what == MA_REDRAW);
    T_STR(chosen(&m), "p4");
    T_INT(at_index(&m, ME_POINT, 3).what, 0);
    T_INT(at_index(&m, ME_POINT, 4).what, 0);
    T_INT(at_index(&m, ME_CLICK, -1).what, 0);
    a = at_index(&m, ME_CLICK, 2);
    T(a.what & MA_FOCUS && a.what & MA_HIDE);
    T_STR(a.id, "p3");
}

static void test_lives(void)
{
    static const struct {
        enum persona_life life;
        unsigned what;
    } rows[] = {{LIFE_RUNNING, MA_HIDE | MA_FOCUS},
                {LIFE_STOPPED, MA_HIDE | MA_START},
                {LIFE_FAILED, MA_HIDE | MA_START},
                {LIFE_STARTING, MA_HIDE},
                {LIFE_ADDING, 0},
                {LIFE_STOPPING, 0},
                {LIFE_REMOVING, 0}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        world(&m, 2);
        m.personas[1].life = rows[i].life;
        deed(&m, ME_OPEN);
        T_INT(deed(&m, ME_ENTER).what, rows[i].what);
        T((m.state == MODEL_HIDDEN) == (rows[i].what != 0));
    }
    T_INT(deed(&m, ME_ESC).what, MA_HIDE);
    world(&m, 2);
    m.personas[1].life = LIFE_STOPPED;
    T_INT(deed(&m, ME_LAST).what, 0);
}

static void test_away(void)
{
    world(&m, 3);
    deed(&m, ME_NEXT);
    m.away = true;
    T(deed(&m, ME_AWAY).what == MA_REDRAW && m.state == MODEL_ERROR);
    T_INT(deed(&m, ME_MOD_UP).what, 0);
    T_INT(deed(&m, ME_NEXT).what, 0);
    m.away = false;
    T(deed(&m, ME_BACK).what & MA_REDRAW && m.state == MODEL_FILTER_IN);
    m.away = true;
    deed(&m, ME_AWAY);
    T(deed(&m, ME_ENTER).what == MA_HIDE);
    T_INT(deed(&m, ME_AWAY).what, MA_REDRAW);
    T(deed(&m, ME_OPEN).what & MA_SHOW && m.state == MODEL_ERROR);
    m.away = false;
    m.count = 0;
    deed(&m, ME_BACK);
    T(m.state == MODEL_EMPTY);
    world(&m, 0);
    T(deed(&m, ME_NEXT).what & MA_SHOW && m.state == MODEL_EMPTY);
    m.count = 1;
    m.personas[0] = (struct model_persona){.id = "first", .life = LIFE_RUNNING};
    T(deed(&m, ME_LISTS).what == MA_REDRAW && m.state == MODEL_FILTER_IN);
    T_STR(chosen(&m), "first");
}

static void test_other_roads(void)
{
    world(&m, 4);
    deed(&m, ME_NEXT);
    memcpy(m.front, "p3", 3);
    T_INT(deed(&m, ME_FRONT).what, MA_HIDE | MA_REDRAW);
    deed(&m, ME_NEXT);
    m.front[0] = '\0';
    T_INT(deed(&m, ME_FRONT).what, MA_REDRAW);
    T(m.state == MODEL_SWITCH);
    T_INT(deed(&m, ME_CLOSED).what, MA_HIDE);
    T_INT(deed(&m, ME_CLOSED).what, 0);
}

static void test_launcher(void)
{
    static const char *const names[] = {"Files", "Terminal", "Text Editor"};
    struct model_actions a;

    world(&m, 2);
    a = deed(&m, ME_LAUNCHER);
    T(a.what == (MA_SHOW | MA_REDRAW | MA_LIST_APPS) && m.state == MODEL_LAUNCHER);
    T_INT(deed(&m, ME_ENTER).what, 0);
    model_apps(&m, names, 3, NULL);
    deed(&m, ME_LISTS);
    T_INT(m.view_count, 3);
    T_INT(deed(&m, ME_MOD_UP).what, 0);
    type_in(&m, "te");
    T_INT(m.view_count, 2);
    deed(&m, ME_NEXT);
    a = deed(&m, ME_ENTER);
    T(a.what == (MA_HIDE | MA_LAUNCH));
    T_INT(a.index, 2);
    deed(&m, ME_NEXT);
    a = deed(&m, ME_LAUNCHER);
    T(a.what == (MA_REDRAW | MA_LIST_APPS));
    T_INT(deed(&m, ME_LAUNCHER).what, MA_HIDE);
    deed(&m, ME_LAUNCHER);
    model_apps(&m, NULL, 0, "p1 is frozen");
    T_STR(m.apps_error, "p1 is frozen");
    T_INT(m.view_count, 0);
    deed(&m, ME_ESC);
    m.front[0] = '\0';
    T(!(deed(&m, ME_LAUNCHER).what & MA_LIST_APPS) && m.state == MODEL_FILTER_IN);
}

int main(void)
{
    test_hold();
    test_tap();
    test_order();
    test_vanish();
    test_filter();
    test_grid();
    test_pointer();
    test_lives();
    test_away();
    test_other_roads();
    test_launcher();
    return t_done();
}
