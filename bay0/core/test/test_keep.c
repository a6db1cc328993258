/* SPDX-License-Identifier: MIT
 * Declarations outside the registry: there and back, from a recorded container, and what is no declaration.
 */
#include "core/err.h"
#include "core/keep.h"
#include "core/podman.h"
#include "tests/t.h"

static void test_there_and_back(void)
{
    struct persona_spec s = {.memory = 1ull << 30, .pids = 256, .autostart = true, .command_words = 2};
    struct kept k = {0};
    struct err e = {0};
    char *text;

    strcpy(s.id, "work");
    strcpy(s.image, "docker.io/library/debian:12");
    strcpy(s.colour, "#a0b1c2");
    memcpy(s.command, "foot\0--title=x", sizeof "foot\0--title=x");
    text = keep_text(&s, 7);
    T(text && keep_parse(text, strlen(text), "work", &k, &e) == 0);
    T(k.range == 7 && memcmp(&k.spec, &s, sizeof s) == 0);
    T_NAMED(keep_parse(text, strlen(text), "web", &k, &e) < 0 && e.code == ERR_STORE,
            "the copy of another one");
    T(keep_parse(text, strlen(text) - 1, "work", &k, &e) < 0);
    free(text);
}

static void test_no_copies(void)
{
    static const char *const texts[] = {
        "",
        "[]",
        "{}",
        "{\"range\":1}",
        "{\"range\":1,\"declaration\":[]}",
        "{\"range\":4096,\"declaration\":{\"id\":\"work\",\"image\":\"debian\"}}",
        "{\"range\":-1,\"declaration\":{\"id\":\"work\",\"image\":\"debian\"}}",
        "{\"range\":\"1\",\"declaration\":{\"id\":\"work\",\"image\":\"debian\"}}",
        "{\"range\":1,\"declaration\":{\"id\":\"work\",\"image\":\"debian\"},\"more\":1}",
        "{\"range\":1,\"declaration\":{\"id\":\"work\",\"image\":\"debian\",\"more\":1}}",
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct kept k = {.range = 99};
        struct err e = {0};

        T_NAMED(keep_parse(texts[i], strlen(texts[i]), "work", &k, &e) < 0 && e.message[0] && k.range == 99,
                texts[i]);
    }
}

/* What podman says, with the label and the map put in. */
static int inspected(const char *label, const char *map, struct kept *k)
{
    char text[1024];
    struct err e = {0};
    int rc;

    snprintf(text, sizeof text,
             "[{\"Config\":{\"Labels\":{%s}},\"HostConfig\":{\"IDMappings\":{\"UidMap\":[%s]}}}]", label,
             map);
    rc = keep_from_inspect(text, strlen(text), "work", k, &e);
    T((rc < 0) == (e.code != ERR_NONE && e.message[0]));
    return rc;
}

static void test_containers(void)
{
#define SPEC "\"org.alpinespine.spec\":\"{\\\"id\\\":\\\"work\\\",\\\"image\\\":\\\"debian\\\"}\""
    static const char *const maps[] = {"",
                                       "\"0:536870912:65535\"",
                                       "\"0:536870913:65536\"",
                                       "\"1:536870912:65536\"",
                                       "\"0:0:65536\"",
                                       "\"0:536870912:65536\",\"65536:1:1\"",
                                       "1"};
    struct kept k = {0};

    T_INT(inspected(SPEC, "\"0:536936448:65536\"", &k), 0);
    T_INT(k.range, 1);
    T_STR(k.spec.image, "debian");
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
        T_NAMED(inspected(SPEC, maps[i], &k) < 0, maps[i]);
    T(inspected("", "\"0:536936448:65536\"", &k) < 0);
    T(inspected("\"org.alpinespine.spec\":\"{\"", "\"0:536936448:65536\"", &k) < 0);
}

/* As podman 5.8.6 told it of a persona. */
static void test_recorded(void)
{
    static char text[65536];
    FILE *f = fopen("bay0/core/test/recorded/desktop.json", "r");
    size_t n = f ? fread(text, 1, sizeof text, f) : 0;
    struct kept k = {0};
    struct err e = {0};

    if (f)
        fclose(f);
    T(n > 0);
    if (!T(keep_from_inspect(text, n, "work", &k, &e) == 0))
        printf("# %s\n", e.message);
    T(k.spec.image[0] && k.range < RANGE_COUNT);
}

int main(void)
{
    test_there_and_back();
    test_no_copies();
    test_containers();
    test_recorded();
    return t_done();
}
