/* SPDX-License-Identifier: MIT
 * What a persona does to memory and machine: told by the kernel, recorded, and answered when it goes on. */
#ifndef BAY0_PRESSURE_H
#define BAY0_PRESSURE_H

#include "persona.h"

struct handover_persona;

/* Watches the group of p, which is there. What cannot be watched is said, once. */
void pressure_open(struct persona *p);
void pressure_close(struct persona *p); /* NULL-safe */
/* It is throttled for it. */
bool pressure_holds(const struct persona *p);
/* Why it ended, as far as this file knows: NULL, or a text for its row. Looks once more. */
const char *pressure_ended(struct persona *p);

void pressure_keep(const struct persona *p, struct handover_persona *k);
void pressure_resume(struct persona *p, const struct handover_persona *k);

#endif
