/* SPDX-License-Identifier: MIT
 * The files of the audit ledger: segments named by the number of their first record, appended to, synced by a
 * child so that the loop never waits for the disk, the oldest dropped. */
#include "ledger.h"

#include "core/version.h"
#include "fsutil.h"
#include "log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    SEGMENT_BYTES = 1 << 20,
    SEGMENTS_MAX = 16,
    SYNC_MS = 500,
    NAME_DIGITS = 12,
    READ_MAX = 2 * SEGMENT_BYTES
};
static const char suffix[] = ".jsonl";

struct ledger {
    struct bay0 *b;
    char dir[PATH_MAX / 2];
    int fd; /* newest segment, -1 when it could not be opened */
    off_t size;
    struct ledger_head head;
    struct ledger_quota quota;
    struct loop_timer *timer; /* rings when it is time to sync */
    struct child *sync;
    bool failing; /* and that has been said */
    bool again;   /* more was written while a sync was under way */
};

/* The number in a segment's name, 0 for other files. */
static uint64_t segment_of(const char *name)
{
    char *end;
    uint64_t n = strspn(name, "0123456789") == NAME_DIGITS ? strtoull(name, &end, 10) : 0;

    return n && strcmp(end, suffix) == 0 ? n : 0;
}

static void segment_path(const struct ledger *l, uint64_t first, char *out, size_t size)
{
    snprintf(out, size, "%s/%0*" PRIu64 "%s", l->dir, NAME_DIGITS, first, suffix);
}

/* The newest segment and the oldest, and how many there are. */
static size_t segments(const struct ledger *l, uint64_t *newest, uint64_t *oldest)
{
    DIR *d = opendir(l->dir);
    const struct dirent *entry;
    size_t n = 0;

    *newest = *oldest = 0;
    while (d && (entry = readdir(d))) {
        uint64_t first = segment_of(entry->d_name);

        if (!first)
            continue;
        n++;
        if (first > *newest)
            *newest = first;
        if (!*oldest || first < *oldest)
            *oldest = first;
    }
    if (d)
        closedir(d);
    return n;
}

static int sync_now(void *arg)
{
    return fdatasync(*(const int *)arg) < 0;
}

static void sync_soon(struct ledger *l);

static void on_segment_synced(void *user, const struct child_result *r)
{
    (void)user;
    if (r->status != 0)
        log_error("the audit ledger could not be brought to the disk");
}

static void on_synced(void *user, const struct child_result *r)
{
    struct ledger *l = user;

    l->sync = NULL;
    on_segment_synced(NULL, r);
    if (l->again)
        sync_soon(l);
}

static void on_sync_time(void *user)
{
    struct ledger *l = user;

    l->timer = NULL;
    l->again = false;
    if (l->fd >= 0)
        l->sync = child_call(l->b->loop, sync_now, &l->fd, on_synced, l);
}

static void sync_soon(struct ledger *l)
{
    if (l->sync)
        l->again = true;
    else if (!l->timer)
        l->timer = loop_timer(l->b->loop, SYNC_MS, on_sync_time, l);
}

static void drop_old(const struct ledger *l)
{
    uint64_t newest, oldest;
    char path[PATH_MAX];

    while (segments(l, &newest, &oldest) > SEGMENTS_MAX) {
        segment_path(l, oldest, path, sizeof path);
        if (unlink(path) < 0)
            return;
    }
}

/* The chain goes on in a new file; the old one is complete. */
static void new_segment(struct ledger *l)
{
    char path[PATH_MAX];

    /* The disk is waited for elsewhere: the child has the descriptor too. */
    if (l->fd >= 0 && !child_call(l->b->loop, sync_now, &l->fd, on_segment_synced, NULL))
        log_error("the audit ledger's last records may reach the disk late: %s", strerror(errno));
    fs_close(&l->fd);
    segment_path(l, l->head.seq, path, sizeof path);
    l->fd = fs_open(AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0600);
    l->size = 0;
    if (l->fd < 0 && !l->failing)
        log_error("cannot open the audit ledger %s: %s", path, strerror(errno));
    l->failing = l->fd < 0;
    drop_old(l);
}

