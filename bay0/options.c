/* SPDX-License-Identifier: MIT
 * Command line of bay0: other roots, so that the same program runs as PID 1 and as an ordinary process. */
#include "bay0.h"
#include "core/ahead.h"
#include "core/version.h"
#include "watchdog.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GRACE_DEFAULT_MS = 1000, GRACE_MAX_MS = 600000, PODMAN_MAX_MS = 3600000 };

enum option_kind {
    OPT_PATH,
    OPT_GRACE,
    OPT_PODMAN_MS,
    OPT_WATCHDOG,
    OPT_AHEAD,
    OPT_NO_UI,
    OPT_NO_TENANTS,
    OPT_CHECK,
    OPT_VERSION,
    OPT_HELP
};

static const struct {
    const char *name, *value, *help;
    enum option_kind kind;
    size_t offset; /* OPT_PATH */
    const char *preset;
} table[] = {
#define P(field) offsetof(struct options, field)
    {"run-dir", "DIR", "sockets and other short-lived files", OPT_PATH, P(run), "/run/spine"},
    {"persist", "DIR", "what survives a reboot", OPT_PATH, P(persist), "/persist"},
    {"cgroup", "DIR", "cgroup v2 directory to work in", OPT_PATH, P(cgroup), "/sys/fs/cgroup/spine"},
    {"share", "DIR", "read-only configuration", OPT_PATH, P(share), "/usr/share/spine"},
    {"libexec", "DIR", "helpers of bay0", OPT_PATH, P(libexec), "/usr/lib/spine"},
    {"spine", "FILE", "the CLI that personas are given", OPT_PATH, P(spine), "/usr/bin/spine"},
    {"podman", "FILE", "container runtime", OPT_PATH, P(podman), "podman"},
    {"grace", "MS", "how long a persona runs on after it has left the front", OPT_GRACE, 0, NULL},
    {"podman-timeout", "MS", "no podman command may take longer (each kind has a limit of its own)",
     OPT_PODMAN_MS, 0, NULL},
    {"watchdog", "S", "seconds without a sign of life until the machine is reset (60; 0: never)",
     OPT_WATCHDOG, 0, NULL},
    {"ahead", "N", "how many stopped personas are kept initialised, for a quick start (2; 0: none)",
     OPT_AHEAD, 0, NULL},
    {"no-ui", NULL, "start no compositor and no sound", OPT_NO_UI, 0, NULL},
    {"no-tenants", NULL, "start no system tenants", OPT_NO_TENANTS, 0, NULL},
    {"check-handover", "FD", "say whether what a bay0 hands over on FD can be taken over", OPT_CHECK, 0,
     NULL},
    {"version", NULL, "print the version", OPT_VERSION, 0, NULL},
    {"help", NULL, "print this", OPT_HELP, 0, NULL},
#undef P
};
enum { TABLE_N = sizeof table / sizeof table[0] };

static void usage(FILE *to)
{
    fprintf(to, "usage: bay0 [OPTION]...\nRuns personas and system tenants. See bay0(8).\n\n");
    for (size_t i = 0; i < TABLE_N; i++)
        fprintf(to, "  --%s%s%s\n        %s%s%s%s\n", table[i].name, table[i].value ? " " : "",
                table[i].value ? table[i].value : "", table[i].help, table[i].preset ? " (" : "",
                table[i].preset ? table[i].preset : "", table[i].preset ? ")" : "");
}

static int set_path(struct options *o, size_t i, const char *value)
{
    char *field = (char *)o + table[i].offset;

    if (!value[0] || snprintf(field, sizeof o->run, "%s", value) >= (int)sizeof o->run) {
        fprintf(stderr, "bay0: --%s: the path is empty or longer than %zu bytes\n", table[i].name,
                sizeof o->run - 1);
        return -1;
    }
    return 0;
}

static int set_number(uint32_t *out, size_t i, const char *value, uint32_t max)
{
    char *end;
    unsigned long ms;

    errno = 0;
    ms = strtoul(value, &end, 10);
    if (errno || *end || value[0] < '0' || value[0] > '9' || ms > max) {
        fprintf(stderr, "bay0: --%s %s: not a number up to %u\n", table[i].name, value, max);
        return -1;
    }
    *out = (uint32_t)ms;
    return 0;
}

static int set(struct options *o, size_t i, const char *value)
{
    uint32_t number;

    switch (table[i].kind) {
    case OPT_PATH:
        return set_path(o, i, value);
    case OPT_GRACE:
        return set_number(&o->grace_ms, i, value, GRACE_MAX_MS);
    case OPT_PODMAN_MS:
        return set_number(&o->podman_ms, i, value, PODMAN_MAX_MS);
    case OPT_WATCHDOG:
        return set_number(&o->watchdog_s, i, value, WATCHDOG_MAX_S);
    case OPT_AHEAD:
        return set_number(&o->ahead, i, value, AHEAD_MAX);
    case OPT_CHECK:
        if (set_number(&number, i, value, HANDOVER_FD_MAX) < 0)
            return -1;
        o->check_fd = (int)number;
        return 0;
    case OPT_VERSION:
        printf("bay0 %s\n", SPINE_VERSION);
        return OPTIONS_HELP;
    case OPT_NO_UI:
        o->ui = false;
        return 0;
    case OPT_NO_TENANTS:
        o->tenants = false;
        return 0;
    case OPT_HELP:
        usage(stdout);
        return OPTIONS_HELP;
    }
    return -1;
}

/* What stands behind `--` on the kernel's command line, among words that the kernel did not know and that are
 * not meant for us. PID 1 keeps the fixed paths; the rest may be set. */
static void kernel_words(struct options *o, int argc, char **argv)
{
    for (int at = 1; at < argc; at++)
        for (size_t i = 0; i < TABLE_N; i++) {
            if (table[i].kind == OPT_PATH || table[i].kind >= OPT_CHECK || strncmp(argv[at], "--", 2) != 0 ||
                strcmp(argv[at] + 2, table[i].name) != 0)
                continue;
            if (!table[i].value)
                set(o, i, "");
            else if (at + 1 < argc)
                set(o, i, argv[++at]);
            break;
        }
}

int options_parse(struct options *o, int argc, char **argv)
{
    struct option longs[TABLE_N + 1];
    int c, at, rc;

    memset(o, 0, sizeof *o);
    memset(longs, 0, sizeof longs);
    o->grace_ms = GRACE_DEFAULT_MS;
    o->watchdog_s = WATCHDOG_DEFAULT_S;
    o->ahead = AHEAD_DEFAULT;
    o->check_fd = -1;
    o->ui = o->tenants = true;
    o->init = getpid() == 1;
    for (size_t i = 0; i < TABLE_N; i++) {
        longs[i].name = table[i].name;
        longs[i].has_arg = table[i].value ? required_argument : no_argument;
        if (table[i].kind == OPT_PATH)
            set_path(o, i, table[i].preset);
    }
    if (o->init) {
        kernel_words(o, argc, argv);
        return 0;
    }
    while ((c = getopt_long(argc, argv, "", longs, &at)) != -1)
        if (c == '?' || (rc = set(o, (size_t)at, optarg ? optarg : "")) != 0)
            return c == '?' ? -1 : rc;
    if (optind < argc) {
        fprintf(stderr, "bay0: %s: no such word; see bay0 --help\n", argv[optind]);
        return -1;
    }
    return 0;
}
