/* SPDX-License-Identifier: MIT
 * A bounded list of words for exec. Words are copied; nothing is ever quoted again or passed to a shell. */
#ifndef BAY0_CORE_ARGV_H
#define BAY0_CORE_ARGV_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

enum { ARGV_WORDS_MAX = 160, ARGV_TEXT_MAX = 16384 };

struct argv {
    char *word[ARGV_WORDS_MAX + 1]; /* NULL-terminated; points into text */
    size_t n;
    char text[ARGV_TEXT_MAX];
    size_t used;
    bool overflow; /* sticky: too many words or too much text */
    bool refused;  /* sticky: a user word was NULL or began with '-' */
};

void argv_init(struct argv *a);
void argv_push(struct argv *a, const char *word);
void argv_pushf(struct argv *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A word that came from outside, at a place where an option could stand: refuses NULL, "" and a leading '-'.
 */
void argv_push_user(struct argv *a, const char *word);
/* 0, or -1 when a push overflowed or was refused. */
int argv_done(const struct argv *a);
/* One word a line, for golden tests and logs; control characters and '\\' as \\xNN, so a word stays a line.
 */
void argv_print(const struct argv *a, struct buf *out);

#endif
