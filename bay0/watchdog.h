/* SPDX-License-Identifier: MIT
 * The hardware watchdog: fed from the main loop and from nowhere else, so that a bay0 that is stuck or gone
 * ends in a reset of the machine. Kernel: Documentation/watchdog/watchdog-api.rst. */
#ifndef BAY0_WATCHDOG_H
#define BAY0_WATCHDOG_H

#include "bay0.h"

enum { WATCHDOG_DEFAULT_S = 60, WATCHDOG_MAX_S = 600, WATCHDOG_DOWN_S = 180 };

/* Opens /dev/watchdog if it is there and not open yet, arms it and feeds it from then on, three times in each
 * time-out. fd: one that an earlier program of bay0 has opened, -1: none. For PID 1 alone. */
void watchdog_start(struct bay0 *b, int fd);
/* On the way down the loop may wait for a disk: more time, but the watchdog stays armed, so that a shutdown
 * that hangs ends in a reset too. */
void watchdog_go_down(struct bay0 *b);
bool watchdog_armed(const struct bay0 *b);
/* For people: "armed: i6300ESB timer, 60 s", or why not. */
const char *watchdog_state(const struct bay0 *b);
int watchdog_fd(const struct bay0 *b); /* to be handed over, -1: none */

#endif
