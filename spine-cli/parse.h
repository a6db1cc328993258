/* SPDX-License-Identifier: MIT
 * A command line, read by the verb table into a verb and the args of one request. */
#ifndef SPINE_CLI_PARSE_H
#define SPINE_CLI_PARSE_H

#include "core/err.h"
#include "core/verbs.h"

#include <jansson.h>

enum { PARSE_OPERANDS_MAX = 2 };

struct invocation {
    const struct verb *verb; /* never NULL after success */
    bool json, help;
    const char *socket; /* NULL: not given. Points into argv, as operand does */
    const char *operand[PARSE_OPERANDS_MAX];
    size_t operands;
    json_t *args; /* owned */
};

/* 0, or -1 with *e: wrong use, with a suggestion as hint. json is set as soon as --json was read. Call
 * invocation_finish in both cases. Values are bay0's to judge; only what cannot be put into JSON is refused
 * here. */
int parse_line(int argc, char *const *argv, struct invocation *out, struct err *e);
void invocation_finish(struct invocation *i);

/* The n-th option of a verb, in the order of help: its own first, then those that every verb takes. false at
 * the end. For help, completion and manual. */
bool parse_option(const struct verb *v, size_t n, struct verb_option *out);
/* Verb with exactly these words, NULL if none. */
const struct verb *parse_verb(const char *first, const char *second);
/* True when verbs of two words begin with this one ("persona"). */
bool parse_group(const char *word);

#endif
