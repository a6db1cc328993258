/* SPDX-License-Identifier: MIT
 * Reads sizes and numbers of CPUs as people write them. */
#include "core/spec.h"

#include <string.h>

struct decimal {
    uint64_t whole, part; /* part: what stands after the point, in units of 10^-most */
    bool point;
};

/* Digits, and after a point at most `most` more of them. What follows, or NULL when it is not that. */
static const char *decimal(const char *s, unsigned most, struct decimal *out)
{
    size_t whole = strspn(s, "0123456789"), part = 0;

    *out = (struct decimal){.point = s[whole] == '.'};
    if (out->point)
        part = strspn(s + whole + 1, "0123456789");
    if (whole == 0 || whole > 18 || part > most || (out->point && part == 0))
        return NULL;
    for (size_t i = 0; i < whole; i++)
        out->whole = out->whole * 10 + (uint64_t)(s[i] - '0');
    if (!out->point)
        return s + whole;
    for (size_t i = 0; i < most; i++)
        out->part = out->part * 10 + (i < part ? (uint64_t)(s[whole + 1 + i] - '0') : 0);
    return s + whole + 1 + part;
}

int spec_parse_size(const char *text, uint64_t *out)
{
    static const char units[] = "KMGT";
    struct decimal d;
    unsigned shift = 0;
    const char *rest = text ? decimal(text, 6, &d) : NULL;
    const char *unit;

    if (!rest)
        return -1;
    if (*rest) {
        unit = strchr(units, *rest >= 'a' && *rest <= 'z' ? *rest - 'a' + 'A' : *rest);
        if (!unit || (rest[1] && strcmp(rest + 1, "iB") != 0))
            return -1;
        shift = 10 * (unsigned)(unit - units + 1);
    } else if (d.point) {
        return -1;
    }
    if (d.whole > UINT64_MAX >> (shift + 1))
        return -1;
    *out = (d.whole << shift) + ((d.part << shift) + 500000) / 1000000;
    return 0;
}

int spec_parse_cpus(const char *text, uint32_t *milli)
{
    struct decimal d;
    const char *rest = text ? decimal(text, 3, &d) : NULL;

    if (!rest || *rest || d.whole > UINT32_MAX / 1000 - 1)
        return -1;
    *milli = (uint32_t)(d.whole * 1000 + d.part);
    return 0;
}
