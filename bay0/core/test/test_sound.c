/* SPDX-License-Identifier: MIT
 * Whether a persona's sound is parked as asked: what is said to its program, and what of its answers counts.
 */
#include "core/err.h"
#include "core/sound.h"
#include "tests/t.h"

static enum sound_heard hear(struct sound_state *s, const char *line)
{
    return sound_heard(s, line, strlen(line));
}

static void test_usual(void)
{
    struct sound_state s = {0};

    T_INT(sound_started(&s), SOUND_DO_NOTHING);
    T_INT(hear(&s, "ready"), SOUND_HEARD_READY);
    T_INT(sound_ask(&s, false), SOUND_DO_NOTHING);
    T_INT(sound_ask(&s, true), SOUND_DO_SAY_AND_WAIT);
    T_STR(sound_word(&s), "park\n");
    T_INT(sound_ask(&s, true), SOUND_DO_NOTHING);
    T_INT(hear(&s, "parked"), SOUND_HEARD_DONE);
    T_INT(hear(&s, "parked"), SOUND_HEARD_NOTHING);
    T_INT(sound_ask(&s, false), SOUND_DO_SAY_AND_WAIT);
    T_STR(sound_word(&s), "unpark\n");
    T_INT(hear(&s, "unparked"), SOUND_HEARD_DONE);
}

/* Asked again before the answer: only the last one's answer ends the wait. */
static void test_there_and_back(void)
{
    struct sound_state s = {0};

    hear(&s, "ready");
    T_INT(sound_ask(&s, true), SOUND_DO_SAY_AND_WAIT);
    T_INT(sound_ask(&s, false), SOUND_DO_SAY_AND_WAIT);
    T_INT(hear(&s, "parked"), SOUND_HEARD_NOTHING);
    T_INT(hear(&s, "unparked"), SOUND_HEARD_DONE);
}

/* One that starts anew is audible: it is told again, and nobody waits for it before it is ready. */
static void test_restart(void)
{
    struct sound_state s = {0};

    T_INT(sound_ask(&s, true), SOUND_DO_SAY);
    T_INT(sound_started(&s), SOUND_DO_SAY);
    T_STR(sound_word(&s), "park\n");
    T_INT(hear(&s, "ready"), SOUND_HEARD_READY);
    T_INT(hear(&s, "parked"), SOUND_HEARD_NOTHING);
    T(s.said);
    T_INT(sound_ask(&s, false), SOUND_DO_SAY_AND_WAIT);
    T_INT(sound_started(&s), SOUND_DO_NOTHING);
    T_INT(hear(&s, "unparked"), SOUND_HEARD_NOTHING);
    T(!s.waiting);
}

static void test_noise(void)
{
    static const char *const lines[] = {"", "park", "parkedx", "unparke", "Ready", "ready "};
    struct sound_state s = {0};

    hear(&s, "ready");
    sound_ask(&s, true);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        T_NAMED(hear(&s, lines[i]) == SOUND_HEARD_NOTHING, lines[i]);
    T(s.waiting);
}

static void test_words(void)
{
    static char dir[ARGV_TEXT_MAX + 1];
    struct paths p = {.run = "/run/spine", .libexec = dir};
    struct persona_spec s = {.id = "work", .image = "localhost/x"};
    struct argv a;
    struct err e;

    memset(dir, 'x', sizeof dir - 1);
    T_INT(sound_argv(&a, &p, &s, &e), -1);
    T_INT(e.code, ERR_INTERNAL);
}

int main(void)
{
    test_usual();
    test_there_and_back();
    test_restart();
    test_noise();
    test_words();
    return t_done();
}
