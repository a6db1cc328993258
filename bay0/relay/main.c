/* SPDX-License-Identifier: MIT
 * spine-relay: starts a command and carries connections from an inherited Unix socket to the command's TCP
 * port. */
#include "relay/cmd.h"
#include "relay/loop.h"
#include "relay/opts.h"
#include "relay/passed.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum {
    FAILED = 125, /* apart from every status that the command is likely to have */
    USAGE = 2,
    FDS_PER_CONNECTION = 6, /* two sockets, two pipes */
    FDS_BESIDES = 32,
};

static const int passed_on[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT};

static int raise_limit(const struct rlimit *was, const struct opts *o)
{
    rlim_t need = (rlim_t)o->max * FDS_PER_CONNECTION + FDS_BESIDES + (o->control_fd >= 0 ? SOURCES_MOST : 0);
    struct rlimit now = *was;

    if (was->rlim_cur >= need)
        return 0;
    now.rlim_cur = need;
    if (was->rlim_max >= need && setrlimit(RLIMIT_NOFILE, &now) == 0)
        return 0;
    fprintf(stderr, "spine-relay: %u connections need %llu descriptors and the limit is %llu; lower --max\n",
            o->max, (unsigned long long)need, (unsigned long long)was->rlim_max);
    return -1;
}

/* Signals are blocked before the command exists, so that none is lost; they are read from the descriptor. */
static int open_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    for (size_t i = 0; i < sizeof passed_on / sizeof passed_on[0]; i++)
        sigaddset(&set, passed_on[i]);
    if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
        return -1;
    signal(SIGPIPE, SIG_IGN); /* splice has no MSG_NOSIGNAL */
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int fail(const char *what)
{
    fprintf(stderr, "spine-relay: %s: %s\n", what, strerror(errno));
    return FAILED;
}

static int run(const struct opts *o, int listen_fd)
{
    struct cmd cmd = {0};
    struct rlimit nofile;
    struct loop *loop;
    int rc, signals;

    if (getrlimit(RLIMIT_NOFILE, &nofile) < 0)
        return fail("reading the descriptor limit");
    if (raise_limit(&nofile, o) < 0)
        return FAILED;
    signals = open_signals();
    if (signals < 0)
        return fail("signalfd");
    loop = loop_create(o, listen_fd, signals, &cmd);
    if (!loop)
        return fail("preparing the event loop");
    if (cmd_start(&cmd, o->cmd, &nofile) < 0) {
        rc = fail("starting the command");
    } else if (loop_run(loop) < 0) {
        rc = fail("waiting for events");
        cmd_signal(&cmd, SIGTERM);
    } else {
        rc = cmd.status;
    }
    loop_destroy(loop);
    close(signals);
    return rc;
}

int main(int argc, char **argv)
{
    struct opts o;
    char err[OPTS_ERR];
    int fd;

    if (opts_parse(&o, argc, argv, err) < 0) {
        fprintf(stderr,
                "spine-relay: %s\n"
                "usage: spine-relay [--listen-fd N] [--control N] --connect 127.0.0.1:PORT[/PATH]\n"
                "                   [--buffer BYTES] [--stall SECONDS] [--max CONNECTIONS]\n"
                "                   [--each CONNECTIONS] -- CMD ARG...\n"
                "With /PATH nobody is served before CMD answers GET /PATH with something else than 503.\n",
                err);
        return USAGE;
    }
    fd = o.listen_fd;
    if (fd < 0)
        fd = opts_activation_fd(getenv("LISTEN_FDS"), getenv("LISTEN_PID"), getpid(), err);
    if (fd < 0) {
        fprintf(stderr, "spine-relay: %s\n", err);
        return USAGE;
    }
    if (passed_listener(fd) < 0) {
        fprintf(
            stderr,
            "spine-relay: descriptor %d is no listening Unix stream socket: %s; pass bay0's socket on it\n",
            fd, strerror(errno));
        return FAILED;
    }
    if (o.control_fd >= 0 && passed_control(o.control_fd) < 0) {
        fprintf(stderr,
                "spine-relay: descriptor %d is no connected Unix seqpacket socket: %s; pass bay0's socket on "
                "it, or leave --control out\n",
                o.control_fd, strerror(errno));
        return FAILED;
    }
    return run(&o, fd);
}
