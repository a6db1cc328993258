/* SPDX-License-Identifier: MIT
 * Judging the machine: mounts, nodes, versions, limits, space. */
#include "core/health.h"

#include "core/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *health_level_name(enum health_level l)
{
    return l == HEALTH_OK ? "ok" : l == HEALTH_NOTE ? "note" : "wrong";
}

void health_tell(const struct health_to *to, enum health_level level, const char *name, const char *advice,
                 const char *fmt, ...)
{
    char text[HEALTH_DETAIL_MAX];
    struct health h = {.level = level};
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    buf_printable(h.name, sizeof h.name, name);
    buf_printable(h.detail, sizeof h.detail, text);
    if (level == HEALTH_WRONG)
        buf_printable(h.advice, sizeof h.advice, advice);
    to->fn(to->user, &h);
}

/* Is word one of the words of text, which sep (and newlines) separate? */
static bool has_word(const char *text, const char *word, const char *sep)
{
    size_t len = strlen(word);

    while (*text) {
        size_t n = strcspn(text, sep);

        if (n == len && memcmp(text, word, n) == 0)
            return true;
        text += n;
        text += strspn(text, sep);
    }
    return false;
}

struct mount_found {
    char type[32], options[256];
    bool there;
};

/* The uppermost mount at `at`: the last line that names it. proc_pid_mountinfo(5). */
static void find_mount(const char *text, const char *at, struct mount_found *out)
{
    char point[256], options[sizeof out->options], type[sizeof out->type];

    *out = (struct mount_found){.there = false};
    for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
        char line[1024];
        size_t n = strcspn(text, "\n");
        const char *dash;

        if (n >= sizeof line)
            n = sizeof line - 1; /* the beginning has what is wanted, or the line is none of ours */
        memcpy(line, text, n);
        line[n] = '\0';
        dash = strstr(line, " - ");
        point[0] = options[0] = type[0] = '\0';
        for (size_t field = 0, start = 0; field < 6 && start < n; field++) {
            size_t len = strcspn(line + start, " ");

            if (field == 4)
                (void)snprintf(point, sizeof point, "%.*s", (int)len, line + start);
            if (field == 5)
                (void)snprintf(options, sizeof options, "%.*s", (int)len, line + start);
            start += len + 1;
        }
        if (!dash || strcmp(point, at) != 0)
            continue;
        (void)snprintf(type, sizeof type, "%.*s", (int)strcspn(dash + 3, " "), dash + 3);
        out->there = true;
        memcpy(out->type, type, sizeof type);
        memcpy(out->options, options, sizeof options);
    }
}

static void judge_mount(const struct health_to *to, const char *text, const char *at, const char *type,
                        const char *flags, const char *advice)
{
    struct mount_found m;
    char missing[64];
    struct buf b;

    find_mount(text, at, &m);
    if (!m.there) {
        health_tell(to, HEALTH_WRONG, at, advice, "nothing is mounted there");
        return;
    }
    if (*type && strcmp(m.type, type) != 0) {
        health_tell(to, HEALTH_WRONG, at, advice, "it is %s and should be %s", m.type, type);
        return;
    }
    buf_init(&b, missing, sizeof missing);
    for (const char *w = flags; *w; w += strcspn(w, ","), w += *w == ',') {
        char word[16];

        (void)snprintf(word, sizeof word, "%.*s", (int)strcspn(w, ","), w);
        if (!has_word(m.options, word, ","))
            buf_addf(&b, "%s%s", b.len ? "," : "", word);
    }
    if (b.len)
        health_tell(to, HEALTH_WRONG, at, advice, "it is mounted without %s", missing);
    else
        health_tell(to, HEALTH_OK, at, "", "%s, %s", m.type, flags);
}

void health_mounts(const struct health_to *to, const char *mountinfo, const char *persist, const char *why)
{
    static const struct {
        const char *at, *type, *flags;
    } rows[] = {
        {"/run", "tmpfs", "rw,nosuid,nodev"},
        {"/tmp", "tmpfs", "rw,nosuid,nodev,noexec"},
        {"/dev", "devtmpfs", "nosuid"},
        {"/dev/shm", "tmpfs", "nosuid,nodev,noexec"},
        {"/proc", "proc", "nosuid,nodev,noexec"},
        {"/sys", "sysfs", "nosuid,nodev,noexec"},
        {"/sys/fs/cgroup", "cgroup2", "rw,nosuid,nodev,noexec"},
    };

    if (!mountinfo) {
        health_tell(to, HEALTH_WRONG, "mounts", "reboot: without /proc nothing can be said of the mounts",
                    "cannot read /proc/self/mountinfo: %s", why);
        return;
    }
    judge_mount(to, mountinfo, "/", "", "ro", "boot a Spine image: its root is read-only");
    judge_mount(to, mountinfo, persist, "", "rw,nosuid,nodev,noexec",
                "reboot; if it comes back read-only, check the disk: the kernel found an error on it");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        judge_mount(to, mountinfo, rows[i].at, rows[i].type, rows[i].flags,
                    "somebody has changed it by hand: reboot");
}

