/* SPDX-License-Identifier: MIT
 * Between handover*.c only: the form of what is handed over, as tables that reader and writer share. */
#ifndef BAY0_CORE_HANDOVER_FORM_H
#define BAY0_CORE_HANDOVER_FORM_H

#include "core/handover.h"

enum form_kind {
    FORM_BOOL,
    FORM_I32,
    FORM_U32, /* also an enum; max: the highest value */
    FORM_I64,
    FORM_U64,
    FORM_FD,   /* int: -1, or HANDOVER_FD_MIN and up */
    FORM_TEXT, /* char[size] */
    FORM_U64S, /* uint64_t[max] */
    FORM_PART, /* an object inside: rows */
    FORM_LIST  /* at most max objects of size bytes: rows; their number lies at count */
};
struct form_row {
    const char *name; /* NULL ends the table */
    enum form_kind kind;
    size_t offset, size, max, count;
    const struct form_row *rows;
};
extern const struct form_row handover_form[];

/* What the form alone cannot tell. 0, or -1 with *e. */
int handover_check(const struct handover *h, struct err *e);

#endif
