/* SPDX-License-Identifier: MIT
 * Places where a test build of bay0 (make CRASH=1) can be told to die as in a power cut. Nothing in any other
 * build. */
#ifndef BAY0_CRASH_H
#define BAY0_CRASH_H

#ifdef SPINE_CRASH_POINTS
/* The file named by SPINE_CRASH_FILE holds how many of these are left; at the last one it goes and bay0 kills
 * itself. No file: nothing. what is kept in <file>.at. */
void crash_point(const char *what);
#else
static inline void crash_point(const char *what)
{
    (void)what;
}
#endif

#endif
