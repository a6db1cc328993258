/* SPDX-License-Identifier: MIT
 * Lends the terminal to a program inside a persona. */
#include "spine-cli/attach.h"

#include <string.h>

volatile sig_atomic_t attach_signal, attach_resized;

static const int watched[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGWINCH};

static void note(int signo)
{
    if (signo == SIGWINCH)
        attach_resized = 1;
    else
        attach_signal = signo;
}

void attach_begin(struct attach *a, int fd)
{
    sigset_t block;

    memset(a, 0, sizeof *a);
    attach_signal = attach_resized = 0;
    a->fd = tcgetattr(fd, &a->before) == 0 ? fd : -1;
    sigemptyset(&block);
    sigaddset(&block, SIGTERM);
    sigaddset(&block, SIGHUP);
    sigaddset(&block, SIGWINCH);
    sigprocmask(SIG_BLOCK, &block, &a->outside);
    a->waiting = a->outside;
    sigdelset(&a->waiting, SIGTERM);
    sigdelset(&a->waiting, SIGHUP);
    sigdelset(&a->waiting, SIGWINCH);
    for (size_t i = 0; i < sizeof watched / sizeof *watched; i++) {
        bool key = watched[i] == SIGINT || watched[i] == SIGQUIT;
        struct sigaction s = {.sa_handler = key ? SIG_IGN : note};

        sigaction(watched[i], &s, &a->old[i]);
    }
}

void attach_end(struct attach *a)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN}, old;

    /* Whoever set the terminal may have left us in the background of it. */
    sigaction(SIGTTOU, &ignore, &old);
    if (a->fd >= 0)
        tcsetattr(a->fd, TCSADRAIN, &a->before);
    sigaction(SIGTTOU, &old, NULL);
    for (size_t i = 0; i < sizeof watched / sizeof *watched; i++)
        sigaction(watched[i], &a->old[i], NULL);
    sigprocmask(SIG_SETMASK, &a->outside, NULL);
}
