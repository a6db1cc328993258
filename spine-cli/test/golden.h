/* SPDX-License-Identifier: MIT
 * Compares text with a file of spine-cli/test/golden. GOLDEN_WRITE=1 writes the files anew, for a person to
 * read in the diff. */
#ifndef SPINE_CLI_TEST_GOLDEN_H
#define SPINE_CLI_TEST_GOLDEN_H

#include "tests/t.h"

static inline void t_golden(const char *name, const char *got)
{
    static char want[65536];
    char path[300];
    FILE *f;
    size_t n;

    snprintf(path, sizeof path, "spine-cli/test/golden/%s", name);
    if (getenv("GOLDEN_WRITE")) {
        f = fopen(path, "w");
        if (f) {
            fputs(got, f);
            fclose(f);
        }
    }
    f = fopen(path, "r");
    n = f ? fread(want, 1, sizeof want - 1, f) : 0;
    want[n] = '\0';
    if (f)
        fclose(f);
    t_str(got, want, __FILE__, __LINE__, path);
}

#endif
