/* SPDX-License-Identifier: MIT
 * Child processes: the only place that forks. clone3 with CLONE_PIDFD (and CLONE_INTO_CGROUP), bounded
 * output, an end for each. clone(2), pidfd_open(2), capabilities(7). */
#ifndef BAY0_CHILD_H
#define BAY0_CHILD_H

#include "core/handover.h"
#include "loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct child; /* owned by the child module until its done callback has returned */

enum {
    CHILD_FDS_MAX = 4,
    CHILD_OUTPUT_MAX = 256 * 1024,
    CHILD_LINE_MAX = 64 * 1024, /* a longer line is cut */
    CHILD_GROUPS_MAX = 16,
    CHILD_ENV_MAX = 128,
    CHILD_RTPRIO = 88,
    CHILD_REALTIME_S = 2,
    CHILD_TERM_MS = 2000, /* from SIGTERM to SIGKILL */
    CHILD_LINGER_MS =
        50 /* how long output is awaited after the exit, while a grandchild keeps the pipe open */
};

struct child_result {
    int status;      /* exit status 0..255, or 128 + signal; 127 when it could not be executed */
    bool timed_out;  /* the time-out ended it */
    const char *out; /* captured standard output (NUL-terminated), valid during the callback */
    size_t out_len;
    const char *err; /* captured standard error: its last CHILD_OUTPUT_MAX bytes */
    size_t err_len;
    bool truncated; /* out was cut at CHILD_OUTPUT_MAX, or err lost its beginning */
};
typedef void child_done_fn(void *user, const struct child_result *r);
typedef void child_line_fn(void *user, const char *line, size_t len); /* without newline */

struct child_options {
    char *const *argv; /* NULL-terminated; argv[0] is looked up in PATH of env when it has no '/' */
    char *const *env;  /* NULL-terminated, complete: nothing is inherited */
    int stdin_fd;      /* -1: /dev/null. Borrowed */
    const char *input; /* becomes its standard input (a memfd), when stdin_fd is -1; copied */
    size_t input_len;
    int stdout_fd,
        stderr_fd; /* >= 0: given to the child as they are, borrowed; -1: captured; -2: bay0's own log */
    int fds[CHILD_FDS_MAX]; /* become 3, 4, ... in the child; borrowed */
    size_t fds_n;
    bool listen_fds; /* sets LISTEN_FDS=fds_n and LISTEN_PID=child's pid in its environment */
    int cgroup_fd;   /* -1, or a directory fd: the child is born there */
    bool drop;       /* become uid/gid with groups below, no_new_privs */
    uid_t uid;
    gid_t gid;
    gid_t groups[CHILD_GROUPS_MAX];
    size_t groups_n;
    uint64_t ambient_caps; /* bits kept across the change of uid */
    bool no_reserve; /* without CAP_SYS_RESOURCE, for good: no block of a disk that is kept for the Spine */
    bool realtime;   /* with drop: it may run before others, CHILD_REALTIME_S at a stretch (RLIMIT_RTPRIO) */
    bool dies_too;   /* SIGKILL when bay0 dies (not when it executes itself again) */
    bool session;    /* setsid: own session and process group */
    const char *cwd; /* NULL: / */
    uint32_t timeout_ms;        /* 0: none. Then SIGTERM, and after 2 s SIGKILL; with session to the group */
    child_line_fn *on_err_line; /* standard error line by line as well; may be NULL */
    child_line_fn
        *on_out_line; /* standard output line by line INSTEAD of capture (for endless readers); may be NULL */
    child_done_fn *done; /* always called exactly once, from the loop, never from child_spawn; may be NULL */
    void *user;
};
void child_options_init(struct child_options *o); /* fds -1, the rest zero */

/* NULL with errno when the process could not be made (then done is not called). What cannot be executed ends
 * with status 127 and a line on its standard error. Needs loop_signals, and child_reap on SIGCHLD. */
struct child *child_spawn(struct loop *l, const struct child_options *o);
pid_t child_pid(const struct child *c);
int child_kill(struct child *c, int signo); /* by pidfd, to the one process */
/* Forgets the callbacks; the process goes on to its end unheard. */
void child_detach(struct child *c);
/* Call on SIGCHLD: reaps every zombie; orphans (PID 1's adopted ones) go to the hook with pid and wait
 * status. */
typedef void child_orphan_fn(void *user, pid_t pid, int wstatus);
void child_reap(child_orphan_fn *orphan, void *user);
/* Runs fn in a forked child (signals at their defaults, all fds of bay0 still there) that then _exits with
 * fn's value: for reboot(2) and other calls PID 1 must not make. NULL with errno. */
struct child *child_call(struct loop *l, int (*fn)(void *), void *arg, child_done_fn *done, void *user);
/* Parent and time of start of a process, by /proc/<pid>/stat. -1 with errno. */
int child_stat(pid_t pid, int32_t *parent, uint64_t *start);
/* bay0 goes on in a new program (see reexec.h). child_keep: what the new one must know to go on with c; false
 * when c cannot go on: it has ended, has a time-out, or half a line of it has been read. The fds stay c's.
 * child_adopt: a process that was a child of bay0 before; of the options done, user, session and the line
 * callbacks count. Takes the fds of k, also when it fails. NULL with errno, ESRCH when it is not our child
 * any more. One that has ended meanwhile is told as ever. */
bool child_keep(const struct child *c, struct handover_child *k);
struct child *child_adopt(struct loop *l, const struct handover_child *k, const struct child_options *o);
size_t child_count(void); /* children alive, for tests and doctor */

#endif
