/* SPDX-License-Identifier: MIT
 * The registry on a disk that fails: the n-th write, sync or read of SQLite ends with an error, for every n
 * until none fails. An operation has then changed nothing and said so, or it is done; the file is sound
 * either way. */
#include "failing_vfs.h"
#include "store_kit.h"

#include "core/podman.h"

/* Everything that the registry says, as text. */
struct telling {
    char text[2048];
};

static void tell_row(void *user, const struct store_row *row)
{
    struct telling *t = user;
    size_t n = strlen(t->text);

    snprintf(t->text + n, sizeof t->text - n, "%s %s %u %d\n", row->spec.id, row->spec.image, row->range,
             row->wanted);
}

static void tell_entry(void *user, int64_t entry, enum operation op, const char *id, const char *detail)
{
    struct telling *t = user;
    size_t n = strlen(t->text);

    (void)entry;
    snprintf(t->text + n, sizeof t->text - n, "staged %d %s %s\n", (int)op, id, detail);
}

static bool tell(struct store *s, struct telling *t)
{
    struct store_tenant tenant = {0};
    char front[32] = "";
    struct err e = {0};
    size_t n;

    t->text[0] = '\0';
    if (store_personas(s, tell_row, t, &e) < 0 || store_staged(s, tell_entry, t, &e) < 0 ||
        store_get(s, STORE_FRONT, front, sizeof front, &e) < 0 || store_tenant(s, "old", &tenant, &e) < 0)
        return false;
    n = strlen(t->text);
    snprintf(t->text + n, sizeof t->text - n, "front %s, old %u %d\n", front, tenant.range, tenant.wanted);
    return true;
}

static int64_t entry_work; /* staged in the template */

static int do_add(struct store *s, struct err *e)
{
    struct persona_spec spec = spec_of("new");
    uint32_t range;

    return store_range_next(s, &range, e) < 0 ? -1 : store_add(s, &spec, range, entry_work, e);
}

static int do_remove(struct store *s, struct err *e)
{
    return store_remove(s, "work", entry_work, e);
}

static int do_wanted(struct store *s, struct err *e)
{
    return store_wanted(s, "work", true, entry_work, e);
}

static int do_stage(struct store *s, struct err *e)
{
    int64_t entry = 0;
    int rc = store_stage(s, OP_RM, "work", "wipe", &entry, e);

    T((rc == 0) == (entry > 0));
    return rc;
}

static int do_commit(struct store *s, struct err *e)
{
    return store_commit(s, entry_work, e);
}

static int do_front(struct store *s, struct err *e)
{
    return store_set(s, STORE_FRONT, "work", e);
}

static int do_tenant(struct store *s, struct err *e)
{
    struct store_tenant t;

    return store_tenant(s, "fresh", &t, e);
}

static int do_tenant_wanted(struct store *s, struct err *e)
{
    return store_tenant_wanted(s, "old", false, 0, e);
}

static int do_ranges(struct store *s, struct err *e)
{
    return store_ranges_from(s, 100, e);
}

static const struct {
    const char *name;
    int (*fn)(struct store *s, struct err *e);
} operations[] = {
    {"add", do_add},       {"remove", do_remove}, {"wanted", do_wanted}, {"stage", do_stage},
    {"commit", do_commit}, {"front", do_front},   {"tenant", do_tenant}, {"tenant wanted", do_tenant_wanted},
    {"ranges", do_ranges},
};

static void shell(const char *text)
{
    char cmd[512];

    snprintf(cmd, sizeof cmd, "cd %s && %s", dir, text);
    T_NAMED(system(cmd) == 0, text);
}

/* The registry that each round begins with: made once, copied each time. */
static void make_template(void)
{
    struct persona_spec work = spec_of("work"), web = spec_of("web");
    struct store_tenant t;
    struct store *s = open_sound();
    struct err e = {0};
    uint32_t range;

    T_INT(add_row(s, &work, &range, &e), 0);
    T_INT(add_row(s, &web, &range, &e), 0);
    T_INT(store_tenant(s, "old", &t, &e), 0);
    T_INT(store_stage(s, OP_START, "work", "create", &entry_work, &e), 0);
    store_close(s);
    shell("mkdir template && mv personas.db* template/");
}

static bool integrity(void)
{
    sqlite3_stmt *st = NULL;
    sqlite3 *db = NULL;
    bool ok = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, real->zName) == SQLITE_OK &&
              sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &st, NULL) == SQLITE_OK &&
              sqlite3_step(st) == SQLITE_ROW && strcmp((const char *)sqlite3_column_text(st, 0), "ok") == 0;

    sqlite3_finalize(st);
    sqlite3_close(db);
    return ok;
}

/* As the next start finds it. */
static bool read_again(struct telling *t)
{
    struct err e = {0};
    bool salvaged = true, ok;
    struct store *s = store_open(path, &salvaged, &e);

    ok = s && !salvaged && tell(s, t);
    store_close(s);
    return ok && integrity();
}

static void quietly(const char *cmd)
{
    char text[256];

    snprintf(text, sizeof text, "cd %s && %s", dir, cmd);
    if (system(text) != 0)
        T_NAMED(false, cmd);
}

struct round_result {
    bool struck, good;
};

/* One operation with its n-th write failing. `before` and `after`: what the registry says without the fault.
 */
