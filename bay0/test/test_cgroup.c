/* SPDX-License-Identifier: MIT
 * Control groups: freeze, kill, watch and birth in a real cgroup v2 tree; limits in a folder that poses as
 * one, so that a test can read what was written whatever controllers this machine has. */
#include "cgroup.h"

#include "child.h"
#include "fsutil.h"
#include "tests/t.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

static struct loop *loop;

static void on_signal(void *user, int signo)
{
    (void)user;
    if (signo == SIGCHLD)
        child_reap(NULL, NULL);
}

struct seen {
    int done, status;
    char out[4096];
};

static void on_done(void *user, const struct child_result *r)
{
    struct seen *s = user;

    s->done++;
    s->status = r->status;
    snprintf(s->out, sizeof s->out, "%s", r->out);
}

static struct child *shell_in(int group, char *script, struct seen *s)
{
    static char *const env[] = {"PATH=/usr/bin:/bin", NULL};
    char *const argv[] = {"sh", "-c", script, NULL};
    struct child_options o;

    child_options_init(&o);
    o.argv = argv;
    o.env = env;
    o.cgroup_fd = group;
    o.done = on_done;
    o.user = s;
    return child_spawn(loop, &o);
}

struct news {
    int count;
    struct cgroup_state now;
    struct cgroup_watch *end; /* unwatched by the callback */
};

static void on_news(void *user, const struct cgroup_state *now)
{
    struct news *n = user;

    n->count++;
    n->now = *now;
    cgroup_unwatch(n->end);
    n->end = NULL;
}

enum want { EMPTY, POPULATED, FROZEN, THAWED };

static bool is(const struct cgroup_state *s, enum want want)
{
    switch (want) {
    case EMPTY:
        return !s->populated;
    case POPULATED:
        return s->populated;
    case FROZEN:
        return s->frozen;
    case THAWED:
        return !s->frozen;
    }
    return false;
}

static bool await(struct news *n, enum want want)
{
    for (uint64_t end = loop_now() + 5000; loop_now() < end;) {
        if (n->count > 0 && is(&n->now, want))
            return true;
        loop_turn(loop, 50);
    }
    return false;
}

static bool await_done(struct seen *s)
{
    for (uint64_t end = loop_now() + 5000; s->done == 0 && loop_now() < end;)
        loop_turn(loop, 50);
    return s->done == 1;
}

