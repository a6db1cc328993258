/* SPDX-License-Identifier: MIT
 * The steps of a persona's operations, one function each; job.h tells what they may return. */
#ifndef BAY0_STEPS_H
#define BAY0_STEPS_H

#include "job.h"

/* By a program (steps.c). */
step_fn step_image, step_create, step_init, step_check, step_firewall, step_windows, step_start, step_stop,
    step_rm, step_sync, step_wipe;
/* By bay0 itself (steps_own.c). */
step_fn step_home, step_unhome, step_sockets, step_unsockets, step_cgroup, step_uncgroup, step_thaw,
    step_kill, step_register, step_unregister;

#endif
