/* SPDX-License-Identifier: MIT
 * The registry and the journal: one prepared statement a step, one transaction a change. */
#include "store_db.h"

#include "crash.h"
#include "log.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const operation_names[OP_COUNT] = {
    [OP_ADD] = "add",
    [OP_START] = "start",
    [OP_STOP] = "stop",
    [OP_RM] = "rm",
    [OP_SERVICE_START] = "service-start",
    [OP_SERVICE_STOP] = "service-stop",
    [OP_SET] = "set",
    [OP_PREPARE] = "prepare",
    [OP_CLEAR] = "clear",
};

static void bind_text(struct store *s, enum statement st, int at, const char *text)
{
    (void)sqlite3_bind_text(s->statement[st], at, text, -1, SQLITE_TRANSIENT);
}

static void bind_int(struct store *s, enum statement st, int at, int64_t n)
{
    (void)sqlite3_bind_int64(s->statement[st], at, n);
}

/* Runs a bound statement to its first row or its end, and is ready for the next time but for SQLITE_ROW. */
static int step(struct store *s, enum statement st)
{
    int rc = sqlite3_step(s->statement[st]);

    if (rc != SQLITE_ROW) {
        (void)sqlite3_reset(s->statement[st]);
        (void)sqlite3_clear_bindings(s->statement[st]);
    }
    return rc;
}

static void done(struct store *s, enum statement st)
{
    (void)sqlite3_reset(s->statement[st]);
    (void)sqlite3_clear_bindings(s->statement[st]);
}

static int run(struct store *s, enum statement st, struct err *e, const char *what)
{
    bool lasts = st != SQL_BEGIN && (st == SQL_COMMIT || sqlite3_get_autocommit(s->db));
    int rc;

    if (lasts)
        crash_point("before a transaction");
    rc = step(s, st) == SQLITE_DONE ? 0 : store_fail(s, e, what);
    if (lasts)
        crash_point("after a transaction");
    return rc;
}

static int begin(struct store *s, struct err *e, const char *what)
{
    return run(s, SQL_BEGIN, e, what);
}

/* Ends the transaction: commits when rc is 0, else undoes it (SQLite may already have done so). Returns rc.
 */
static int end(struct store *s, int rc, struct err *e, const char *what)
{
    if (rc == 0)
        rc = run(s, SQL_COMMIT, e, what);
    if (rc < 0 && !sqlite3_get_autocommit(s->db))
        (void)step(s, SQL_ROLLBACK);
    return rc;
}

static const char *column(struct store *s, enum statement st, int at)
{
    const unsigned char *text = sqlite3_column_text(s->statement[st], at);

    return text ? (const char *)text : "";
}

/* False: somebody else's row, or one of a version that this bay0 does not know. */
static bool row_read(struct store *s, struct store_row *row)
{
    const char *id = column(s, SQL_PERSONAS, 0), *text = column(s, SQL_PERSONAS, 1);
    int64_t range = sqlite3_column_int64(s->statement[SQL_PERSONAS], 2);
    json_error_t where;
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &where);
    struct err e = {0};
    bool good = false;

    *row = (struct store_row){0};
    if (!json)
        err_set(&e, ERR_STORE, "%s", where.text);
    else if (spec_from_json(json, &row->spec, &e) == 0) {
        good = strcmp(row->spec.id, id) == 0 && range >= 0 && range < RANGE_COUNT;
        if (!good)
            err_set(&e, ERR_STORE, "its id or range is not right");
    }
    json_decref(json);
    if (!good)
        log_error("registry: the entry '%s' cannot be used: %s", id, e.message);
    row->range = (uint32_t)range;
    row->wanted = sqlite3_column_int(s->statement[SQL_PERSONAS], 3) != 0;
    return good;
}

int store_personas(struct store *s, store_row_fn *fn, void *user, struct err *e)
{
    struct store_row row;
    int rc;

    while ((rc = step(s, SQL_PERSONAS)) == SQLITE_ROW)
        if (row_read(s, &row))
            fn(user, &row);
    return rc == SQLITE_DONE ? 0 : store_fail(s, e, "read the registry");
}

int store_get(struct store *s, const char *key, char *out, unsigned long size, struct err *e)
{
    int rc, n = 0;

    if (size > 0)
        out[0] = '\0';
    bind_text(s, SQL_GET, 1, key);
    rc = step(s, SQL_GET);
    if (rc == SQLITE_ROW) {
        n = snprintf(out, size, "%s", column(s, SQL_GET, 0));
        done(s, SQL_GET);
    } else if (rc != SQLITE_DONE) {
        return store_fail(s, e, "read the registry");
    }
    if (n < 0 || (unsigned long)n >= size)
        return err_set(e, ERR_STORE, "the value of '%s' in the registry is too long", key);
    return 0;
}

static int put_value(struct store *s, const char *key, const char *value, struct err *e)
{
    bind_text(s, SQL_SET, 1, key);
    bind_text(s, SQL_SET, 2, value);
    return run(s, SQL_SET, e, "write to the registry");
}

