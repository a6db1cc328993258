/* SPDX-License-Identifier: MIT
 * Command lines of helpers that bay0 starts: options that each want a value and must all be there. */
#ifndef BAY0_CORE_PAIRS_H
#define BAY0_CORE_PAIRS_H

#include <stdbool.h>
#include <stddef.h>

struct pair_option {
    const char *name;  /* "--display" */
    const char *wants; /* what its value must be, in words */
};
enum {
    PAIRS_FD_FIRST = 3, /* descriptors that bay0 hands over */
    PAIRS_FD_LAST = 1023,
};
/* Takes the value of option n; false refuses it. value points into argv. */
typedef bool pair_fn(void *user, unsigned n, const char *value);

/* 0, or -1 with a sentence in err: unknown, refused or missing. The last of several of the same counts. At
 * most 32 options. */
int pairs_parse(const struct pair_option *options, unsigned count, int argc, char **argv, pair_fn *take,
                void *user, char *err, size_t size);

/* text, or NULL when it is empty, longer than most or has a byte that is not in allowed. */
const char *pairs_word(const char *text, const char *allowed, size_t most);
int pairs_fd(const char *text); /* digits alone; -1 outside PAIRS_FD_FIRST to PAIRS_FD_LAST */

#endif
