/* SPDX-License-Identifier: MIT
 * Pure: which kinds of contents may be carried from one persona to another, and whether they are what they
 * claim. */
#ifndef SWITCHER_CORE_CARRY_TYPE_H
#define SWITCHER_CORE_CARRY_TYPE_H

#include <stddef.h>

enum carry_type { CARRY_NONE, CARRY_TEXT, CARRY_IMAGE, CARRY_TYPES };
enum { CARRY_TEXT_MAX = 1 << 20, CARRY_IMAGE_MAX = 8 << 20, CARRY_MIME_MAX = 64 };

/* Gathers what a selection offers, to ask for the best of it: text first, in UTF-8 said in words first. */
struct carry_choice {
    enum carry_type type;
    int rank;                  /* of mime; 0 when nothing fits */
    char mime[CARRY_MIME_MAX]; /* to ask for */
};
void carry_choice_add(struct carry_choice *c, const char *mime);

/* Under which names a selection of this type is offered: the n-th, NULL past the end. The first is its name
 * in the ledger. */
const char *carry_mime(enum carry_type type, size_t n);
/* Bytes. */
size_t carry_max(enum carry_type type);
/* "text", "picture" */
const char *carry_word(enum carry_type type);
/* NULL when data is what the type says, else what is wrong, to follow the word: "is empty", "is not UTF-8".
 */
const char *carry_wrong(enum carry_type type, const char *data, size_t len);

#endif