static int cpu_ticks(pid_t pid)
{
    char path[64], text[1024];
    const char *at;
    int user = 0, system = 0;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    if (fs_read(AT_FDCWD, path, text, sizeof text) < 0 || !(at = strrchr(text, ')')))
        return -1;
    if (sscanf(at, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %d %d", &user, &system) != 2)
        return -1;
    return user + system;
}

static void test_names(int tree)
{
    static const char *const bad[] = {"", "/a", "..", "a/..", "a/../b", "a//b", "a/", ".hidden", NULL};
    struct limits l = {0};

    for (size_t i = 0; bad[i]; i++) {
        struct err e = {0};

        T_NAMED(cgroup_make(tree, bad[i], &e) < 0 && e.code == ERR_INTERNAL, bad[i]);
        T(cgroup_open(tree, bad[i]) < 0 && cgroup_freeze(tree, bad[i], true, NULL) < 0 &&
          cgroup_remove(tree, bad[i], NULL) < 0 && cgroup_limit(tree, bad[i], &l, NULL) < 0);
    }
}

static void test_life(int tree)
{
    struct news n = {0};
    struct seen s = {0};
    struct cgroup_state state;
    struct cgroup_usage usage;
    struct cgroup_meter meter;
    struct cgroup_watch *w;
    struct child *c;
    struct err e = {0};
    int group, before, news;

    T_INT(cgroup_make(tree, "personas/work", &e), 0);
    T_NAMED(cgroup_make(tree, "personas/work", &e) == 0, "making it again is no error");
    cgroup_state(tree, "personas/work", &state);
    T(state.exists && !state.populated && !state.frozen && !state.freeze_asked);
    cgroup_state(tree, "personas/none", &state);
    T(!state.exists);
    cgroup_meter_open(tree, "personas/none", &meter);
    T_INT(cgroup_meter_read(&meter, &usage), -1);
    cgroup_meter_close(&meter);

    w = cgroup_watch(loop, tree, "personas/work", on_news, &n);
    T(w && n.count == 0);
    T_NAMED(await(&n, EMPTY) && n.count == 1, "the watch tells the present state at the next turn");

    group = cgroup_open(tree, "personas/work");
    T(group >= 0 && (fcntl(group, F_GETFD) & FD_CLOEXEC));
    c = shell_in(group, "while :; do :; done", &s);
    T(c != NULL);
    T(await(&n, POPULATED));
    T_INT(cgroup_freeze(tree, "personas/work", true, &e), 0);
    T(await(&n, FROZEN));
    T(n.now.freeze_asked);
    before = cpu_ticks(child_pid(c));
    usleep(300000);
    T_NAMED(before >= 0 && cpu_ticks(child_pid(c)) == before, "a frozen busy loop burns nothing");
    cgroup_meter_open(tree, "personas/work", &meter);
    T(fcntl(meter.cpu, F_GETFD) & FD_CLOEXEC);
    T_INT(cgroup_meter_read(&meter, &usage), 0);
    T(usage.cpu_usec > 0);
    news = n.count;
    loop_turn(loop, 100);
    T_NAMED(n.count == news, "no news while nothing changes");
    T_INT(cgroup_freeze(tree, "personas/work", false, &e), 0);
    T(await(&n, THAWED));
    for (uint64_t end = loop_now() + 3000; loop_now() < end && cpu_ticks(child_pid(c)) <= before;)
        loop_turn(loop, 50);
    T(cpu_ticks(child_pid(c)) > before);

    T(cgroup_remove(tree, "personas/work", &e) < 0 && e.code == ERR_BUSY);
    T_INT(cgroup_freeze(tree, "personas/work", true, &e), 0);
    T(await(&n, FROZEN));
    T_INT(cgroup_kill(tree, "personas/work", &e), 0);
    T_NAMED(await(&n, EMPTY) && await_done(&s) && s.status == 128 + SIGKILL, "kill ends what is frozen");
    T_INT(cgroup_freeze(tree, "personas/work", false, &e), 0);

    T_INT(cgroup_make(tree, "personas/work/libpod-1/deep", &e), 0);
    T_INT(cgroup_remove(tree, "personas/work", &e), 0);
    T(faccessat(tree, "personas/work", F_OK, 0) < 0);
    T_NAMED(cgroup_remove(tree, "personas/work", &e) == 0, "removing what is not there is no error");
    T_NAMED(cgroup_meter_read(&meter, &usage) < 0 && usage.cpu_usec == 0, "what is gone uses nothing");
    cgroup_meter_close(&meter);
    for (int i = 0; i < 5; i++)
        loop_turn(loop, 20);
    cgroup_unwatch(w);
    close(group);
}

static void test_born_inside(int tree)
{
    struct seen s = {0};
    struct news n = {0};
    struct err e = {0};
    int group;

    T_INT(cgroup_make(tree, "tenants/ai", &e), 0);
    group = cgroup_open(tree, "tenants/ai");
    T(shell_in(group, "sed -n 's/^0:://p' /proc/self/cgroup", &s) != NULL && await_done(&s));
    T_NAMED(strstr(s.out, "/tenants/ai\n") != NULL, "a child is born in its group");
    n.end = cgroup_watch(loop, tree, "tenants/ai", on_news, &n);
    T(n.end != NULL);
    T(await(&n, EMPTY));
    T_NAMED(n.end == NULL && n.count == 1, "a watch may end itself");
    s = (struct seen){0};
    T(shell_in(group, "exit 0", &s) != NULL && await_done(&s));
    T_INT(n.count, 1);
    close(group);
    T_INT(cgroup_remove(tree, "tenants", &e), 0);
    T(cgroup_watch(loop, tree, "tenants/ai", on_news, &n) == NULL);
    T_INT(errno, ENOENT);
    cgroup_unwatch(NULL);
}

/* This very process moves into the tree and back. */
static void test_enter(int tree, const char *root)
{
    struct err e = {0};
    char procs[128], text[4096], me[32];

    T_INT(cgroup_make(tree, "bay0", &e), 0);
    T_INT(cgroup_enter(tree, "bay0", &e), 0);
    snprintf(me, sizeof me, "%d\n", (int)getpid());
    T(fs_read(tree, "bay0/cgroup.procs", text, sizeof text) > 0 && strstr(text, me));
    T(cgroup_enter(tree, "nowhere", &e) < 0 && e.code == ERR_SYSTEM);
    snprintf(procs, sizeof procs, "%s/cgroup.procs", root);
    T_INT(fs_write(AT_FDCWD, procs, "0"), 0);
    T_INT(cgroup_remove(tree, "bay0", &e), 0);
}

/* Watches and removal of a group that vanishes must not turn into a busy loop. */
static void test_vanishes(int tree)
{
    struct news n = {0};
    struct err e = {0};
    struct cgroup_watch *w;
    int turns = 0;

    T_INT(cgroup_make(tree, "gone", &e), 0);
    w = cgroup_watch(loop, tree, "gone", on_news, &n);
    T(w && await(&n, EMPTY));
    T_INT(cgroup_remove(tree, "gone", &e), 0);
    for (uint64_t end = loop_now() + 200; loop_now() < end; turns++)
        loop_turn(loop, 100);
    T(turns <= 5);
    T(n.count <= 2);
    cgroup_unwatch(w);
}

static void test_real(void)
{
    static const char root[] = "/sys/fs/cgroup/unified";
    char path[128];
    struct err e = {0};
    int tree;

    if (access("/sys/fs/cgroup/unified/cgroup.procs", W_OK) < 0) {
        t_skip("freeze, kill, watch and birth in a real tree",
               "this machine: no writable cgroup v2 tree at /sys/fs/cgroup/unified");
        return;
    }
    snprintf(path, sizeof path, "%s/spine-test-%d", root, (int)getpid());
    tree = cgroup_tree_open(path, &e);
    T(tree >= 0);
    test_names(tree);
    test_life(tree);
    test_born_inside(tree);
    test_enter(tree, root);
    test_vanishes(tree);
    T_INT(cgroup_remove(tree, "personas", &e), 0);
    close(tree);
    T_INT(rmdir(path), 0);
}

static const char *const limit_files[] = {"memory.max",  "memory.swap.max", "cpu.max",    "pids.max",
                                          "cpuset.cpus", "cgroup.events",   "cpu.weight", "io.max"};

static void has(int tree, const char *file, const char *want)
{
    char path[128], text[256] = "";

    snprintf(path, sizeof path, "p/%s", file);
    (void)fs_read(tree, path, text, sizeof text);
    T_STR(text, want);
    fs_close(
        &(int){fs_open(tree, path, O_WRONLY | O_TRUNC, 0)}); /* the kernel's files do not keep old text */
}

static void on_notice(void *user)
{
    ++*(int *)user;
}

/* What the files of memory and pressure say; a real kernel's notices are for the VM. */
static void test_told(int tree, const char *dir)
{
    static const char stat[] =
        "anon 1000\nfile 70\nkernel 5\nshmem 200\nfile_mapped 9\nfile_dirty 30\nfile_writeback 4\n";
    static const char events[] = "low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 0\n";
    char path[128], text[64];
    int told = 0;

    T_INT(cgroup_held(tree, "p"), 0);
    T_INT(cgroup_oom_kills(tree, "p"), 0);
    T(cgroup_notice_oom(loop, tree, "p", on_notice, &told) == NULL && errno == ENOENT);
    T(cgroup_notice_pressure(loop, tree, "p", "cpu", "some 1 2", on_notice, &told) == NULL &&
      errno == ENOENT);
    T(cgroup_notice_oom(loop, tree, "../p", on_notice, &told) == NULL && errno == EINVAL);
    T(cgroup_pressure(tree, "p", "cpu", text, sizeof text) < 0);
    snprintf(path, sizeof path, "%s/p/memory.stat", dir);
    T_INT(fs_replace(path, stat, sizeof stat - 1, 0600), 0);
    T_INT(cgroup_held(tree, "p"), 1234);
    unlink(path);
    snprintf(path, sizeof path, "%s/p/memory.events", dir);
    T_INT(fs_replace(path, events, sizeof events - 1, 0600), 0);
    T_INT(cgroup_oom_kills(tree, "p"), 2);
    T_NAMED(cgroup_notice_oom(loop, tree, "p", on_notice, &told) == NULL, "an ordinary file tells nothing");
    unlink(path);
    /* A pipe takes the trigger and can be waited for. */
    snprintf(path, sizeof path, "%s/p/cpu.pressure", dir);
    T_INT(mkfifo(path, 0600), 0);
    cgroup_unnotice(cgroup_notice_pressure(loop, tree, "p", "cpu", "some 1 2", on_notice, &told));
    unlink(path);
    T_INT(told, 0);
}

static void test_limits(void)
{
    char dir[] = "/tmp/spine-tree-XXXXXX", path[128];
    struct limits l = {
        .memory = 1ull << 32, .cpus_milli = 1500, .pids = 512, .weight = 250, .cores = "0-3,6"};
    struct cgroup_usage usage;
    struct cgroup_meter meter;
    struct err e = {0};
    int tree;

    T(mkdtemp(dir) != NULL);
    tree = cgroup_tree_open(dir, &e);
    T(tree >= 0);
    T(cgroup_limit(tree, "p", &l, &e) < 0 && e.code == ERR_SYSTEM);
    T_INT(cgroup_make(tree, "p", &e), 0);
    T_NAMED(cgroup_limit(tree, "p", &l, &e) == 0, "limits without a controller are skipped");
    T_NAMED(cgroup_throttle(tree, "p", true, 0, &e) < 0, "but throttling without one is an error");
    for (size_t i = 0; i < sizeof limit_files / sizeof limit_files[0]; i++) {
        snprintf(path, sizeof path, "p/%s", limit_files[i]);
        close(fs_open(tree, path, O_WRONLY | O_CREAT, 0600));
    }
    T_INT(cgroup_limit(tree, "p", &l, &e), 0);
    has(tree, "memory.max", "4294967296\n");
    has(tree, "memory.swap.max", "0\n");
    has(tree, "cpu.max", "150000 100000\n");
    has(tree, "pids.max", "512\n");
    has(tree, "cpuset.cpus", "0-3,6\n");
    has(tree, "cpu.weight", "250\n");
    T_INT(cgroup_limit_io(tree, "p", "8:0", 1 << 20, &e), 0);
    has(tree, "io.max", "8:0 rbps=1048576 wbps=1048576\n");
    T_INT(cgroup_limit_io(tree, "p", "8:0", 0, &e), 0);
    has(tree, "io.max", "8:0 rbps=max wbps=max\n");
    T_INT(cgroup_limit_io(tree, "p", "", 0, &e), 0);
    T(cgroup_limit_io(tree, "p", "", 1, &e) < 0 && e.code == ERR_SYSTEM);
    l = (struct limits){.cores = ""};
    T_INT(cgroup_limit(tree, "p", &l, &e), 0);
    has(tree, "memory.max", "max\n");
    has(tree, "memory.swap.max", "0\n");
    has(tree, "cpu.max", "max 100000\n");
    has(tree, "pids.max", "max\n");
    has(tree, "cpuset.cpus", "\n");
    has(tree, "cpu.weight", "100\n");
    T_INT(cgroup_throttle(tree, "p", true, 1500, &e), 0);
    has(tree, "cpu.max", "1000 100000\n");
    T_INT(cgroup_throttle(tree, "p", false, 1500, &e), 0);
    has(tree, "cpu.max", "150000 100000\n");
    T_INT(cgroup_throttle(tree, "p", false, 0, &e), 0);
    has(tree, "cpu.max", "max 100000\n");

    snprintf(path, sizeof path, "%s/p/cpu.stat", dir);
    T_INT(fs_replace(path, "usage_usec 123456\nuser_usec 1\n", 30, 0600), 0);
    cgroup_meter_open(tree, "p", &meter);
    T_INT(cgroup_meter_read(&meter, &usage), 0);
    T(meter.memory < 0 && usage.cpu_usec == 123456 && usage.memory == 0);
    cgroup_meter_close(&meter);
    T(meter.cpu < 0);
    unlink(path);
    snprintf(path, sizeof path, "%s/p/memory.current", dir);
    T_INT(fs_replace(path, "9007199254740993\n", 17, 0600), 0);
    cgroup_meter_open(tree, "p", &meter);
    T_INT(cgroup_meter_read(&meter, &usage), -1);
    cgroup_meter_close(&meter);
    unlink(path);
    T_NAMED(cgroup_watch(loop, tree, "p", on_news, NULL) == NULL, "an ordinary file cannot be watched");
    test_told(tree, dir);
    for (size_t i = 0; i < sizeof limit_files / sizeof limit_files[0]; i++) {
        snprintf(path, sizeof path, "p/%s", limit_files[i]);
        unlinkat(tree, path, 0);
    }
    T_INT(cgroup_remove(tree, "p", &e), 0);
    close(tree);
    T_INT(rmdir(dir), 0);
}

/* A tree whose parent offers controllers: each is asked for alone, where it is not on yet. */
static void test_controllers(void)
{
    char dir[] = "/tmp/spine-ctrl-XXXXXX", path[128], text[64] = "";
    struct err e = {0};
    int tree;

    T(mkdtemp(dir) != NULL);
    snprintf(path, sizeof path, "%s/cgroup.controllers", dir);
    T_INT(fs_replace(path, "cpu memory rdma\n", 16, 0600), 0);
    snprintf(path, sizeof path, "%s/cgroup.subtree_control", dir);
    T_INT(fs_replace(path, "memory\n", 7, 0600), 0);
    snprintf(path, sizeof path, "%s/tree", dir);
    tree = cgroup_tree_open(path, &e);
    T(tree >= 0);
    T(fs_read(tree, "../cgroup.subtree_control", text, sizeof text) > 0);
    T_STR(text, "+cpury\n"); /* over the old text: an ordinary file keeps the rest */
    snprintf(path, sizeof path, "%s/cgroup.controllers", dir);
    unlink(path);
    snprintf(path, sizeof path, "%s/cgroup.subtree_control", dir);
    unlink(path);
    snprintf(path, sizeof path, "%s/tree", dir);
    rmdir(path);
    close(tree);
    T_INT(rmdir(dir), 0);
}

int main(void)
{
    loop = loop_create();
    T_INT(loop_signals(loop, on_signal, NULL), 0);
    test_real();
    test_limits();
    test_controllers();
    loop_destroy(loop);
    return t_done();
}
