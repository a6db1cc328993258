/* SPDX-License-Identifier: MIT
 * `spine doctor`: looks at everything bay0 depends on and says what to do about what is wrong. */
#ifndef BAY0_DOCTOR_H
#define BAY0_DOCTOR_H

#include "bay0.h"

/* Answers {"checks":[{"name","ok","level","detail","advice"}]}, within 20 s if quick, else within 2 minutes.
 * quick leaves out the throw-away persona. */
void doctor_run(struct bay0 *b, client_ref client, int64_t request, bool quick);
/* At start: takes away what a throw-away persona left in /run and in the logs; the rest is in the journal. */
void doctor_clear(struct bay0 *b);
/* ms: wall clock minus time since boot. */
int64_t doctor_clock_offset(void);

#endif
