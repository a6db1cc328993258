/* SPDX-License-Identifier: MIT
 * The requests of the umbilical: who may, what and how often, before anything is copied. */
#include "crossing.h"

#include "core/profile.h"
#include "errand.h"
#include "fsutil.h"
#include "persona.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void refuse(const struct call *c, const struct err *e)
{
    server_answer_err(c->client, c->request->id, e);
}

/* At most so many sends and pulls of one persona, and one at a time. */
static bool may_begin(struct bay0 *b, const struct call *c, struct err *e)
{
    uint32_t more;

    for (const struct errand *x = b->umbilical->errands; x; x = x->next)
        if (strcmp(x->kind == ERRAND_SEND ? x->what.from : x->what.to, c->persona) == 0)
            return err_set(e, ERR_BUSY, "another file is on its way from here or to here") == 0;
    if (ledger_may(&b->umbilical->rate, c->persona, loop_now(), &more))
        return true;
    err_set(e, ERR_LIMIT, "%d files a minute are the most", LEDGER_QUOTA);
    return err_hint(e, "try again in a minute") == 0;
}

/* Neither is opened here: a look at what the caller has opened. */
static int look_at(const struct call *c, int access, struct stat *st, struct err *e)
{
    int fd = c->fds[0], flags = fd < 0 ? -1 : fcntl(fd, F_GETFL);

    if (fd < 0 || c->fds[1] >= 0)
        return err_set(e, ERR_BAD_REQUEST, "one open file must come with the request, and no more");
    if (flags < 0 || fstat(fd, st) < 0)
        return err_set(e, ERR_SYSTEM, "cannot look at the file: %s", strerror(errno));
    if (!S_ISREG(st->st_mode)) {
        err_set(e, ERR_BAD_VALUE, "it is a %s, not a regular file",
                S_ISDIR(st->st_mode)    ? "directory"
                : S_ISFIFO(st->st_mode) ? "pipe"
                : S_ISLNK(st->st_mode)  ? "symbolic link"
                : S_ISSOCK(st->st_mode) ? "socket"
                                        : "device");
        return err_hint(e, "only regular files cross; pack a directory with tar");
    }
    if (!(flags & O_PATH) && ((flags & O_ACCMODE) == access || (flags & O_ACCMODE) == O_RDWR))
        return 0;
    err_set(e, ERR_BAD_VALUE, "the file is not open for %s", access == O_RDONLY ? "reading" : "writing");
    return err_hint(e, "`spine send` and `spine pull` open it as they should");
}

/* -1 with *e when the request cannot be begun. */
static int send_begin(struct bay0 *b, struct call *c, struct err *e)
{
    const struct persona *to = persona_find(b, c->request->target);
    struct errand *x;
    struct transfer *t;
    struct stat st = {0};

    if (!to || to->life == LIFE_ADDING || to->life == LIFE_REMOVING)
        return err_set(e, ERR_NO_PERSONA, "there is no persona %s to send to", c->request->target);
    if (strcmp(to->spec.id, c->persona) == 0) {
        err_set(e, ERR_BAD_VALUE, "persona %s cannot send to itself", c->persona);
        return err_hint(e, "`spine persona list` shows the others");
    }
    if (look_at(c, O_RDONLY, &st, e) < 0)
        return -1;
    t = umbilical_place(b, c->persona, to->spec.id, (uint64_t)st.st_size, e);
    if (!t)
        return -1;
    memcpy(t->name, c->request->name, sizeof t->name);
    x = errand_new(b, c, ERRAND_SEND, e);
    if (!x) {
        umbilical_end(b, t);
        return -1;
    }
    x->to = umbilical_new_file(b);
    if (x->to < 0) {
        err_set(e, errno == ENOSPC ? ERR_DISK_FULL : ERR_SYSTEM, "cannot make a file on /persist: %s",
                strerror(errno));
        umbilical_end(b, t);
        errand_free(x);
        return -1;
    }
    x->from = c->fds[0];
    c->fds[0] = -1;
    errand_go(x, t);
    return 0;
}

void crossing_send(struct bay0 *b, struct call *c)
{
    struct err e;

    if (!b->umbilical)
        err_set(&e, ERR_SYSTEM, "nothing can be sent: there is no memory or no /persist");
    else if (may_begin(b, c, &e) && send_begin(b, c, &e) == 0)
        return;
    refuse(c, &e);
}

/* NULL with *e: there is none of this number for whoever asks, who is not told of those for others. */
static struct transfer *wanted(struct bay0 *b, const struct call *c, struct err *e)
{
    struct transfer *t = umbilical_find(b, c->request->number);

