/* SPDX-License-Identifier: MIT
 * Compares the kernel's own list of a container's mounts with its declaration. */
#include "core/container.h"
#include "core/err.h"
#include "core/inspect.h"

#include <string.h>

/* One line of /proc/PID/mountinfo: the words in front of " - " that matter, and the type behind it. */
struct mount {
    const char *root, *dir, *options, *type;
    size_t root_n, dir_n, options_n, type_n;
};

static bool word(const char **at, const char *end, const char **out, size_t *n)
{
    const char *space = memchr(*at, ' ', (size_t)(end - *at));

    *out = *at;
    *n = (size_t)((space ? space : end) - *at);
    *at = space ? space + 1 : end;
    return *n > 0;
}

/* "80 91 254:16 /home/work /home/persona rw,nosuid [tags] - ext4 /dev/vdb rw" */
static bool mount_read(const char *at, const char *end, struct mount *m)
{
    const char *skip;
    size_t n;

    for (int i = 0; i < 3; i++)
        if (!word(&at, end, &skip, &n))
            return false;
    if (!word(&at, end, &m->root, &m->root_n) || !word(&at, end, &m->dir, &m->dir_n) ||
        !word(&at, end, &m->options, &m->options_n))
        return false;
    do
        if (!word(&at, end, &skip, &n))
            return false;
    while (n != 1 || *skip != '-');
    return word(&at, end, &m->type, &m->type_n);
}

static bool same(const char *s, size_t n, const char *want)
{
    return strlen(want) == n && memcmp(s, want, n) == 0;
}

static bool starts(const char *s, size_t n, const char *want)
{
    return n >= strlen(want) && memcmp(s, want, strlen(want)) == 0;
}

static bool listed(const char *list, size_t n, const char *option)
{
    size_t len = strlen(option);

    while (n > 0) {
        const char *comma = memchr(list, ',', n);
        size_t m = comma ? (size_t)(comma - list) : n;

        if (m == len && memcmp(list, option, len) == 0)
            return true;
        list += comma ? m + 1 : m;
        n -= comma ? m + 1 : m;
    }
    return false;
}

/* Options as declared: what is off in the declaration must be off in the kernel. */
static bool flags_match(const struct mount *m, const char *declared)
{
    size_t n = strlen(declared);
    static const char *const flags[] = {"ro", "nosuid", "nodev", "noexec"};

    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (listed(declared, n, flags[i]) != listed(m->options, m->options_n, flags[i]))
            return false;
    return listed(declared, n, "idmap") == listed(m->options, m->options_n, "idmapped");
}

/* The mount's root is told from the top of its file system: the end of the path that was asked for. */
static bool source_matches(const struct mount *m, const char *source)
{
    size_t n = strlen(source);

    return m->root_n > 1 && n >= m->root_n && memcmp(source + n - m->root_n, m->root, m->root_n) == 0;
}

/* What podman and crun put into every container. below: the directory and what lies under it. */
static const struct usual {
    const char *dir, *type;
    bool below;
} usual[] = {
    {"/", "overlay", false},
    {"/proc", "proc", true},
    {"/proc", "tmpfs", true},    /* masked directories */
    {"/proc", "devtmpfs", true}, /* masked files: /dev/null */
    {"/sys", "sysfs", true},
    {"/sys", "tmpfs", true},
    {"/sys/fs/cgroup", "cgroup2", false},
    {"/dev", "tmpfs", false},
    {"/dev/pts", "devpts", false},
    {"/dev/mqueue", "mqueue", false},
    {"/dev/null", "devtmpfs", false},
    {"/dev/zero", "devtmpfs", false},
    {"/dev/full", "devtmpfs", false},
    {"/dev/tty", "devtmpfs", false},
    {"/dev/random", "devtmpfs", false},
    {"/dev/urandom", "devtmpfs", false},
    {"/dev/console", "devpts", false},
};

/* Files that podman writes for the container, from its own directory alone, which is on the Spine's /run. */
static const char *const written[] = {"/etc/resolv.conf", "/etc/passwd", "/etc/group", "/run/.containerenv"};

static bool root_has(const struct mount *m, const char *text)
{
    return memmem(m->root, m->root_n, text, strlen(text)) != NULL;
}

