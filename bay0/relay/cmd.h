/* SPDX-License-Identifier: MIT
 * The command that the relay starts: its birth, the signals it is sent, its end. */
#ifndef RELAY_CMD_H
#define RELAY_CMD_H

#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

struct cmd {
    pid_t pid; /* ours until cmd_reap has seen its end, so its number cannot be taken by another */
    bool ended;
    int status; /* exit status once ended; 128 + signal when a signal ended it */
};

/* Starts argv (ends with NULL) with the descriptor limit given, no signal blocked or ignored, no descriptor
 * above 2, and without the variables of socket activation. 0, or -1 with errno; when exec fails the command
 * ends with 127 or 126. */
int cmd_start(struct cmd *c, char **argv, const struct rlimit *nofile);

/* Collects every dead child; never waits. */
void cmd_reap(struct cmd *c);

void cmd_signal(const struct cmd *c, int sig);

#endif
