/* SPDX-License-Identifier: MIT
 * Completion scripts for shells, from the verb table. */
#ifndef SPINE_CLI_COMPLETE_H
#define SPINE_CLI_COMPLETE_H

#include "core/err.h"

#include <stdio.h>

/* shell: bash, zsh or fish. -1 with *e for another one. */
int complete_print(const char *shell, FILE *out, struct err *e);

#endif
