/* SPDX-License-Identifier: MIT
 * The persona's side of the umbilical: opens what is sent, makes the file that is pulled into. */
#ifndef SPINE_CLI_UMBILICAL_H
#define SPINE_CLI_UMBILICAL_H

#include "core/err.h"
#include "core/verbs.h"

#include <jansson.h>

struct crossing {
    int fd;        /* to go with the request, -1: none */
    char temp[32]; /* pull: the new file's name for now, "" for none */
};

/* Opens the file that args of `send` name, and makes the name its last part; makes a new file here for `pull
 * N`. Other verbs: nothing. 0 or -1 with *e. */
int crossing_open(struct crossing *x, const struct verb *v, json_t *args, struct err *e);
/* The answer has come (NULL: a refusal): what was pulled gets its name, which is put into the result as
 * "path"; what came to nothing goes. 0 or -1 with *e. */
int crossing_end(struct crossing *x, json_t *result, struct err *e);
/* No answer came: what did come may be all that there is of it, and stays. */
void crossing_lost(struct crossing *x, FILE *err);

#endif
