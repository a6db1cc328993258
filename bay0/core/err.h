/* SPDX-License-Identifier: MIT
 * Errors by value: a code of the closed list, what failed, and what to do next. Nothing is allocated. */
#ifndef BAY0_CORE_ERR_H
#define BAY0_CORE_ERR_H

#include <stdarg.h>

enum err_code {
    ERR_NONE = 0,
#define E(symbol, name, hint) symbol,
#include "core/errors.def"
#undef E
    ERR_COUNT
};

enum { ERR_MESSAGE_MAX = 320, ERR_HINT_MAX = 200 };

/* Untouched on success; filled exactly once on failure. */
struct err {
    enum err_code code;
    char message[ERR_MESSAGE_MAX];
    char hint[ERR_HINT_MAX]; /* empty: nothing to add */
};

/* Fills e with code, the code's default hint and the message, and returns -1, so that `return err_set(...)`
 * reads well. A message that is too long is cut. e may be NULL: then only -1 is returned. */
int err_set(struct err *e, enum err_code code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Replaces the hint. Returns -1. */
int err_hint(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Puts "context: " before the message that is there. Returns -1. */
int err_wrap(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The name on the wire ("no-such-persona"), or "none"/"internal" for values outside the list. Static storage.
 */
const char *err_name(enum err_code code);
const char *err_default_hint(enum err_code code);
/* ERR_NONE when the name is not on the list. */
enum err_code err_from_name(const char *name);

#endif
