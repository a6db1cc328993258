/* SPDX-License-Identifier: MIT
 * `spine logs`: the end of bay0's log or of a persona's container log. */
#ifndef BAY0_LOGS_H
#define BAY0_LOGS_H

#include "persona.h"

/* Where bay0's own log lies, and that of a container. */
void logs_path(const struct bay0 *b, const char *container, char *out, size_t size);
/* Answers {"text":...}: the last lines, at most LOGS_BYTES. */
void logs_answer(struct bay0 *b, struct call *c);

#endif
