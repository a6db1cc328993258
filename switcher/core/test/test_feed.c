/* SPDX-License-Identifier: MIT
 * bay0's lines as they come, and lines that bay0 would never send. */
#include "switcher/core/feed.h"
#include "tests/t.h"

#include <stdlib.h>

static struct model m;

static enum model_event_kind line(const char *text, uint64_t now)
{
    struct feed_line l = feed_read(text, strlen(text));
    enum model_event_kind kind = l.kind == FEED_EVENT ? feed_event(&m, &l, now) : ME_KINDS;

    json_decref(l.root);
    return kind;
}

static bool list(const char *text, uint64_t now)
{
    struct feed_line l = feed_read(text, strlen(text));
    bool ok = feed_list(&m, l.body, now);

    json_decref(l.root);
    return ok;
}

static const char LIST[] = "{\"id\":1,\"ok\":true,\"result\":{\"personas\":["
                           "{\"id\":\"work\",\"image\":\"i\",\"state\":\"running\",\"focus\":true,\"frozen\":"
                           "false,\"throttled\":false,"
                           "\"attention\":false,\"microphone\":true,\"used\":7,\"memory\":1048576,\"cpu_"
                           "usec\":5000,\"network\":\"slirp\","
                           "\"declaration\":{\"profile\":\"dev\",\"colour\":\"#3f7fbf\"}},"
                           "{\"id\":\"bank\",\"state\":\"stopped\",\"network\":\"none\",\"attention\":true,"
                           "\"declaration\":{\"profile\":\"sealed\",\"colour\":\"blue\"}},"
                           "{\"id\":\"Not An Id\"},{\"id\":7},17,{\"id\":\"work\",\"state\":\"frobbing\"}],"
                           "\"services\":[{\"name\":\"sway\",\"state\":\"up\"},{\"name\":\"ai-core\","
                           "\"state\":\"gave-up-for-a-very-long-while\"}]}}";

static void test_list(void)
{
    const struct model_persona *p = m.personas;

    model_init(&m);
    T(list("{\"id\":1,\"ok\":true,\"result\":{\"personas\":[{\"id\":\"work\",\"state\":\"running\"}]}}", 1));
    T(list(LIST, 1000));
    T_INT(m.count, 2);
    T_STR(m.front, "work");
    T(p->life == LIFE_STOPPED); /* said twice: the last word counts, and it is not one of the words */
    T_STR(p[1].id, "bank");
    T(p[1].profile == PROFILE_SEALED && !p[1].network && p[1].attention && p[1].colour == 0x5f6b7a);
    T_INT(p[1].number, 2);
    T_STR(m.ai, "gave-up-for-a-v");
    T(!list("{\"id\":1,\"ok\":true,\"result\":{\"personas\":7}}", 1));
    T(!list("{\"id\":1,\"ok\":true}", 1));
    T_INT(m.count, 2);
}

static void test_persona(void)
{
    const struct model_persona *p = m.personas;

    model_init(&m);
    T_INT(line("{\"event\":\"persona\",\"persona\":{\"id\":\"work\",\"state\":\"running\",\"frozen\":true,"
               "\"throttled\":true,\"microphone\":true,\"used\":7,\"memory\":1048576,\"network\":\"slirp\","
               "\"declaration\":{\"profile\":\"dev\",\"colour\":\"#3f7fbf\"}}}",
               1),
          ME_LISTS);
    T(p->life == LIFE_RUNNING && p->frozen && p->throttled && p->microphone && p->network &&
      p->profile == PROFILE_DEV);
    T(p->colour == 0x3f7fbf && p->used == 7 && p->memory == 1048576 && p->number == 1);
    T_INT(line("{\"event\":\"persona\",\"persona\":{\"id\":\"mail\",\"memory\":-5,\"used\":-1}}", 1),
          ME_LISTS);
    T(p[1].memory == 0 && p[1].used == 0);
    T_INT(line("{\"event\":\"front\",\"id\":\"mail\"}", 1), ME_FRONT);
    T_STR(m.front, "mail");
    T_INT(p[1].used, 8);
    T_INT(line("{\"event\":\"front\",\"id\":\"mail\"}", 1), ME_FRONT);
    T_INT(p[1].used, 8);
    T_INT(line("{\"event\":\"front\",\"id\":\"\"}", 1), ME_FRONT);
    T_STR(m.front, "");
    T_INT(line("{\"event\":\"persona-removed\",\"id\":\"work\"}", 1), ME_LISTS);
    T_INT(m.count, 1);
    T_STR(p->id, "mail");
    T_INT(p->number, 1);
    T_INT(line("{\"event\":\"persona\",\"persona\":{\"id\":\"-bad\"}}", 1), ME_KINDS);
    T_INT(line("{\"event\":\"service\",\"name\":\"ai-core\",\"state\":\"up\"}", 1), ME_LISTS);
    T(m.ai_up);
}

