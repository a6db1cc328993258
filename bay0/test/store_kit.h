/* SPDX-License-Identifier: MIT
 * What the tests of the registry share: a folder for it, a declaration, and a look past the store's back. */
#ifndef BAY0_TEST_STORE_KIT_H
#define BAY0_TEST_STORE_KIT_H

#include "store.h"

#include "fsutil.h"
#include "tests/t.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/spine-store-XXXXXX";
static char path[128];

static inline struct persona_spec spec_of(const char *id)
{
    struct persona_spec s = {.memory = 1ull << 30, .cpus_milli = 1500, .pids = 256, .gpu = true};

    snprintf(s.id, sizeof s.id, "%s", id);
    snprintf(s.image, sizeof s.image, "docker.io/library/debian:12");
    snprintf(s.colour, sizeof s.colour, "#a0b1c2");
    snprintf(s.cores, sizeof s.cores, "0-1");
    s.command_words = 2;
    memcpy(s.command, "foot\0--title=x", sizeof "foot\0--title=x");
    return s;
}

static inline struct store *open_sound(void)
{
    struct err e = {0};
    bool salvaged = true;
    struct store *s = store_open(path, &salvaged, &e);

    if (!s)
        printf("# %d %d %d %s\n", s != NULL, salvaged, e.code, e.message);
    T(s != NULL && !salvaged);
    return s;
}

/* As an add does it: the number is asked for, then written. */
static inline int add_row(struct store *s, const struct persona_spec *spec, uint32_t *range, struct err *e)
{
    uint32_t next;

    if (store_range_next(s, &next, e) < 0 || store_add(s, spec, next, 0, e) < 0)
        return -1;
    *range = next;
    return 0;
}

static inline int tenant_range(struct store *s, const char *name, uint32_t *range, struct err *e)
{
    struct store_tenant t;

    if (store_tenant(s, name, &t, e) < 0)
        return -1;
    *range = t.range;
    return 0;
}

static inline void remove_files(void)
{
    char cmd[128];

    snprintf(cmd, sizeof cmd, "rm -f %s/personas.db*", dir);
    T_INT(system(cmd), 0);
}

struct rows {
    size_t n;
    struct store_row row[8];
};

static inline void on_row(void *user, const struct store_row *row)
{
    struct rows *r = user;

    if (r->n < 8)
        r->row[r->n] = *row;
    r->n++;
}

static inline struct rows read_rows(struct store *s)
{
    struct rows r = {0};
    struct err e = {0};

    T_INT(store_personas(s, on_row, &r, &e), 0);
    return r;
}

/* Changes the file behind the store's back; the store must be closed. */
static inline void sql(const char *text)
{
    sqlite3 *db;
    char *why = NULL;

    T_INT(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, text, NULL, NULL, &why) != SQLITE_OK)
        T_NAMED(false, why ? why : "sql");
    sqlite3_free(why);
    sqlite3_close(db);
}

struct entries {
    size_t n;
    int64_t entry[4];
    enum operation op[4];
    char text[4][64];
};

static inline void on_entry(void *user, int64_t entry, enum operation op, const char *id, const char *detail)
{
    struct entries *j = user;

    if (j->n < 4) {
        j->entry[j->n] = entry;
        j->op[j->n] = op;
        snprintf(j->text[j->n], sizeof j->text[0], "%s/%s", id, detail);
    }
    j->n++;
}

static inline void kit_begin(void)
{
    T(mkdtemp(dir) != NULL);
    snprintf(path, sizeof path, "%s/personas.db", dir);
}

static inline void kit_end(void)
{
    snprintf(path, sizeof path, "%s/personas.db", dir);
    remove_files();
    T_INT(rmdir(dir), 0);
}

#endif
