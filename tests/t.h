/* SPDX-License-Identifier: MIT
 * A small TAP producer. A test program calls T() for each claim and returns t_done() from main. */
#ifndef TESTS_T_H
#define TESTS_T_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int t_count, t_failed;

static inline bool t_report(bool ok, const char *file, int line, const char *what)
{
    t_count++;
    if (!ok)
        t_failed++;
    printf("%sok %d - %s%s", ok ? "" : "not ", t_count, what, ok ? "\n" : "");
    if (!ok)
        printf(" # at %s:%d\n", file, line);
    fflush(stdout);
    return ok;
}

static inline bool t_str(const char *got, const char *want, const char *file, int line, const char *what)
{
    bool ok = got && want ? strcmp(got, want) == 0 : got == want;

    if (!ok)
        printf("# got  <%s>\n# want <%s>\n", got ? got : "(null)", want ? want : "(null)");
    return t_report(ok, file, line, what);
}

static inline bool t_int(long long got, long long want, const char *file, int line, const char *what)
{
    if (got != want)
        printf("# got  %lld\n# want %lld\n", got, want);
    return t_report(got == want, file, line, what);
}

#define T(cond)             t_report((cond), __FILE__, __LINE__, #cond)
#define T_NAMED(cond, name) t_report((cond), __FILE__, __LINE__, (name))
#define T_STR(got, want)    t_str((got), (want), __FILE__, __LINE__, #got " is " #want)
#define T_INT(got, want)    t_int((long long)(got), (long long)(want), __FILE__, __LINE__, #got " is " #want)

static inline void t_skip(const char *what, const char *why)
{
    t_count++;
    printf("ok %d - %s # SKIP %s\n", t_count, what, why);
}

static inline int t_done(void)
{
    printf("1..%d\n", t_count);
    return t_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