void health_node(const struct health_to *to, const struct health_node *n)
{
    const char *what = n->type == 's' ? "socket" : n->type == 'd' ? "directory" : "device";

    if (n->error)
        health_tell(to, HEALTH_WRONG, n->name, n->advice, "%s: %s", n->path, n->error);
    else if (n->is_type != n->type)
        health_tell(to, HEALTH_WRONG, n->name, n->advice, "%s is not a %s", n->path, what);
    else if (n->is_uid != n->uid || n->is_gid != n->gid)
        health_tell(to, HEALTH_WRONG, n->name, n->advice, "%s belongs to %u:%u and should belong to %u:%u",
                    n->path, n->is_uid, n->is_gid, n->uid, n->gid);
    else if (n->mode >= 0 && (n->is_mode & 07777) != (uint32_t)n->mode)
        health_tell(to, HEALTH_WRONG, n->name, n->advice, "%s has the mode %04o and should have %04o",
                    n->path, n->is_mode & 07777, (unsigned)n->mode);
    else
        health_tell(to, HEALTH_OK, n->name, "", "%s", n->path);
}

struct version {
    unsigned major, minor, patch;
};

/* The first "N.N" or "N.N.N" in the text. */
static bool find_version(const char *text, struct version *v)
{
    static const char digits[] = "0123456789";

    while (*text) {
        unsigned long part[3] = {0};
        size_t parts = 0;

        text += strcspn(text, digits);
        while (parts < 3 && *text >= '0' && *text <= '9') {
            char *end;

            part[parts++] = strtoul(text, &end, 10) % 1000000;
            text = *end == '.' ? end + 1 : end;
            if (*end != '.')
                break;
        }
        if (parts >= 2) {
            *v = (struct version){(unsigned)part[0], (unsigned)part[1], (unsigned)part[2]};
            return true;
        }
    }
    return false;
}

void health_version(const struct health_to *to, const char *program, const char *text, const char *error)
{
    static const struct {
        const char *program, *why;
        struct version least;
    } rows[] = {
        {"podman", "earlier ones lose a container whose conmon died", {5, 4, 0}},
        {"crun", "earlier ones follow links in /dev of an image (CVE-2026-47766)", {1, 28, 0}},
        {"conmon", "earlier ones were not tried", {2, 1, 12}},
        {"sway", "earlier ones do not know which persona a window is of", {1, 11, 0}},
        {"pipewire", "earlier ones were not tried", {1, 0, 0}},
        {"kernel", "earlier ones have no id-mapped mounts on overlay", {6, 1, 0}},
    };
    char advice[HEALTH_ADVICE_MAX];
    struct version v;

    if (error) {
        (void)snprintf(advice, sizeof advice, "the Spine image is incomplete: %s belongs to it", program);
        health_tell(to, HEALTH_WRONG, program, advice, "%s", error);
        return;
    }
    if (!find_version(text, &v)) {
        health_tell(to, HEALTH_WRONG, program, "is it the program of that name?",
                    "it names no version: %.200s", text);
        return;
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct version *least = &rows[i].least;

        if (strcmp(rows[i].program, program) != 0)
            continue;
        if (v.major < least->major || (v.major == least->major && v.minor < least->minor) ||
            (v.major == least->major && v.minor == least->minor && v.patch < least->patch)) {
            (void)snprintf(advice, sizeof advice, "build the Spine from a newer base: %s", rows[i].why);
            health_tell(to, HEALTH_WRONG, program, advice, "%u.%u.%u is too old, %u.%u.%u is the least",
                        v.major, v.minor, v.patch, least->major, least->minor, least->patch);
            return;
        }
    }
    health_tell(to, HEALTH_OK, program, "", "%u.%u.%u", v.major, v.minor, v.patch);
}