/* Not a prepared statement: this pragma acts when it is compiled, and so the last one compiled would hold for
 * good. sqlite.org/pragma.html */
static void waits_for_disk(struct store *s, bool yes)
{
    const char *pragma = yes ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL";

    if (sqlite3_exec(s->db, pragma, NULL, NULL, NULL) != SQLITE_OK)
        log_error("registry: %s: %s", pragma, sqlite3_errmsg(s->db));
}

int store_set(struct store *s, const char *key, const char *value, struct err *e)
{
    int rc;

    /* Small values may be lost in a power cut; the user must not wait for the disk at a switch. */
    waits_for_disk(s, false);
    rc = put_value(s, key, value, e);
    waits_for_disk(s, true);
    return rc;
}

/* Takes the entry away with what its operation has changed: both or neither. */
static int close_entry(struct store *s, int64_t entry, struct err *e)
{
    bind_int(s, SQL_UNSTAGE, 1, entry);
    return run(s, SQL_UNSTAGE, e, "write to the journal");
}

/* The counter only rises, so a number comes back only when all have been given out. */
int store_range_next(struct store *s, uint32_t *range, struct err *e)
{
    char text[16];
    int64_t next;

    if (store_get(s, STORE_RANGE_NEXT, text, sizeof text, e) < 0)
        return -1;
    next = strtoll(text, NULL, 10);
    if (next < 0 || next >= RANGE_COUNT) {
        if (step(s, SQL_RANGE_FREE) != SQLITE_ROW)
            return store_fail(s, e, "find a free range of user ids");
        next = sqlite3_column_int64(s->statement[SQL_RANGE_FREE], 0);
        done(s, SQL_RANGE_FREE);
    }
    if (next < 0 || next >= RANGE_COUNT)
        return err_set(e, ERR_LIMIT, "all %d ranges of user ids are in use", RANGE_COUNT);
    *range = (uint32_t)next;
    return 0;
}

/* Inside a transaction. */
static int use_range(struct store *s, uint32_t range, struct err *e)
{
    char text[16];

    if (store_get(s, STORE_RANGE_NEXT, text, sizeof text, e) < 0)
        return -1;
    if (strtoll(text, NULL, 10) > range)
        return 0;
    (void)snprintf(text, sizeof text, "%u", range + 1);
    return put_value(s, STORE_RANGE_NEXT, text, e);
}

int store_ranges_from(struct store *s, uint32_t first, struct err *e)
{
    return first > 0 && first <= RANGE_COUNT ? use_range(s, first - 1, e) : 0;
}

static int insert_persona(struct store *s, const char *id, struct err *e)
{
    if (run(s, SQL_ADD, e, "write to the registry") < 0)
        return -1;
    return sqlite3_changes(s->db) > 0 ? 0 : err_set(e, ERR_EXISTS, "there is already a persona '%s'", id);
}

static char *spec_text(const struct persona_spec *spec, struct err *e)
{
    json_t *json = spec_to_json(spec);
    char *text = json ? json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS) : NULL;

    json_decref(json);
    if (!text)
        err_set(e, ERR_NO_MEMORY, "cannot register '%s': no memory", spec->id);
    return text;
}

int store_add(struct store *s, const struct persona_spec *spec, uint32_t range, int64_t entry, struct err *e)
{
    char *text = spec_text(spec, e);
    int rc;

    if (!text)
        return -1;
    rc = begin(s, e, "write to the registry");
    if (rc == 0) {
        bind_text(s, SQL_ADD, 1, spec->id);
        bind_text(s, SQL_ADD, 2, text);
        bind_int(s, SQL_ADD, 3, range);
        rc = insert_persona(s, spec->id, e);
        if (rc == 0)
            rc = use_range(s, range, e);
        if (rc == 0)
            rc = close_entry(s, entry, e);
        rc = end(s, rc, e, "write to the registry");
    }
    free(text);
    return rc;
}

/* Runs a bound statement that changes one row, and closes the entry. */
static int change_one(struct store *s, enum statement st, const char *what, const char *id, int64_t entry,
                      struct err *e)
{
    int rc = begin(s, e, "write to the registry");

    if (rc < 0) {
        done(s, st);
        return rc;
    }
    rc = run(s, st, e, "write to the registry");
    if (rc == 0 && sqlite3_changes(s->db) == 0)
        rc = err_set(e, ERR_NO_PERSONA, "there is no %s '%s' in the registry", what, id);
    if (rc == 0)
        rc = close_entry(s, entry, e);
    return end(s, rc, e, "write to the registry");
}

int store_remove(struct store *s, const char *id, int64_t entry, struct err *e)
{
    bind_text(s, SQL_REMOVE, 1, id);
    return change_one(s, SQL_REMOVE, "persona", id, entry, e);
}