static bool is_usual(const struct mount *m)
{
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
        size_t n = strlen(usual[i].dir);
        bool here = same(m->dir, m->dir_n, usual[i].dir) ||
                    (usual[i].below && starts(m->dir, m->dir_n, usual[i].dir) && m->dir[n] == '/');

        if (!here || !same(m->type, m->type_n, usual[i].type))
            continue;
        /* Of the Spine's /dev only the one node of the same name, or null as a mask. */
        if (same(m->type, m->type_n, "devtmpfs") && !same(m->root, m->root_n, "/null"))
            return m->dir_n == m->root_n + 4 && memcmp(m->dir + 4, m->root, m->root_n) == 0;
        return true;
    }
    for (size_t i = 0; i < sizeof written / sizeof *written; i++)
        if (same(m->dir, m->dir_n, written[i]))
            return root_has(m, "/overlay-containers/") && root_has(m, "/userdata/") &&
                   listed(m->options, m->options_n, "ro");
    return same(m->dir, m->dir_n, "/run/podman-init") && root_has(m, "/catatonit") &&
           listed(m->options, m->options_n, "ro");
}

static bool is_tmpfs_of(const struct mount *m, const char *const *tmpfs)
{
    for (; *tmpfs; tmpfs++) {
        size_t dir = strcspn(*tmpfs, ":");

        if (m->dir_n == dir && memcmp(m->dir, *tmpfs, dir) == 0)
            return same(m->type, m->type_n, "tmpfs") && flags_match(m, *tmpfs + dir + 1);
    }
    return false;
}

static int bad_mount(const struct subject *c, const struct mount *m, const char *why, struct err *e)
{
    return err_set(e, ERR_CHECK, "container %s-%s: mount %.*s (%.*s): %s", c->kind, c->id,
                   (int)(m->dir_n < 80 ? m->dir_n : 80), m->dir, (int)(m->options_n < 80 ? m->options_n : 80),
                   m->options, why);
}

/* Marks the bind in seen when the mount is on its target. 1: none of them, 0: as declared, -1 with *e. */
static int check_bind(const struct subject *c, const struct mount *m, const struct binds *b, bool *seen,
                      struct err *e)
{
    for (size_t i = 0; i < b->n; i++) {
        if (!same(m->dir, m->dir_n, b->row[i].target))
            continue;
        if (seen[i])
            return bad_mount(c, m, "is there twice", e);
        seen[i] = true;
        if (!source_matches(m, b->row[i].source))
            return bad_mount(c, m, "shows something else than was asked for", e);
        return flags_match(m, b->row[i].options) ? 0 : bad_mount(c, m, "has other flags than asked for", e);
    }
    return 1;
}

/* With a user namespace crun makes a device node on a tmpfs of its own and binds it. */
static bool is_node_of(const struct mount *m, const char *const *nodes)
{
    for (; nodes && *nodes; nodes++)
        if (same(m->dir, m->dir_n, *nodes))
            return render_node_ok(*nodes) && same(m->type, m->type_n, "tmpfs");
    return false;
}

static int check_line(const struct subject *c, const struct mount *m, const struct binds *b,
                      const char *const *nodes, bool *seen, struct err *e)
{
    int rc = check_bind(c, m, b, seen, e);

    if (rc <= 0)
        return rc;
    if (same(m->dir, m->dir_n, "/") && listed(m->options, m->options_n, "ro") == c->root_writable)
        return bad_mount(c, m, c->root_writable ? "is read-only" : "is not read-only", e);
    if (is_usual(m) || is_tmpfs_of(m, c->tmpfs) || is_node_of(m, nodes))
        return 0;
    return bad_mount(c, m, "was not asked for", e);
}

static int check_mounts(const char *text, size_t len, const struct subject *c, const struct binds *b,
                        const char *const *nodes, struct err *e)
{
    bool seen[BINDS_MAX] = {false};
    const char *at = text, *end = text + len;

    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at)), *stop = newline ? newline : end;
        struct mount m;

        if (!mount_read(at, stop, &m))
            return err_set(e, ERR_CHECK, "container %s-%s: a line of its mountinfo is not understood",
                           c->kind, c->id);
        if (check_line(c, &m, b, nodes, seen, e))
            return -1;
        at = newline ? newline + 1 : end;
    }
    for (size_t i = 0; i < b->n; i++)
        if (!seen[i])
            return err_set(e, ERR_CHECK, "container %s-%s: nothing is mounted on %s", c->kind, c->id,
                           b->row[i].target);
    return 0;
}

int inspect_check_persona_mounts(const char *text, size_t len, const struct paths *p,
                                 const struct persona_spec *s, struct err *e)
{
    const struct subject c = persona_subject(s, 0);
    struct binds b;

    persona_binds(&b, p, s);
    return check_mounts(text, len, &c, &b, s->gpu ? p->render_nodes : NULL, e);
}

int inspect_check_tenant_mounts(const char *text, size_t len, const struct paths *p, const struct tenant *t,
                                struct err *e)
{
    const struct subject c = tenant_subject(t, 0);
    struct binds b;

    tenant_binds(&b, p, t);
    return check_mounts(text, len, &c, &b, NULL, e);
}
