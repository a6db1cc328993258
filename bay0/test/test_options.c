/* SPDX-License-Identifier: MIT
 * bay0's command line: presets, every option, and what is refused. */
#include "tests/t.h"

#include "bay0.h"

#include <getopt.h>
#include <unistd.h>

static struct options o;

static int parse(const char *const *words)
{
    char *argv[16] = {"bay0"};
    int n = 1;

    while (words[n - 1] && n < 15) {
        argv[n] = (char *)words[n - 1];
        n++;
    }
    optind = 0; /* glibc and musl: begin anew */
    return options_parse(&o, n, argv);
}
#define PARSE(...) parse((const char *const[]){__VA_ARGS__, NULL})

static void presets(void)
{
    T_INT(parse((const char *const[]){NULL}), 0);
    T_STR(o.run, "/run/spine");
    T_STR(o.persist, "/persist");
    T_STR(o.cgroup, "/sys/fs/cgroup/spine");
    T_STR(o.share, "/usr/share/spine");
    T_STR(o.libexec, "/usr/lib/spine");
    T_STR(o.spine, "/usr/bin/spine");
    T_STR(o.podman, "podman");
    T_INT(o.grace_ms, 1000);
    T_INT(o.podman_ms, 0);
    T(o.ui && o.tenants && !o.init);
}

static void each(void)
{
    T_INT(PARSE("--run-dir", "/r", "--persist=/p", "--cgroup", "/c", "--share", "/s"), 0);
    T_STR(o.run, "/r");
    T_STR(o.persist, "/p");
    T_STR(o.cgroup, "/c");
    T_STR(o.share, "/s");
    T_INT(PARSE("--libexec", "/l", "--spine", "/x", "--podman", "./podman", "--no-ui", "--no-tenants"), 0);
    T_STR(o.libexec, "/l");
    T_STR(o.spine, "/x");
    T_STR(o.podman, "./podman");
    T(!o.ui && !o.tenants);
    T_INT(PARSE("--grace", "0", "--podman-timeout", "3600000"), 0);
    T_INT(o.grace_ms, 0);
    T_INT(o.podman_ms, 3600000);
    T_INT(PARSE("--grace", "1", "--grace", "600000"), 0);
    T_INT(o.grace_ms, 600000);
    T_INT(PARSE("--ahead", "0"), 0);
    T_INT(o.ahead, 0);
    T_INT(PARSE("--ahead", "8"), 0);
    T_INT(o.ahead, 8);
    T_INT(PARSE("--help"), OPTIONS_HELP);
}

static void refusals(void)
{
    static const char *const numbers[] = {
        "", "-1", "+1", " 1", "1s", "0x10", "600001", "99999999999999999999", "ten"};
    char path[sizeof o.run + 1];

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        T_NAMED(PARSE("--grace", numbers[i]) < 0, numbers[i]);
        T_NAMED(i == 6 || PARSE("--podman-timeout", numbers[i]) < 0, numbers[i]);
    }
    T(PARSE("--podman-timeout", "3600001") < 0);
    T(PARSE("--watchdog", "601") < 0);
    T(PARSE("--watchdog", "-1") < 0);
    T(PARSE("--ahead", "9") < 0);
    T(PARSE("--ahead") < 0);
    T(PARSE("--check-handover", "1048577") < 0);
    T(PARSE("--check-handover") < 0);
    T(PARSE("--grace") < 0);
    T(PARSE("--what") < 0);
    T(PARSE("-x") < 0);
    T(PARSE("word") < 0);
    T(PARSE("--no-ui", "word") < 0);
    T(PARSE("--no-ui=yes") < 0);
    T(PARSE("--run-dir", "") < 0);
    memset(path, 'a', sizeof path);
    path[sizeof path - 1] = '\0';
    T(PARSE("--run-dir", path) < 0);
    path[sizeof path - 2] = '\0';
    T_INT(PARSE("--run-dir", path), 0);
    T_STR(o.run, path);
}

int main(void)
{
    /* The complaints are for people. */
    T(freopen("/dev/null", "w", stderr) != NULL);
    presets();
    each();
    refusals();
    return t_done();
}
