/* SPDX-License-Identifier: MIT
 * Tests of what may be carried. */
#include "switcher/core/carry_type.h"
#include "tests/t.h"

/* What is asked for, of types that are separated by spaces; "_" stands for the space inside one. */
static const char *chosen(const char *offered)
{
    static struct carry_choice c;
    char copy[300];

    memset(&c, 0, sizeof c);
    snprintf(copy, sizeof copy, "%s", offered);
    for (char *m = strtok(copy, " "); m; m = strtok(NULL, " "))
        carry_choice_add(&c, m);
    return c.mime;
}

static void test_choice(void)
{
    T_STR(chosen("text/html text/plain UTF8_STRING text/plain;charset=utf-8 image/png"),
          "text/plain;charset=utf-8");
    T_STR(chosen("image/png text/plain UTF8_STRING"), "UTF8_STRING");
    T_STR(chosen("text/plain image/png"), "text/plain");
    T_STR(chosen("text/html image/png image/jpeg"), "image/png");
    T_STR(chosen("text/html image/jpeg application/x-kde TEXT text/plain;charset=latin1"), "");
    T_STR(chosen(""), "");
}

static void test_names(void)
{
    T_STR(carry_mime(CARRY_TEXT, 0), "text/plain;charset=utf-8");
    T_STR(carry_mime(CARRY_TEXT, 2), "UTF8_STRING");
    T_STR(carry_mime(CARRY_TEXT, 3), NULL);
    T_STR(carry_mime(CARRY_IMAGE, 0), "image/png");
    T_STR(carry_mime(CARRY_IMAGE, 1), NULL);
    T_STR(carry_mime(CARRY_NONE, 0), NULL);
    T_INT(carry_max(CARRY_TEXT), 1048576);
    T_INT(carry_max(CARRY_IMAGE), 8388608);
    T_INT(carry_max(CARRY_NONE), 0);
}

static void test_contents(void)
{
    T_STR(carry_wrong(CARRY_TEXT, "gr\xc3\xbc\n", 5), NULL);
    T_STR(carry_wrong(CARRY_TEXT, "", 0), "is empty");
    T_STR(carry_wrong(CARRY_TEXT, "a\0b", 3), "is not UTF-8");
    T_STR(carry_wrong(CARRY_TEXT, "\xff", 1), "is not UTF-8");
    T_STR(carry_wrong(CARRY_TEXT, "\xc3", 1), "is not UTF-8");
    T_STR(carry_wrong(CARRY_IMAGE, "\x89PNG\r\n\x1a\nxxx", 11), NULL);
    T_STR(carry_wrong(CARRY_IMAGE, "\x89PNG\r\n\x1a", 7), "is no PNG");
    T_STR(carry_wrong(CARRY_IMAGE, "GIF89a..........", 16), "is no PNG");
}

int main(void)
{
    test_choice();
    test_names();
    test_contents();
    return t_done();
}
