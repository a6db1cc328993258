/* SPDX-License-Identifier: MIT
 * Command lines of helpers that bay0 starts: options that each want a value and must all be there. */
#include "core/pairs.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

int pairs_parse(const struct pair_option *options, unsigned count, int argc, char **argv, pair_fn *take,
                void *user, char *err, size_t size)
{
    uint32_t given = 0;

    for (int i = 1; i < argc; i += 2) {
        unsigned n = 0;

        while (n < count && strcmp(argv[i], options[n].name) != 0)
            n++;
        if (n == count) {
            snprintf(err, size, "unknown option '%.60s'", argv[i]);
            return -1;
        }
        if (i + 1 >= argc || !take(user, n, argv[i + 1])) {
            snprintf(err, size, "%s wants %s, not '%.60s'", options[n].name, options[n].wants,
                     i + 1 < argc ? argv[i + 1] : "");
            return -1;
        }
        given |= UINT32_C(1) << n;
    }
    for (unsigned n = 0; n < count; n++) {
        if (given & (UINT32_C(1) << n))
            continue;
        snprintf(err, size, "%s is missing: it wants %s", options[n].name, options[n].wants);
        return -1;
    }
    return 0;
}

const char *pairs_word(const char *text, const char *allowed, size_t most)
{
    size_t len = strlen(text);

    return len > 0 && len <= most && strspn(text, allowed) == len ? text : NULL;
}

int pairs_fd(const char *text)
{
    int n = 0;

    if (!*text || strlen(text) > 4)
        return -1;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return -1;
        n = n * 10 + (*text - '0');
    }
    return n >= PAIRS_FD_FIRST && n <= PAIRS_FD_LAST ? n : -1;
}
