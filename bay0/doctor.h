/* SPDX-License-Identifier: MIT
 * `spine doctor`: looks at everything bay0 depends on and says what to do about what is wrong. */
#ifndef BAY0_DOCTOR_H
#define BAY0_DOCTOR_H

#include "bay0.h"

/* Answers {"checks":[{"name","ok","detail","advice"}]}. */
void doctor_run(struct bay0 *b, client_ref client, int64_t request);

#endif
