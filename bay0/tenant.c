/* SPDX-License-Identifier: MIT
 * System tenants: their listening sockets, made and kept by bay0, and their containers under supervision. */
#include "tenant_life.h"

#include "fsutil.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SOCKET_BACKLOG = 512 };

int tenant_socket(struct tenant_run *t, struct err *e)
{
    char dir[PATH_MAX];

    snprintf(dir, sizeof dir, "%.*s", (int)(strrchr(t->socket, '/') - t->socket), t->socket);
    /* Everybody may write to the socket, but nobody reaches it: its directory is root's, and a persona sees
     * it only by its own mount. */
    if (fs_mkdir(dir, 0700, geteuid(), getegid()) < 0)
        return err_set(e, ERR_SYSTEM, "cannot make %s: %s", dir, strerror(errno));
    t->listen = server_listen(t->socket, 0666, geteuid(), getegid(), SOCKET_BACKLOG, e);
    return t->listen < 0 ? -1 : 0;
}

/* A store drive brings the row for the images on it; the Spine's own file comes next; then the built-in
 * table. */
static void read_table(struct bay0 *b, struct tenants *table, char *text)
{
    static const char *const places[] = {"images/" TENANTS_FILE, TENANTS_FILE};
    char path[PATH_MAX];
    struct err e;

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        ssize_t len;

        snprintf(path, sizeof path, "%s/%s", b->paths.share, places[i]);
        len = fs_read(AT_FDCWD, path, text, TENANTS_FILE_MAX);
        if (len >= 0 && tenants_parse(text, (size_t)len, table, &e) == 0)
            return;
        if (len >= 0)
            log_error("%s: %s", path, e.message);
    }
    tenants_default(table);
}

int tenants_create(struct bay0 *b, struct err *e)
{
    struct tenants_run *all = calloc(1, sizeof *all);
    struct store_tenant known;
    char path[PATH_MAX];
    char *text = malloc(TENANTS_FILE_MAX);

    if (!all || !text) {
        free(all);
        free(text);
        return err_set(e, ERR_NO_MEMORY, "no memory for the tenants");
    }
    b->tenants = all;
    read_table(b, &all->table, text);
    free(text);
    for (size_t i = 0; i < all->table.n; i++) {
        struct tenant_run *t = &all->t[i];

        t->b = b;
        t->row = &all->table.row[i];
        t->listen = t->channel = -1;
        sup_init(&t->sup);
        snprintf(t->cgroup, sizeof t->cgroup, "tenants/%s", t->row->name);
        snprintf(t->socket, sizeof t->socket, "%s/%s", b->paths.run, t->row->socket);
        snprintf(path, sizeof path, "%s/%s", b->paths.persist, t->row->models);
        if (fs_mkdir(path, 0755, geteuid(), getegid()) < 0)
            log_error("cannot make %s: %s", path, strerror(errno));
        tenant_resume(t);
        if (t->listen < 0 && tenant_socket(t, e) < 0) /* tried again when it is started */
            log_error("%s", e->message);
        known = (struct store_tenant){.wanted = true, .range = RANGE_COUNT - 1 - (uint32_t)i};
        /* Without a registry: from the other end, where no persona is yet. */
        if (b->store && store_tenant(b->store, t->row->name, &known, e) < 0)
            log_error("%s", e->message);
        t->range = known.range;
        t->wanted = known.wanted;
    }
    return 0;
}

void tenants_start(struct bay0 *b)
{
    for (size_t i = 0; b->opt.tenants && i < b->tenants->table.n; i++)
        if (b->tenants->t[i].wanted)
            tenant_feed(&b->tenants->t[i], SUP_EV_START);
}

static struct tenant_run *find(struct bay0 *b, const char *name)
{
    for (size_t i = 0; b->tenants && i < b->tenants->table.n; i++)
        if (strcmp(b->tenants->table.row[i].name, name) == 0)
            return &b->tenants->t[i];
    return NULL;
}

void tenant_unwanted(struct bay0 *b, const char *name)
{
    struct tenant_run *t = find(b, name);

    if (t)
        t->wanted = false;
}

void tenant_settle(struct tenant_run *t, bool up)
{
    struct store *store = t->b->store;
    struct err e;

    if (t->wanted == up && !t->entry)
        return;
    t->wanted = up;
    if (store && store_tenant_wanted(store, t->row->name, up, t->entry, &e) < 0)
        log_error("%s: this will not be known after a reboot: %s", t->row->name, e.message);
    t->entry = 0;
}

void tenant_unstage(struct tenant_run *t)
{
    struct err e;

    if (t->entry && t->b->store && store_commit(t->b->store, t->entry, &e) < 0)
        log_error("%s: the journal could not be closed: %s", t->row->name, e.message);
    t->entry = 0;
}

void tenant_ask(struct bay0 *b, const char *name, bool up, client_ref client, int64_t request)
{
    struct tenant_run *t = find(b, name);
    size_t slot = 0;
    struct err e;

    if (!t) {
        err_set(&e, ERR_NO_SERVICE, "there is no system tenant %s", name);
        server_answer_err(client, request, &e);
        return;
    }
    while (slot < WAITS_MAX && t->waits[slot].client)
        slot++;
    if (slot == WAITS_MAX) {
        err_set(&e, ERR_BUSY, "too many requests wait for %s", name);
        server_answer_err(client, request, &e);
        return;
    }
    t->waits[slot] = (struct waiter){client, request, up};
    t->may_pull = up;
    t->to_stop = !up;
    /* On a full disk it can be started and stopped all the same. */
    if (b->store &&
        store_stage(b->store, up ? OP_SERVICE_START : OP_SERVICE_STOP, name, "", &t->entry, &e) < 0)
        log_error("%s: %s", name, e.message);
    if (t->sup.state == (up ? SUP_UP : SUP_DOWN)) {
        tenant_settle(t, up);
        tenant_answer(t, up, NULL);
    } else
        tenant_feed(t, up ? SUP_EV_START : SUP_EV_STOP);
}

void tenants_stop(struct bay0 *b, tenants_done_fn *done, void *user)
{
    struct tenants_run *all = b->tenants;

    if (!all) { /* going down before they were made */
        done(user);
        return;
    }
    all->stopped = done;
    all->stopped_user = user;
    for (size_t i = 0; i < all->table.n; i++)
        tenant_feed(&all->t[i], SUP_EV_STOP);
    tenants_look_stopped(all);
}

void tenant_rows(struct bay0 *b, const char *name, json_t *list)
{
    struct tenants_run *all = b->tenants;

    for (size_t i = 0; i < all->table.n; i++) {
        struct tenant_run *t = &all->t[i];
        struct stat st;

        if (name[0] && strcmp(name, t->row->name) != 0)
            continue;
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:b, s:s, s:s, s:b, s:i, s:s}", "name", t->row->name,
                                        "kind", "tenant", "up", t->sup.state == SUP_UP, "state",
                                        sup_state_name(t->sup.state), "socket", t->socket, "socket_exists",
                                        lstat(t->socket, &st) == 0 && S_ISSOCK(st.st_mode), "restarts",
                                        (int)t->sup.restarts, "error", t->error));
    }
}

size_t tenants_unfinished(struct bay0 *b)
{
    size_t n = 0;

    for (size_t i = 0; b->tenants && i < b->tenants->table.n; i++)
        n += b->tenants->t[i].entry != 0;
    return n;
}

size_t tenants_count(struct bay0 *b)
{
    return b->tenants->table.n;
}
