/* SPDX-License-Identifier: MIT
 * `spine probe`: what `spine doctor` runs inside its throw-away persona. Not for people, and not in the verb
 * table. */
#ifndef SPINE_CLI_PROBE_H
#define SPINE_CLI_PROBE_H

#include <stdio.h>

/* One attempt. Returns 0 when it got through, else the errno of the refusal; what is told about a success
 * goes to what. None does harm when it gets through, and none sends anything to a network. */
enum { PROBE_WHAT_MAX = 160 };
typedef int probe_fn(const char *arg, char what[PROBE_WHAT_MAX]);
struct probe {
    const char *attempt; /* what a persona must not be able to do */
    probe_fn *try;
    const char *arg;
};

/* By name in the file system (probe_files.c) and by system call (probe_calls.c); ended by a row without name.
 */
extern const struct probe probe_files[], probe_calls[];

/* argv[1] is `probe`; `spine probe wait` waits to be ended. Returns the exit status. */
int probe_main(int argc, char *const *argv, FILE *out);

#endif
