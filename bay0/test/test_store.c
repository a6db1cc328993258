/* SPDX-License-Identifier: MIT
 * The registry with real SQLite: rows, ranges, journal, broken files, a full disk and a killed writer. */
#include "store.h"

#include "core/podman.h"
#include "fsutil.h"
#include "tests/t.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[] = "/tmp/spine-store-XXXXXX";
static char path[128];

static struct persona_spec spec_of(const char *id)
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

static struct store *open_sound(void)
{
    struct err e = {0};
    bool salvaged = true;
    struct store *s = store_open(path, &salvaged, &e);

    if (!s)
        printf("# %d %d %d %s\n", s != NULL, salvaged, e.code, e.message);
    T(s != NULL && !salvaged);
    return s;
}

static void remove_files(void)
{
    char cmd[128];

    snprintf(cmd, sizeof cmd, "rm -f %s/personas.db*", dir);
    T_INT(system(cmd), 0);
}

struct rows {
    size_t n;
    struct store_row row[8];
};

static void on_row(void *user, const struct store_row *row)
{
    struct rows *r = user;

    if (r->n < 8)
        r->row[r->n] = *row;
    r->n++;
}

static struct rows read_rows(struct store *s)
{
    struct rows r = {0};
    struct err e = {0};

    T_INT(store_personas(s, on_row, &r, &e), 0);
    return r;
}

/* Changes the file behind the store's back; the store must be closed. */
static void sql(const char *text)
{
    sqlite3 *db;
    char *why = NULL;

    T_INT(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, text, NULL, NULL, &why) != SQLITE_OK)
        T_NAMED(false, why ? why : "sql");
    sqlite3_free(why);
    sqlite3_close(db);
}

