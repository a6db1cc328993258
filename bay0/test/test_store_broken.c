/* SPDX-License-Identifier: MIT
 * The registry when things go wrong: broken files, a second bay0, a killed writer, a full disk. */
#include "store_kit.h"

#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>

/* how is a shell command on "$1". */
static void spoil(const char *how)
{
    char cmd[512];

    snprintf(cmd, sizeof cmd, "set -- %s; %s", path, how);
    T_INT(system(cmd), 0);
}

static struct store *open_salvaged(const char *name)
{
    struct err e = {0};
    bool salvaged = false;
    struct store *s = store_open(path, &salvaged, &e);

    T_NAMED(s && salvaged, name);
    return s;
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
        struct store *s;

        remove_files();
        s = open_sound();
        T_INT(add_row(s, &spec, &range, &e), 0);
        store_close(s);
        spoil(ways[i]);
        s = open_salvaged(ways[i]);
        T_INT(read_rows(s).n, 0);
        T_INT(add_row(s, &spec, &range, &e), 0);
        store_close(s);
        snprintf(aside, sizeof aside, "%s.broken-1", path);
        T(access(aside, F_OK) == 0);
        s = open_sound();
        T_INT(read_rows(s).n, 1);
        store_close(s);
    }
    spoil("head -c 9000 /dev/urandom >$1");
    store_close(open_salvaged("a second broken file"));
    snprintf(aside, sizeof aside, "%s.broken-2", path);
    T(access(aside, F_OK) == 0);
    remove_files();
}

/* Files that are sound, but not a registry of ours. */
static void test_foreign_files(void)
{
    struct err e = {0};
    bool salvaged = true;
    char aside[160];

    sql("CREATE TABLE persona (name TEXT)");
    store_close(open_salvaged("another program's database is moved aside"));
    remove_files();
    T_INT(fs_replace(path, "", 0, 0600), 0);
    store_close(open_sound()); /* an empty file is what a power cut at the first start leaves */
    sql("PRAGMA user_version = 99");
    T_NAMED(!store_open(path, &salvaged, &e) && !salvaged && e.code == ERR_STORE,
            "a newer registry is left alone");
    snprintf(aside, sizeof aside, "%s.broken-1", path);
    T(access(aside, F_OK) < 0);
    remove_files();
    T(!store_open("/nonexistent/dir/personas.db", &salvaged, &e) && e.code == ERR_STORE);
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
                if (store_stage(s, OP_ADD, id, "", &entry, &e) < 0 || add_row(s, &spec, &range, &e) < 0 ||
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
        if (add_row(s, &spec, &range, &e) < 0) {
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
        t_skip("a full disk", "this machine: cannot mount a tmpfs");
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
    T_NAMED(add_row(s, &spec, &range, &e) < 0 && e.code == ERR_DISK_FULL, "no room for another");
    T_INT(unlink(file), 0);
    e = (struct err){0};
    T_NAMED(store_remove(s, "p1", 0, &e) == 0, "it goes on when there is room again");
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
    kit_begin();
    test_broken();
    test_foreign_files();
    test_second_one();
    test_killed();
    remove_files();
    test_full_disk();
    kit_end();
    return t_done();
}
