/* SPDX-License-Identifier: MIT
 * Runs a fuzz target over its corpus without a fuzzer: bay0/core/fuzz/fuzz_X over bay0/core/fuzz/corpus/X,
 * and the switcher's the same way; one TAP line a file. */
#include "tests/t.h"

#include <dirent.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void replay(const char *dir, const char *name)
{
    static uint8_t data[1 << 20];
    char path[4400];
    FILE *f;
    size_t n;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    f = fopen(path, "rb");
    if (!f) {
        T_NAMED(false, path);
        return;
    }
    n = fread(data, 1, sizeof data, f);
    fclose(f);
    T_NAMED(LLVMFuzzerTestOneInput(data, n) == 0, path);
}

int main(int argc, char **argv)
{
    char dir[4096];
    const char *base = strstr(argv[0], "fuzz_");
    size_t len = base ? strcspn(base + 5, ".") : 0;
    struct dirent *e;
    DIR *d;

    if (len > 7 && strncmp(base + 5 + len - 7, "_replay", 7) == 0)
        len -= 7;
    snprintf(dir, sizeof dir, "%s/core/fuzz/corpus/%.*s", strstr(argv[0], "switcher/") ? "switcher" : "bay0",
             (int)len, base ? base + 5 : "");
    d = opendir(argc > 1 ? argv[1] : dir);
    if (!T_NAMED(d != NULL, argc > 1 ? argv[1] : dir))
        return t_done();
    while ((e = readdir(d)))
        if (e->d_name[0] != '.')
            replay(argc > 1 ? argv[1] : dir, e->d_name);
    closedir(d);
    return t_done();
}
