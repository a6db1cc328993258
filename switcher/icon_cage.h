/* SPDX-License-Identifier: MIT
 * What a process may still do that reads a picture of unknown origin: read, write, ask for memory, end. */
#ifndef SWITCHER_ICON_CAGE_H
#define SWITCHER_ICON_CAGE_H

/* Closes every descriptor from 3 on, sets limits for memory and time, and lets the kernel end the process at
 * any other system call. 0, or -1 with errno set. Builds with a sanitizer keep the limits of memory and of
 * calls open, which the sanitizer itself needs. prctl(2), seccomp(2). */
int icon_cage(void);

#endif
