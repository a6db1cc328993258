/* SPDX-License-Identifier: MIT
 * The way up: registry, what podman and the kernel still have, sockets, services, tenants, autostart. */
#ifndef BAY0_BOOT_H
#define BAY0_BOOT_H

#include "bay0.h"

/* Everything that needs /persist. The control socket answers at its end. */
void boot_run(struct bay0 *b);
/* Instead, when an earlier program of bay0 has handed over what there is. */
void boot_resume(struct bay0 *b, const struct handover *h);

#endif
