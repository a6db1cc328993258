/* SPDX-License-Identifier: MIT
 * Tests of the lines that list programs: what is taken, and that a hostile persona gets nothing else through.
 */
#include "tests/t.h"
#include "switcher/core/applist.h"

static struct applist_line l;

static enum applist_kind parse(const char *line)
{
    return applist_parse(line, strlen(line), &l);
}

static void test_good(void)
{
    char *command;

    T_INT(parse("{\"id\":\"foot.desktop\",\"name\":\"Foot\",\"command\":[\"foot\",\"-e\",\"a "
                "b\"],\"icon\":\"UE5H\"}"),
          APPLIST_PROGRAM);
    T_STR(l.name, "Foot");
    command = json_dumps(l.command, JSON_COMPACT);
    T_STR(command, "[\"foot\",\"-e\",\"a b\"]");
    T(l.icon_len == 3 && memcmp(l.icon, "PNG", 3) == 0);
    free(command);
    applist_line_finish(&l);
    T_INT(parse("{\"name\":\"x\",\"command\":[\"/bin/x\"],\"new\":{\"a\":[1]}}"), APPLIST_PROGRAM);
    T(!l.icon && l.icon_len == 0);
    applist_line_finish(&l);
    T_INT(parse("{\"end\":0}"), APPLIST_END);
    T(!l.command);
}

static void test_names(void)
{
    char line[600] = "{\"command\":[\"x\"],\"name\":\"", tail[] = "\"}";
    size_t head = strlen(line);

    T_INT(parse("{\"command\":[\"x\"],\"name\":\"a\\u0007b\\u202ec\\u001b[0m\"}"), APPLIST_PROGRAM);
    T_STR(l.name, "a?b?c?[0m");
    applist_line_finish(&l);
    for (size_t i = 0; i < 100; i++)
        snprintf(line + head + 3 * i, 4, "\xe2\x82\xac");
    memcpy(line + head + 300, tail, sizeof tail);
    T_INT(parse(line), APPLIST_PROGRAM);
    T_INT(strlen(l.name), 93); /* whole characters only */
    applist_line_finish(&l);
}

static void test_bad(void)
{
    static const char *const bad[] = {
        "",
        "{",
        "[]",
        "null",
        "{}",
        "{\"end\":\"1\"}",
        "{\"name\":\"x\"}",
        "{\"command\":[\"x\"]}",
        "{\"name\":\"\",\"command\":[\"x\"]}",
        "{\"name\":\"  \\t\",\"command\":[\"x\"]}",
        "{\"name\":1,\"command\":[\"x\"]}",
        "{\"name\":\"x\",\"command\":\"x\"}",
        "{\"name\":\"x\",\"command\":[]}",
        "{\"name\":\"x\",\"command\":[\"\"]}",
        "{\"name\":\"x\",\"command\":[\"-x\"]}",
        "{\"name\":\"x\",\"command\":[\"x\",1]}",
        "{\"name\":\"x\",\"command\":[\"x\",null]}",
        "{\"name\":\"x\",\"command\":[\"x\\ny\"]}",
        "{\"name\":\"x\",\"command\":[\"x\\u007f\"]}",
        "{\"name\":\"x\",\"command\":[\"x\\u0000y\"]}",
        "{\"name\":\"x\",\"name\":\"y\",\"command\":[\"x\"]}",
        "{\"name\":\"\xff\",\"command\":[\"x\"]}",
        "{\"name\":\"x\",\"command\":[\"x\"]} {}",
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        T_NAMED(parse(bad[i]) == APPLIST_BAD && !l.command && !l.icon, bad[i]);
}

static void test_icons(void)
{
    static const char *const none[] = {"1", "\"\"", "\"A\"", "\"====\"", "\"UE5 \"", "\"\\u00e4===\"", "[]"};
    static char line[APPLIST_LINE_MAX + 10];
    char small[100];
    size_t n;

    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        snprintf(small, sizeof small, "{\"name\":\"x\",\"command\":[\"x\"],\"icon\":%s}", none[i]);
        T_NAMED(parse(small) == APPLIST_PROGRAM && !l.icon && l.icon_len == 0, none[i]);
        applist_line_finish(&l);
    }
    for (size_t bytes = ICON_FILE_MAX; bytes <= ICON_FILE_MAX + 3; bytes += 3) {
        n = (size_t)sprintf(line, "{\"name\":\"x\",\"command\":[\"x\"],\"icon\":\"");
        memset(line + n, 'A', bytes / 3 * 4);
        strcpy(line + n + bytes / 3 * 4, "\"}");
        T_INT(parse(line), APPLIST_PROGRAM);
        T((l.icon != NULL) == (bytes <= ICON_FILE_MAX));
        applist_line_finish(&l);
    }
}

static void test_limits(void)
{
    static const char end[] = "{\"end\":1}";
    static char line[APPLIST_LINE_MAX + 10];
    size_t n = (size_t)sprintf(line, "{\"name\":\"x\",\"command\":[\"x\"");

    for (int i = 1; i < APPLIST_WORDS_MAX; i++)
        n += (size_t)sprintf(line + n, ",\"y\"");
    strcpy(line + n, "]}");
    T_INT(parse(line), APPLIST_PROGRAM);
    applist_line_finish(&l);
    strcpy(line + n, ",\"y\"]}");
    T_INT(parse(line), APPLIST_BAD);

    n = (size_t)sprintf(line, "{\"name\":\"x\",\"command\":[\"");
    memset(line + n, 'x', APPLIST_TEXT_MAX);
    strcpy(line + n + APPLIST_TEXT_MAX - 1, "\"]}");
    T_INT(parse(line), APPLIST_PROGRAM);
    applist_line_finish(&l);
    strcpy(line + n + APPLIST_TEXT_MAX - 1, "x\"]}");
    T_INT(parse(line), APPLIST_BAD);

    memset(line, ' ', sizeof line);
    for (size_t i = 0; end[i]; i++)
        line[i] = end[i];
    T_INT(applist_parse(line, APPLIST_LINE_MAX, &l), APPLIST_END);
    T_INT(applist_parse(line, APPLIST_LINE_MAX + 1, &l), APPLIST_BAD);
    memset(line, '[', sizeof line);
    T_INT(applist_parse(line, APPLIST_LINE_MAX, &l), APPLIST_BAD);
}

int main(void)
{
    test_good();
    test_names();
    test_bad();
    test_icons();
    test_limits();
    return t_done();
}
