/* SPDX-License-Identifier: MIT
 * The audit ledger as text: lines that each carry the hash of the one before, and the proof that a run of
 * lines is whole. Pure; bay0/ledger keeps the files. The format is in docs/persist.md. */
#ifndef BAY0_CORE_LEDGER_H
#define BAY0_CORE_LEDGER_H

#include "core/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LEDGER_HASH = 64, LEDGER_LINE_MAX = 2048, LEDGER_TIME = 24 };

/* Where the chain stands: what the next line must say of itself. */
struct ledger_head {
    uint64_t seq;
    char prev[LEDGER_HASH + 1]; /* SHA-256 of the line before, without its newline */
    bool any;                   /* nothing is known of what came before: the next line is taken at its word */
};
void ledger_begin(struct ledger_head *h); /* the first line of all: seq 1, prev all zeros */

/* Makes the next line, newline included, and moves h on. time: "2026-11-22T05:41:00.123Z". fields: an object
 * with at least a "kind"; borrowed. Returns the length, or -1 when it does not fit or is no such object: then
 * h stays. */
int ledger_line(struct ledger_head *h, const char *time, const json_t *fields, char *out, size_t size);

/* Checks whole lines one after the other and moves h on. Returns the number of bytes that are proven: all of
 * len, or where the first line begins that is not as it should be; *e says why (untouched when all is well).
 * What comes after the last newline is such a line too. */
size_t ledger_check(struct ledger_head *h, const char *text, size_t len, struct err *e);

/* How many records one persona may cause: LEDGER_QUOTA in LEDGER_QUOTA_MS, so that it cannot wash older ones
 * out. False: this one is not written. *more is how many were left out before one that is, to be told in it.
 */
enum { LEDGER_QUOTA = 20, LEDGER_QUOTA_MS = 60000, LEDGER_QUOTAS = 64 };
struct ledger_quota {
    struct {
        char id[32];
        uint64_t since;
        uint32_t used, more;
    } p[LEDGER_QUOTAS];
};
bool ledger_may(struct ledger_quota *q, const char *id, uint64_t now, uint32_t *more);

#endif
