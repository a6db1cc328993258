/* SPDX-License-Identifier: MIT
 * Edit distance with swaps of neighbours counted as one (optimal string alignment). */
#include "nearest.h"

#include <stddef.h>
#include <string.h>

enum { LENGTH_MAX = 31 };

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static unsigned distance(const char *a, size_t an, const char *b, size_t bn)
{
    unsigned d[LENGTH_MAX + 1][LENGTH_MAX + 1];

    for (unsigned i = 0; i <= an; i++)
        for (unsigned k = 0; k <= bn; k++) {
            unsigned here;

            if (i == 0 || k == 0) {
                d[i][k] = i + k;
                continue;
            }
            here = d[i - 1][k - 1] + (a[i - 1] != b[k - 1]);
            here = least(here, least(d[i - 1][k], d[i][k - 1]) + 1);
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
                here = least(here, d[i - 2][k - 2] + 1);
            d[i][k] = here;
        }
    return d[an][bn];
}

void nearest_init(struct nearest *n, const char *word)
{
    *n = (struct nearest){.word = word, .distance = ~0u};
}

void nearest_offer(struct nearest *n, const char *compared, const char *name)
{
    size_t len = strlen(n->word), other = strlen(compared);
    unsigned found;

    if (len == 0 || len > LENGTH_MAX || other > LENGTH_MAX)
        return;
    found = distance(n->word, len, compared, other);
    if (found < n->distance && found <= (len < 4 ? 1u : 2u)) {
        n->distance = found;
        n->best = name;
    }
}
