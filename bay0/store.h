/* SPDX-License-Identifier: MIT
 * The registry and the journal in SQLite: the only place that sees sqlite3.h. WAL; synchronous=FULL for both,
 * focus may be lost. */
#ifndef BAY0_STORE_H
#define BAY0_STORE_H

#include "core/err.h"
#include "core/life.h"
#include "core/spec.h"

struct store;

struct store_row {
    struct persona_spec spec;
    uint32_t range; /* for life; never used again after rm until all are used */
    bool wanted;    /* the user started it and did not stop it */
};
/* Neither callback may call the store; strings are valid during the call only. */
typedef void store_row_fn(void *user, const struct store_row *row);
typedef void store_journal_fn(void *user, int64_t entry, enum operation op, const char *id,
                              const char *detail);

/* Opens or makes path (parents exist), upgrades the schema in a transaction (PRAGMA user_version). A file
 * that is not a sound database is moved aside to path.broken-<n> and a new one made, with *salvaged = true.
 * A file of a newer bay0 is an error and left alone. The file is locked: one process at a time. NULL with *e.
 */
struct store *store_open(const char *path, bool *salvaged, struct err *e);
void store_close(struct store *s); /* NULL-safe; checkpoints */
/* In id order. Rows that cannot be read are logged and passed over. */
int store_personas(struct store *s, store_row_fn *fn, void *user, struct err *e);
/* Adds with the lowest range number never used (all used once: the lowest free one), given back in *range.
 * ERR_EXISTS when the id is there, ERR_LIMIT when RANGE_COUNT are in use; ERR_DISK_FULL, as in all that
 * write. */
int store_add(struct store *s, const struct persona_spec *spec, uint32_t *range, struct err *e);
int store_remove(struct store *s, const char *id, struct err *e); /* ERR_NO_PERSONA, as in store_wanted */
int store_wanted(struct store *s, const char *id, bool wanted, struct err *e);
/* The range of a tenant, made at first use. */
int store_tenant_range(struct store *s, const char *name, uint32_t *range, struct err *e);
/* Journal: stage before, commit after. */
int store_stage(struct store *s, enum operation op, const char *id, const char *detail, int64_t *entry,
                struct err *e);
int store_commit(struct store *s, int64_t entry, struct err *e);
int store_staged(struct store *s, store_journal_fn *fn, void *user, struct err *e);
/* Entries in the journal, also those that store_staged passes over. -1 with *e. */
int64_t store_journal_size(struct store *s, struct err *e);
/* Small values: front persona. */
int store_set(struct store *s, const char *key, const char *value, struct err *e);
int store_get(struct store *s, const char *key, char *out, unsigned long size,
              struct err *e);                    /* "" when it is not there */
int store_check(struct store *s, struct err *e); /* PRAGMA quick_check, for doctor */

#endif
