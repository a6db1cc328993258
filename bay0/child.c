/* SPDX-License-Identifier: MIT
 * The table of children: starts them, reads their output, ends them in time, reaps them and tells the owner.
 */
#include "child.h"

#include "child_exec.h"
#include "fsutil.h"
#include "log.h"
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

enum { REAPED_PER_TURN = 256 };

struct child {
    struct child *next, *prev; /* the table */
    struct loop *loop;
    pid_t pid;
    int pidfd; /* -1: the kernel has none */
    struct stream out, err;
    struct loop_timer *timer; /* time-out, then SIGKILL; after the exit: the wait for the pipes */
    bool session, timed_out, exited;
    int status;
    child_done_fn *done;
    void *user;
};

static struct child *children;

void child_options_init(struct child_options *o)
{
    *o = (struct child_options){.stdin_fd = -1, .stdout_fd = -1, .stderr_fd = -1, .cgroup_fd = -1};
    for (size_t i = 0; i < CHILD_FDS_MAX; i++)
        o->fds[i] = -1;
}

static struct child *child_new(struct loop *l)
{
    struct child *c = calloc(1, sizeof *c);

    if (!c)
        return NULL;
    c->loop = l;
    c->pidfd = -1;
    stream_init(&c->out);
    stream_init(&c->err);
    return c;
}

static void child_free(struct child *c)
{
    int saved = errno;

    loop_timer_cancel(c->timer);
    stream_finish(&c->out);
    stream_finish(&c->err);
    fs_close(&c->pidfd);
    free(c);
    errno = saved;
}

static void table_add(struct child *c)
{
    c->next = children;
    if (children)
        children->prev = c;
    children = c;
}

static void table_remove(struct child *c)
{
    if (c->prev)
        c->prev->next = c->next;
    else
        children = c->next;
    if (c->next)
        c->next->prev = c->prev;
}

static struct child *table_find(pid_t pid)
{
    for (struct child *c = children; c; c = c->next)
        if (c->pid == pid && !c->exited)
            return c;
    return NULL;
}

/* The last thing its callers do: c is gone afterwards. */
static void tell(struct child *c)
{
    struct child_result r = {
        .status = WIFSIGNALED(c->status) ? 128 + WTERMSIG(c->status) : WEXITSTATUS(c->status),
        .timed_out = c->timed_out,
        .truncated = c->out.truncated || c->err.truncated,
    };

    table_remove(c);
    stream_close(&c->out);
    stream_close(&c->err);
    r.out = stream_text(&c->out);
    r.out_len = c->out.kept_len;
    r.err = stream_text(&c->err);
    r.err_len = c->err.kept_len;
    if (c->done)
        c->done(c->user, &r);
    child_free(c);
}

static void stream_ended(void *owner)
{
    struct child *c = owner;

    if (c->exited && c->out.fd < 0 && c->err.fd < 0)
        tell(c);
}

static void lingered(void *user)
{
    struct child *c = user;

    c->timer = NULL;
    stream_drain(&c->out);
    stream_drain(&c->err);
    tell(c);
}

/* What the child wrote is in the pipes by now. A grandchild (conmon) may keep them open for ever, so their
 * end is not waited for long. */
static void ended(struct child *c, int wstatus)
{
    c->exited = true;
    c->status = wstatus;
    loop_timer_cancel(c->timer);
    c->timer = NULL;
    fs_close(&c->pidfd);
    stream_drain(&c->out);
    stream_drain(&c->err);
    if (c->out.fd >= 0 || c->err.fd >= 0)
        c->timer = loop_timer(c->loop, CHILD_LINGER_MS, lingered, c);
    if (!c->timer)
        tell(c);
}

/* Only while the pid is ours (not reaped yet), so neither it nor its group can be another's. */
static int kill_all(struct child *c, int signo)
{
    if (c->session && kill(-c->pid, signo) == 0)
        return 0;
    return child_kill(c, signo);
}

static void kill_now(void *user)
{
    struct child *c = user;

    c->timer = NULL;
    (void)kill_all(c, SIGKILL);
}

static void timed_out(void *user)
{
    struct child *c = user;

    c->timed_out = true;
    (void)kill_all(c, SIGTERM);
    c->timer = loop_timer(c->loop, CHILD_TERM_MS, kill_now, c);
    if (!c->timer)
        (void)kill_all(c, SIGKILL);
}

