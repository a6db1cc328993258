/* SPDX-License-Identifier: MIT
 * Which stopped personas are kept initialised ahead of their next start: those that start by themselves, and
 * who was in front last. */
#ifndef BAY0_CORE_AHEAD_H
#define BAY0_CORE_AHEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AHEAD_DEFAULT = 2, AHEAD_MAX = 8 };

/* A declared persona. */
struct ahead_fact {
    bool can;         /* it is stopped, and what a start needs is there */
    bool ready;       /* it is stopped, and initialised */
    bool autostart;   /* as declared */
    uint64_t used_at; /* order of its last time in front, 0: never since bay0 started */
};

enum ahead_move { AHEAD_NONE, AHEAD_PREPARE, AHEAD_CLEAR };

/* The next thing to do so that the `most` best are ready and nobody else is, and to whom (*at is an index).
 */
enum ahead_move ahead_next(const struct ahead_fact *f, size_t n, unsigned most, size_t *at);

#endif
