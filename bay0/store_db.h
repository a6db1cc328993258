/* SPDX-License-Identifier: MIT
 * What store.c and store_open.c share: the connection and its prepared statements. */
#ifndef BAY0_STORE_DB_H
#define BAY0_STORE_DB_H

#include "core/podman.h" /* RANGE_COUNT */
#include "store.h"

#include <sqlite3.h>

#define STORE_RANGE_NEXT "range-next"

enum statement {
    SQL_BEGIN,
    SQL_COMMIT,
    SQL_ROLLBACK,
    SQL_PERSONAS,
    SQL_ADD,
    SQL_REMOVE,
    SQL_WANTED,
    SQL_DECLARE,
    SQL_TENANT_GET,
    SQL_TENANT_ADD,
    SQL_TENANT_WANTED,
    SQL_RANGE_FREE,
    SQL_SUPERSEDE,
    SQL_STAGE,
    SQL_UNSTAGE,
    SQL_STAGED,
    SQL_JOURNAL_SIZE,
    SQL_SET,
    SQL_GET,
    SQL_QUICK_CHECK,
    SQL_COUNT
};

struct store {
    sqlite3 *db;
    sqlite3_stmt *statement[SQL_COUNT];
};

/* Fills *e from what SQLite says about its last call: "cannot <what>: <why>". Returns -1. */
int store_fail(struct store *s, struct err *e, const char *what);
/* PRAGMA quick_check: 0 sound, 1 not sound, -1 could not be found out (*e). */
int store_sound(struct store *s, struct err *e);

#endif
