/* SPDX-License-Identifier: MIT
 * The whole program but for the process around it, so that tests can call it. */
#ifndef SPINE_CLI_CLI_H
#define SPINE_CLI_CLI_H

#include "spine-cli/io.h"

enum { CLI_OK = 0, CLI_REFUSED = 1, CLI_USAGE = 2, CLI_NO_BAY0 = 3 };

struct surroundings {
    const char *socket; /* $SPINE_SOCKET, NULL when unset */
    const char *term;   /* $TERM, NULL when unset */
    int std[3];         /* what a program inside a persona gets as standard input, output and error */
    bool terminal;      /* std[0] is one */
};

/* Returns the exit status. */
int cli_main(int argc, char *const *argv, const struct surroundings *s, struct io *io);

#endif
