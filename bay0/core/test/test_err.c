/* SPDX-License-Identifier: MIT
 * Tests of errors by value. */
#include "core/err.h"
#include "tests/t.h"

static void test_set(void)
{
    struct err e = {0};

    T_INT(err_set(&e, ERR_NO_PERSONA, "no persona `%s`", "work"), -1);
    T_INT(e.code, ERR_NO_PERSONA);
    T_STR(e.message, "no persona `work`");
    T_STR(e.hint, "`spine persona list` shows the personas");
    T_INT(err_hint(&e, "try %d", 7), -1);
    T_STR(e.hint, "try 7");
    T_INT(err_wrap(&e, "cannot start"), -1);
    T_STR(e.message, "cannot start: no persona `work`");
    T_STR(e.hint, "try 7");
    err_set(&e, ERR_BAD_VALUE, "again: %s", e.message);
    T_STR(e.message, "again: cannot start: no persona `work`");
    T_INT(err_set(NULL, ERR_PULL, "nobody listens"), -1);
    T_INT(err_hint(NULL, "x"), -1);
    T_INT(err_wrap(NULL, "x"), -1);
}

static void test_long(void)
{
    char big[600];
    struct err e = {0};

    memset(big, 'x', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    err_set(&e, ERR_SYSTEM, "%s", big);
    T_INT(strlen(e.message), ERR_MESSAGE_MAX - 1);
    err_wrap(&e, "%s", big);
    T(strlen(e.message) < ERR_MESSAGE_MAX);
    err_hint(&e, "%s", big);
    T_INT(strlen(e.hint), ERR_HINT_MAX - 1);

    /* U+20AC is three bytes: a cut must fall between characters. */
    for (size_t i = 0; i + 3 < sizeof big; i += 3)
        memcpy(big + i, "\xe2\x82\xac", 4);
    for (int shift = 0; shift < 3; shift++) {
        err_set(&e, ERR_SYSTEM, "%.*s%s", shift, "ab", big);
        T_INT((strlen(e.message) - (size_t)shift) % 3, 0);
        T(strlen(e.message) > ERR_MESSAGE_MAX - 6);
    }
}

static void test_names(void)
{
    bool same = true, short_hints = true;

    for (unsigned i = ERR_NONE + 1; i < ERR_COUNT; i++) {
        same = same && err_from_name(err_name((enum err_code)i)) == (enum err_code)i;
        short_hints = short_hints && strlen(err_default_hint((enum err_code)i)) < ERR_HINT_MAX;
    }
    T(same);
    T(short_hints);
    T_STR(err_name(ERR_NONE), "none");
    T_STR(err_name((enum err_code)9999), "internal");
    T_STR(err_default_hint((enum err_code)9999), "");
    T_INT(err_from_name("none"), ERR_NONE);
    T_INT(err_from_name("nonsense"), ERR_NONE);
    T_INT(err_from_name(NULL), ERR_NONE);
}

int main(void)
{
    test_set();
    test_long();
    test_names();
    return t_done();
}