void health_gpu(const struct health_to *to, const struct health_gpu *node, size_t n, uint32_t render_gid)
{
    static const char advice[] =
        "a persona given the GPU could not use it, or others could: `udevadm trigger` "
        "sets the modes again, as a reboot does";
    size_t render = 0;

    for (size_t i = 0; i < n; i++) {
        bool card = strstr(node[i].path, "/card") != NULL;

        render += !card;
        if (node[i].mode & 07)
            health_tell(to, HEALTH_WRONG, "GPU", advice, "%s is open to everybody: mode %04o", node[i].path,
                        node[i].mode & 07777);
        else if (!card && ((node[i].mode & 060) != 060 || node[i].gid != render_gid))
            health_tell(to, HEALTH_WRONG, "GPU", advice, "%s is not the group's: mode %04o, group %u",
                        node[i].path, node[i].mode & 07777, node[i].gid);
        else
            health_tell(to, HEALTH_OK, "GPU", "", "%s", node[i].path);
    }
    if (render == 0)
        health_tell(to, HEALTH_NOTE, "GPU", "", "no render node: personas draw by software");
}

void health_cgroups(const struct health_to *to, const char *path, const char *offered, const char *personas)
{
    static const char *const wanted[] = {"cpuset", "cpu", "memory", "pids"};

    if (!offered) {
        health_tell(to, HEALTH_WRONG, "cgroups", "boot with cgroup v2 alone",
                    "there is no cgroup v2 tree at %s", path);
        return;
    }
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        bool there = has_word(offered, wanted[i], " \n");

        if (there && (!personas || has_word(personas, wanted[i], " \n")))
            continue;
        health_tell(to, HEALTH_WRONG, "cgroups",
                    there ? "somebody has turned it off by hand: reboot, until then limits do not hold"
                          : "boot with cgroup v2 alone and this controller built in",
                    "the %s controller is %s", wanted[i], there ? "off for personas" : "missing");
        return;
    }
    health_tell(to, HEALTH_OK, "cgroups", "", "%.*s", (int)strcspn(offered, "\n"), offered);
}

void health_namespaces(const struct health_to *to, const struct health_limit *limit, size_t n)
{
    enum { LEAST = 256 };
    bool well = true;

    for (size_t i = 0; i < n; i++) {
        char advice[HEALTH_ADVICE_MAX];

        if (limit[i].value >= LEAST)
            continue;
        well = false;
        (void)snprintf(advice, sizeof advice, "write 10000 to /proc/sys/user/%s, or reboot", limit[i].name);
        if (limit[i].value < 0)
            health_tell(to, HEALTH_WRONG, "namespaces", "boot a kernel with user namespaces",
                        "/proc/sys/user/%s is not there", limit[i].name);
        else
            health_tell(to, HEALTH_WRONG, "namespaces", advice, "%s is %lld: personas cannot start",
                        limit[i].name, (long long)limit[i].value);
    }
    if (well)
        health_tell(to, HEALTH_OK, "namespaces", "", "no limit is in the way");
}

void health_disk(const struct health_to *to, const struct health_disk *d)
{
    enum { PERCENT_MIN = 5 };
    static const char advice[] = "remove personas, homes or images that are not needed";
    unsigned blocks, files;

    if (d->error || d->blocks == 0) {
        health_tell(to, HEALTH_WRONG, d->name, "check the disk", "%s: %s", d->path,
                    d->error ? d->error : "it has no size");
        return;
    }
    blocks = (unsigned)(d->blocks_free * 100 / d->blocks);
    files = d->files ? (unsigned)(d->files_free * 100 / d->files) : 100;
    if (!d->writable)
        health_tell(to, HEALTH_WRONG, d->name,
                    "reboot: an error on the disk made it read-only; then check the disk", "%s is read-only",
                    d->path);
    else if (blocks < PERCENT_MIN)
        health_tell(to, HEALTH_WRONG, d->name, advice, "%u %% of %s is free: %llu MiB", blocks, d->path,
                    (unsigned long long)(d->blocks_free * d->block_size >> 20));
    else if (files < PERCENT_MIN)
        health_tell(to, HEALTH_WRONG, d->name, advice, "%u %% of the files that %s can hold are left: %llu",
                    files, d->path, (unsigned long long)d->files_free);
    else
        health_tell(to, HEALTH_OK, d->name, "", "%u %% of %s is free, and %u %% of its inodes", blocks,
                    d->path, files);
}
