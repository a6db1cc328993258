/* SPDX-License-Identifier: MIT
 * Reads the segments of the audit ledger and prints what was asked for. */
#include "spine-cli/audit.h"

#include "core/audit.h"
#include "core/buf.h"
#include "spine-cli/cli.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_DIR "/persist/audit"

enum {
    SEGMENTS_MAX = 64,
    SEGMENT_BYTES_MAX = 4 << 20,
    LINES_MAX = 1000000,
    BREAKS_SHOWN = 16,
    AGAIN = 3,
    AGAIN_US = 100000
};

struct look {
    struct audit audit;
    struct io *io;
    const char *dir, *persona;
    char since[LEDGER_TIME + 8];
    bool quiet;
    json_t **last; /* the newest `lines` of them, a ring; NULL: each is printed as it comes */
    size_t lines, seen;
    json_t *breaks;
    char text[SEGMENT_BYTES_MAX];
};

static void print(const struct look *l, const json_t *r)
{
    char clean[512];
    const char *key;
    json_t *v;

    if (l->io->json) {
        io_json(l->io->out, r);
        return;
    }
    fprintf(l->io->out, "%s %" JSON_INTEGER_FORMAT,
            buf_printable(clean, sizeof clean, json_string_value(json_object_get(r, "time"))),
            json_integer_value(json_object_get(r, "seq")));
    fprintf(l->io->out, " %s",
            buf_printable(clean, sizeof clean, json_string_value(json_object_get(r, "kind"))));
    json_object_foreach((json_t *)(uintptr_t)r, key, v)
    {
        char *other = NULL;

        if (strcmp(key, "time") == 0 || strcmp(key, "seq") == 0 || strcmp(key, "kind") == 0 ||
            strcmp(key, "prev") == 0)
            continue;
        fprintf(l->io->out, " %s=", buf_printable(clean, sizeof clean, key));
        if (!json_is_string(v))
            other = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
        fputs(buf_printable(clean, sizeof clean,
                            other               ? other
                            : json_is_string(v) ? json_string_value(v)
                                                : ""),
              l->io->out);
        free(other);
    }
    fputc('\n', l->io->out);
}

static void on_record(void *user, const json_t *record)
{
    struct look *l = user;

    if (l->quiet || !audit_wanted(record, l->since, l->persona))
        return;
    if (!l->last) {
        print(l, record);
        return;
    }
    json_decref(l->last[l->seen % l->lines]);
    l->last[l->seen++ % l->lines] = json_incref((json_t *)(uintptr_t)record);
}

static void on_break(void *user, uint64_t segment, uint64_t record, const char *why)
{
    struct look *l = user;
    char name[32];

    snprintf(name, sizeof name, "%0*" PRIu64 ".jsonl", AUDIT_SEGMENT_DIGITS, segment);
    if (json_array_size(l->breaks) < BREAKS_SHOWN)
        json_array_append_new(l->breaks, json_pack("{s:s, s:I, s:s}", "segment", name, "record",
                                                   (json_int_t)record, "why", why));
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

/* How many segments, sorted; -1 with *e. */
static int list(const char *dir, uint64_t numbers[SEGMENTS_MAX], struct err *e)
{
    const struct dirent *entry;
    DIR *d = opendir(dir);
    size_t n = 0;

    if (!d) {
        err_set(e, ERR_SYSTEM, "cannot read the audit ledger in %.200s: %s", dir, strerror(errno));
        return err_hint(e, "only root on the Spine may; --ledger names another folder");
    }
    while ((entry = readdir(d)) && n < SEGMENTS_MAX) {
        numbers[n] = audit_segment_of(entry->d_name);
        n += numbers[n] > 0;
    }
    closedir(d);
    qsort(numbers, n, sizeof *numbers, by_number);
    return (int)n;
}

/* Length, or -1 with errno. */
static ssize_t load(struct look *l, uint64_t segment)
{
    char path[PATH_MAX];
    ssize_t n = 0, len = 0;
    int fd;

    snprintf(path, sizeof path, "%s/%0*" PRIu64 ".jsonl", l->dir, AUDIT_SEGMENT_DIGITS, segment);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return -1;
    while (len < SEGMENT_BYTES_MAX && (n = read(fd, l->text + len, (size_t)(SEGMENT_BYTES_MAX - len))) > 0)
        len += n;
    close(fd);
    return n < 0 ? -1 : len;
}

/* Half a line at the very end may be one that bay0 is just writing: it is looked at again. */
static ssize_t load_newest(struct look *l, uint64_t segment)
{
    ssize_t len = load(l, segment);

    for (int i = 0; i < AGAIN && len > 0 && l->text[len - 1] != '\n'; i++) {
        usleep(AGAIN_US);
        len = load(l, segment);
    }
    return len;
}

static int read_all(struct look *l, struct err *e)
{
    uint64_t numbers[SEGMENTS_MAX] = {0};
    int n = list(l->dir, numbers, e);

    for (int i = 0; i < n; i++) {
        ssize_t len = i == n - 1 ? load_newest(l, numbers[i]) : load(l, numbers[i]);

        if (len < 0 && errno == ENOENT && l->audit.segments == 0)
            continue; /* the oldest was rotated out meanwhile */
        if (len < 0)
            return err_set(e, ERR_SYSTEM, "cannot read segment %llu of the audit ledger: %s",
                           (unsigned long long)numbers[i], strerror(errno));
        audit_segment(&l->audit, numbers[i], l->text, (size_t)len);
    }
    return n;
}

static int options(struct look *l, const json_t *args, struct err *e)
{
    const char *since = json_string_value(json_object_get(args, "since"));
    const char *dir = json_string_value(json_object_get(args, "ledger"));
    const char *persona = json_string_value(json_object_get(args, "persona"));
    json_int_t lines = json_integer_value(json_object_get(args, "lines"));
    char text[64];
    uint64_t ago;
    struct tm tm;
    time_t from;

    l->dir = dir ? dir : DEFAULT_DIR;
    l->persona = persona ? persona : "";
    l->quiet = json_is_true(json_object_get(args, "verify"));
    if (since && audit_since(since, l->since, &ago, e) < 0)
        return -1;
    if (since && !l->since[0]) {
        from = time(NULL) - (time_t)ago;
        if (gmtime_r(&from, &tm) && strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm) > 0)
            snprintf(l->since, sizeof l->since, "%.19s", text);
    }
    if (lines > LINES_MAX)
        return err_set(e, ERR_BAD_VALUE, "--lines is at most %d", LINES_MAX);
    l->lines = lines > 0 ? (size_t)lines : 0;
    if (l->lines > 0)
        l->last = calloc(l->lines, sizeof(json_t *));
    return l->lines > 0 && !l->last ? err_set(e, ERR_NO_MEMORY, "no memory for %zu lines", l->lines) : 0;
}

