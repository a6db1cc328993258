/* SPDX-License-Identifier: MIT
 * Help texts and the manual's source, all from the verb table. */
#ifndef SPINE_CLI_HELP_H
#define SPINE_CLI_HELP_H

#include "core/err.h"
#include "core/verbs.h"

#include <stdbool.h>
#include <stdio.h>

/* All verbs ("" and ""), the verbs of a group, or one verb. -1 with *e when there is no such verb. */
int help_print(const char *first, const char *second, bool json, FILE *out, struct err *e);
void help_verb(const struct verb *v, FILE *out);
/* spine(1) for scdoc(1). */
void help_man(FILE *out);

#endif
