/* SPDX-License-Identifier: MIT
 * Opens the registry: schema, upgrades, and a new file in the place of one that is broken. */
#include "store_db.h"

#include "fsutil.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUSY_MS = 100, BROKEN_MAX = 999 };

/* One string a version, each run in one transaction together with its user_version. Only ever append. */
static const char *const upgrades[] = {
    "CREATE TABLE persona (id TEXT PRIMARY KEY, spec TEXT NOT NULL, range INTEGER NOT NULL UNIQUE,"
    " wanted INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;"
    "CREATE TABLE tenant (name TEXT PRIMARY KEY, range INTEGER NOT NULL UNIQUE) STRICT, WITHOUT ROWID;"
    "CREATE TABLE journal (entry INTEGER PRIMARY KEY AUTOINCREMENT, operation TEXT NOT NULL, id TEXT NOT "
    "NULL,"
    " detail TEXT NOT NULL) STRICT;"
    "CREATE TABLE value (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "INSERT INTO value VALUES ('" STORE_REBUILD "', '1');",
    "ALTER TABLE tenant ADD COLUMN wanted INTEGER NOT NULL DEFAULT 1;",
};
enum { VERSION = sizeof upgrades / sizeof upgrades[0] };

static const char *const sql[SQL_COUNT] = {
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",
    [SQL_PERSONAS] = "SELECT id, spec, range, wanted FROM persona ORDER BY id",
    [SQL_ADD] = "INSERT INTO persona (id, spec, range) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO NOTHING",
    [SQL_REMOVE] = "DELETE FROM persona WHERE id = ?1",
    [SQL_WANTED] = "UPDATE persona SET wanted = ?2 WHERE id = ?1",
    [SQL_DECLARE] = "UPDATE persona SET spec = ?2 WHERE id = ?1",
    [SQL_TENANT_GET] = "SELECT range, wanted FROM tenant WHERE name = ?1",
    [SQL_TENANT_ADD] = "INSERT INTO tenant (name, range) VALUES (?1, ?2)",
    [SQL_TENANT_WANTED] = "UPDATE tenant SET wanted = ?2 WHERE name = ?1",
    /* The lowest number that nobody has; used when all have been given out once. */
    [SQL_RANGE_FREE] =
        ("WITH used AS (SELECT -1 AS n UNION SELECT range FROM persona UNION SELECT range FROM tenant)"
         " SELECT min(n) + 1 FROM used WHERE n + 1 NOT IN (SELECT n FROM used)"),
    /* A tenant may have the name of a persona. */
    [SQL_SUPERSEDE] =
        "DELETE FROM journal WHERE id = ?2 AND (operation GLOB 'service-*') = (?1 GLOB 'service-*')",
    [SQL_STAGE] = "INSERT INTO journal (operation, id, detail) VALUES (?1, ?2, ?3)",
    [SQL_UNSTAGE] = "DELETE FROM journal WHERE entry = ?1",
    [SQL_STAGED] = "SELECT entry, operation, id, detail FROM journal ORDER BY entry",
    [SQL_JOURNAL_SIZE] = "SELECT count(*) FROM journal",
    [SQL_SET] = "INSERT INTO value (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2",
    [SQL_GET] = "SELECT value FROM value WHERE key = ?1",
    [SQL_QUICK_CHECK] = "PRAGMA quick_check(1)",
};

/* Exclusive locking keeps the index of the WAL in memory: no -shm file is needed, so that a full disk can
 * still be read, and a second bay0 is refused. */
static const char settings[] =
    "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
    "PRAGMA cache_size = -256; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = ON;"
    "PRAGMA trusted_schema = OFF; PRAGMA journal_size_limit = 1048576;";

int store_fail(struct store *s, struct err *e, const char *what)
{
    int code = sqlite3_errcode(s->db);
    const char *why = sqlite3_errmsg(s->db);

    switch (code & 0xff) {
    case SQLITE_FULL:
        return err_set(e, ERR_DISK_FULL, "cannot %s: the disk of the registry is full", what);
    case SQLITE_NOMEM:
        return err_set(e, ERR_NO_MEMORY, "cannot %s: no memory", what);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        err_set(e, ERR_STORE, "cannot %s: another program uses the registry", what);
        return err_hint(e, "end that program, or wait until it has ended");
    default:
        if (sqlite3_system_errno(s->db) == ENOSPC)
            return err_set(e, ERR_DISK_FULL, "cannot %s: the disk of the registry is full", what);
        return err_set(e, ERR_STORE, "cannot %s: %s", what, why);
    }
}

int store_sound(struct store *s, struct err *e)
{
    sqlite3_stmt *st = s->statement[SQL_QUICK_CHECK];
    int rc = sqlite3_step(st);
    int verdict = 1;

    if (rc == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(st, 0);

        if (text && strcmp(text, "ok") == 0)
            verdict = 0;
        else
            err_set(e, ERR_STORE, "the registry is damaged: %s", text ? text : "no verdict");
    } else {
        store_fail(s, e, "check the registry");
        if (rc != SQLITE_CORRUPT && rc != SQLITE_NOTADB)
            verdict = -1;
    }
    (void)sqlite3_reset(st);
    return verdict;
}

void store_close(struct store *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < SQL_COUNT; i++)
        (void)sqlite3_finalize(s->statement[i]);
    if (sqlite3_close(s->db) != SQLITE_OK)
        log_error("cannot close the registry: %s", sqlite3_errmsg(s->db));
    free(s);
}

