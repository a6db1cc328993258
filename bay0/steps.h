/* SPDX-License-Identifier: MIT
 * The steps of a persona's operations, one function each; job.h tells what they may return. */
#ifndef BAY0_STEPS_H
#define BAY0_STEPS_H

#include "job.h"

/* By a program (steps.c; step_image in steps_image.c). */
step_fn step_image, step_create, step_init, step_check, step_windows, step_start, step_stop, step_rm,
    step_sync, step_wipe;
/* By bay0 itself (steps_own.c). */
step_fn step_home, step_unhome, step_sockets, step_unsockets, step_cgroup, step_uncgroup, step_thaw,
    step_kill, step_register, step_unregister, step_limits, step_unlimits, step_redeclare;

/* steps_firewall.c */
step_fn step_firewall;

/* For the files above: runs podman with j->argv. STEP_FAILED with j->err where it cannot even be started. */
enum step_result step_podman(struct job *j, uint32_t ms, child_done_fn *done);
/* Did podman end well? Otherwise its words become the job's error; `what` says what failed. */
bool step_good(struct job *j, const struct child_result *r, const char *what);

#endif