static struct round_result one(size_t op, long n, bool for_good, int code, const struct telling *before,
                               const struct telling *after)
{
    struct telling now, later;
    struct err e = {0};
    bool salvaged, said;
    struct store *s;
    int rc;

    quietly("rm -f personas.db* && cp template/* .");
    s = store_open(path, &salvaged, &e);
    if (!s)
        return (struct round_result){true, false};
    arm(WRITES, n, for_good, code);
    rc = operations[op].fn(s, &e);
    disarm();
    said = rc == 0 ? e.code == ERR_NONE
                   : (e.code == ERR_STORE || e.code == ERR_DISK_FULL) && e.message[0] &&
                         (code != SQLITE_FULL || for_good || e.code == ERR_DISK_FULL || e.code == ERR_STORE);
    if (!tell(s, &now))
        said = false;
    store_close(s);
    if (!read_again(&later))
        said = false;
    return (struct round_result){fault.struck,
                                 said && strcmp(now.text, rc == 0 ? after->text : before->text) == 0 &&
                                     strcmp(later.text, now.text) == 0};
}

static void test_operation(size_t op, bool for_good, int code)
{
    struct telling before, after;
    struct err e = {0};
    char name[96];
    struct store *s;
    long n = 0;
    bool good = true;

    quietly("rm -f personas.db* && cp template/* .");
    s = open_sound();
    T(tell(s, &before));
    T_INT(operations[op].fn(s, &e), 0);
    T(tell(s, &after));
    store_close(s);
    for (;; n++) {
        struct round_result r = one(op, n, for_good, code, &before, &after);

        if (!r.good)
            printf("# %s: write %ld\n", operations[op].name, n);
        good = good && r.good;
        if (!r.struck || n > 500)
            break;
    }
    snprintf(name, sizeof name, "%s: each of its %ld writes fails with %d%s", operations[op].name, n, code,
             for_good ? ", and all after it" : "");
    T_NAMED(good && n > 0 && n <= 500, name);
}

/* What was answered is on the disk, also after a small value that need not be. */
static void test_durable(void)
{
    struct err e = {0};
    char name[64];

    for (size_t op = 0; op < sizeof operations / sizeof *operations; op++) {
        bool waits = operations[op].fn != do_front;
        struct store *s;
        long before;

        quietly("rm -f personas.db* && cp template/* .");
        s = open_sound();
        T_INT(do_front(s, &e), 0);
        before = syncs;
        T_INT(operations[op].fn(s, &e), 0);
        snprintf(name, sizeof name, "%s: %s for the disk", operations[op].name,
                 waits ? "waits" : "does not wait");
        T_NAMED((syncs > before) == waits, name);
        store_close(s);
    }
}

/* Opening: what cannot be written is no reason to move a sound registry aside. */
static void test_open(const char *what, bool fresh, bool for_good, int code)
{
    struct telling before = {0}, later;
    bool good = true;
    char name[96];
    long n;

    if (!fresh) {
        quietly("rm -f personas.db* && cp template/* .");
        T(read_again(&before));
    }
    for (n = 0; n <= 500; n++) {
        struct err e = {0};
        bool salvaged = true;
        struct store *s;

        quietly(fresh ? "rm -f personas.db*" : "rm -f personas.db* && cp template/* .");
        arm(WRITES, n, for_good, code);
        s = store_open(path, &salvaged, &e);
        disarm();
        good = good && !salvaged && (s || e.code == ERR_STORE || e.code == ERR_DISK_FULL);
        store_close(s);
        good = good && read_again(&later) && (fresh || strcmp(later.text, before.text) == 0);
        if (!fault.struck)
            break;
    }
    snprintf(name, sizeof name, "%s: each of its %ld writes fails with %d%s", what, n, code,
             for_good ? ", and all after it" : "");
    T_NAMED(good && n <= 500 && (n > 0 || !fresh), name);
}

/* A sector that cannot be read once: the operation fails or not, nothing is lost. */
static void test_reads(void)
{
    struct telling before, later;
    bool good = true;
    long n;

    quietly("rm -f personas.db* && cp template/* .");
    T(read_again(&before));
    for (n = 0; n <= 500; n++) {
        struct err e = {0};
        bool salvaged = true;
        struct store *s;

        quietly("rm -f personas.db* && cp template/* .");
        arm(READS, n, false, SQLITE_IOERR);
        s = store_open(path, &salvaged, &e);
        disarm();
        store_close(s);
        good = good && s && !salvaged && read_again(&later) && strcmp(later.text, before.text) == 0;
        if (!fault.struck)
            break;
    }
    printf("# %ld reads\n", n);
    T_NAMED(good && n > 0 && n <= 500, "a read that fails once at the opening costs nothing");
    quietly("rm -f personas.db* && cp template/* .");
    {
        struct err e = {0};
        bool salvaged = false;
        struct store *s;

        arm(READS, 0, true, SQLITE_IOERR);
        s = store_open(path, &salvaged, &e);
        disarm();
        T_NAMED(!s && e.code == ERR_STORE, "a disk that reads nothing at all: no registry, and it is said");
        quietly("cmp template/personas.db personas.db.broken-1");
        store_close(s);
    }
}

int main(void)
{
    kit_begin();
    install();
    make_template();
    test_durable();
    for (int for_good = 0; for_good < 2; for_good++)
        for (int full = 0; full < 2; full++) {
            int code = full ? SQLITE_FULL : SQLITE_IOERR_WRITE;

            for (size_t op = 0; op < sizeof operations / sizeof *operations; op++)
                test_operation(op, for_good, code);
            test_open("a new registry", true, for_good, code);
            test_open("an old registry", false, for_good, code);
        }
    test_reads();
    quietly("rm -r template");
    kit_end();
    return t_done();
}
