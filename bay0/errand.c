/* SPDX-License-Identifier: MIT
 * Carries a copy out and settles what it was for: a name in the staging folder, or one use of what lies
 * there. */
#include "errand.h"

#include "fsutil.h"
#include "ledger.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COPY_MS = 300000, NOBODY = 65534, NAMES_MAX = 100 };

struct errand *errand_new(struct bay0 *b, const struct call *c, enum errand_kind kind, struct err *e)
{
    struct errand *x = calloc(1, sizeof *x);

    if (!x) {
        err_set(e, ERR_NO_MEMORY, "no memory to copy a file");
        return NULL;
    }
    *x = (struct errand){.b = b,
                         .next = b->umbilical->errands,
                         .kind = kind,
                         .client = c->client,
                         .request = c->request->id,
                         .from = -1,
                         .to = -1,
                         .home = -1};
    b->umbilical->errands = x;
    return x;
}

void errand_free(struct errand *x)
{
    struct errand **at = &x->b->umbilical->errands;

    while (*at != x)
        at = &(*at)->next;
    *at = x->next;
    fs_close(&x->from);
    fs_close(&x->to);
    fs_close(&x->home);
    free(x);
}

/* What is staged stays where it was; what was on its way in is gone. */
static void fail(struct errand *x, const struct err *e)
{
    const char *by = x->kind == ERRAND_PULL ? "persona" : "spine";

    if (x->kind == ERRAND_SEND) {
        umbilical_end(x->b, x->t);
    } else {
        ledger_transfer(x->b, "pull-failed", &x->what, "by", by);
        x->t->state = TRANSFER_STAGED;
        if (x->forgotten)
            umbilical_drop(x->b, x->t, "its persona is removed");
    }
    server_answer_err(x->client, x->request, e);
    errand_free(x);
}

static int sync_folder(void *arg)
{
    return fsync(*(const int *)arg) < 0;
}

/* The names are on the disk: it is done. */
static void on_synced(void *user, const struct child_result *r)
{
    struct errand *x = user;
    const struct transfer *t = &x->what;
    json_t *result = json_pack("{s:I, s:s, s:s, s:s, s:I, s:s}", "number", (json_int_t)t->number, "from",
                               t->from, "to", t->to, "name", x->kind == ERRAND_ACCEPT ? x->name : t->name,
                               "bytes", (json_int_t)t->bytes, "sha256", t->sha256);

    if (r->status != 0)
        log_error("what was sent may not survive a power cut: the disk says no");
    log_info("file %llu from %s for %s: %s", (unsigned long long)t->number, t->from, t->to,
             x->kind == ERRAND_SEND   ? "staged"
             : x->kind == ERRAND_PULL ? "pulled"
                                      : "accepted");
    server_answer_ok(x->client, x->request, result);
    json_decref(result);
    errand_free(x);
}

static void settle(struct errand *x)
{
    x->t = NULL; /* the place may have another tenant before the disk has answered */
    x->child = child_call(x->b->loop, sync_folder, &x->b->umbilical->dir, on_synced, x);
    if (!x->child)
        on_synced(x, &(const struct child_result){.status = 1});
}

/* Never over what is there: name, name.1, name.2 ... */
static int link_at_home(struct errand *x)
{
    char from[64];

    snprintf(from, sizeof from, "/proc/self/fd/%d", x->to);
    for (int n = 0; n < NAMES_MAX; n++) {
        snprintf(x->name, sizeof x->name, n ? "%s.%d" : "%s", x->t->name, n);
        if (linkat(AT_FDCWD, from, x->home, x->name, AT_SYMLINK_FOLLOW) == 0)
            return 0;
        if (errno != EEXIST)
            return -1;
    }
    return -1;
}