int store_declare(struct store *s, const struct persona_spec *spec, int64_t entry, struct err *e)
{
    char *text = spec_text(spec, e);

    if (!text)
        return -1;
    bind_text(s, SQL_DECLARE, 1, spec->id);
    bind_text(s, SQL_DECLARE, 2, text);
    free(text);
    return change_one(s, SQL_DECLARE, "persona", spec->id, entry, e);
}

int store_wanted(struct store *s, const char *id, bool wanted, int64_t entry, struct err *e)
{
    bind_text(s, SQL_WANTED, 1, id);
    bind_int(s, SQL_WANTED, 2, wanted);
    return change_one(s, SQL_WANTED, "persona", id, entry, e);
}

int store_tenant_wanted(struct store *s, const char *name, bool wanted, int64_t entry, struct err *e)
{
    bind_text(s, SQL_TENANT_WANTED, 1, name);
    bind_int(s, SQL_TENANT_WANTED, 2, wanted);
    return change_one(s, SQL_TENANT_WANTED, "tenant", name, entry, e);
}

static int add_tenant(struct store *s, const char *name, uint32_t *range, struct err *e)
{
    int rc;

    if (begin(s, e, "write to the registry") < 0)
        return -1;
    rc = store_range_next(s, range, e);
    if (rc == 0) {
        bind_text(s, SQL_TENANT_ADD, 1, name);
        bind_int(s, SQL_TENANT_ADD, 2, *range);
        rc = run(s, SQL_TENANT_ADD, e, "write to the registry");
    }
    if (rc == 0)
        rc = use_range(s, *range, e);
    return end(s, rc, e, "write to the registry");
}

int store_tenant(struct store *s, const char *name, struct store_tenant *out, struct err *e)
{
    struct store_tenant t = {.wanted = true};
    int64_t n;
    int rc;

    bind_text(s, SQL_TENANT_GET, 1, name);
    rc = step(s, SQL_TENANT_GET);
    if (rc == SQLITE_ROW) {
        n = sqlite3_column_int64(s->statement[SQL_TENANT_GET], 0);
        t.wanted = sqlite3_column_int(s->statement[SQL_TENANT_GET], 1) != 0;
        done(s, SQL_TENANT_GET);
        if (n < 0 || n >= RANGE_COUNT)
            return err_set(e, ERR_STORE, "the range of tenant '%s' in the registry is not right", name);
        t.range = (uint32_t)n;
    } else if (rc != SQLITE_DONE) {
        return store_fail(s, e, "read the registry");
    } else if (add_tenant(s, name, &t.range, e) < 0) {
        return -1;
    }
    *out = t;
    return 0;
}

int store_stage(struct store *s, enum operation op, const char *id, const char *detail, int64_t *entry,
                struct err *e)
{
    int64_t staged = 0;
    int rc;

    if ((int)op < 0 || op >= OP_COUNT)
        return err_set(e, ERR_INTERNAL, "cannot stage operation %d", (int)op);
    if (begin(s, e, "write to the journal") < 0)
        return -1;
    bind_text(s, SQL_SUPERSEDE, 1, operation_names[op]);
    bind_text(s, SQL_SUPERSEDE, 2, id);
    rc = run(s, SQL_SUPERSEDE, e, "write to the journal");
    if (rc == 0) {
        bind_text(s, SQL_STAGE, 1, operation_names[op]);
        bind_text(s, SQL_STAGE, 2, id);
        bind_text(s, SQL_STAGE, 3, detail ? detail : "");
        rc = run(s, SQL_STAGE, e, "write to the journal");
    }
    if (rc == 0)
        staged = sqlite3_last_insert_rowid(s->db);
    rc = end(s, rc, e, "write to the journal");
    if (rc == 0)
        *entry = staged;
    return rc;
}

int store_commit(struct store *s, int64_t entry, struct err *e)
{
    return close_entry(s, entry, e);
}

int store_staged(struct store *s, store_journal_fn *fn, void *user, struct err *e)
{
    int rc;

    while ((rc = step(s, SQL_STAGED)) == SQLITE_ROW) {
        const char *name = column(s, SQL_STAGED, 1);
        int op = 0;

        while (op < OP_COUNT && strcmp(operation_names[op], name) != 0)
            op++;
        if (op == OP_COUNT)
            log_error("journal: operation '%s' is not known", name);
        else
            fn(user, sqlite3_column_int64(s->statement[SQL_STAGED], 0), (enum operation)op,
               column(s, SQL_STAGED, 2), column(s, SQL_STAGED, 3));
    }
    return rc == SQLITE_DONE ? 0 : store_fail(s, e, "read the journal");
}

int64_t store_journal_size(struct store *s, struct err *e)
{
    int64_t n;

    if (step(s, SQL_JOURNAL_SIZE) != SQLITE_ROW)
        return store_fail(s, e, "read the journal");
    n = sqlite3_column_int64(s->statement[SQL_JOURNAL_SIZE], 0);
    done(s, SQL_JOURNAL_SIZE);
    return n;
}

int store_check(struct store *s, struct err *e)
{
    return store_sound(s, e) == 0 ? 0 : -1;
}