static void stamp(char out[LEDGER_TIME + 8])
{
    struct timespec now = {0};
    struct tm tm = {0};
    char text[64];

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &tm);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out, LEDGER_TIME + 8, "%.19s.%03uZ", text, (unsigned)(now.tv_nsec / 1000000) % 1000);
}

/* Takes fields. */
static void add(struct bay0 *b, json_t *fields)
{
    struct ledger *l = b->ledger;
    char line[LEDGER_LINE_MAX + 2], time[LEDGER_TIME + 8];
    struct ledger_head before;
    int n = -1;

    if (l && fields) {
        if (l->fd < 0 || l->size >= SEGMENT_BYTES)
            new_segment(l);
        stamp(time);
        before = l->head;
        n = l->fd >= 0 ? ledger_line(&l->head, time, fields, line, sizeof line) : -1;
        if (n > 0 && write(l->fd, line, (size_t)n) != n) {
            if (!l->failing) /* a full disk is said once */
                log_error("the audit ledger takes no record: %s", strerror(errno));
            l->failing = true;
            if (ftruncate(l->fd, l->size) < 0) /* half a line would break the chain */
                fs_close(&l->fd);
            l->head = before;
            n = -1;
        }
        if (n > 0) {
            l->failing = false;
            l->size += n;
            sync_soon(l);
        }
    }
    json_decref(fields);
}

/* What a persona causes by itself is bounded. */
static void add_bounded(struct bay0 *b, const char *id, json_t *fields)
{
    uint32_t more = 0;

    if (!b->ledger || !ledger_may(&b->ledger->quota, id, loop_now(), &more)) {
        json_decref(fields);
        return;
    }
    if (more)
        json_object_set_new(fields, "left_out", json_integer(more));
    add(b, fields);
}

/* Proves a segment; what a power cut has torn off its end is cut away, what is wrong before that stays as it
 * is, to be found by whoever audits, and the chain goes on behind it. False: nothing of it is left, the one
 * before is the newest.
 */
static bool continue_segment(struct ledger *l, uint64_t first)
{
    char path[PATH_MAX], *text = malloc(READ_MAX);
    struct err e = {0};
    bool torn, any = true;
    ssize_t len;
    size_t good;

    segment_path(l, first, path, sizeof path);
    len = text ? fs_read(AT_FDCWD, path, text, READ_MAX) : -1;
    l->head = (struct ledger_head){.seq = first, .any = true};
    good = len > 0 ? ledger_check(&l->head, text, (size_t)len, &e) : 0;
    l->fd = fs_open(AT_FDCWD, path, O_WRONLY | O_APPEND | O_NOFOLLOW, 0);
    l->size = len > 0 ? len : 0;
    torn = len >= 0 && !memchr(text + good, '\n', (size_t)len - good);
    if (l->fd < 0 || len < 0) {
        log_error("there is no audit ledger, since %s cannot be read: %s", path, strerror(errno));
        fs_close(&l->fd);
        l->b->ledger = NULL;        /* and none is begun: its place in the chain would be a guess */
    } else if (good == 0 && torn) { /* begun, and then the power went */
        fs_close(&l->fd);
        any = unlink(path) < 0;
    } else if (good < (size_t)len && torn) {
        if (ftruncate(l->fd, (off_t)good) < 0)
            fs_close(&l->fd);
        l->size = (off_t)good;
        log_warn("the audit ledger's last line was torn; %zu bytes of it were cut off", (size_t)len - good);
        add(l->b, json_pack("{s:s, s:I}", "kind", "repaired", "bytes", (json_int_t)((size_t)len - good)));
    } else if (good < (size_t)len) {
        log_error("the audit ledger %s is not whole: %s", path, e.message);
        l->head.any = false;
        while (access(path, F_OK) == 0) /* the next free name */
            segment_path(l, ++l->head.seq, path, sizeof path);
        new_segment(l);
        add(l->b, json_pack("{s:s, s:s}", "kind", "broken", "why", e.message));
    }
    free(text);
    return any;
}

