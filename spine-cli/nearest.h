/* SPDX-License-Identifier: MIT
 * Finds the word that somebody probably meant. */
#ifndef SPINE_CLI_NEAREST_H
#define SPINE_CLI_NEAREST_H

/* Keeps the best of the candidates it is shown. */
struct nearest {
    const char *word; /* what was written */
    const char *best; /* NULL: nothing is near enough */
    unsigned distance;
};

void nearest_init(struct nearest *n, const char *word);
/* compared is held against the word, name is remembered when it is the nearest so far. */
void nearest_offer(struct nearest *n, const char *compared, const char *name);

#endif
