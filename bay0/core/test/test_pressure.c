/* SPDX-License-Identifier: MIT
 * Every cell of the table of pressure, and lives of personas against a clock. */
#include "core/pressure.h"
#include "tests/t.h"

static void test_every_cell(void)
{
    static const char *const actions[] = {"nothing", "slow", "release", "end"};
    static const char *const states[] = {"calm", "rising", "slowed", "parole", "again", "cleared"};
    /* news, own, quiet, lasted, in vain */
    static const char *const want[PRESSURE_STATES][PRESSURE_EVENTS] = {
        [PRESSURE_CALM] = {"nothing rising", "nothing rising", "nothing calm", "nothing calm",
                           "nothing calm"},
        [PRESSURE_RISING] = {"nothing rising", "nothing rising", "nothing calm", "slow slowed",
                             "slow slowed"},
        [PRESSURE_SLOWED] = {"nothing slowed", "nothing slowed", "release parole", "end calm",
                             "release cleared"},
        [PRESSURE_PAROLE] = {"nothing again", "nothing again", "nothing parole", "nothing calm",
                             "nothing calm"},
        [PRESSURE_AGAIN] = {"nothing again", "nothing again", "nothing parole", "end calm", "end calm"},
        [PRESSURE_CLEARED] = {"nothing cleared", "nothing rising", "nothing cleared", "nothing calm",
                              "nothing calm"},
    };

    for (int s = 0; s < PRESSURE_STATES; s++)
        for (int ev = 0; ev < PRESSURE_EVENTS; ev++) {
            const struct pressure_cell *c = &pressure_table[s][ev];
            char got[40];

            snprintf(got, sizeof got, "%s %s", actions[c->action], states[c->next]);
            T_STR(got, want[s][ev]);
        }
}

/* A life as letters, one a second: 'o' its own programs stall, '#' the Spine waits too, '.' nothing. What is
 * done stands in its place: S slow, R release, E end. */
static const char *life(const char *seconds, size_t repeat)
{
    static char out[2000];
    struct pressure p = {.state = PRESSURE_CALM};
    uint64_t now = 1000000, next = 0;
    size_t n = 0, len = strlen(seconds);

    for (size_t i = 0; i < len * repeat && n < sizeof out - 1; i++, now += 1000) {
        static const char letter[] = ".SRE";
        enum pressure_action done = PRESSURE_NOTHING;

        next = pressure_wait(&p, now - 1000) ? now - 1000 + pressure_wait(&p, now - 1000) : 0;
        if (next && next <= now)
            done = pressure_tick(&p, now);
        if (seconds[i % len] != '.' && done == PRESSURE_NOTHING)
            done = pressure_news(&p, seconds[i % len] == 'o', now);
        if (done != PRESSURE_NOTHING)
            out[n++] = letter[done];
    }
    out[n] = '\0';
    return out;
}

static void test_lives(void)
{
    T_STR(life(".", 1000), "");
    T_STR(life("#.", 9), "");           /* a moment of it */
    T_STR(life("#.........", 100), ""); /* a little now and then */
    T_STR(life("#.", 20), "S");         /* it lasts */
    T_STR(life("o.", 25), "SE");        /* slowing it down does not help, and it is its own doing */
    T_STR(life("#.", 100), "SR");       /* it is not: others are the cause, and it is left alone */
    T_STR(life("#.#.#.#.#.#.#.#.#.#.#.#.#.#.#.#.#.#.#.#.#.o.o.o.o.o.o.o.o.o.o.o.o", 1), "SRS");
    T_STR(life("#.#.#.#.#.#.#.#.#.#.#...............", 1), "SR"); /* it helps */
    T_STR(life("#.#.#.#.#.#.#.#.#.#.#...............#.#.#.#.#.#.#.#.#.#.#.#..", 1),
          "SRE"); /* and does not last */
}

/* Who has behaved for the whole parole is as new. */
static void test_parole(void)
{
    struct pressure p = {.state = PRESSURE_PAROLE, .since = 5000};

    T_INT(pressure_wait(&p, 5000), PRESSURE_PAROLE_MS);
    T(pressure_tick(&p, 5000 + PRESSURE_PAROLE_MS - 1) == PRESSURE_NOTHING && p.state == PRESSURE_PAROLE);
    T(pressure_tick(&p, 5000 + PRESSURE_PAROLE_MS) == PRESSURE_NOTHING && p.state == PRESSURE_CALM);
    T_INT(pressure_wait(&p, 5000), 0);
    T(!pressure_slows(&p));
    p = (struct pressure){.state = PRESSURE_AGAIN, .since = 5000, .news = 5000};
    T_INT(pressure_wait(&p, 5000), PRESSURE_QUIET_MS);
    T_INT(pressure_wait(&p, 99999999), 1);
    T(pressure_tick(&p, 5000 + PRESSURE_QUIET_MS) == PRESSURE_NOTHING && p.state == PRESSURE_PAROLE);
}

static void test_text(void)
{
    static const struct {
        const char *text;
        uint64_t total;
    } rows[] = {
        {"some avg10=0.00 avg60=99.00 avg300=99.00 total=17\nfull avg10=0.00 avg60=0.00 avg300=0.00 "
         "total=5\n",
         17},
        {"some avg10=0.00 avg60=99.00 avg300=99.00\nfull avg10=0.00 total=5\n", 0},
        {"some avg10=0.00 total=18446744073709551615", UINT64_MAX},
        {"full avg10=99.00 avg60=0.00 avg300=0.00 total=1\n", 0},
        {"", 0},
        {"some total=", 0},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        T_NAMED(pressure_total(rows[i].text) == rows[i].total, rows[i].text);
    T(pressure_waits(1000, 201000, 2000) && !pressure_waits(1000, 200999, 2000)); /* a tenth */
    T(!pressure_waits(1000, 1000, 0) && !pressure_waits(0, UINT64_MAX, 8000));
    T(!pressure_waits(201000, 1000, 2000)); /* the group was made anew */
}

/* The kernel takes a window of two seconds from anybody, and no stall that is longer. */
static void test_rows(void)
{
    for (size_t i = 0; i < PRESSURE_ROWS; i++) {
        unsigned stall = 0, window = 0;
        char kind[8] = "";

        T_INT(sscanf(pressure_rows[i].trigger, "%7s %u %u", kind, &stall, &window), 3);
        T_NAMED(window == 2000000 && stall > 0 && stall < window, pressure_rows[i].resource);
        T_NAMED(strcmp(kind, "some") == 0 || strcmp(kind, "full") == 0, kind);
    }
}

int main(void)
{
    test_every_cell();
    test_lives();
    test_parole();
    test_text();
    test_rows();
    return t_done();
}
