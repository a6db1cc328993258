/* SPDX-License-Identifier: MIT
 * Where the CLI writes to, and how errors, progress and JSON look there. */
#ifndef SPINE_CLI_IO_H
#define SPINE_CLI_IO_H

#include "core/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

struct io {
    FILE *out, *err; /* borrowed */
    bool json;
    bool rewrite;   /* err is a terminal: progress stays on one line */
    unsigned width; /* of that terminal */
    bool dirty;     /* a line of progress stands there */
};

/* One line of JSON, ASCII only: a terminal never sees a raw control character. */
void io_json(FILE *f, const json_t *value);
/* Text of many lines: newlines and tabs stay, other control characters become '?'. */
void io_text(FILE *f, const char *text);
/* "spine: message" and "hint: ..." on err; with json {"error":{...}} on out. body: the error as bay0 sent it,
 * or NULL. */
void io_error(struct io *io, const struct err *e, const json_t *body);
void io_progress(struct io *io, const json_t *progress);
/* Takes the line of progress off the terminal. */
void io_settle(struct io *io);

#endif
