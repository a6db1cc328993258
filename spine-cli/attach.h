/* SPDX-License-Identifier: MIT
 * Lends the terminal to a program inside a persona, and takes it back in the state it had. termios(3). */
#ifndef SPINE_CLI_ATTACH_H
#define SPINE_CLI_ATTACH_H

#include <signal.h>
#include <stdbool.h>
#include <termios.h>

struct attach {
    int fd; /* borrowed: the terminal; -1 when there is none */
    struct termios before;
    struct sigaction old[5];
    sigset_t outside, waiting; /* masks: before, and while waiting for bay0 */
};

/* The signal that asked the CLI to end, 0 as long as there was none. */
extern volatile sig_atomic_t attach_signal;
/* Not 0: the size of the terminal has changed since it was set to 0. */
extern volatile sig_atomic_t attach_resized;

/* From here to attach_end the keys belong to the other program: SIGINT and SIGQUIT are ignored, SIGTERM and
 * SIGHUP only end waits that use the mask `waiting`, so that the terminal is always put right. */
void attach_begin(struct attach *a, int fd);
void attach_end(struct attach *a);

#endif
