/* SPDX-License-Identifier: MIT
 * Control groups: makes, limits, freezes, kills and watches them by writing to the kernel's files. */
#include "cgroup_file.h"

#include "core/buf.h"
#include "fsutil.h"
#include "log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const controllers[] = {"cpuset", "cpu", "io", "memory", "pids"};

/* Names come from our own tables and checked ids; this keeps a mistake from leaving the tree. */
bool cgroup_name_ok(const char *name)
{
    size_t depth = 1;

    if (!name || !*name || *name == '/' || strlen(name) > CGROUP_NAME_MAX)
        return false;
    for (const char *part = name; part; depth++) {
        const char *end = strchr(part, '/');
        size_t len = end ? (size_t)(end - part) : strlen(part);

        if (len == 0 || part[0] == '.' || depth > CGROUP_DEPTH_MAX)
            return false;
        part = end ? end + 1 : NULL;
    }
    return true;
}

int cgroup_refuse_name(const char *name, struct err *e)
{
    errno = EINVAL;
    return err_set(e, ERR_INTERNAL, "'%s' is not the name of a control group", name ? name : "(none)");
}

/* path of a file of the group, below tree. */
static int file_path(char out[PATH_MAX], const char *name, const char *file)
{
    int n = cgroup_name_ok(name) ? snprintf(out, PATH_MAX, "%s/%s", name, file) : -1;

    if (n > 0 && n < PATH_MAX)
        return 0;
    errno = EINVAL;
    return -1;
}

int cgroup_write(int tree, const char *name, const char *file, const char *text)
{
    char path[PATH_MAX];

    return file_path(path, name, file) < 0 ? -1 : fs_write(tree, path, text);
}

ssize_t cgroup_read(int tree, const char *name, const char *file, char *out, size_t size)
{
    char path[PATH_MAX];

    return file_path(path, name, file) < 0 ? -1 : fs_read(tree, path, out, size);
}

static bool has_word(const char *text, const char *word)
{
    size_t len = strlen(word);

    for (const char *at = text; *at;) {
        size_t n = strcspn(at, " \n");

        if (n == len && strncmp(at, word, n) == 0)
            return true;
        at += n;
        at += strspn(at, " \n");
    }
    return false;
}

/* One by one, so that a controller that cannot be had does not take the others with it. */
static void controllers_on(int dir, const char *what)
{
    char there[512], on[512];

    if (fs_read(dir, "cgroup.controllers", there, sizeof there) < 0 ||
        fs_read(dir, "cgroup.subtree_control", on, sizeof on) < 0)
        return;
    for (size_t i = 0; i < sizeof controllers / sizeof controllers[0]; i++) {
        char word[32];

        if (!has_word(there, controllers[i]) || has_word(on, controllers[i]))
            continue;
        (void)snprintf(word, sizeof word, "+%s", controllers[i]);
        if (fs_write(dir, "cgroup.subtree_control", word) < 0)
            log_warn("cannot turn on controller %s below %s: %m", controllers[i], what);
    }
}

static void controllers_report(int dir, const char *path)
{
    char there[512] = "", missing[64];
    struct buf b;

    buf_init(&b, missing, sizeof missing);
    (void)fs_read(dir, "cgroup.controllers", there, sizeof there);
    for (size_t i = 0; i < sizeof controllers / sizeof controllers[0]; i++)
        if (!has_word(there, controllers[i]))
            buf_addf(&b, " %s", controllers[i]);
    if (b.len > 0)
        log_warn("%s lacks controllers:%s; limits that need them are not enforced", path, missing);
}

int cgroup_tree_open(const char *path, struct err *e)
{
    int dir, parent;

    if (fs_mkdir(path, 0755, geteuid(), getegid()) < 0)
        return err_set(e, ERR_SYSTEM, "cannot make the control group %s: %s", path, strerror(errno));
    dir = fs_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0);
    if (dir < 0)
        return err_set(e, ERR_SYSTEM, "cannot open the control group %s: %s", path, strerror(errno));
    parent = fs_open(dir, "..", O_RDONLY | O_DIRECTORY, 0);
    if (parent >= 0)
        controllers_on(parent, "the parent of the tree");
    fs_close(&parent);
    controllers_report(dir, path);
    controllers_on(dir, path);
    return dir;
}