void ledger_open(struct bay0 *b)
{
    struct ledger *l = calloc(1, sizeof *l);
    uint64_t newest, oldest;

    if (!l)
        return;
    b->ledger = l;
    l->b = b;
    l->fd = -1;
    snprintf(l->dir, sizeof l->dir, "%s/audit", b->paths.persist);
    do
        segments(l, &newest, &oldest);
    while (newest && !continue_segment(l, newest));
    if (!newest) {
        ledger_begin(&l->head);
        new_segment(l);
    }
    add(b, json_pack("{s:s, s:s}", "kind", "opened", "version", SPINE_VERSION));
}

void ledger_close(struct bay0 *b)
{
    struct ledger *l = b->ledger;

    if (!l)
        return;
    b->ledger = NULL;
    loop_timer_cancel(l->timer);
    if (l->sync) {
        child_kill(l->sync, SIGKILL);
        child_detach(l->sync);
    }
    fs_close(&l->fd);
    free(l);
}

uint64_t ledger_next(const struct bay0 *b)
{
    return b->ledger ? b->ledger->head.seq : 1;
}

void ledger_persona(struct bay0 *b, const char *kind, const char *id)
{
    add(b, json_pack("{s:s, s:s}", "kind", kind, "persona", id));
}

void ledger_focus(struct bay0 *b, const char *from, const char *to)
{
    add(b, json_pack("{s:s, s:s, s:s}", "kind", "focus", "persona", to, "from", from));
}

void ledger_carry(struct bay0 *b, const struct carry *k)
{
    add(b, json_pack("{s:s, s:s, s:s, s:s, s:I, s:s}", "kind", "carry", "from", k->from, "to", k->to, "type",
                     k->type, "bytes", (json_int_t)k->bytes, "sha256", k->sha256));
}

void ledger_window(struct bay0 *b, const char *kind, const char *id, int64_t con_id)
{
    add_bounded(b, id,
                json_pack("{s:s, s:s, s:I}", "kind", kind, "persona", id, "window", (json_int_t)con_id));
}

void ledger_strain(struct bay0 *b, const char *kind, const char *id, const char *resource, uint64_t programs)
{
    json_t *fields = json_pack("{s:s, s:s, s:s}", "kind", kind, "persona", id, "resource", resource);

    if (!programs) { /* the table of pressure bounds these */
        add(b, fields);
        return;
    }
    json_object_set_new(fields, "programs", json_integer((json_int_t)programs));
    add_bounded(b, id, fields);
}

void ledger_refused(struct bay0 *b, const char *id, uid_t uid, const char *command, enum err_code code)
{
    json_t *fields = *id ? json_pack("{s:s, s:s}", "kind", "refused", "persona", id)
                         : json_pack("{s:s, s:I}", "kind", "refused", "uid", (json_int_t)uid);

    json_object_set_new(fields, "command", json_string(command));
    json_object_set_new(fields, "error", json_string(err_name(code)));
    add_bounded(b, *id ? id : ".", fields); /* no id is a dot */
}

void ledger_transfer(struct bay0 *b, const char *kind, const struct transfer *t, const char *key,
                     const char *value)
{
    json_t *fields = json_pack("{s:s, s:I, s:s, s:s, s:s, s:I, s:s}", "kind", kind, "number",
                               (json_int_t)t->number, "from", t->from, "to", t->to, "name", t->name, "bytes",
                               (json_int_t)t->bytes, "sha256", t->sha256);

    if (key)
        json_object_set_new(fields, key, json_string(value));
    add(b, fields);
}

void ledger_grants(struct bay0 *b, const char *kind, const struct persona_spec *s)
{
    add(b,
        json_pack("{s:s, s:s, s:s, s:s, s:b, s:b, s:b, s:b, s:b}", "kind", kind, "persona", s->id, "profile",
                  spec_profile_name(s->profile), "network", spec_network_name(s->network), "lan", s->lan,
                  "gpu", s->gpu, "audio", s->audio, "microphone", s->microphone, "ai", s->ai));
}
