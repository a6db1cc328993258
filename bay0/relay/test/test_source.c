/* SPDX-License-Identifier: MIT
 * Whose next connection is accepted, and what a control packet says. */
#include "relay/control.h"
#include "relay/source.h"
#include "tests/t.h"

static struct sources s;

static void add_many(unsigned n)
{
    char name[SOURCE_NAME_MAX + 1];

    for (unsigned i = 0; i < n; i++) {
        snprintf(name, sizeof name, "p%u", i);
        sources_add(&s, name);
    }
}

static void test_names(void)
{
    sources_init(&s, 4, 2);
    T_INT(sources_find(&s, ""), 0);
    T_INT(sources_find(&s, "work"), -1);
    T_INT(sources_add(&s, "work"), 1);
    T_INT(sources_add(&s, "abcdefghijklmnopqrstuvwxyz-0123"), 2);
    T_INT(sources_find(&s, "work"), 1);
    T_INT(sources_find(&s, "abcdefghijklmnopqrstuvwxyz-0123"), 2);
    T_INT(sources_find(&s, "wor"), -1);
    sources_remove(&s, 1);
    T_INT(sources_find(&s, "work"), -1);
    T_INT(sources_find(&s, ""), 0);
    T_INT(sources_add(&s, "play"), 1);
    sources_init(&s, 4, 2);
    add_many(SOURCES_MOST - 1);
    T_INT(sources_find(&s, "p63"), 64);
    T_INT(sources_add(&s, "more"), -1);
    sources_remove(&s, 7);
    T_INT(sources_add(&s, "more"), 7);
}

/* A share that is used up closes one source, the last place closes all. */
static void test_places(void)
{
    sources_init(&s, 3, 2);
    add_many(1);
    T(sources_watch(&s, 0) && sources_watch(&s, 1) && !sources_watch(&s, 2));
    sources_took(&s, 1);
    sources_took(&s, 1);
    T(sources_crowded(&s, 1) && !sources_crowded(&s, 0));
    T(sources_watch(&s, 0) && !sources_watch(&s, 1));
    sources_took(&s, 0);
    T(sources_crowded(&s, 0) && sources_crowded(&s, 1));
    T(!sources_watch(&s, 0) && !sources_watch(&s, 1));
    sources_freed(&s, 1);
    T(sources_watch(&s, 0) && sources_watch(&s, 1));
    sources_took(&s, 1);
    sources_freed(&s, 0);
    T(sources_watch(&s, 0) && !sources_watch(&s, 1));
    T_INT(s.count, 2);
}

/* One connection each at a time. */
static void test_turns(void)
{
    sources_init(&s, 100, 100);
    add_many(2);
    T_INT(sources_next(&s), 0);
    T_INT(sources_next(&s), 1);
    T_INT(sources_next(&s), 2);
    T_INT(sources_next(&s), 0);
    sources_dry(&s, 1);
    T_INT(sources_next(&s), 2);
    sources_dry(&s, 0);
    T_INT(sources_next(&s), 2);
    sources_dry(&s, 2);
    T_INT(sources_next(&s), -1);
    sources_came(&s, 1);
    T_INT(sources_next(&s), 1);
}

/* Of one place that is freed again and again everybody gets a share, also those who come while nobody looks.
 */
static void test_last_place(void)
{
    int got[3] = {0};

    sources_init(&s, 1, 1);
    add_many(2);
    for (int turn = 0; turn < 300; turn++) {
        int i;

        /* Number 1 has a client every third time only. */
        while ((i = sources_next(&s)) == 1 && turn % 3 != 0)
            sources_dry(&s, 1);
        if (!T_NAMED(i >= 0, "a free place is given to somebody"))
            return;
        got[i]++;
        sources_took(&s, (unsigned)i);
        T_NAMED(sources_next(&s) == -1, "and to nobody else");
        for (unsigned n = 0; n < 3; n++)
            sources_watch(&s, n);
        sources_freed(&s, (unsigned)i);
    }
    printf("# %d %d %d\n", got[0], got[1], got[2]);
    T(got[0] >= 100 && got[2] >= 100 && got[1] >= 30);
}

