/* SPDX-License-Identifier: MIT
 * Names, quota and age of what is staged between personas. */
#include "core/transfer.h"

#include "core/buf.h"

#include <stdlib.h>
#include <string.h>

#define DIGITS "0123456789"
#define SAFE   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" DIGITS "._+=@,-"

enum { NUMBER_DIGITS = 12, SENT_DIGITS = 11, FIELDS = 5 };

/* The length of the character at s as it may stay, 0 when it becomes '_'. */
static size_t stays(const char *s, size_t len)
{
    char shown[8];
    uint32_t code;
    size_t n = utf8_char(s, len, &code);

    if (n <= 1)
        return n && strchr(SAFE, *s) ? 1 : 0;
    /* U+00A0, U+2000..200A, U+3000 and the like are blanks that look like nothing. */
    if (code == 0xa0 || code == 0x1680 || (code >= 0x2000 && code <= 0x206f) || code == 0x3000 ||
        code == 0xfeff)
        return 0;
    memcpy(shown, s, n);
    shown[n] = '\0';
    return strcmp(buf_printable((char[8]){0}, sizeof shown, shown), shown) == 0 ? n : 0;
}

void transfer_name_clean(const char *raw, char out[TRANSFER_NAME_MAX + 1])
{
    const char *slash = strrchr(raw, '/');
    size_t len, at = 0;
    struct buf b;

    raw = slash ? slash + 1 : raw;
    len = strlen(raw);
    buf_init(&b, out, TRANSFER_NAME_MAX + 1);
    while (at < len) {
        size_t n = stays(raw + at, len - at);
        uint32_t code;
        size_t step = utf8_char(raw + at, len - at, &code);

        if (b.len == 0 && (raw[at] == '.' || raw[at] == '-' || raw[at] == '='))
            n = 0;
        if (b.len + (n ? n : 1) > TRANSFER_NAME_MAX)
            break;
        buf_add_mem(&b, n ? raw + at : "_", n ? n : 1);
        at += step ? step : 1;
    }
    if (b.len == 0)
        buf_add(&b, "file");
}

bool transfer_name_ok(const char *name)
{
    char clean[TRANSFER_NAME_MAX + 1];

    if (!name || strlen(name) > TRANSFER_NAME_MAX)
        return false;
    transfer_name_clean(name, clean);
    return strcmp(name, clean) == 0;
}

int transfer_file_name(const struct transfer *t, char *out, size_t size)
{
    struct buf b;

    buf_init(&b, out, size);
    buf_addf(&b, "%0*llu.%s.%s.%lld.%s.%s", NUMBER_DIGITS, (unsigned long long)t->number, t->from, t->to,
             (long long)t->sent, t->sha256, t->name);
    return b.len > TRANSFER_FILE_MAX ? -1 : buf_done(&b);
}

static bool number(const char *text, size_t least, size_t most, uint64_t *out)
{
    size_t len = strlen(text);

    if (len < least || len > most || strspn(text, DIGITS) != len || (len > 1 && least == 1 && text[0] == '0'))
        return false;
    *out = strtoull(text, NULL, 10);
    return true;
}

int transfer_file_parse(const char *file, struct transfer *out)
{
    char text[TRANSFER_FILE_MAX + 1], *field[FIELDS + 1] = {0}, *at = text;
    struct transfer t = {.state = TRANSFER_STAGED};
    uint64_t sent;

    if (strlen(file) > TRANSFER_FILE_MAX)
        return -1;
    memcpy(text, file, strlen(file) + 1);
    for (size_t i = 0; i < FIELDS; i++) {
        field[i] = at;
        at = strchr(at, '.');
        if (!at)
            return -1;
        *at++ = '\0';
    }
    field[FIELDS] = at;
    if (!number(field[0], NUMBER_DIGITS, NUMBER_DIGITS, &t.number) || t.number == 0 ||
        !name_id_ok(field[1]) || !name_id_ok(field[2]) || strcmp(field[1], field[2]) == 0 ||
        !number(field[3], 1, SENT_DIGITS, &sent) || !name_sha256_ok(field[4]) || !transfer_name_ok(field[5]))
        return -1;
    t.sent = (int64_t)sent;
    memcpy(t.from, field[1], strlen(field[1]) + 1);
    memcpy(t.to, field[2], strlen(field[2]) + 1);
    memcpy(t.sha256, field[4], strlen(field[4]) + 1);
    memcpy(t.name, field[5], strlen(field[5]) + 1);
    *out = t;
    return 0;
}

uint64_t transfer_left(int64_t sent, int64_t now)
{
    if (now <= sent)
        return TRANSFER_LIFE_S;
    return now - sent >= TRANSFER_LIFE_S ? 0 : (uint64_t)(TRANSFER_LIFE_S - (now - sent));
}

static int full(struct err *e, const char *what, unsigned long long most, const char *unit)
{
    err_set(e, ERR_LIMIT, "%s, and %llu%s is the most", what, most, unit);
    return err_hint(
        e,
        "what is waiting goes when it is pulled, dropped or a day old: `spine transfer list` on the Spine");
}

int transfer_may(const struct transfer *all, size_t n, const char *from, uint64_t bytes, struct err *e)
{
    enum { MIB = 1 << 20 };
    uint64_t every = 0, own = 0;
    size_t used = 0, owned = 0;

    if (bytes > TRANSFER_BYTES_MAX) {
        err_set(e, ERR_LIMIT, "the file has %llu bytes, and %d MiB is the most; holes count",
                (unsigned long long)bytes, TRANSFER_BYTES_MAX / MIB);
        return err_hint(e, "send it in parts");
    }
    for (size_t i = 0; i < n; i++) {
        if (all[i].state == TRANSFER_FREE)
            continue;
        used++;
        every += all[i].bytes;
        if (strcmp(all[i].from, from) != 0)
            continue;
        owned++;
        own += all[i].bytes;
    }
    if (owned >= TRANSFER_EACH_MAX)
        return full(e, "there are files from here waiting to be pulled", TRANSFER_EACH_MAX, "");
    if (own + bytes > TRANSFER_EACH_BYTES)
        return full(e, "what waits from here would be too much", TRANSFER_EACH_BYTES / MIB, " MiB");
    if (used >= TRANSFER_ALL_MAX || used >= n)
        return full(e, "there are files waiting to be pulled", TRANSFER_ALL_MAX, "");
    if (every + bytes > TRANSFER_ALL_BYTES)
        return full(e, "what waits would be too much in all", TRANSFER_ALL_BYTES / MIB, " MiB");
    return 0;
}
