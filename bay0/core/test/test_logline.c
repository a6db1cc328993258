/* SPDX-License-Identifier: MIT
 * Tests of the lines of logs: both forms, what is neither, and the end of a text. */
#include "core/logline.h"

#include "tests/t.h"

static void parse(const char *line, const char *time, const char *level, const char *message)
{
    struct logline l;
    char got[256];

    logline_parse(line, strlen(line), &l);
    T_STR(l.time, time);
    T_STR(l.level, level);
    snprintf(got, sizeof got, "%.*s", (int)l.len, l.message);
    T_STR(got, message);
}

static void test_parse(void)
{
#define T0 "2026-11-22T05:03:18"
    parse(T0 ".123Z warning: a: b", T0 ".123Z", "warning", "a: b");
    parse(T0 ".123Z error: x", T0 ".123Z", "error", "x");
    parse(T0 ".1Z info: ", T0 ".100Z", "info", "");
    parse(T0 ".123456789+00:00 stdout F hello\r", T0 ".123Z", "info", "hello");
    parse(T0 ".123456789+00:00 stderr P oh", T0 ".123Z", "warning", "oh");
    parse(T0 ".9-00:00 stdout F ", T0 ".900Z", "info", "");
    parse(T0 "Z no level", T0 ".000Z", "info", "no level");
    parse(T0 ".5+02:00 stdout F x", T0 ".500+02:00", "info", "x");
    parse(T0, "", "info", T0);
    parse(T0 "Z", "", "info", T0 "Z");
    parse("", "", "info", "");
    parse("2026-11-22 05:03:18 x", "", "info", "2026-11-22 05:03:18 x");
    parse("stdout F x", "", "info", "stdout F x");
}

static void test_json(void)
{
    static const char odd[] = T0 ".123Z info: a\x1b[1m\xff\xc3\xa9";
    json_t *row = logline_json(odd, sizeof odd - 1, "work");
    static char longest[3 * LOGLINE_MESSAGE_MAX];
    size_t len;

    T_STR(json_string_value(json_object_get(row, "time")), T0 ".123Z");
    T_STR(json_string_value(json_object_get(row, "level")), "info");
    T_STR(json_string_value(json_object_get(row, "source")), "work");
    T_STR(json_string_value(json_object_get(row, "message")), "a?[1m?\xc3\xa9");
    json_decref(row);
    for (size_t i = 0; i + 1 < sizeof longest; i++)
        longest[i] = i % 2 ? '\xa9' : '\xc3';
    row = logline_json(longest, sizeof longest - 1, "work");
    len = json_string_length(json_object_get(row, "message"));
    T(len > LOGLINE_MESSAGE_MAX / 2 && len < LOGLINE_MESSAGE_MAX && len % 2 == 0);
    json_decref(row);
}

static void test_pieces(void)
{
#define P(text) T0 ".123Z stdout P " text "\n"
#define F(text) T0 ".456Z stdout F " text "\n"
    static const char text[] = F("one") P("tw") P("o ") F("parts") F("three") P("four");
    const size_t len = sizeof text - 1, line = sizeof(F("one")) - 1;
    size_t at = logline_last(text, len, 3);
    bool whole = false;
    json_t *row;
    size_t n;

    T_INT(logline_record(text, len, &whole), line);
    T(whole);
    T_INT(at, line); /* four, three, two parts */
    n = logline_record(text + at, len - at, &whole);
    T(whole);
    row = logline_json(text + at, n, "x");
    T_STR(json_string_value(json_object_get(row, "message")), "two parts");
    T_STR(json_string_value(json_object_get(row, "time")), T0 ".123Z");
    json_decref(row);
    at = logline_last(text, len, 1);
    T_INT(logline_record(text + at, len - at, &whole), len - at);
    T(!whole);
    T_INT(logline_record("half", 4, &whole), 4);
    T(!whole);
    T_INT(logline_record("", 0, &whole), 0);
}

static void test_last(void)
{
    static const char text[] = "one\ntwo\nthree\n";

    T_STR(text + logline_last(text, 14, 1), "three\n");
    T_STR(text + logline_last(text, 14, 2), "two\nthree\n");
    T_STR(text + logline_last(text, 14, 3), text);
    T_STR(text + logline_last(text, 14, 99), text);
    T_STR(text + logline_last(text, 14, 0), "");
    T_STR(text + logline_last(text, 13, 1), "three\n"); /* not ended yet */
    T_INT(logline_last("", 0, 5), 0);
    T_INT(logline_last("\n\n\n", 3, 2), 1);
}

int main(void)
{
    test_parse();
    test_json();
    test_pieces();
    test_last();
    return t_done();
}
