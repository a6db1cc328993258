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
struct store_tenant {
    uint32_t range;
    bool wanted; /* nobody has stopped it by hand */
};
/* Neither callback may call the store; strings are valid during the call only. */
typedef void store_row_fn(void *user, const struct store_row *row);
typedef void store_journal_fn(void *user, int64_t entry, enum operation op, const char *id,
                              const char *detail);

/* Opens or makes path (parents exist), upgrades the schema in a transaction (PRAGMA user_version). A file
 * that is not a sound database, or cannot be read, is moved aside to path.broken-<n> and a new one made, with
 * *salvaged = true. A new one has STORE_REBUILD set until bay0 has looked for who was in an older one.
 * A file of a newer bay0 is an error and left alone. The file is locked: one process at a time. NULL with *e.
 */
struct store *store_open(const char *path, bool *salvaged, struct err *e);
void store_close(struct store *s); /* NULL-safe; checkpoints */
/* Gives out no range below `first` any more. */
int store_ranges_from(struct store *s, uint32_t first, struct err *e);
/* In id order. Rows that cannot be read are logged and passed over. */
int store_personas(struct store *s, store_row_fn *fn, void *user, struct err *e);
/* The lowest range number never used; all used once: the lowest free one. ERR_LIMIT when RANGE_COUNT are in
 * use. */
int store_range_next(struct store *s, uint32_t *range, struct err *e);

/* Journal: an operation is staged before its first step. A newer entry of the same persona or tenant takes
 * the place of older ones. What ends an operation also takes its entry (0: none) away, in one transaction:
 * either both are there afterwards or neither. ERR_DISK_FULL, ERR_STORE: nothing has changed. */
int store_stage(struct store *s, enum operation op, const char *id, const char *detail, int64_t *entry,
                struct err *e);
int store_commit(struct store *s, int64_t entry, struct err *e); /* it came to nothing, or to all there was */
/* ERR_EXISTS when the id is there; a range that somebody has is ERR_STORE. */
int store_add(struct store *s, const struct persona_spec *spec, uint32_t range, int64_t entry, struct err *e);
/* ERR_NO_PERSONA, as in store_wanted. */
int store_remove(struct store *s, const char *id, int64_t entry, struct err *e);
/* Another declaration in the place of the one that it has. */
int store_declare(struct store *s, const struct persona_spec *spec, int64_t entry, struct err *e);
int store_wanted(struct store *s, const char *id, bool wanted, int64_t entry, struct err *e);
/* A tenant's row, made at first use. */
int store_tenant(struct store *s, const char *name, struct store_tenant *out, struct err *e);
int store_tenant_wanted(struct store *s, const char *name, bool wanted, int64_t entry, struct err *e);
int store_staged(struct store *s, store_journal_fn *fn, void *user, struct err *e);
/* Entries in the journal, also those that store_staged passes over. -1 with *e. */
int64_t store_journal_size(struct store *s, struct err *e);
/* Small values. STORE_REBUILD: "1" in a new registry; as long as it is set, what belongs to nobody may be of
 * somebody whom the registry does not know yet. */
#define STORE_FRONT   "front"
#define STORE_REBUILD "rebuild"
int store_set(struct store *s, const char *key, const char *value, struct err *e);
int store_get(struct store *s, const char *key, char *out, unsigned long size,
              struct err *e);                    /* "" when it is not there */
int store_check(struct store *s, struct err *e); /* PRAGMA quick_check, for doctor */

#endif
