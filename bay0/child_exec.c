/* SPDX-License-Identifier: MIT
 * Makes a process: clone3 into its control group, then in the child only async-signal-safe calls until exec.
 */
#include "child_exec.h"

#include "cgroup.h"
#include "fsutil.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FAILED = 127, MOVED_FD_MIN = 32 };

/* The kernel's structures, declared here because linux/sched.h and linux/capability.h are not part of musl's
 * headers. clone(2) "struct clone_args" up to version 2; capget(2) version 3. */
struct clone3_args {
    uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size,
        cgroup;
};
#define CLONE3_PIDFD       0x00001000ull
#define CLONE3_INTO_CGROUP 0x200000000ull
struct cap_header {
    uint32_t version;
    int pid;
};
struct cap_words {
    uint32_t effective, permitted, inheritable;
};
#define CAP_VERSION_3 0x20080522u
#ifndef PR_CAP_AMBIENT
#define PR_CAP_AMBIENT       47
#define PR_CAP_AMBIENT_RAISE 2
#endif
#ifndef SYS_clone3
#define SYS_clone3 435
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#define CLOSE_RANGE_SET_CLOEXEC (1u << 2)

bool child_exec_find(const char *name, char *const *env, char *out, size_t size)
{
    const char *path = "/usr/sbin:/usr/bin:/sbin:/bin";
    struct stat st;

    if (strchr(name, '/'))
        return snprintf(out, size, "%s", name) < (int)size;
    for (size_t i = 0; env && env[i]; i++)
        if (strncmp(env[i], "PATH=", 5) == 0)
            path = env[i] + 5;
    while (*name && *path) {
        int len = (int)strcspn(path, ":");
        int n = snprintf(out, size, "%.*s/%s", len, path, name);

        if (*path == '/' && n > 0 && (size_t)n < size && stat(out, &st) == 0 && S_ISREG(st.st_mode) &&
            access(out, X_OK) == 0)
            return true;
        path += len;
        path += *path == ':';
    }
    return false;
}

/* Says on the child's standard error what went wrong, in one write, and ends the child. */
static void fail(const char *what, const char *on)
{
    const char *why = strerror(errno);
    char text[512];
    int n = snprintf(text, sizeof text, "cannot %s %s: %s\n", what, on, why);

    if (n > 0)
        (void)!write(STDERR_FILENO, text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
    _exit(FAILED);
}

static void reset_signals(void)
{
    struct sigaction usual = {.sa_handler = SIG_DFL};
    sigset_t none;

    for (int signo = 1; signo < NSIG; signo++)
        if (signo != SIGKILL && signo != SIGSTOP)
            (void)sigaction(signo, &usual, NULL);
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Sources may be any number, also 0..7: all are moved out of the way before the first target is written. */
static void place_fds(const struct child_exec *x)
{
    int from[3 + CHILD_FDS_MAX];
    size_t n = 3 + x->o->fds_n;

    for (size_t i = 0; i < n; i++) {
        from[i] = fcntl(i < 3 ? x->stdio[i] : x->o->fds[i - 3], F_DUPFD_CLOEXEC, MOVED_FD_MIN);
        if (from[i] < 0)
            fail("pass on", "a file descriptor");
    }
    for (size_t i = 0; i < n; i++)
        if (dup2(from[i], (int)i) < 0)
            fail("pass on", "a file descriptor");
    /* A second fence behind O_CLOEXEC everywhere. */
    (void)syscall(SYS_close_range, (unsigned)n, ~0u, CLOSE_RANGE_SET_CLOEXEC);
}

static void keep_caps(uint64_t caps)
{
    struct cap_header header = {.version = CAP_VERSION_3};
    struct cap_words words[2];

    for (unsigned i = 0; i < 2; i++) {
        uint32_t half = (uint32_t)(caps >> (32 * i));

        words[i] = (struct cap_words){half, half, half};
    }
    if (syscall(SYS_capset, &header, words) < 0)
        fail("keep", "capabilities");
    for (unsigned long cap = 0; cap < 64; cap++)
        if (caps >> cap & 1 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0ul, 0ul) < 0)
            fail("keep", "an ambient capability");
}

/* Without it a program goes on as any other. One that never pauses is killed by the kernel. */
static void allow_realtime(void)
{
    const struct rlimit prio = {CHILD_RTPRIO, CHILD_RTPRIO};
    const struct rlimit stretch = {CHILD_REALTIME_S * 1000000, CHILD_REALTIME_S * 1000000};

    if (setrlimit(RLIMIT_RTTIME, &stretch) == 0)
        (void)setrlimit(RLIMIT_RTPRIO, &prio);
}

static void drop_user(const struct child_options *o)
{
    if (o->realtime)
        allow_realtime();
    if (o->ambient_caps && prctl(PR_SET_KEEPCAPS, 1ul, 0ul, 0ul, 0ul) < 0)
        fail("keep", "capabilities");
    if (setgroups(o->groups_n, o->groups) < 0 || setresgid(o->gid, o->gid, o->gid) < 0 ||
        setresuid(o->uid, o->uid, o->uid) < 0)
        fail("become", "another user");
    if (o->ambient_caps)
        keep_caps(o->ambient_caps);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1ul, 0ul, 0ul, 0ul) < 0)
        fail("set", "no_new_privs");
}