static void test_rows(void)
{
    struct persona_spec work = spec_of("work"), web = spec_of("web");
    struct store *s = open_sound();
    struct err e = {0};
    struct stat st;
    struct rows r;
    uint32_t range = 99;

    T(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
    T_INT(read_rows(s).n, 0);
    T_INT(store_add(s, &work, &range, &e), 0);
    T_INT(range, 0);
    T_INT(store_add(s, &web, &range, &e), 0);
    T_INT(range, 1);
    range = 77;
    T(store_add(s, &work, &range, &e) < 0 && e.code == ERR_EXISTS && range == 77);
    e = (struct err){0};
    T_INT(store_wanted(s, "web", true, &e), 0);
    T(store_wanted(s, "nobody", true, &e) < 0 && e.code == ERR_NO_PERSONA);
    e = (struct err){0};
    T(store_remove(s, "nobody", &e) < 0 && e.code == ERR_NO_PERSONA);
    store_close(s);

    s = open_sound();
    r = read_rows(s);
    T_INT(r.n, 2);
    T_STR(r.row[0].spec.id, "web");
    T(r.row[0].wanted && !r.row[1].wanted && r.row[0].range == 1 && r.row[1].range == 0);
    T_STR(r.row[1].spec.image, work.image);
    T(r.row[1].spec.memory == work.memory && r.row[1].spec.cpus_milli == 1500 && r.row[1].spec.gpu);
    T(r.row[1].spec.command_words == 2 && memcmp(r.row[1].spec.command, work.command, 15) == 0);
    T_INT(store_remove(s, "work", &e), 0);
    T_INT(store_add(s, &work, &range, &e), 0);
    T_NAMED(range == 2, "the number of a removed persona is not used again");
    T_INT(store_tenant_range(s, "ai-core", &range, &e), 0);
    T_INT(range, 3);
    range = 0;
    T_INT(store_tenant_range(s, "ai-core", &range, &e), 0);
    T_INT(range, 3);
    T_INT(store_check(s, &e), 0);
    store_close(s);
    store_close(NULL);
}

static void test_values(void)
{
    struct store *s = open_sound();
    struct err e = {0};
    char text[16];

    T_INT(store_get(s, "front", text, sizeof text, &e), 0);
    T_STR(text, "");
    T_INT(store_set(s, "front", "work", &e), 0);
    T_INT(store_set(s, "front", "we'b\"", &e), 0);
    T_INT(store_get(s, "front", text, sizeof text, &e), 0);
    T_STR(text, "we'b\"");
    T(store_get(s, "front", text, 4, &e) < 0 && e.code == ERR_STORE);
    store_close(s);
}

struct entries {
    size_t n;
    int64_t entry[4];
    enum operation op[4];
    char text[4][64];
};

static void on_entry(void *user, int64_t entry, enum operation op, const char *id, const char *detail)
{
    struct entries *j = user;

    if (j->n < 4) {
        j->entry[j->n] = entry;
        j->op[j->n] = op;
        snprintf(j->text[j->n], sizeof j->text[0], "%s/%s", id, detail);
    }
    j->n++;
}

static void test_journal(void)
{
    struct store *s = open_sound();
    struct entries j = {0};
    struct err e = {0};
    int64_t a = 0, b = 0, c = 0;

    T_INT(store_stage(s, OP_START, "work", NULL, &a, &e), 0);
    T_INT(store_stage(s, OP_RM, "web", "wipe", &b, &e), 0);
    T(b > a && a > 0);
    T(store_stage(s, OP_COUNT, "web", "", &c, &e) < 0 && e.code == ERR_INTERNAL);
    store_close(s);
    sql("INSERT INTO journal (operation, id, detail) VALUES ('dance', 'web', '')");
    s = open_sound();
    T_INT(store_staged(s, on_entry, &j, &e), 0);
    T_NAMED(j.n == 2, "an operation that is not known is passed over");
    T(j.entry[0] == a && j.op[0] == OP_START && j.entry[1] == b && j.op[1] == OP_RM);
    T_STR(j.text[0], "work/");
    T_STR(j.text[1], "web/wipe");
    T_INT(store_commit(s, a, &e), 0);
    T_INT(store_commit(s, b, &e), 0);
    T_NAMED(store_commit(s, b, &e) == 0, "committing twice is no error");
    j = (struct entries){0};
    T_INT(store_staged(s, on_entry, &j, &e), 0);
    T_INT(j.n, 0);
    T_INT(store_stage(s, OP_ADD, "x", "", &c, &e), 0);
    T_NAMED(c > b + 1, "entries are never numbered twice");
    T_INT(store_commit(s, c, &e), 0);
    store_close(s);
}

static void test_foreign_rows(void)
{
    struct store *s;
    struct rows r;

    sql("INSERT INTO persona VALUES ('aa', 'no json', 100, 0), ('bb', '{\"id\":\"other\"}', 101, 0),"
        " ('cc', '{\"id\":\"cc\",\"image\":\"debian\",\"colour\":\"#000000\",\"news\":1}', 102, 1),"
        " ('dd', '{\"id\":\"ee\",\"image\":\"debian\",\"colour\":\"#000000\"}', 103, 1),"
        " ('ff', '{\"id\":\"ff\",\"image\":\"debian\",\"colour\":\"#000000\"}', 999999, 1)");
    s = open_sound();
    r = read_rows(s);
    T_NAMED(r.n == 2, "rows that cannot be used are passed over, the others are there");
    T_STR(r.row[0].spec.id, "web");
    store_close(s);
    sql("DELETE FROM persona WHERE id IN ('aa', 'bb', 'cc', 'dd', 'ff')");
}

static void test_ranges_run_out(void)
{
    struct persona_spec spec = spec_of("last");
    struct store *s;
    struct err e = {0};
    uint32_t range = 0;
    char text[256];

    snprintf(text, sizeof text, "UPDATE value SET value = '%d' WHERE key = 'range-next'", RANGE_COUNT - 1);
    sql(text);
    s = open_sound();
    T_INT(store_add(s, &spec, &range, &e), 0);
    T_INT(range, RANGE_COUNT - 1);
    spec = spec_of("again");
    T_INT(store_add(s, &spec, &range, &e), 0);
    T_NAMED(range == 0, "when all were given out, the lowest free one comes again"); /* 1, 2, 3 are in use */
    spec = spec_of("again2");
    T_INT(store_add(s, &spec, &range, &e), 0);
    T_INT(range, 4);
    store_close(s);
    snprintf(text, sizeof text,
             "WITH RECURSIVE n(i) AS (SELECT 5 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
             "INSERT INTO tenant SELECT 't' || i, i FROM n",
             RANGE_COUNT - 2);
    sql(text);
    s = open_sound();
    spec = spec_of("toomany");
    T(store_add(s, &spec, &range, &e) < 0 && e.code == ERR_LIMIT);
    T_INT(store_remove(s, "again2", &e), 0);
    T_INT(store_add(s, &spec, &range, &e), 0);
    T_INT(range, 4);
    store_close(s);
}

/* how is a shell command on "$1". */
static void spoil(const char *how)
{
    char cmd[512];

    snprintf(cmd, sizeof cmd, "set -- %s; %s", path, how);
    T_INT(system(cmd), 0);
}

static void test_broken(void)
{
    static const char *const ways[] = {
        "head -c 100000 /dev/urandom >$1",                                              /* garbage */
        "truncate -s 5000 $1",                                                          /* cut */
        "printf hello | dd of=$1 conv=notrunc bs=1 seek=0 2>/dev/null",                 /* header gone */
        "head -c 8192 /dev/urandom | dd of=$1 conv=notrunc bs=4096 seek=1 2>/dev/null", /* pages gone */
    };
    struct persona_spec spec = spec_of("work");
    struct err e = {0};
    char aside[160];
    uint32_t range;

    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        bool salvaged = false;
        struct store *s;

        remove_files();
        s = open_sound();
        T_INT(store_add(s, &spec, &range, &e), 0);
        store_close(s);
        spoil(ways[i]);
        s = store_open(path, &salvaged, &e);
        T_NAMED(s && salvaged, ways[i]);
        T_INT(read_rows(s).n, 0);
        T_INT(store_add(s, &spec, &range, &e), 0);
        store_close(s);
        snprintf(aside, sizeof aside, "%s.broken-1", path);
        T(access(aside, F_OK) == 0);
        s = open_sound();
        T_INT(read_rows(s).n, 1);
        store_close(s);
    }
    spoil("head -c 9000 /dev/urandom >$1");
    {
        bool salvaged = false;
        struct store *s = store_open(path, &salvaged, &e);

        T(s && salvaged);
        store_close(s);
        snprintf(aside, sizeof aside, "%s.broken-2", path);
        T(access(aside, F_OK) == 0);
    }
    remove_files();
    sql("CREATE TABLE persona (name TEXT)");
    {
        bool salvaged = false;
        struct store *s = store_open(path, &salvaged, &e);

        T_NAMED(s && salvaged, "another program's database is moved aside");
        store_close(s);
    }
    remove_files();
    T_INT(fs_replace(path, "", 0, 0600), 0);
    store_close(open_sound()); /* an empty file is what a power cut at the first start leaves */
    sql("PRAGMA user_version = 99");
    {
        bool salvaged = true;
        struct store *s = store_open(path, &salvaged, &e);

        T_NAMED(!s && !salvaged && e.code == ERR_STORE, "a newer registry is left alone");
        snprintf(aside, sizeof aside, "%s.broken-1", path);
        T(access(aside, F_OK) < 0);
    }
    remove_files();
    {
        bool salvaged;
        struct store *s = store_open("/nonexistent/dir/personas.db", &salvaged, &e);

        T(!s && e.code == ERR_STORE);
    }
}

