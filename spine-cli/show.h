/* SPDX-License-Identifier: MIT
 * Results for people: one function a verb. spine-protocol(7) has the shapes. */
#ifndef SPINE_CLI_SHOW_H
#define SPINE_CLI_SHOW_H

#include "core/err.h"
#include "core/verbs.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* Prints a result as text. Returns the exit status: 0, 1 when the result itself is bad news, the program's
 * own for persona.exec. */
int show_result(const struct verb *v, const json_t *result, FILE *out);
/* The same as JSON, in the shape that the verb promises. */
int show_json(const struct verb *v, const json_t *result, FILE *out);
/* One line of a log. */
void show_log(const json_t *line, bool json, FILE *out);
/* One line of a subscription. */
void show_event(const json_t *event, FILE *out);

enum { SHOW_SIZE_MAX = 16 };
/* 1610612736 -> "1.5G" */
const char *show_size(json_int_t bytes, char out[SHOW_SIZE_MAX]);

#endif
