/* SPDX-License-Identifier: MIT
 * Proves the audit ledger for tests/native: chain FILE... takes the segments in order and prints the number
 * of records, or what is wrong. */
#include "core/ledger.h"

#include <stdio.h>

enum { SIZE = 4 << 20 };

int main(int argc, char **argv)
{
    struct ledger_head h;
    static char text[SIZE];
    struct err e = {0};

    ledger_begin(&h);
    for (int i = 1; i < argc; i++) {
        FILE *f = fopen(argv[i], "re");
        size_t n = f ? fread(text, 1, SIZE, f) : 0;

        if (!f || n == SIZE || ledger_check(&h, text, n, &e) < n) {
            printf("%s: %s\n", argv[i], f ? e.message : "cannot be read");
            return 1;
        }
        fclose(f);
    }
    printf("%llu\n", (unsigned long long)h.seq - 1);
    return 0;
}
