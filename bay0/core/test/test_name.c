/* SPDX-License-Identifier: MIT
 * Tests of the allow-lists: what passes, and what must not. */
#include "core/name.h"
#include "tests/t.h"

typedef bool check(const char *s);

static void all(check *fn, bool want, const char *const *list, const char *what)
{
    char name[400];

    for (; *list; list++) {
        snprintf(name, sizeof name, "%s %s: %.300s", what, want ? "takes" : "refuses", *list);
        for (char *s = name; *s; s++)
            if ((unsigned char)*s < 0x20)
                *s = '?';
        T_NAMED(fn(*list) == want, name);
    }
    T(!fn(NULL));
}

#define D64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define A31 "abcdefghijklmnopqrstuvwxyz01234"

static const char *const id_good[] = {"a", "work", "web-2", "a-", A31, NULL};
static const char *const id_bad[] = {"",     "1a",  "-a",  "A",   "Work",     "a_b",   "a.b",
                                     "../a", "a/b", "a b", "a\n", "\xc3\xa4", A31 "5", NULL};
static const char *const image_good[] = {"debian",
                                         "debian:12",
                                         "docker.io/library/debian:12",
                                         "localhost/persona-trixie",
                                         "localhost:5000/a/b_c.d:Tag-1.2_x",
                                         "127.0.0.1:5000/x",
                                         "Host.example/x",
                                         "x@sha256:" D64,
                                         "quay.io/a/b:1@sha256:" D64,
                                         D64,
                                         "oci-archive:/persist/x.tar",
                                         "docker-archive:/a",
                                         "dir:/srv/images/a_b",
                                         NULL};
static const char *const image_bad[] = {"",
                                        "-x",
                                        "--privileged",
                                        "a b",
                                        "a\tb",
                                        "a\x1b",
                                        "a;b",
                                        "a$(b)",
                                        "../x",
                                        "a/../b",
                                        "a..b/c",
                                        "/a",
                                        "a/",
                                        "a//b",
                                        "Upper",
                                        "a/Upper",
                                        "a:",
                                        "a:-x",
                                        "a@",
                                        "a@sha256:12",
                                        "a@md5:" D64,
                                        "a@sha256:" D64 "0",
                                        "a:b:c",
                                        "h:p/x",
                                        "h:/x",
                                        "h:123456/x",
                                        ".h/x",
                                        "-h/x",
                                        "oci-archive:x",
                                        "oci-archive:/",
                                        "oci-archive:",
                                        "dir:../x",
                                        "dir:/a/../b",
                                        "dir:/a:b",
                                        "dir:/a b",
                                        "docker://x",
                                        "oci:/x",
                                        "containers-storage:x",
                                        "oci:5000/x",
                                        "docker:x",
                                        "a@sha256:" D64 "@sha256:" D64,
                                        NULL};
static const char *const colour_good[] = {"#000000", "#a1B2c3", NULL};
static const char *const colour_bad[] = {"",        "#",   "#12345",  "#1234567", "123456",
                                         "#12345g", "red", "#12 456", NULL};
static const char *const cores_good[] = {"0", "0-3", "0-3,6", "4095", "3-3", "1,2,3-5", NULL};
static const char *const cores_bad[] = {
    "",     ",",      "0,",    ",0",    "3-1",
    "4096", "0-4096", "00000", "a",     "0-",
    "-1",   "0--1",   "0 1",   "1-2-3", "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24",
    NULL};

int main(void)
{
    char big[300];

    all(name_id_ok, true, id_good, "id");
    all(name_id_ok, false, id_bad, "id");
    all(name_image_ok, true, image_good, "image");
    all(name_image_ok, false, image_bad, "image");
    all(name_colour_ok, true, colour_good, "colour");
    all(name_colour_ok, false, colour_bad, "colour");
    all(name_cores_ok, true, cores_good, "cores");
    all(name_cores_ok, false, cores_bad, "cores");
    all(name_term_ok, true, (const char *const[]){"xterm-256color", "foot", "a.b_c+d", NULL}, "term");
    all(name_type_ok, true,
        (const char *const[]){"text/plain", "text/plain;charset=utf-8", "image/png", "application/x-a.b+c",
                              NULL},
        "type");
    all(name_type_ok, false,
        (const char *const[]){"", "/", "text", "text/", "/plain", "text/plain;", "text/plain; charset=utf-8",
                              "text/plain;charset=", "text/plain;charset=a b", "text/pl\nain", "a/b/c",
                              "text/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                              NULL},
        "type");
    all(name_sha256_ok, true,
        (const char *const[]){"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", NULL},
        "sha256");
    all(name_sha256_ok, false,
        (const char *const[]){"", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde",
                              "0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef",
                              "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0", NULL},
        "sha256");
    all(name_term_ok, false, (const char *const[]){"", "-x", "x y", "x\n", "a/b", NULL}, "term");
    memset(big, 'a', sizeof big);
    big[NAME_IMAGE_MAX] = '\0';
    T(name_image_ok(big));
    big[NAME_IMAGE_MAX] = 'a';
    big[NAME_IMAGE_MAX + 1] = '\0';
    T(!name_image_ok(big));
    T(!name_term_ok(big));
    T(name_image_is_file("oci-archive:/x"));
    T(name_image_is_file("docker-archive:/x"));
    T(name_image_is_file("dir:/x"));
    T(!name_image_is_file("directory/x"));
    T(!name_image_is_file(NULL));
    return t_done();
}
