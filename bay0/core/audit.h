/* SPDX-License-Identifier: MIT
 * The audit ledger read as a whole: its chain proven across segments, with each place where it breaks, and
 * what of it somebody asked for. Pure; spine-cli/audit reads the files. */
#ifndef BAY0_CORE_AUDIT_H
#define BAY0_CORE_AUDIT_H

#include "core/ledger.h"

enum { AUDIT_SEGMENT_DIGITS = 12 };

/* The number in a segment's name, that of its first record; 0 for other files. */
uint64_t audit_segment_of(const char *name);

typedef void audit_record_fn(void *user, const json_t *record);
/* record: the number of the first that is not proven. */
typedef void audit_break_fn(void *user, uint64_t segment, uint64_t record, const char *why);

struct audit {
    audit_record_fn *on_record;
    audit_break_fn *on_break;
    void *user;
    /* audit.c's, and the result: */
    struct ledger_head head;
    uint64_t segments, records, first, breaks;
    bool broken; /* in the segment before */
};
/* Segments in order, each whole. After a break the chain is taken up again at the next record. */
void audit_segment(struct audit *a, uint64_t segment, const char *text, size_t len);

/* `--since`: a moment as in a record or its beginning, from the day on, or how long ago with a unit of s, m,
 * h, d
 * (*ago in seconds, out empty). 0 or -1 with *e. */
int audit_since(const char *text, char out[LEDGER_TIME + 1], uint64_t *ago, struct err *e);

/* Whether a record is not before since ("" is always) and concerns the persona ("" is all). */
bool audit_wanted(const json_t *record, const char *since, const char *persona);

#endif