static void test_second_one(void)
{
    struct store *s = open_sound();
    struct err e = {0};
    int status = -1;
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        bool salvaged = true;
        struct store *other = store_open(path, &salvaged, &e);

        _exit(!other && !salvaged && e.code == ERR_STORE && strstr(e.message, "another program") ? 0 : 1);
    }
    T(pid > 0 && waitpid(pid, &status, 0) == pid);
    T_NAMED(status == 0, "a second bay0 is refused and moves nothing aside");
    store_close(s);
}

/* Each acknowledged change is told through a pipe; after kill -9 they must all be there. */
static void test_killed(void)
{
    uint32_t range;
    struct err e = {0};

    for (int round = 0; round < 5; round++) {
        int ends[2], acked = 0, status;
        struct entries j = {0};
        struct store *s;
        char c;
        pid_t pid;

        remove_files();
        if (pipe2(ends, O_CLOEXEC) < 0)
            return;
        fflush(stdout);
        pid = fork();
        if (pid == 0) {
            bool salvaged;

            s = store_open(path, &salvaged, &e);
            for (int i = 0; s; i++) {
                char id[16];
                struct persona_spec spec;
                int64_t entry;

                snprintf(id, sizeof id, "p%d", i);
                spec = spec_of(id);
                if (store_stage(s, OP_ADD, id, "", &entry, &e) < 0 || store_add(s, &spec, &range, &e) < 0 ||
                    store_commit(s, entry, &e) < 0 || write(ends[1], "x", 1) != 1)
                    break;
            }
            _exit(1);
        }
        close(ends[1]);
        while (acked < 20 + 7 * round && read(ends[0], &c, 1) == 1)
            acked++;
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
        while (read(ends[0], &c, 1) == 1)
            acked++;
        close(ends[0]);
        T(WIFSIGNALED(status) && acked >= 20);
        s = open_sound();
        T(read_rows(s).n >= (size_t)acked && read_rows(s).n <= (size_t)acked + 1);
        T_INT(store_staged(s, on_entry, &j, &e), 0);
        T(j.n <= 1);
        T_INT(store_check(s, &e), 0);
        store_close(s);
    }
}

