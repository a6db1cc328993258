/* SPDX-License-Identifier: MIT
 * Reads what the kernel says of a process's mounts, for the check of an initialised container.
 * proc_pid_mountinfo(5). */
#ifndef BAY0_MOUNTINFO_READ_H
#define BAY0_MOUNTINFO_READ_H

#include "core/err.h"

#include <stdint.h>

/* NUL-terminated text that the caller frees, or NULL with *e. */
char *mountinfo_read(int32_t pid, struct err *e);

#endif