/* 64 personas and no more; ids of 31 characters and no longer. */
static void test_bounds(void)
{
    char text[256];

    model_init(&m);
    for (int i = 0; i < 80; i++) {
        snprintf(text, sizeof(text), "{\"event\":\"persona\",\"persona\":{\"id\":\"p%d\"}}", i);
        T_INT(line(text, 1), i < MODEL_PERSONAS ? ME_LISTS : ME_KINDS);
    }
    T_INT(m.personas[8].number, 9);
    T_INT(m.personas[9].number, 0);
    model_init(&m);
    T_INT(line("{\"event\":\"persona\",\"persona\":{\"id\":\"abcdefghijklmnopqrstuvwxyz01234\"}}", 1),
          ME_LISTS);
    T_INT(line("{\"event\":\"persona\",\"persona\":{\"id\":\"abcdefghijklmnopqrstuvwxyz012345\"}}", 1),
          ME_KINDS);
}

static void use(unsigned usec, uint64_t now, int want)
{
    char text[160];

    snprintf(text, sizeof(text),
             "{\"event\":\"persona\",\"persona\":{\"id\":\"a\",\"state\":\"running\",\"cpu_usec\":%u}}",
             usec);
    line(text, now);
    T_INT(m.personas[0].cpu, want);
}

static void test_processor(void)
{
    model_init(&m);
    use(1000000, 10000, -1);
    use(1500000, 11000, 50);
    use(1600000, 11100, 50); /* too soon to say */
    use(3500000, 12000, 200);
    use(10, 13000, -1); /* started anew */
    use(10, 14000, 0);
    use(9000000, 90000, -1); /* nobody looked for long */
    line("{\"event\":\"persona\",\"persona\":{\"id\":\"a\",\"state\":\"stopped\"}}", 91000);
    T_INT(m.personas[0].cpu, -1);
}

static void test_lines(void)
{
    static const struct {
        const char *text;
        enum feed_kind kind;
    } rows[] = {
        {"", FEED_JUNK},
        {"[]", FEED_JUNK},
        {"7", FEED_JUNK},
        {"{", FEED_JUNK},
        {"{}", FEED_JUNK},
        {"{\"id\":1,\"id\":2,\"ok\":true}", FEED_JUNK},
        {"{\"id\":1,\"ok\":true,\"result\":{}}", FEED_OK},
        {"{\"id\":1,\"ok\":false,\"error\":{\"code\":\"x\"}}", FEED_REFUSED},
        {"{\"id\":1,\"progress\":{\"step\":\"pull\"}}", FEED_PROGRESS},
        {"{\"event\":\"front\",\"id\":\"a\"}", FEED_EVENT},
    };
    static const struct {
        const char *text;
        enum model_event_kind kind;
    } keys[] = {{"next", ME_NEXT},         {"previous", ME_PREVIOUS}, {"last", ME_LAST},
                {"launcher", ME_LAUNCHER}, {"carry-copy", ME_KINDS},  {"", ME_KINDS}};
    char text[80];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct feed_line l = feed_read(rows[i].text, strlen(rows[i].text));

        T_NAMED(l.kind == rows[i].kind, rows[i].text);
        json_decref(l.root);
    }
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        snprintf(text, sizeof(text), "{\"event\":\"key\",\"key\":\"%s\",\"front\":\"\"}", keys[i].text);
        T_INT(line(text, 1), keys[i].kind);
    }
}

int main(void)
{
    test_list();
    test_persona();
    test_bounds();
    test_processor();
    test_lines();
    return t_done();
}