    if (!t || (c->persona && strcmp(t->to, c->persona) != 0)) {
        err_set(e, ERR_BAD_VALUE, "no file %llu is waiting", (unsigned long long)c->request->number);
        err_hint(e, c->persona ? "`spine pull` lists what was sent to this persona"
                               : "`spine transfer list` lists what is waiting");
        return NULL;
    }
    if (t->state == TRANSFER_GOING) {
        err_set(e, ERR_BUSY, "file %llu is being pulled", (unsigned long long)t->number);
        return NULL;
    }
    return t;
}

static int pull_begin(struct bay0 *b, struct call *c, struct err *e)
{
    struct transfer *t = wanted(b, c, e);
    struct errand *x;
    struct stat st = {0};

    if (!t || look_at(c, O_WRONLY, &st, e) < 0)
        return -1;
    if (st.st_size != 0) {
        err_set(e, ERR_BAD_VALUE, "the file to pull into is not empty");
        return err_hint(e, "`spine pull` makes a new one");
    }
    x = errand_new(b, c, ERRAND_PULL, e);
    if (!x)
        return -1;
    x->from = umbilical_file(b, t);
    if (x->from < 0) {
        err_set(e, ERR_SYSTEM, "cannot open file %llu: %s", (unsigned long long)t->number, strerror(errno));
        errand_free(x);
        return -1;
    }
    x->to = c->fds[0];
    c->fds[0] = -1;
    errand_go(x, t);
    return 0;
}

static void answer_rows(struct bay0 *b, const struct call *c, const char *to)
{
    json_t *rows = umbilical_rows(b, to);

    server_answer_ok(c->client, c->request->id, rows);
    json_decref(rows);
}

void crossing_pull(struct bay0 *b, struct call *c)
{
    struct err e;

    if (c->request->number == 0) {
        answer_rows(b, c, c->persona);
        return;
    }
    if (!b->umbilical)
        err_set(&e, ERR_SYSTEM, "nothing can be pulled: there is no memory or no /persist");
    else if (may_begin(b, c, &e) && pull_begin(b, c, &e) == 0)
        return;
    refuse(c, &e);
}

void crossing_list(struct bay0 *b, struct call *c)
{
    answer_rows(b, c, NULL);
}

/* The new file has no name yet, so nobody in the home can turn it into something else. */
static int home_file(struct errand *x, const struct persona *p)
{
    uint32_t user = profile_get(p->spec.profile)->user;
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/home/%s", x->b->paths.persist, p->spec.id);
    x->home = fs_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
    x->to = x->home < 0 ? -1 : fs_open(x->home, ".", O_TMPFILE | O_WRONLY, 0600);
    return x->to < 0 ? -1 : fchown(x->to, user, user);
}

static int accept_begin(struct bay0 *b, const struct call *c, struct err *e)
{
    struct transfer *t = wanted(b, c, e);
    const struct persona *p = t ? persona_find(b, t->to) : NULL;
    struct errand *x;

    if (!t)
        return -1;
    if (!p)
        return err_set(e, ERR_NO_PERSONA, "there is no persona %s", t->to);
    x = errand_new(b, c, ERRAND_ACCEPT, e);
    if (!x)
        return -1;
    x->from = umbilical_file(b, t);
    if (x->from < 0 || home_file(x, p) < 0) {
        err_set(e, ERR_SYSTEM, "cannot put file %llu into the home of %s: %s", (unsigned long long)t->number,
                t->to, strerror(errno));
        errand_free(x);
        return -1;
    }
    errand_go(x, t);
    return 0;
}

void crossing_accept(struct bay0 *b, struct call *c)
{
    struct err e;

    if (accept_begin(b, c, &e) < 0)
        refuse(c, &e);
}

void crossing_drop(struct bay0 *b, struct call *c)
{
    struct err e;
    struct transfer *t = wanted(b, c, &e);
    json_t *none = t ? json_object() : NULL;

    if (!t) {
        refuse(c, &e);
        return;
    }
    umbilical_drop(b, t, "asked for on the Spine");
    server_answer_ok(c->client, c->request->id, none);
    json_decref(none);
}

void crossing_client_gone(struct bay0 *b, client_ref c)
{
    for (struct errand *x = b->umbilical ? b->umbilical->errands : NULL; x; x = x->next)
        if (x->client == c)
            errand_stop(x);
}

void crossing_forget(struct bay0 *b, const char *id)
{
    for (struct errand *x = b->umbilical ? b->umbilical->errands : NULL; x; x = x->next) {
        if (strcmp(x->what.from, id) != 0 && strcmp(x->what.to, id) != 0)
            continue;
        x->forgotten = true;
        errand_stop(x);
    }
}

void crossing_close(struct bay0 *b)
{
    while (b->umbilical->errands) {
        struct errand *x = b->umbilical->errands;

        if (x->child) {
            child_kill(x->child, SIGKILL);
            child_detach(x->child);
        }
        errand_free(x);
    }
}