/* A file in memory: its reader cannot stall bay0, and nothing has to be written later. */
static int input_fd(const char *input, size_t len)
{
    int fd = memfd_create("input", MFD_CLOEXEC);

    if (fd >= 0 && (fs_write_all(fd, input, len) < 0 || lseek(fd, 0, SEEK_SET) < 0))
        fs_close(&fd);
    return fd;
}

/* Finds the child's end of one output; *mine gets the end that is to be closed here after the fork. */
static int output_fd(struct child *c, struct stream *s, int given, int *mine)
{
    int ends[2];

    if (given != -1)
        return given >= 0 ? given : STDERR_FILENO;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -1;
    *mine = ends[1];
    return stream_open(s, c->loop, ends[0], stream_ended, c) < 0 ? -1 : ends[1];
}

/* env plus LISTEN_FDS and LISTEN_PID; pid_text has room for the number that the child writes. */
static int listen_env(const struct child_options *o, char **out, char *fds_text, size_t fds_size,
                      char *pid_text, size_t pid_size)
{
    size_t n = 0;

    for (; o->env && o->env[n]; n++) {
        if (n == CHILD_ENV_MAX) {
            errno = E2BIG;
            return -1;
        }
        out[n] = o->env[n];
    }
    (void)snprintf(fds_text, fds_size, "LISTEN_FDS=%zu", o->fds_n);
    (void)snprintf(pid_text, pid_size, "LISTEN_PID=");
    out[n++] = fds_text;
    out[n++] = pid_text;
    out[n] = NULL;
    return 0;
}

static int start(struct child *c, const struct child_exec *asked)
{
    static char *const no_env[] = {NULL};
    char *env[CHILD_ENV_MAX + 3], fds_text[32], pid_text[40], program[PATH_MAX];
    struct child_exec x = *asked;

    if (!x.call) {
        x.env = x.o->env ? x.o->env : no_env;
        if (child_exec_find(x.o->argv[0], x.env, program, sizeof program))
            x.program = program;
        if (x.o->listen_fds) {
            if (listen_env(x.o, env, fds_text, sizeof fds_text, pid_text, sizeof pid_text) < 0)
                return -1;
            x.env = env;
            x.listen_pid = strchr(pid_text, '=') + 1;
            x.listen_pid_size = sizeof pid_text - (size_t)(x.listen_pid - pid_text);
        }
    }
    c->pid = child_exec(&x, &c->pidfd);
    if (c->pid < 0)
        return -1;
    table_add(c);
    return 0;
}

/* Opens what the options ask for and starts; the child's ends are closed here either way. */
static int open_and_start(struct child *c, const struct child_options *o)
{
    int input = -1, out = -1, err = -1;
    struct child_exec x = {.o = o};
    int rc = -1;

    if (o->stdin_fd < 0)
        input = o->input ? input_fd(o->input, o->input_len) : fs_open(AT_FDCWD, "/dev/null", O_RDONLY, 0);
    x.stdio[0] = o->stdin_fd >= 0 ? o->stdin_fd : input;
    x.stdio[1] = output_fd(c, &c->out, o->stdout_fd, &out);
    x.stdio[2] = output_fd(c, &c->err, o->stderr_fd, &err);
    if (x.stdio[0] >= 0 && x.stdio[1] >= 0 && x.stdio[2] >= 0)
        rc = start(c, &x);
    fs_close(&input);
    fs_close(&out);
    fs_close(&err);
    return rc;
}

static void take_options(struct child *c, const struct child_options *o)
{
    c->session = o->session;
    c->done = o->done;
    c->user = o->user;
    c->out.keep = !o->on_out_line;
    c->out.on_line = o->on_out_line;
    c->err.keep = c->err.tail = true;
    c->err.on_line = o->on_err_line;
    c->out.user = c->err.user = o->user;
}

struct child *child_spawn(struct loop *l, const struct child_options *o)
{
    struct child *c;

