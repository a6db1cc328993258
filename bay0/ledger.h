/* SPDX-License-Identifier: MIT
 * The audit ledger in /persist/audit: records are appended at once and reach the disk within a second. See
 * docs/persist.md. */
#ifndef BAY0_LEDGER_H
#define BAY0_LEDGER_H

#include "bay0.h"
#include "core/ledger.h"
#include "core/transfer.h"

/* b->ledger; finds the end of the chain, cutting off a line that a power cut has torn. Without a folder to
 * write to there is none, said once; records then go nowhere. */
void ledger_open(struct bay0 *b);
/* Before /persist is unmounted, which also brings the last records to the disk. */
void ledger_close(struct bay0 *b);

/* The number that the next record will have: never the same again. 1 when there is no ledger. */
uint64_t ledger_next(const struct bay0 *b);
/* One record. Each may be called at any time. */
void ledger_persona(struct bay0 *b, const char *kind, const char *id); /* "start", "stop" */
void ledger_focus(struct bay0 *b, const char *from, const char *to);
void ledger_carry(struct bay0 *b, const struct carry *k);
void ledger_window(struct bay0 *b, const char *kind, const char *id, int64_t con_id);
/* What a persona did to the machine, and what was done about it; programs: how many of its own the kernel
 * ended for lack of memory, 0: nothing of that kind. */
void ledger_strain(struct bay0 *b, const char *kind, const char *id, const char *resource, uint64_t programs);
/* A request that was refused: on a persona's own socket, or on the Spine's (id is "") by this user. command
 * is "" when it could not be read. */
void ledger_refused(struct bay0 *b, const char *id, uid_t uid, const char *command, enum err_code code);
/* "sent", "pulled", ...; key and value say more, or are NULL. */
void ledger_transfer(struct bay0 *b, const char *kind, const struct transfer *t, const char *key,
                     const char *value);
/* A persona was declared: what it was granted. */
void ledger_grants(struct bay0 *b, const char *kind, const struct persona_spec *s);

#endif