static int version(struct store *s)
{
    sqlite3_stmt *st = NULL;
    int n = -1;

    if (sqlite3_prepare_v2(s->db, "PRAGMA user_version", -1, &st, NULL) == SQLITE_OK &&
        sqlite3_step(st) == SQLITE_ROW)
        n = sqlite3_column_int(st, 0);
    (void)sqlite3_finalize(st);
    return n;
}

static int upgrade(struct store *s)
{
    int from = version(s);

    if (from < 0)
        return -1;
    for (int i = from; i < VERSION; i++) {
        char mark[64];

        (void)snprintf(mark, sizeof mark, "PRAGMA user_version = %d", i + 1);
        if (sqlite3_exec(s->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
            return -1;
        if (sqlite3_exec(s->db, upgrades[i], NULL, NULL, NULL) != SQLITE_OK ||
            sqlite3_exec(s->db, mark, NULL, NULL, NULL) != SQLITE_OK ||
            sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
            return -1; /* closing the connection rolls back */
    }
    return 0;
}

/* SQLITE_ERROR is what a database gives that is sound but has other tables than ours. What cannot be read is
 * as bad as what cannot be understood; what cannot be written may be only a full disk. */
static bool is_broken(sqlite3 *db)
{
    int code = sqlite3_errcode(db), detail = sqlite3_extended_errcode(db);

    return code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_ERROR ||
           detail == SQLITE_IOERR_READ || detail == SQLITE_IOERR_SHORT_READ;
}

/* NULL with *e; *broken when the file itself is at fault. */
static struct store *try_open(const char *path, bool *broken, struct err *e)
{
    int fd = fs_open(AT_FDCWD, path, O_RDWR | O_CREAT, 0600); /* SQLite would make it readable for all */
    struct store *s;
    int sound = -1;

    *broken = false;
    if (fd < 0) {
        *broken = errno == EISDIR || errno == ELOOP || errno == EIO;
        (void)err_set(e, errno == ENOSPC ? ERR_DISK_FULL : ERR_STORE, "cannot open the registry %s: %s", path,
                      strerror(errno));
        return NULL;
    }
    fs_close(&fd);
    s = calloc(1, sizeof *s);
    if (!s) {
        err_set(e, ERR_NO_MEMORY, "cannot open the registry: no memory");
        return NULL;
    }
    if (sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK ||
        sqlite3_extended_result_codes(s->db, 0) != SQLITE_OK ||
        sqlite3_busy_timeout(s->db, BUSY_MS) != SQLITE_OK ||
        sqlite3_exec(s->db, settings, NULL, NULL, NULL) != SQLITE_OK || upgrade(s) < 0)
        goto fail;
    if (version(s) > VERSION) {
        err_set(e, ERR_STORE, "the registry %s was made by a newer bay0 (version %d, this one knows %d)",
                path, version(s), VERSION);
        err_hint(e, "start the newer Spine again; nothing was changed");
        store_close(s);
        return NULL;
    }
    for (size_t i = 0; i < SQL_COUNT; i++)
        if (sqlite3_prepare_v3(s->db, sql[i], -1, SQLITE_PREPARE_PERSISTENT, &s->statement[i], NULL) !=
            SQLITE_OK)
            goto fail;
    sound = store_sound(s, e);
    if (sound == 0)
        return s;
    *broken = sound == 1;
    store_close(s);
    return NULL;
fail:
    *broken = s->db && is_broken(s->db);
    store_fail(s, e, "open the registry");
    store_close(s);
    return NULL;
}

/* Its WAL goes with it: beside a new file it would be taken for that file's. */
static int move_aside(const char *path, char *to, size_t size, struct err *e)
{
    static const char *const parts[] = {"-wal", "-shm", "-journal"};
    int n = 0;

    do
        (void)snprintf(to, size, "%s.broken-%d", path, ++n);
    while (n < BROKEN_MAX && access(to, F_OK) == 0);
    if (rename(path, to) < 0)
        return err_set(e, ERR_STORE, "cannot move the broken registry to %s: %s", to, strerror(errno));
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        char from[PATH_MAX], beside[PATH_MAX];

        (void)snprintf(from, sizeof from, "%s%s", path, parts[i]);
        (void)snprintf(beside, sizeof beside, "%s%s", to, parts[i]);
        if (rename(from, beside) < 0 && errno != ENOENT)
            return err_set(e, ERR_STORE, "cannot move %s: %s", from, strerror(errno));
    }
    return 0;
}

struct store *store_open(const char *path, bool *salvaged, struct err *e)
{
    char aside[PATH_MAX];
    struct err why = {0};
    struct store *s;
    bool broken;

    *salvaged = false;
    if (strlen(path) + sizeof ".broken-999-journal" > sizeof aside) {
        err_set(e, ERR_STORE, "cannot open the registry: its path is too long");
        return NULL;
    }
    s = try_open(path, &broken, &why);
    if (!s && broken) { /* a disk may err once */
        why = (struct err){0};
        s = try_open(path, &broken, &why);
    }
    if (!s && broken) {
        log_error("%s; a new one takes its place", why.message);
        why = (struct err){0};
        if (move_aside(path, aside, sizeof aside, &why) == 0) {
            log_error("the broken registry is kept as %s", aside);
            s = try_open(path, &broken, &why);
            *salvaged = s != NULL;
        }
    }
    if (!s && e)
        *e = why;
    return s;
}
