/* SPDX-License-Identifier: MIT
 * Options that each want a value: what is refused, in which words, and what is allowed. */
#include "core/pairs.h"
#include "tests/t.h"

static const struct pair_option options[] = {{"--a", "a word"}, {"--fd", "a descriptor"}};

struct got {
    const char *a;
    int fd;
};

static bool take(void *user, unsigned n, const char *value)
{
    struct got *g = user;

    if (n == 0)
        return (g->a = pairs_word(value, "xyz", 3)) != NULL;
    return (g->fd = pairs_fd(value)) >= 0;
}

static int parse(struct got *g, char *err, char **argv)
{
    int argc = 0;

    while (argv[argc])
        argc++;
    *g = (struct got){.fd = -1};
    return pairs_parse(options, 2, argc, argv, take, g, err, 200);
}
#define PARSE(...) parse(&g, err, (char *[]){"program", __VA_ARGS__, NULL})

int main(void)
{
    struct got g;
    char err[200] = "";

    T(PARSE("--a", "xyz", "--fd", "3") == 0 && g.fd == 3);
    T_STR(g.a, "xyz");
    T_STR(err, "");
    T(PARSE("--fd", "1023", "--a", "x", "--a", "y") == 0 && g.fd == 1023);
    T_STR(g.a, "y");
    T(PARSE("--b", "x") < 0);
    T_STR(err, "unknown option '--b'");
    T(PARSE("--a", "x") < 0);
    T_STR(err, "--fd is missing: it wants a descriptor");
    T(PARSE("--fd", "4", "--a") < 0);
    T_STR(err, "--a wants a word, not ''");
    T(PARSE("--a", "xyzx", "--fd", "4") < 0);
    T_STR(err, "--a wants a word, not 'xyzx'");
    T(!pairs_word("", "x", 3));
    T(!pairs_word("xw", "x", 3));
    for (const char *const *bad =
             (const char *const[]){"", "2", "1024", "00003", "-3", "+3", "3 ", "0x3", NULL};
         *bad; bad++)
        T_NAMED(pairs_fd(*bad) < 0, *bad);
    return t_done();
}
