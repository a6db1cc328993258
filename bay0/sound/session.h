/* SPDX-License-Identifier: MIT
 * One persona's place at the sound server: a security context on its socket, a sink of its own, and whether
 * that is heard. */
#ifndef BAY0_SOUND_SESSION_H
#define BAY0_SOUND_SESSION_H

#include "sound/opts.h"

/* Takes the place within timeout_ms, says "ready" on standard output, then obeys the lines on standard input
 * ("park", "unpark", each answered with "parked" or "unparked") until that ends: 0. -1 with a sentence in err
 * when the sound server refused, went away, or was too slow. The context and the sink end with it. */
int sound_run(const struct sound_opts *o, int timeout_ms, char err[SOUND_ERR]);

#endif
