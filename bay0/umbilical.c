/* SPDX-License-Identifier: MIT
 * The staging folder of the umbilical: what lies there, how long, and for whom. */
#include "umbilical.h"

#include "crash.h"
#include "crossing.h"
#include "fsutil.h"
#include "ledger.h"
#include "log.h"
#include "persona.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { MS_PER_SECOND = 1000, FILE_MODE = 0600 };

static int64_t wall_clock(void)
{
    struct timespec now = {0};

    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec;
}

static struct transfer *free_place(struct umbilical *u)
{
    for (size_t i = 0; i < TRANSFER_ALL_MAX; i++)
        if (u->all[i].state == TRANSFER_FREE)
            return &u->all[i];
    return NULL;
}

struct transfer *umbilical_place(struct bay0 *b, const char *from, const char *to, uint64_t bytes,
                                 struct err *e)
{
    struct umbilical *u = b->umbilical;
    struct transfer *t;

    if (!u || u->dir < 0) {
        err_set(e, ERR_SYSTEM, "nothing can be sent: the staging folder on /persist could not be opened");
        return NULL;
    }
    if (transfer_may(u->all, TRANSFER_ALL_MAX, from, bytes, e) < 0)
        return NULL;
    t = free_place(u);
    if (!t)
        return NULL;
    *t = (struct transfer){.state = TRANSFER_COMING, .bytes = bytes};
    memcpy(t->from, from, strlen(from) + 1);
    memcpy(t->to, to, strlen(to) + 1);
    return t;
}

struct transfer *umbilical_find(struct bay0 *b, uint64_t number)
{
    for (size_t i = 0; b->umbilical && i < TRANSFER_ALL_MAX; i++) {
        struct transfer *t = &b->umbilical->all[i];

        if ((t->state == TRANSFER_STAGED || t->state == TRANSFER_GOING) && t->number == number)
            return t;
    }
    return NULL;
}

int umbilical_new_file(struct bay0 *b)
{
    return fs_open(b->umbilical->dir, ".", O_TMPFILE | O_WRONLY, FILE_MODE);
}

int umbilical_file(struct bay0 *b, const struct transfer *t)
{
    char name[TRANSFER_FILE_MAX + 1];

    if (transfer_file_name(t, name, sizeof name) < 0) {
        errno = ENAMETOOLONG;
        return -1;
    }
    return fs_open(b->umbilical->dir, name, O_RDONLY | O_NOFOLLOW, 0);
}

static void look_later(struct umbilical *u);

static void on_look(void *user)
{
    struct umbilical *u = user;

    u->timer = NULL;
    for (size_t i = 0; i < TRANSFER_ALL_MAX; i++) {
        struct transfer *t = &u->all[i];

        if (t->state != TRANSFER_STAGED || t->until > loop_now())
            continue;
        log_info("file %llu from %s for %s was not pulled in time and is removed",
                 (unsigned long long)t->number, t->from, t->to);
        ledger_transfer(u->b, "expired", t, NULL, NULL);
        umbilical_end(u->b, t);
    }
    look_later(u);
}

/* The clock of the wall is asked once, when a transfer is found or made; from then on the one that never
 * jumps counts. */
static void look_later(struct umbilical *u)
{
    uint64_t next = UINT64_MAX, now = loop_now();

    loop_timer_cancel(u->timer);
    u->timer = NULL;
    for (size_t i = 0; i < TRANSFER_ALL_MAX; i++)
        if (u->all[i].state == TRANSFER_STAGED && u->all[i].until < next)
            next = u->all[i].until;
    if (next != UINT64_MAX)
        u->timer = loop_timer(u->b->loop, next > now ? next - now : 0, on_look, u);
}

static void live(struct umbilical *u, struct transfer *t)
{
    t->until = loop_now() + transfer_left(t->sent, wall_clock()) * MS_PER_SECOND;
    look_later(u);
}

int umbilical_keep(struct bay0 *b, struct transfer *t, int fd, struct err *e)
{
    struct umbilical *u = b->umbilical;
    char from[64], name[TRANSFER_FILE_MAX + 1];

    t->sent = wall_clock() > 0 ? wall_clock() : 0;
    /* That of its record, as a rule: one that no other file ever had. */
    t->number = ledger_next(b) > u->last ? ledger_next(b) : u->last + 1;
    snprintf(from, sizeof from, "/proc/self/fd/%d", fd);
    crash_point("before a transfer has a name");
    if (transfer_file_name(t, name, sizeof name) < 0 ||
        linkat(AT_FDCWD, from, u->dir, name, AT_SYMLINK_FOLLOW) < 0)
        return err_set(e, ERR_SYSTEM, "cannot keep what was sent: %s", strerror(errno));
    crash_point("a transfer has a name");
    u->last = t->number;
    t->state = TRANSFER_STAGED;
    live(u, t);
    return 0;
}

