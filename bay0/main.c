/* SPDX-License-Identifier: MIT
 * bay0: options, build order, loop. From the line marked below PID 1 must not end. */
#include "bay0.h"
#include "boot.h"
#include "doctor.h"
#include "log.h"
#include "pid1.h"
#include "power.h"
#include "reexec.h"
#include "resume.h"
#include "watchdog.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EXIT_USAGE = 2 };

static void on_orphan(void *user, pid_t pid, int wstatus)
{
    (void)user;
    log_debug("process %d, whose parent is gone, ended with wait status %d", (int)pid, wstatus);
}

static void on_signal(void *user, int signo)
{
    struct bay0 *b = user;

    switch (signo) {
    case SIGCHLD:
        child_reap(on_orphan, b);
        break;
    case SIGINT: /* Ctrl-Alt-Del, or Ctrl-C of a bay0 that is tried out */
    case SIGTERM:
        power_down(b, POWER_REBOOT);
        break;
    case SIGPWR:
    case SIGUSR2:
        power_down(b, POWER_OFF);
        break;
    case SIGUSR1:
        reexec_start(b, 0, 0);
        break;
    default:
        log_info("signal %d is ignored", signo);
        break;
    }
}

static void paths_init(struct bay0 *b)
{
    const struct options *o = &b->opt;
    const char *mount = "/sys/fs/cgroup";
    size_t len = strlen(mount);

    b->render_nodes[0] = NULL;
    b->paths = (struct paths){.run = o->run,
                              .persist = o->persist,
                              .share = o->share,
                              .libexec = o->libexec,
                              .spine = o->spine,
                              .podman = o->podman,
                              .render_nodes = b->render_nodes};
    /* podman wants the tree's name below the mount point. */
    b->paths.cgroup =
        strncmp(o->cgroup, mount, len) == 0 && o->cgroup[len] == '/' ? o->cgroup + len : o->cgroup;
}

static int build(struct bay0 *b)
{
    ssize_t n = readlink("/proc/self/exe", b->program, sizeof b->program - 1);

    b->program[n > 0 ? n : 0] = '\0';
    b->cgroups = b->cgroup_podman = -1;
    b->persist_state = "ok";
    b->clock_offset = doctor_clock_offset();
    paths_init(b);
    focus_init(&b->focus, b->opt.grace_ms);
    b->loop = loop_create();
    if (!b->loop || loop_signals(b->loop, on_signal, b) < 0) {
        log_error("no event loop: %s", strerror(errno));
        return -1;
    }
    return podman_environment(&b->podman_env, &b->paths, NULL);
}

/* Without a loop nothing can be supervised; PID 1 stays, so that the kernel does not panic and the console
 * can be read. */
static int stuck(const struct bay0 *b)
{
    while (b->opt.init)
        ppoll(NULL, 0, NULL, NULL);
    return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    static struct bay0 b;
    struct handover *h;
    sigset_t all;
    bool again;
    int parsed;

    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    parsed = options_parse(&b.opt, argc, argv);
    if (parsed)
        return parsed == OPTIONS_HELP ? EXIT_SUCCESS : EXIT_USAGE;
    if (b.opt.check_fd >= 0)
        return resume_check(b.opt.check_fd);
    /* From here on PID 1 does not end. */
    b.argv = argv;
    h = resume_take(&again, &b.disbelief);
    if (b.opt.init && !again)
        pid1_early();
    else if (!b.opt.init)
        prctl(PR_SET_CHILD_SUBREAPER, 1);
    log_info("bay0 starts%s%s", b.opt.init ? " as PID 1" : "", again ? " anew, in place" : "");
    if (build(&b) < 0)
        return stuck(&b);
    if (b.opt.init && again)
        pid1_again(&b);
    if (!h) /* one that an earlier program has armed does not wait until devices are known */
        watchdog_start(&b, -1);
    if (h)
        boot_resume(&b, h);
    else if (b.opt.init && !again)
        pid1_persist(&b, boot_run);
    else
        boot_run(&b);
    free(h);
    loop_run(b.loop);
    if (b.opt.init)
        return stuck(&b);
    log_info("bay0 ends");
    return EXIT_SUCCESS;
}
