/* SPDX-License-Identifier: MIT
 * Proves the ledger's segments one after the other and hands out their records. */
#include "core/audit.h"

#include "core/buf.h"
#include "core/name.h"

#include <stdlib.h>
#include <string.h>

#define DIGITS "0123456789"

uint64_t audit_segment_of(const char *name)
{
    return strspn(name, DIGITS) == AUDIT_SEGMENT_DIGITS && strcmp(name + AUDIT_SEGMENT_DIGITS, ".jsonl") == 0
               ? strtoull(name, NULL, 10)
               : 0;
}

static void break_at(struct audit *a, uint64_t segment, const char *why)
{
    a->breaks++;
    a->broken = true;
    a->on_break(a->user, segment, a->head.seq, why);
}

static void record(struct audit *a, const char *line, size_t len)
{
    json_t *o = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);

    a->records++;
    if (a->first == 0)
        a->first = a->head.seq - 1; /* it has moved on */
    a->on_record(a->user, o);
    json_decref(o);
}

/* A line that does not follow may still be a record: then the chain goes on from there. */
static void take_line(struct audit *a, uint64_t segment, const char *line, size_t len, bool silent)
{
    struct err e = {0}, again = {0};

    if (ledger_check(&a->head, line, len, &e) < len) {
        if (!silent)
            break_at(a, segment, e.message);
        a->head.any = true;
        if (ledger_check(&a->head, line, len, &again) < len)
            return;
    }
    record(a, line, len - 1);
}

/* What the first line must be. True when it need not follow from the one before: bay0 has found the break,
 * and went on here. */
static bool begin(struct audit *a, uint64_t segment)
{
    bool resumes = a->segments > 0 && a->broken;

    if (a->segments++ == 0) {
        ledger_begin(&a->head);
        if (segment != 1) /* those before are rotated out */
            a->head = (struct ledger_head){.seq = segment, .any = true};
    } else if (segment != a->head.seq && !resumes) {
        break_at(a, segment, "the segment does not begin where the one before ends");
        a->head = (struct ledger_head){.seq = segment, .any = true};
    }
    a->broken = false;
    return resumes;
}

void audit_segment(struct audit *a, uint64_t segment, const char *text, size_t len)
{
    bool resumes = begin(a, segment);

    for (size_t at = 0; at < len;) {
        const char *end = memchr(text + at, '\n', len - at);
        size_t n = end ? (size_t)(end - text) - at + 1 : len - at;
        uint64_t before = a->records;

        if (!end) {
            break_at(a, segment, "the last line ends in its middle");
            return;
        }
        take_line(a, segment, text + at, n, resumes && at == 0);
        if (at == 0 && a->records > before && a->head.seq - 1 != segment)
            break_at(a, segment, "the segment begins with another record than its name says");
        at += n;
    }
}

/* "0" stands for a digit, anything else for itself. */
static bool has_form(const char *text, size_t len, const char *form)
{
    for (size_t i = 0; i < len; i++)
        if (form[i] == '0' ? !strchr(DIGITS, text[i]) : text[i] != form[i])
            return false;
    return true;
}

int audit_since(const char *text, char out[LEDGER_TIME + 1], uint64_t *ago, struct err *e)
{
    static const char form[] = "0000-00-00T00:00:00.000Z";
    static const struct {
        char unit;
        uint32_t seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
    size_t len = strlen(text), digits = strspn(text, DIGITS);
    char shown[48];

    out[0] = '\0';
    *ago = 0;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (digits > 0 && digits <= 6 && len == digits + 1 && text[digits] == units[i].unit) {
            *ago = strtoull(text, NULL, 10) * units[i].seconds;
            return 0;
        }
    if (len >= 10 && len < sizeof form && has_form(text, len, form)) {
        memcpy(out, text, len + 1);
        return 0;
    }
    err_set(e, ERR_BAD_VALUE, "`%s` is no time", buf_printable(shown, sizeof shown, text));
    return err_hint(e, "2026-11-22, 2026-11-22T05:41 (UTC), or 90s, 30m, 2h, 7d for so long ago");
}

bool audit_wanted(const json_t *r, const char *since, const char *persona)
{
    static const char *const who[] = {"persona", "from", "to"};
    const char *time = json_string_value(json_object_get(r, "time"));

    if (*since && (!time || strcmp(time, since) < 0))
        return false;
    for (size_t i = 0; *persona && i < sizeof who / sizeof *who; i++) {
        const char *id = json_string_value(json_object_get(r, who[i]));

        if (id && strcmp(id, persona) == 0)
            return true;
    }
    return !*persona;
}