void cgroup_lend(int tree, const char *name)
{
    int dir = fs_open(tree, name, O_RDONLY | O_DIRECTORY, 0);

    if (dir >= 0)
        controllers_on(dir, name);
    fs_close(&dir);
}

int cgroup_make(int tree, const char *name, struct err *e)
{
    char part[PATH_MAX];

    if (!cgroup_name_ok(name))
        return cgroup_refuse_name(name, e);
    (void)snprintf(part, sizeof part, "%s", name);
    for (char *slash = part;;) {
        slash = strchr(slash, '/');
        if (slash)
            *slash = '\0';
        if (mkdirat(tree, part, 0755) < 0 && errno != EEXIST)
            return err_set(e, ERR_SYSTEM, "cannot make the control group %s: %s", part, strerror(errno));
        if (!slash)
            return 0;
        cgroup_lend(tree, part);
        *slash++ = '/';
    }
}

/* Depth first. budget keeps a tree that a persona made huge from holding up the loop. */
static int remove_below(int parent, const char *name, unsigned depth, unsigned *budget)
{
    int fd = fs_open(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
    const struct dirent *d;
    DIR *dir;
    int rc = 0;

    if (fd < 0)
        return errno == ENOENT ? 0 : -1;
    if (depth == 0 || *budget == 0) {
        fs_close(&fd);
        errno = EBUSY;
        return -1;
    }
    --*budget;
    dir = fdopendir(fd);
    if (!dir) {
        fs_close(&fd);
        return -1;
    }
    while (rc == 0 && (d = readdir(dir)) != NULL)
        if (d->d_type == DT_DIR && strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
            rc = remove_below(fd, d->d_name, depth - 1, budget);
    if (rc < 0) {
        int saved = errno;

        (void)closedir(dir);
        errno = saved;
        return -1;
    }
    (void)closedir(dir);
    return unlinkat(parent, name, AT_REMOVEDIR) < 0 && errno != ENOENT ? -1 : 0;
}

int cgroup_remove(int tree, const char *name, struct err *e)
{
    unsigned budget = CGROUP_REMOVE_MAX;

    if (!cgroup_name_ok(name))
        return cgroup_refuse_name(name, e);
    if (remove_below(tree, name, CGROUP_DEPTH_MAX, &budget) == 0)
        return 0;
    if (errno == EBUSY) {
        err_set(e, ERR_BUSY, "cannot remove the control group %s: there is still something in it", name);
        return err_hint(e, "its processes must end first");
    }
    return err_set(e, ERR_SYSTEM, "cannot remove the control group %s: %s", name, strerror(errno));
}

int cgroup_open(int tree, const char *name)
{
    if (!cgroup_name_ok(name)) {
        errno = EINVAL;
        return -1;
    }
    return fs_open(tree, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
}

int cgroup_enter(int tree, const char *name, struct err *e)
{
    if (cgroup_write(tree, name, "cgroup.procs", "0") < 0)
        return err_set(e, ERR_SYSTEM, "cannot enter the control group %s: %s", name, strerror(errno));
    return 0;
}

int cgroup_join(int group)
{
    return fs_write(group, "cgroup.procs", "0");
}

int cgroup_freeze(int tree, const char *name, bool on, struct err *e)
{
    if (cgroup_write(tree, name, "cgroup.freeze", on ? "1" : "0") < 0)
        return err_set(e, ERR_SYSTEM, "cannot %s %s: cgroup.freeze: %s", on ? "freeze" : "thaw", name,
                       strerror(errno));
    return 0;
}

int cgroup_kill(int tree, const char *name, struct err *e)
{
    if (cgroup_write(tree, name, "cgroup.kill", "1") < 0)
        return err_set(e, ERR_SYSTEM, "cannot kill %s: cgroup.kill: %s", name, strerror(errno));
    return 0;
}

uint64_t cgroup_value(const char *text, const char *key)
{
    size_t len = strlen(key);

    for (const char *line = text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
        if (strncmp(line, key, len) == 0 && line[len] == ' ')
            return strtoull(line + len + 1, NULL, 10);
    return 0;
}

void cgroup_state(int tree, const char *name, struct cgroup_state *out)
{
    char text[512];

    *out = (struct cgroup_state){0};
    if (cgroup_read(tree, name, "cgroup.events", text, sizeof text) < 0)
        return;
    out->exists = true;
    out->populated = cgroup_value(text, "populated") == 1;
    out->frozen = cgroup_value(text, "frozen") == 1;
    if (cgroup_read(tree, name, "cgroup.freeze", text, sizeof text) > 0)
        out->freeze_asked = text[0] == '1';
}

static int open_file(int tree, const char *name, const char *file)
{
    char path[PATH_MAX];

    return file_path(path, name, file) < 0 ? -1 : fs_open(tree, path, O_RDONLY, 0);
}

void cgroup_meter_open(int tree, const char *name, struct cgroup_meter *m)
{
    m->cpu = open_file(tree, name, "cpu.stat");
    m->memory = open_file(tree, name, "memory.current");
}

void cgroup_meter_close(struct cgroup_meter *m)
{
    fs_close(&m->cpu);
    fs_close(&m->memory);
}

/* One pread: the kernel gives such a file whole, and asking whether there is more costs as much again. */
static bool read_once(int fd, char *out, size_t size)
{
    ssize_t n = fd >= 0 ? pread(fd, out, size - 1, 0) : -1;

    out[n > 0 ? n : 0] = '\0';
    return n > 0;
}

int cgroup_meter_read(const struct cgroup_meter *m, struct cgroup_usage *out)
{
    char text[2048];

    *out = (struct cgroup_usage){0};
    if (!read_once(m->cpu, text, sizeof text))
        return -1;
    out->cpu_usec = cgroup_value(text, "usage_usec");
    if (read_once(m->memory, text, sizeof text))
        out->memory = strtoull(text, NULL, 10);
    return 0;
}

int cgroup_controllers(int tree, char *out, size_t size)
{
    ssize_t n = fs_read(tree, "cgroup.controllers", out, size);

    while (n > 0 && out[n - 1] == '\n')
        out[--n] = '\0';
    return n < 0 ? -1 : 0;
}

int cgroup_handed_on(int tree, const char *name, char *out, size_t size)
{
    return cgroup_read(tree, name, "cgroup.subtree_control", out, size) < 0 ? -1 : 0;
}

int cgroup_list(int tree, const char *name, cgroup_list_fn *fn, void *user)
{
    int fd = cgroup_open(tree, name);
    DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
    const struct dirent *e;

    if (!d) {
        fs_close(&fd);
        return -1;
    }
    while ((e = readdir(d)))
        if (e->d_type == DT_DIR && e->d_name[0] != '.')
            fn(user, e->d_name);
    closedir(d);
    return 0;
}

struct pid_walk {
    int tree;
    const char *name;
    cgroup_pid_fn *fn;
    void *user;
};

static void pids_of(const struct pid_walk *w, const char *name)
{
    static char text[65536]; /* some 9,000 processes; what is beyond is not told */
    char *at = text, *end;

    if (cgroup_read(w->tree, name, "cgroup.procs", text, sizeof text) < 0)
        return;
    for (;; at = end) {
        long pid = strtol(at, &end, 10);

        if (end == at)
            return;
        w->fn(w->user, (int32_t)pid);
    }
}

static void pids_below(void *user, const char *name)
{
    const struct pid_walk *w = user;
    char path[PATH_MAX];

    if ((size_t)snprintf(path, sizeof path, "%s/%s", w->name, name) < sizeof path)
        pids_of(w, path);
}

void cgroup_pids(int tree, const char *name, cgroup_pid_fn *fn, void *user)
{
    struct pid_walk w = {tree, name, fn, user};

    pids_of(&w, name);
    (void)cgroup_list(tree, name, pids_below, &w);
}
