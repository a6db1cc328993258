/* SPDX-License-Identifier: MIT
 * The verb table as data. Parser, help, completion, man page and bay0's dispatcher all read it. */
#ifndef BAY0_CORE_VERBS_H
#define BAY0_CORE_VERBS_H

#include <stdbool.h>
#include <stddef.h>

enum verb_id {
#define V(symbol, words, command, who, min, max, tail, operands, help) symbol,
#include "core/verbs.def"
#undef V
    VERB_COUNT
};

enum verb_who { VERB_ROOT, VERB_ANY, VERB_OWN };
/* A command line of its own after "--". */
enum verb_tail { TAIL_NONE, TAIL_MAY, TAIL_MUST };

struct verb_option {
    enum verb_id verb; /* VERB_COUNT: every verb */
    char letter;       /* short form, 0 when there is none */
    const char *name;  /* without "--" */
    const char *value; /* as in struct spec_option; "" for a switch */
    const char *help;
};

struct verb {
    enum verb_id id;
    const char *words;   /* "persona add"; "" when the CLI does not offer it */
    const char *command; /* "persona.add"; "" when bay0 is not asked */
    enum verb_who who;
    unsigned min, max; /* positional words after the verb, before "--" */
    enum verb_tail tail;
    const char *operands, *help;
};

extern const struct verb verbs[VERB_COUNT];
/* Options that are not declarations: --wipe, --json, --detach ... (those of `persona add` are
 * spec_options). */
extern const struct verb_option verb_options[];
extern const size_t verb_options_count;

const struct verb *verb_by_command(const char *command); /* first row with that command, NULL if none */

#endif
