/* SPDX-License-Identifier: MIT
 * Tests of the bounded word list. */
#include "core/argv.h"
#include "core/buf.h"
#include "tests/t.h"

static struct argv a;

static void test_push(void)
{
    char text[256];
    struct buf out;

    argv_init(&a);
    argv_push(&a, "podman");
    argv_pushf(&a, "--name=%s-%d", "x", 1);
    argv_push_user(&a, "two words");
    argv_push(&a, "");
    argv_push(&a, "a\nb\\");
    T_INT(argv_done(&a), 0);
    T_INT(a.n, 5);
    T(a.word[5] == NULL);
    T_STR(a.word[1], "--name=x-1");
    T_STR(a.word[3], "");
    buf_init(&out, text, sizeof text);
    argv_print(&a, &out);
    T_STR(text, "podman\n--name=x-1\ntwo words\n\na\\x0ab\\x5c\n");
}

static void test_refused(void)
{
    static const char *const bad[] = {NULL, "", "-", "--privileged"};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        argv_init(&a);
        argv_push(&a, "x");
        argv_push_user(&a, bad[i]);
        argv_push_user(&a, "good");
        T_INT(argv_done(&a), -1);
        T(a.refused && !a.overflow);
    }
    argv_init(&a);
    argv_push(&a, NULL);
    T_INT(argv_done(&a), -1);
}

static void test_overflow(void)
{
    static char big[ARGV_TEXT_MAX + 1];

    argv_init(&a);
    for (int i = 0; i < ARGV_WORDS_MAX; i++)
        argv_push(&a, "w");
    T_INT(argv_done(&a), 0);
    T(a.word[ARGV_WORDS_MAX] == NULL);
    argv_push(&a, "w");
    T_INT(argv_done(&a), -1);
    T_INT(a.n, ARGV_WORDS_MAX);
    argv_init(&a);
    T_INT(argv_done(&a), 0);

    memset(big, 'x', sizeof big - 1);
    argv_push(&a, big);
    T_INT(argv_done(&a), -1);
    argv_init(&a);
    big[ARGV_TEXT_MAX - 1] = '\0';
    argv_push(&a, big);
    T_INT(argv_done(&a), 0);
    argv_push(&a, "");
    T_INT(argv_done(&a), -1);
    argv_init(&a);
    argv_pushf(&a, "%sx", big);
    T_INT(argv_done(&a), -1);
    T_INT(a.n, 0);
    argv_pushf(&a, "x"); /* sticky */
    T_INT(a.n, 0);
}

int main(void)
{
    test_push();
    test_refused();
    test_overflow();
    return t_done();
}