static void test_pause(void)
{
    sources_init(&s, 4, 4);
    add_many(1);
    T_INT(sources_deadline(&s), -1);
    sources_pause(&s, 0, 2000);
    T_INT(sources_next(&s), 1);
    T_INT(sources_next(&s), 1);
    T(!sources_watch(&s, 0) && sources_watch(&s, 1));
    sources_pause(&s, 1, 1500);
    T_INT(sources_next(&s), -1);
    T_INT(sources_deadline(&s), 1500);
    sources_resume(&s, 1499);
    T_INT(sources_next(&s), -1);
    sources_resume(&s, 1500);
    T_INT(sources_next(&s), 1);
    T_INT(sources_deadline(&s), 2000);
    sources_remove(&s, 1);
    T_INT(sources_deadline(&s), 2000);
    sources_resume(&s, 9999);
    T_INT(sources_deadline(&s), -1);
    T_INT(sources_next(&s), 0);
}

/* Any order of events: shares hold, and a source that may accept is either watched or asked. */
static void test_walk(void)
{
    enum { MAX = 5, EACH = 3, KNOWN = 4, STEPS = 20000 };
    unsigned seed = 1, wrong = 0;

    sources_init(&s, MAX, EACH);
    add_many(KNOWN - 1);
    for (int step = 0; step < STEPS; step++) {
        unsigned i, total = 0;
        int next;

        seed = seed * 1103515245U + 12345U;
        i = (seed >> 16) % KNOWN;
        switch ((seed >> 20) % 5) {
        case 0:
            next = sources_next(&s);
            wrong += next >= 0 && (sources_crowded(&s, (unsigned)next) || s.at[next].retry_at >= 0);
            if (next >= 0)
                sources_took(&s, (unsigned)next);
            break;
        case 1:
            if (s.at[i].count > 0)
                sources_freed(&s, i);
            break;
        case 2:
            sources_came(&s, i);
            break;
        case 3:
            sources_dry(&s, i);
            wrong += !sources_watch(&s, i) && !s.at[i].backlog;
            break;
        default:
            sources_pause(&s, i, step + 10);
            break;
        }
        sources_resume(&s, step);
        for (unsigned n = 0; n < KNOWN; n++) {
            wrong += s.at[n].count > EACH;
            total += s.at[n].count;
        }
        wrong += total != s.count || total > MAX;
    }
    T_INT(wrong, 0);
}

static const char *parse(struct control *c, const char *text, unsigned descriptors)
{
    return control_parse(c, text, strlen(text), descriptors);
}

static void test_packets(void)
{
    static const char *const bad[] = {"",
                                      "a",
                                      "add",
                                      "add ",
                                      "add  work",
                                      "add work ",
                                      "add work\n",
                                      "add Work",
                                      "add wo_rk",
                                      "add ../x",
                                      "add abcdefghijklmnopqrstuvwxyz-01234",
                                      "addwork",
                                      "ADD work",
                                      "del",
                                      "put work",
                                      " add work"};
    struct control c;

    T(parse(&c, "add work", 1) == NULL);
    T_INT(c.verb, CONTROL_ADD);
    T_STR(c.name, "work");
    T(parse(&c, "del abcdefghijklmnopqrstuvwxyz-0123", 0) == NULL);
    T_INT(c.verb, CONTROL_DEL);
    T_STR(c.name, "abcdefghijklmnopqrstuvwxyz-0123");
    T(parse(&c, "add 0", 1) == NULL);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        T_NAMED(parse(&c, bad[i], 0) != NULL && parse(&c, bad[i], 1) != NULL, bad[i]);
    T(control_parse(&c, "add work", 9, 1) != NULL); /* a zero byte is no letter */
    T(parse(&c, "add work", 0) != NULL);
    T(parse(&c, "add work", 2) != NULL);
    T(parse(&c, "del work", 1) != NULL);
}

int main(void)
{
    test_names();
    test_places();
    test_turns();
    test_last_place();
    test_pause();
    test_walk();
    test_packets();
    return t_done();
}
