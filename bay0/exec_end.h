/* SPDX-License-Identifier: MIT
 * Ending a program inside a persona whose caller has gone: `podman exec` leaves it running when it is killed
 * itself. */
#ifndef BAY0_EXEC_END_H
#define BAY0_EXEC_END_H

#include "persona.h"

/* Sends signo to every process of p that carries the mark in its environment. Returns how many there were. */
size_t exec_end(const struct persona *p, uint64_t mark, int signo);

#endif