/* All bytes are where they should be. */
static void arrived(struct errand *x, const char *sum)
{
    struct transfer *t = x->t;
    struct err e;

    if (x->kind == ERRAND_SEND) {
        memcpy(t->sha256, sum, NAME_SHA256_LEN + 1);
        if (umbilical_keep(x->b, t, x->to, &e) < 0) {
            fail(x, &e);
            return;
        }
        x->what = *t;
        ledger_transfer(x->b, "sent", t, NULL, NULL);
        settle(x);
        return;
    }
    if (strcmp(sum, t->sha256) != 0) {
        err_set(&e, ERR_CHECK, "file %llu is not what was sent: its SHA-256 differs",
                (unsigned long long)t->number);
        err_hint(&e, "what was written is not to be used; see `spine audit` on the Spine");
        fail(x, &e);
        return;
    }
    if (x->kind == ERRAND_ACCEPT && link_at_home(x) < 0) {
        err_set(&e, ERR_SYSTEM, "cannot put %s into the home of %s: %s", t->name, t->to, strerror(errno));
        fail(x, &e);
        return;
    }
    umbilical_end(x->b, t); /* one use */
    settle(x);
}

static int copy_failure(const struct errand *x, const struct child_result *r, struct err *e)
{
    if (x->forgotten)
        return err_set(e, ERR_CANCELLED, "the copy was ended: a persona of it is removed");
    if (r->timed_out)
        return err_set(e, ERR_TIMEOUT, "the copy took longer than %d seconds", COPY_MS / 1000);
    if (r->status == TRANSFER_COPY_FULL)
        return err_set(e, ERR_DISK_FULL, "there is no room for %llu bytes",
                       (unsigned long long)x->what.bytes);
    if (r->status == TRANSFER_COPY_CHANGED) {
        err_set(e, ERR_BUSY, "the file does not have the %llu bytes that it said: it changed meanwhile",
                (unsigned long long)x->what.bytes);
        return err_hint(e, "send it again when nobody writes to it");
    }
    return err_set(e, ERR_SYSTEM, "the copy failed with status %d: %.200s", r->status, r->err);
}

static void on_copied(void *user, const struct child_result *r)
{
    struct errand *x = user;
    char sum[NAME_SHA256_LEN + 1] = "";
    struct err e = {0};

    x->child = NULL;
    if (r->out_len == sizeof sum) { /* with its newline */
        memcpy(sum, r->out, sizeof sum);
        sum[NAME_SHA256_LEN] = '\0';
    }
    if (r->status == TRANSFER_COPY_OK && !x->forgotten && name_sha256_ok(sum)) {
        arrived(x, sum);
        return;
    }
    copy_failure(x, r, &e);
    fail(x, &e);
}

/* The child has two descriptors and a number, and may do nothing else. */
static void copy(struct errand *x)
{
    char *const env[] = {NULL};
    char bytes[24], *argv[] = {(char *)(uintptr_t)x->b->paths.spine, "copy", bytes, NULL};
    struct child_options o;
    struct err e;

    snprintf(bytes, sizeof bytes, "%llu", (unsigned long long)x->what.bytes);
    child_options_init(&o);
    o.argv = argv;
    o.env = env;
    o.fds[0] = x->from;
    o.fds[1] = x->to;
    o.fds_n = 2;
    o.cgroup_fd = x->b->cgroup_podman;
    o.drop = true;
    o.uid = o.gid = NOBODY;
    o.dies_too = true;
    o.timeout_ms = COPY_MS;
    o.done = on_copied;
    o.user = x;
    x->child = child_spawn(x->b->loop, &o);
    if (x->child)
        return;
    err_set(&e, ERR_SYSTEM, "cannot copy: %s", strerror(errno));
    fail(x, &e);
}

void errand_go(struct errand *x, struct transfer *t)
{
    x->t = t;
    x->what = *t;
    if (x->kind != ERRAND_SEND) {
        t->state = TRANSFER_GOING;
        ledger_transfer(x->b, "pulled", t, "by", x->kind == ERRAND_PULL ? "persona" : "spine");
    }
    copy(x);
}

void errand_stop(struct errand *x)
{
    if (x->child && x->t)
        child_kill(x->child, SIGKILL);
}