static void print_last(struct look *l)
{
    size_t n = l->seen < l->lines ? l->seen : l->lines;

    if (!l->last || l->lines == 0)
        return;
    for (size_t i = l->seen - n; i < l->seen; i++) {
        print(l, l->last[i % l->lines]);
        json_decref(l->last[i % l->lines]);
    }
    free(l->last);
}

static void verdict(const struct look *l)
{
    const struct audit *a = &l->audit;
    uint64_t last = a->head.seq ? a->head.seq - 1 : 0;
    json_t *o;

    if (!l->io->json) {
        if (a->breaks == 0)
            fprintf(l->io->out,
                    "%" PRIu64 " records, %" PRIu64 " to %" PRIu64 ", in %" PRIu64
                    " segments: the chain is whole\n",
                    a->records, a->first, last, a->segments);
        return;
    }
    o = json_pack("{s:I, s:I, s:I, s:I, s:b, s:I, s:O}", "segments", (json_int_t)a->segments, "records",
                  (json_int_t)a->records, "first", (json_int_t)a->first, "last", (json_int_t)last, "whole",
                  a->breaks == 0, "breaks", (json_int_t)a->breaks, "broken", l->breaks);
    io_json(l->io->out, o);
    json_decref(o);
}

/* On standard error, whatever else is printed. */
static void tell_breaks(const struct look *l)
{
    json_t *b;
    size_t i;

    json_array_foreach(l->breaks, i, b)
    {
        fprintf(l->io->err, "spine: the ledger breaks at record %" JSON_INTEGER_FORMAT " in %s: %s\n",
                json_integer_value(json_object_get(b, "record")),
                json_string_value(json_object_get(b, "segment")),
                json_string_value(json_object_get(b, "why")));
    }
    fprintf(l->io->err,
            "hint: %" PRIu64 " breaks; the record before each was changed, or records were taken out\n",
            l->audit.breaks);
}

int audit_print(const json_t *args, struct io *io)
{
    struct look *l = calloc(1, sizeof *l);
    struct err e = {0};
    int n = -1;

    if (!l) {
        err_set(&e, ERR_NO_MEMORY, "no memory to read the ledger");
        io_error(io, &e, NULL);
        return CLI_REFUSED;
    }
    l->audit = (struct audit){.on_record = on_record, .on_break = on_break, .user = l};
    l->io = io;
    l->breaks = json_array();
    if (options(l, args, &e) == 0)
        n = read_all(l, &e);
    print_last(l);
    if (n < 0)
        io_error(io, &e, NULL);
    else if (l->quiet)
        verdict(l);
    if (l->audit.breaks > 0)
        tell_breaks(l);
    n = n < 0 || l->audit.breaks > 0 ? CLI_REFUSED : CLI_OK;
    json_decref(l->breaks);
    free(l);
    return n;
}
