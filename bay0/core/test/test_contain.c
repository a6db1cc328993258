/* SPDX-License-Identifier: MIT
 * Which windows are put back, and when their program is ended. */
#include "core/contain.h"
#include "tests/t.h"

static struct contain c;

static struct sway_event window(enum sway_event_kind kind, const char *instance, bool visible)
{
    struct sway_event ev = {.kind = kind, .con_id = 7, .visible = visible};

    snprintf(ev.instance, sizeof ev.instance, "%s", instance);
    return ev;
}

static enum contain_verdict look(enum sway_event_kind kind, const char *instance, bool visible,
                                 const char *shown, uint64_t now)
{
    struct sway_event ev = window(kind, instance, visible);

    return contain_look(&c, &ev, shown, now);
}

static void test_where(void)
{
    static const enum sway_event_kind kinds[] = {SWAY_WINDOW_NEW, SWAY_WINDOW_MOVE, SWAY_WINDOW_FOCUS,
                                                 SWAY_WINDOW_FULLSCREEN};
    struct sway_event ev = window(SWAY_WINDOW_FOCUS, "b", false);

    memset(&c, 0, sizeof c);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        T_INT(look(kinds[i], "b", true, "a", 1000), i ? CONTAIN_ECHO : CONTAIN_BACK);
        T_INT(look(kinds[i], "b", false, "a", 1000), CONTAIN_FINE);
        T_INT(look(kinds[i], "a", true, "a", 1000), CONTAIN_FINE);
        T_INT(look(kinds[i], "", true, "a", 1000), CONTAIN_FINE); /* the Spine's own */
    }
    T_INT(look(SWAY_WINDOW_NEW, "b", true, "", 1030), CONTAIN_BACK); /* the empty home */
    ev.focused = true;
    T_NAMED(contain_look(&c, &ev, "a", 1060) == CONTAIN_BACK, "the keyboard is as bad as the screen");
    T_INT(look(SWAY_WINDOW_CLOSE, "b", true, "a", 1000), CONTAIN_FINE);
    T_INT(look(SWAY_WINDOW_URGENT, "b", true, "a", 1000), CONTAIN_FINE);
    T_INT(look(SWAY_WORKSPACE_FOCUS, "b", true, "a", 1000), CONTAIN_FINE);
}

static void test_storm(void)
{
    uint64_t now = 5;
    struct sway_event other = window(SWAY_WINDOW_FULLSCREEN, "b", true);

    memset(&c, 0, sizeof c);
    for (int i = 0; i < CONTAIN_MAX; i++)
        T_INT(look(SWAY_WINDOW_FULLSCREEN, "b", true, "a", now += CONTAIN_ECHO_MS), CONTAIN_BACK);
    T_INT(look(SWAY_WINDOW_FULLSCREEN, "b", true, "a", now += CONTAIN_ECHO_MS), CONTAIN_KILL);
    T_INT(look(SWAY_WINDOW_NEW, "b", true, "a", now += CONTAIN_ECHO_MS),
          CONTAIN_KILL); /* another window of the same */
    T_INT(look(SWAY_WINDOW_FULLSCREEN, "d", true, "a", now += CONTAIN_ECHO_MS), CONTAIN_BACK);
    T_INT(look(SWAY_WINDOW_FULLSCREEN, "b", true, "b", now += CONTAIN_ECHO_MS), CONTAIN_FINE);
    T_INT(look(SWAY_WINDOW_FULLSCREEN, "b", true, "a", 35 + CONTAIN_MS), CONTAIN_KILL);
    T_INT(look(SWAY_WINDOW_FULLSCREEN, "b", true, "a", 66 + CONTAIN_MS), CONTAIN_BACK);
    /* One wish makes several events, and counts once; another window's is another. */
    T_INT(look(SWAY_WINDOW_FOCUS, "b", true, "a", 67 + CONTAIN_MS), CONTAIN_ECHO);
    T_INT(look(SWAY_WINDOW_FOCUS, "b", true, "a", 95 + CONTAIN_MS), CONTAIN_ECHO);
    T_INT(look(SWAY_WINDOW_FOCUS, "b", true, "a", 96 + CONTAIN_MS), CONTAIN_BACK);
    other.con_id = 8;
    T_INT(contain_look(&c, &other, "a", 97 + CONTAIN_MS), CONTAIN_BACK);
    /* Slowly enough it is only put back, for ever. */
    now = 100000;
    for (int i = 0; i < 100; i++, now += CONTAIN_MS / CONTAIN_MAX + 1)
        T_INT(look(SWAY_WINDOW_FULLSCREEN, "b", true, "a", now) == CONTAIN_KILL, 0);
}

/* More ids than places: the quiet ones are forgotten, nobody writes past the end. */
static void test_full(void)
{
    char id[NAME_ID_MAX + 1];

    memset(&c, 0, sizeof c);
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < 2 * CONTAIN_PERSONAS; i++) {
            snprintf(id, sizeof id, "p%d", i);
            T_INT(look(SWAY_WINDOW_NEW, id, true, "a", (uint64_t)(1000 * (round + 1) + i)), CONTAIN_BACK);
        }
    memset(id, 'x', NAME_ID_MAX);
    id[NAME_ID_MAX] = '\0';
    T_INT(look(SWAY_WINDOW_NEW, id, true, "a", 5000), CONTAIN_BACK);
}

int main(void)
{
    test_where();
    test_storm();
    test_full();
    return t_done();
}
