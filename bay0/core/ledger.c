/* SPDX-License-Identifier: MIT
 * Lines of the audit ledger: made, and proven to follow each other. SHA-256 is libmd's. */
#include "core/ledger.h"

#include "core/buf.h"
#include "core/name.h"

#include <sha2.h>
#include <stdlib.h>
#include <string.h>

static const char *const own[] = {"seq", "time", "kind", "prev"};

void ledger_begin(struct ledger_head *h)
{
    memset(h, 0, sizeof *h);
    h->seq = 1;
    memset(h->prev, '0', LEDGER_HASH);
}

static void hash(const char *text, size_t len, char out[LEDGER_HASH + 1])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t sum[SHA256_DIGEST_LENGTH];
    SHA2_CTX c;

    SHA256Init(&c);
    SHA256Update(&c, (const uint8_t *)text, len);
    SHA256Final(sum, &c);
    for (size_t i = 0; i < sizeof sum; i++) {
        out[2 * i] = digits[sum[i] >> 4];
        out[2 * i + 1] = digits[sum[i] & 15];
    }
    out[LEDGER_HASH] = '\0';
}

static void advance(struct ledger_head *h, const char *line, size_t len)
{
    h->seq++;
    h->any = false;
    hash(line, len, h->prev);
}

static bool is_own(const char *key)
{
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strcmp(key, own[i]) == 0)
            return true;
    return false;
}

int ledger_line(struct ledger_head *h, const char *time, const json_t *fields, char *out, size_t size)
{
    const char *kind = json_string_value(json_object_get(fields, "kind")), *key;
    json_t *line =
        kind ? json_pack("{s:I, s:s, s:s}", "seq", (json_int_t)h->seq, "time", time, "kind", kind) : NULL;
    json_t *v;
    size_t len;

    if (!line)
        return -1;
    json_object_foreach((json_t *)(uintptr_t)fields, key, v)
    {
        if (!is_own(key))
            json_object_set(line, key, v);
    }
    json_object_set_new(line, "prev", json_string(h->prev));
    len = json_dumpb(line, out, size, JSON_COMPACT | JSON_ENSURE_ASCII);
    json_decref(line);
    if (len == 0 || len + 1 >= size || len + 1 > LEDGER_LINE_MAX)
        return -1;
    advance(h, out, len);
    out[len] = '\n';
    out[len + 1] = '\0';
    return (int)len + 1;
}

/* One line without its newline. */
static int check_line(struct ledger_head *h, const char *line, size_t len, struct err *e)
{
    json_t *o = memchr(line, '\0', len) ? NULL : json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
    json_int_t seq = json_integer_value(json_object_get(o, "seq"));
    const char *prev = json_string_value(json_object_get(o, "prev"));
    bool whole = prev && name_sha256_ok(prev) && seq > 0 && json_is_string(json_object_get(o, "time")) &&
                 json_is_string(json_object_get(o, "kind"));
    int rc = 0;

    if (!whole)
        rc = err_set(e, ERR_BAD_VALUE, "the line that should be number %llu is not a record",
                     (unsigned long long)h->seq);
    else if (!h->any && (uint64_t)seq != h->seq)
        rc = err_set(e, ERR_BAD_VALUE, "record %llu stands where %llu should be", (unsigned long long)seq,
                     (unsigned long long)h->seq);
    else if (!h->any && strcmp(prev, h->prev) != 0)
        rc = err_set(e, ERR_BAD_VALUE, "record %llu does not follow from the one before it",
                     (unsigned long long)seq);
    else
        h->seq = (uint64_t)seq;
    json_decref(o);
    return rc;
}

size_t ledger_check(struct ledger_head *h, const char *text, size_t len, struct err *e)
{
    size_t at = 0;

    while (at < len) {
        const char *end = memchr(text + at, '\n', len - at);
        size_t n = end ? (size_t)(end - text) - at : len - at;

        if (!end) {
            err_set(e, ERR_BAD_VALUE, "the last line ends in its middle, after %zu bytes", n);
            return at;
        }
        if (check_line(h, text + at, n, e) < 0)
            return at;
        advance(h, text + at, n);
        at += n + 1;
    }
    return at;
}

bool ledger_may(struct ledger_quota *q, const char *id, uint64_t now, uint32_t *more)
{
    size_t best = 0;

    for (size_t i = 0; i < LEDGER_QUOTAS; i++) {
        if (strcmp(q->p[i].id, id) == 0) {
            best = i;
            break;
        }
        if (q->p[best].id[0] && (!q->p[i].id[0] || q->p[i].since < q->p[best].since))
            best = i;
    }
    if (strcmp(q->p[best].id, id) != 0) {
        struct buf b;

        memset(&q->p[best], 0, sizeof q->p[best]);
        buf_init(&b, q->p[best].id, sizeof q->p[best].id);
        buf_add(&b, id);
        q->p[best].since = now;
    }
    if (now - q->p[best].since > LEDGER_QUOTA_MS) {
        q->p[best].since = now;
        q->p[best].used = 0;
    }
    if (q->p[best].used >= LEDGER_QUOTA) {
        q->p[best].more++;
        return false;
    }
    q->p[best].used++;
    *more = q->p[best].more;
    q->p[best].more = 0;
    return true;
}