    if (!o->argv || !o->argv[0] || o->fds_n > CHILD_FDS_MAX || o->groups_n > CHILD_GROUPS_MAX) {
        errno = EINVAL;
        return NULL;
    }
    c = child_new(l);
    if (!c)
        return NULL;
    take_options(c, o);
    if (o->timeout_ms > 0)
        c->timer = loop_timer(l, o->timeout_ms, timed_out, c);
    if ((o->timeout_ms > 0 && !c->timer) || open_and_start(c, o) < 0) {
        child_free(c);
        return NULL;
    }
    return c;
}

struct child *child_call(struct loop *l, int (*fn)(void *), void *arg, child_done_fn *done, void *user)
{
    struct child_options none;
    struct child_exec x = {.o = &none, .call = fn, .call_arg = arg};
    struct child *c = child_new(l);

    if (!c)
        return NULL;
    child_options_init(&none);
    c->done = done;
    c->user = user;
    if (start(c, &x) < 0) {
        child_free(c);
        return NULL;
    }
    return c;
}

int child_stat(pid_t pid, int32_t *parent, uint64_t *start)
{
    char path[64], text[2048];

    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    return fs_read(AT_FDCWD, path, text, sizeof text) < 0 ? -1 : handover_stat(text, parent, start);
}

bool child_keep(const struct child *c, struct handover_child *k)
{
    int32_t parent;

    if (c->exited || c->timer || c->out.line_len > 0 || c->err.line_len > 0)
        return false;
    *k = (struct handover_child){.pid = c->pid, .out = c->out.fd, .err = c->err.fd};
    return child_stat(c->pid, &parent, &k->start) == 0;
}

struct child *child_adopt(struct loop *l, const struct handover_child *k, const struct child_options *o)
{
    struct handover_child left = *k;
    struct child *c = child_new(l);
    uint64_t start;
    int32_t parent;

    if (!c || child_stat(k->pid, &parent, &start) < 0 || parent != getpid() || start != k->start) {
        if (c) {
            child_free(c);
            errno = ESRCH;
        }
        fs_close(&left.out);
        fs_close(&left.err);
        return NULL;
    }
    c->pid = k->pid;
    c->pidfd = (int)syscall(SYS_pidfd_open, k->pid, 0);
    take_options(c, o);
    /* Without its output it still is our child. */
    if (left.out >= 0 && stream_open(&c->out, l, left.out, stream_ended, c) < 0)
        log_error("the output of process %d is lost: %s", (int)k->pid, strerror(errno));
    if (left.err >= 0 && stream_open(&c->err, l, left.err, stream_ended, c) < 0)
        log_error("the output of process %d is lost: %s", (int)k->pid, strerror(errno));
    table_add(c);
    return c;
}

pid_t child_pid(const struct child *c)
{
    return c->pid;
}

int child_kill(struct child *c, int signo)
{
    if (c->exited) {
        errno = ESRCH;
        return -1;
    }
    if (c->pidfd >= 0)
        return (int)syscall(SYS_pidfd_send_signal, c->pidfd, signo, NULL, 0u);
    return kill(c->pid, signo);
}

void child_detach(struct child *c)
{
    c->done = NULL;
    c->user = NULL;
    c->out.on_line = c->err.on_line = NULL;
}

void child_reap(child_orphan_fn *orphan, void *user)
{
    for (unsigned turn = 0;; turn++) {
        siginfo_t seen = {0};
        struct child *c;
        int wstatus;
        pid_t pid;

        /* Somebody's fork bomb may die faster than this: the rest has its turn after the others. */
        if (turn == REAPED_PER_TURN) {
            (void)kill(getpid(), SIGCHLD);
            return;
        }
        /* Looked at first, taken after: until then the pid, and the group of that number, are this child's.
         */
        if (waitid(P_ALL, 0, &seen, WEXITED | WNOHANG | WNOWAIT) < 0 && errno == EINTR)
            continue;
        if (seen.si_pid <= 0)
            return;
        c = table_find(seen.si_pid);
        if (c && c->timed_out && c->session)
            (void)kill(-c->pid, SIGKILL);
        do
            pid = waitpid(seen.si_pid, &wstatus, WNOHANG);
        while (pid < 0 && errno == EINTR);
        if (pid <= 0)
            return;
        if (c)
            ended(c, wstatus);
        else if (orphan)
            orphan(user, pid, wstatus);
    }
}

size_t child_count(void)
{
    size_t n = 0;

    for (const struct child *c = children; c; c = c->next)
        n++;
    return n;
}