void umbilical_end(struct bay0 *b, struct transfer *t)
{
    struct umbilical *u = b->umbilical;
    char name[TRANSFER_FILE_MAX + 1];

    if (t->state == TRANSFER_STAGED || t->state == TRANSFER_GOING) {
        if (transfer_file_name(t, name, sizeof name) < 0 || unlinkat(u->dir, name, 0) < 0)
            log_error("cannot remove what was sent: %s", strerror(errno));
        crash_point("a transfer is taken away");
    }
    t->state = TRANSFER_FREE;
}

static json_t *row(const struct transfer *t)
{
    uint64_t now = loop_now();

    return json_pack("{s:I, s:s, s:s, s:s, s:I, s:s, s:I}", "number", (json_int_t)t->number, "from", t->from,
                     "to", t->to, "name", t->name, "bytes", (json_int_t)t->bytes, "sha256", t->sha256, "left",
                     (json_int_t)(t->until > now ? (t->until - now) / MS_PER_SECOND : 0));
}

json_t *umbilical_rows(struct bay0 *b, const char *to)
{
    json_t *list = json_array();
    uint64_t last = 0;

    for (;;) {
        const struct transfer *next = NULL;

        for (size_t i = 0; b->umbilical && i < TRANSFER_ALL_MAX; i++) {
            const struct transfer *t = &b->umbilical->all[i];

            if ((t->state == TRANSFER_STAGED || t->state == TRANSFER_GOING) && t->number > last &&
                (!next || t->number < next->number) && (!to || strcmp(t->to, to) == 0))
                next = t;
        }
        if (!next)
            return json_pack("{s:o}", "transfers", list);
        json_array_append_new(list, row(next));
        last = next->number;
    }
}

/* What lies in the folder under this name. */
static void found(struct umbilical *u, const char *name)
{
    struct transfer t, *place = free_place(u);
    struct stat st;

    if (fstatat(u->dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return;
    if (!S_ISREG(st.st_mode) || st.st_size > TRANSFER_BYTES_MAX || transfer_file_parse(name, &t) < 0 ||
        !place) {
        log_warn("what lies among the files that were sent is no such file, and is removed");
        if (unlinkat(u->dir, name, S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0) < 0)
            log_warn("it cannot be removed: %s", strerror(errno));
        return;
    }
    t.bytes = (uint64_t)st.st_size;
    if (t.number > u->last)
        u->last = t.number;
    *place = t;
    live(u, place);
}

void umbilical_open(struct bay0 *b)
{
    struct umbilical *u = calloc(1, sizeof *u);
    const struct dirent *entry;
    char path[PATH_MAX];
    DIR *d = NULL;
    int fd;

    if (!u)
        return;
    b->umbilical = u;
    u->b = b;
    snprintf(path, sizeof path, "%s/transfer/.staged", b->paths.persist);
    u->dir = fs_mkdir(path, 0700, geteuid(), getegid()) < 0
                 ? -1
                 : fs_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
    fd = u->dir < 0 ? -1 : fs_open(u->dir, ".", O_RDONLY | O_DIRECTORY, 0);
    if (fd >= 0)
        d = fdopendir(fd);
    if (!d) {
        log_error("nothing can be sent between personas: %s: %s", path, strerror(errno));
        fs_close(&fd);
        fs_close(&u->dir);
        return;
    }
    while ((entry = readdir(d)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            found(u, entry->d_name);
    closedir(d);
}

void umbilical_close(struct bay0 *b)
{
    struct umbilical *u = b->umbilical;

    if (!u)
        return;
    crossing_close(b);
    b->umbilical = NULL;
    loop_timer_cancel(u->timer);
    fs_close(&u->dir);
    free(u);
}

void umbilical_drop(struct bay0 *b, struct transfer *t, const char *why)
{
    ledger_transfer(b, "dropped", t, "why", why);
    umbilical_end(b, t);
}

void umbilical_prune(struct bay0 *b)
{
    for (size_t i = 0; b->umbilical && !b->rebuild && i < TRANSFER_ALL_MAX; i++) {
        struct transfer *t = &b->umbilical->all[i];

        if (t->state == TRANSFER_STAGED && (!persona_find(b, t->from) || !persona_find(b, t->to)))
            umbilical_drop(b, t, "its persona is removed");
    }
}

void umbilical_forget(struct bay0 *b, const char *id)
{
    crossing_forget(b, id);
    for (size_t i = 0; b->umbilical && i < TRANSFER_ALL_MAX; i++) {
        struct transfer *t = &b->umbilical->all[i];

        if (t->state == TRANSFER_STAGED && (strcmp(t->from, id) == 0 || strcmp(t->to, id) == 0))
            umbilical_drop(b, t, "its persona is removed");
    }
}
