/* SPDX-License-Identifier: MIT
 * Runs a fuzz target over its corpus without a fuzzer: bay0/core/fuzz/fuzz_X over bay0/core/fuzz/corpus/X,
 * and so in the other folders; one TAP line a file. */
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

/* The program lies in the build folder at the place that its source has in the tree. */
static void corpus_of(const char *program, char *dir, size_t size)
{
    static const char *const tops[] = {"bay0/core/fuzz/", "bay0/fuzz/",          "bay0/relay/fuzz/",
                                       "spine-cli/fuzz/", "switcher/core/fuzz/", "switcher/fuzz/"};
    const char *base = strrchr(program, '/'), *top = "";
    size_t len;

    base = base && strncmp(base, "/fuzz_", 6) == 0 ? base + 6 : "";
    len = strcspn(base, ".");
    if (len > 7 && strncmp(base + len - 7, "_replay", 7) == 0)
        len -= 7;
    for (size_t i = 0; i < sizeof tops / sizeof *tops; i++)
        if (strstr(program, tops[i]))
            top = tops[i];
    snprintf(dir, size, "%scorpus/%.*s", top, (int)len, base);
}

int main(int argc, char **argv)
{
    char dir[4096];
    struct dirent *e;
    DIR *d;

    corpus_of(argv[0], dir, sizeof dir);
    d = opendir(argc > 1 ? argv[1] : dir);
    if (!T_NAMED(d != NULL, argc > 1 ? argv[1] : dir))
        return t_done();
    while ((e = readdir(d)))
        if (e->d_name[0] != '.')
            replay(argc > 1 ? argv[1] : dir, e->d_name);
    closedir(d);
    return t_done();
}
