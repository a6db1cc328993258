/* SPDX-License-Identifier: MIT
 * The command that the relay starts: its birth, the signals it is sent, its end. */
#include "relay/cmd.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOT_RUNNABLE = 126, NOT_FOUND = 127 };

/* CLOSE_RANGE_CLOEXEC of linux/close_range.h, which musl does not bring along. */
enum { RANGE_CLOEXEC = 1 << 2 };

static _Noreturn void become(char **argv, pid_t parent, const struct rlimit *nofile)
{
    static const char *const activation[] = {"LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "LISTEN_PIDFDID"};
    sigset_t none;
    int saved;

    for (size_t i = 0; i < sizeof activation / sizeof activation[0]; i++)
        unsetenv(activation[i]);
    /* The relay's own descriptors close by themselves; this is for those that it was handed and does not
     * know. Where the kernel lacks the call they stay as their owner left them. */
    syscall(SYS_close_range, 3U, ~0U, (unsigned)RANGE_CLOEXEC);
    /* Without the relay nobody can reach the command, and the next relay needs its port. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
        _exit(NOT_RUNNABLE);
    setrlimit(RLIMIT_NOFILE, nofile);
    for (int sig = 1; sig < NSIG; sig++)
        signal(sig, SIG_DFL); /* a signal ignored by whoever started the relay could not be passed on */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execvp(argv[0], argv);
    saved = errno;
    fprintf(stderr, "spine-relay: cannot run '%s': %s; check the command in the service's declaration\n",
            argv[0], strerror(saved));
    _exit(saved == ENOENT ? NOT_FOUND : NOT_RUNNABLE);
}

int cmd_start(struct cmd *c, char **argv, const struct rlimit *nofile)
{
    pid_t self = getpid();
    pid_t pid = fork();

    if (pid < 0)
        return -1;
    if (pid == 0)
        become(argv, self, nofile);
    *c = (struct cmd){.pid = pid};
    return 0;
}

void cmd_reap(struct cmd *c)
{
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid != c->pid)
            continue;
        c->ended = true;
        c->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }
}

void cmd_signal(const struct cmd *c, int sig)
{
    if (!c->ended)
        kill(c->pid, sig);
}