/* Up to max bytes, or until the disk is full. */
static void ballast(const char *file, size_t max)
{
    static const char block[4096];
    int fd = fs_open(AT_FDCWD, file, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    for (size_t put = 0; put < max && write(fd, block, sizeof block) > 0; put += sizeof block)
        continue;
    close(fd);
}

static size_t fill_registry(struct store *s)
{
    struct err e = {0};
    uint32_t range;

    for (size_t added = 0; added < 2000; added++) {
        struct persona_spec spec;
        char id[16];

        snprintf(id, sizeof id, "p%zu", added);
        spec = spec_of(id);
        if (store_add(s, &spec, &range, &e) < 0) {
            T_NAMED(e.code == ERR_DISK_FULL, "a full disk is told as such");
            return added;
        }
    }
    return 0;
}

static void test_full_disk(void)
{
    struct persona_spec spec = spec_of("one-more");
    char file[128], mount_at[64], wal[160];
    struct err e = {0};
    bool salvaged = true;
    struct store *s;
    uint32_t range;
    size_t added;

    snprintf(mount_at, sizeof mount_at, "%s/full", dir);
    if (mkdir(mount_at, 0700) < 0 ||
        mount("spine-test", mount_at, "tmpfs", MS_NOSUID | MS_NODEV, "size=512k") < 0) {
        t_skip("a full disk", "cannot mount a tmpfs");
        rmdir(mount_at);
        return;
    }
    snprintf(path, sizeof path, "%s/personas.db", mount_at);
    snprintf(wal, sizeof wal, "%s-wal", path);
    snprintf(file, sizeof file, "%s/ballast", mount_at);
    ballast(file, 128 * 1024);
    s = open_sound();
    added = fill_registry(s);
    T(added > 5);
    T_NAMED(read_rows(s).n == added, "and what was there can be read");
    store_close(s);

    snprintf(mount_at, sizeof mount_at, "%s/full/more", dir);
    ballast(mount_at, SIZE_MAX);
    s = open_sound(); /* as at boot with a full /persist */
    T_INT(read_rows(s).n, added);
    T_NAMED(store_add(s, &spec, &range, &e) < 0 && e.code == ERR_DISK_FULL, "no room for another");
    T_INT(unlink(file), 0);
    e = (struct err){0};
    T_NAMED(store_remove(s, "p1", &e) == 0, "it goes on when there is room again");
    T_INT(store_check(s, &e), 0);
    store_close(s);

    unlink(path);
    unlink(wal);
    ballast(file, SIZE_MAX);
    s = store_open(path, &salvaged, &e);
    T_NAMED(!s && !salvaged && e.code == ERR_DISK_FULL, "a new registry on a full disk");
    snprintf(mount_at, sizeof mount_at, "%s/full", dir);
    T_INT(umount(mount_at), 0);
    rmdir(mount_at);
}

int main(void)
{
    T(mkdtemp(dir) != NULL);
    snprintf(path, sizeof path, "%s/personas.db", dir);
    test_rows();
    test_values();
    test_journal();
    test_foreign_rows();
    test_ranges_run_out();
    test_broken();
    test_second_one();
    test_killed();
    remove_files();
    test_full_disk();
    T_INT(rmdir(dir), 0);
    return t_done();
}
