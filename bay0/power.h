/* SPDX-License-Identifier: MIT
 * The way down: thaw, stop personas and tenants, stop services, kill the rest, unmount, then power off or
 * reboot from a child. */
#ifndef BAY0_POWER_H
#define BAY0_POWER_H

#include "bay0.h"

enum power_how { POWER_OFF, POWER_REBOOT };

/* Begins the way down; again is harmless. As an ordinary process bay0 ends its loop instead of the machine.
 */
void power_down(struct bay0 *b, enum power_how how);
/* A persona's operation has ended: if bay0 waits for that, it looks whether all have. */
void power_look(struct bay0 *b);

#endif