/* Afterwards no limit can be raised, which a container's runtime does: it begins with high ones. */
static void give_up_reserve(void)
{
    enum { SYS_RESOURCE = 24, FILES_MAX = 1 << 20 };
    static const struct {
        int what;
        rlim_t most;
    } limits[] = {{RLIMIT_NOFILE, FILES_MAX}, {RLIMIT_NPROC, RLIM_INFINITY}, {RLIMIT_MEMLOCK, RLIM_INFINITY}};
    struct rlimit now;

    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        if (getrlimit(limits[i].what, &now) < 0 || now.rlim_max >= limits[i].most)
            continue;
        now.rlim_cur = now.rlim_max = limits[i].most;
        (void)setrlimit(limits[i].what, &now);
    }
    if (prctl(PR_CAPBSET_READ, (unsigned long)SYS_RESOURCE) == 1 &&
        prctl(PR_CAPBSET_DROP, (unsigned long)SYS_RESOURCE, 0ul, 0ul, 0ul) < 0)
        fail("drop", "a capability");
}

static void write_own_pid(const struct child_exec *x)
{
    if (x->listen_pid)
        (void)snprintf(x->listen_pid, x->listen_pid_size, "%ld", (long)getpid());
}

static void run(const struct child_exec *x, bool join, pid_t parent)
{
    const struct child_options *o = x->o;

    int group = -1;

    reset_signals();
    if (x->call)
        _exit(x->call(x->call_arg) & 0xff);
    if (o->session && setsid() < 0)
        _exit(FAILED);
    /* The group's fd may lie where place_fds puts another. */
    if (join)
        group = fcntl(o->cgroup_fd, F_DUPFD_CLOEXEC, MOVED_FD_MIN);
    place_fds(x);
    if (join && cgroup_join(group) < 0)
        fail("enter", "its control group");
    (void)umask(022);
    if (o->no_reserve)
        give_up_reserve();
    if (o->drop)
        drop_user(o);
    /* Not before: a change of user takes it away. */
    if (o->dies_too &&
        (prctl(PR_SET_PDEATHSIG, (unsigned long)SIGKILL, 0ul, 0ul, 0ul) < 0 || getppid() != parent))
        _exit(FAILED);
    if (chdir(o->cwd ? o->cwd : "/") < 0)
        fail("change to", o->cwd ? o->cwd : "/");
    write_own_pid(x);
    errno = ENOENT;
    if (x->program)
        (void)execve(x->program, o->argv, x->env);
    fail("execute", x->program ? x->program : o->argv[0]);
}

/* Plain fork semantics: the child has its own memory. */
static pid_t clone_into(int cgroup_fd, int *pidfd)
{
    struct clone3_args args = {
        .flags = CLONE3_PIDFD, .pidfd = (uint64_t)(uintptr_t)pidfd, .exit_signal = SIGCHLD};

    if (cgroup_fd >= 0) {
        args.flags |= CLONE3_INTO_CGROUP;
        args.cgroup = (uint64_t)cgroup_fd;
    }
    return (pid_t)syscall(SYS_clone3, &args, sizeof args);
}

pid_t child_exec(const struct child_exec *x, int *pidfd)
{
    int group = x->o->cgroup_fd;
    bool join = false;
    const pid_t parent = getpid();
    sigset_t all, before;
    int saved;
    pid_t pid;

    *pidfd = -1;
    /* A handler of the parent must not run in the child before the dispositions are reset. */
    sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, &before);
    pid = clone_into(group, pidfd);
    if (pid < 0 && group >= 0 &&
        (errno == EOPNOTSUPP || errno == EBUSY || errno == EINVAL || errno == EBADF)) {
        join = true;
        pid = clone_into(-1, pidfd);
    }
    if (pid < 0 && (errno == ENOSYS || errno == EPERM || errno == EINVAL)) {
        join = group >= 0;
        pid = fork();
        if (pid > 0)
            *pidfd = (int)syscall(SYS_pidfd_open, pid, 0); /* close-on-exec by definition */
    }
    if (pid == 0)
        run(x, join, parent);
    saved = errno;
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    errno = saved;
    return pid;
}
