/* SPDX-License-Identifier: MIT
 * The AppArmor profile of all containers: loaded at boot where the kernel has AppArmor, and read back.
 * Kernel: Documentation/admin-guide/LSM/apparmor.rst; apparmor_parser(8). */
#ifndef BAY0_APPARMOR_H
#define BAY0_APPARMOR_H

#include "bay0.h"
#include "core/health.h"

/* Calls done, now or when the profile is loaded or cannot be: paths.apparmor names it from then on, or is
 * NULL and containers run without. */
void apparmor_load(struct bay0 *b, void (*done)(struct bay0 *b));
/* The same without loading it: an earlier program has. */
void apparmor_again(struct bay0 *b);
/* For the doctor. */
void apparmor_health(const struct health_to *to, const struct bay0 *b);

#endif
