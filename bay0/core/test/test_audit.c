/* SPDX-License-Identifier: MIT
 * Tests of the ledger as a whole: segments that follow each other, and every way in which they may not. */
#include "tests/t.h"
#include "core/audit.h"

enum { LINES = 9, SIZE = 16384, FIRST = 4, SECOND = 7 };

static char text[SIZE], changed[SIZE];
static size_t starts[LINES + 2];
static uint64_t broken_at, broken_in, seen;
static char reason[ERR_MESSAGE_MAX];

static void on_record(void *user, const json_t *record)
{
    (void)user;
    (void)record;
    seen++;
}

static void on_break(void *user, uint64_t segment, uint64_t at, const char *why)
{
    (void)user;
    if (broken_at)
        return;
    broken_at = at;
    broken_in = segment;
    snprintf(reason, sizeof reason, "%s", why);
}

static void fresh(struct audit *a)
{
    *a = (struct audit){.on_record = on_record, .on_break = on_break};
    broken_at = broken_in = seen = 0;
}

static void write_lines(void)
{
    struct ledger_head h;

    ledger_begin(&h);
    for (int i = 1; i <= LINES; i++) {
        json_t *f = json_pack("{s:s, s:s}", "kind", "focus", "persona", i % 2 ? "work" : "web");

        starts[i + 1] = starts[i] + (size_t)ledger_line(&h, "2026-11-22T05:41:00.123Z", f, text + starts[i],
                                                        SIZE - starts[i]);
        json_decref(f);
    }
}

/* Records from..to-1 as a segment named after the first of them. */
static void part(struct audit *a, const char *of, int from, int to)
{
    audit_segment(a, (uint64_t)from, of + starts[from], starts[to] - starts[from]);
}

static void test_whole(void)
{
    struct audit a;

    fresh(&a);
    part(&a, text, 1, FIRST);
    part(&a, text, FIRST, SECOND);
    part(&a, text, SECOND, LINES + 1);
    T(a.breaks == 0 && a.records == LINES && seen == LINES && a.first == 1 && a.head.seq == LINES + 1);
    T_INT(a.segments, 3);
    fresh(&a);
    part(&a, text, FIRST, SECOND);
    part(&a, text, SECOND, LINES + 1);
    T_NAMED(a.breaks == 0 && a.first == FIRST, "the oldest are rotated out");
    fresh(&a);
    part(&a, text, 1, SECOND);
    audit_segment(&a, SECOND, "", 0);
    T_NAMED(a.breaks == 0, "one that is just begun is empty");
}

static void test_changes(void)
{
    int missed = 0;
    struct audit a;

    for (size_t i = 0; i < starts[LINES]; i++) { /* the hash of the last is kept nowhere */
        memcpy(changed, text, sizeof text);
        changed[i] ^= 1;
        fresh(&a);
        part(&a, changed, 1, FIRST);
        part(&a, changed, FIRST, SECOND);
        part(&a, changed, SECOND, LINES + 1);
        missed += a.breaks == 0 || broken_at == 0;
    }
    T_INT(missed, 0);
    memcpy(changed, text, sizeof text);
    *strstr(changed + starts[5], "work") = 'f';
    fresh(&a);
    part(&a, changed, 1, FIRST);
    part(&a, changed, FIRST, SECOND);
    part(&a, changed, SECOND, LINES + 1);
    T_NAMED(a.breaks == 1 && broken_at == 6 && broken_in == FIRST, "the record behind a changed one");
    T_NAMED(strstr(reason, "does not follow") != NULL && seen == LINES, reason);
}

static void test_gaps(void)
{
    struct audit a;

    fresh(&a);
    part(&a, text, 1, FIRST);
    part(&a, text, SECOND, LINES + 1);
    T_NAMED(a.breaks == 1 && broken_at == FIRST && broken_in == SECOND, "a segment is taken out");
    fresh(&a);
    audit_segment(&a, 1, text + starts[1], starts[3] - starts[1]);
    audit_segment(&a, 3, text + starts[4], starts[6] - starts[4]);
    T_NAMED(a.breaks > 0 && broken_in == 3, "a record between two segments");
    fresh(&a);
    audit_segment(&a, 2, text + starts[4], starts[6] - starts[4]);
    T_NAMED(a.breaks == 1, "a segment under another name");
    fresh(&a);
    part(&a, text, FIRST, SECOND);
    part(&a, text, 1, FIRST);
    T_NAMED(a.breaks > 0, "the wrong order");
    fresh(&a);
    audit_segment(&a, 1, text + starts[1], starts[3] - starts[1] - 5);
    T_NAMED(a.breaks == 1 && broken_at == 2 && seen == 1, "a torn line");
    fresh(&a);
    audit_segment(&a, 1, "{}\nnonsense\n", 12);
    T_NAMED(a.breaks > 0 && broken_at == 1 && seen == 0, "no records at all");
}

/* What bay0 does with a broken segment: it leaves it, and goes on from the last sound record in a new one. */
static void test_resumed(void)
{
    static char more[4096];
    struct ledger_head h;
    struct err e = {0};
    json_t *f = json_pack("{s:s}", "kind", "broken");
    struct audit a;
    int n;

    memcpy(changed, text, sizeof text);
    changed[starts[5] + 3] = 'X';
    ledger_begin(&h);
    T_INT(ledger_check(&h, changed, starts[LINES + 1], &e), starts[5]);
    h.seq += 3; /* the names between were taken */
    n = ledger_line(&h, "2026-11-22T05:42:00.123Z", f, more, sizeof more);
    json_decref(f);
    fresh(&a);
    audit_segment(&a, 1, changed, starts[7]);
    audit_segment(&a, 8, more, (size_t)n);
    T_NAMED(broken_at == 5 && a.records == 6 && a.head.seq == 9,
            "the break is told once, and what follows is read");
    T_INT(a.breaks, 1);
}

static void test_since(void)
{
    static const char *const wrong[] = {"",
                                        "2026",
                                        "2026-1-1",
                                        "2026-11-22 05:41",
                                        "h",
                                        "1w",
                                        "1h30m",
                                        "-1h",
                                        "1234567h",
                                        "now",
                                        "２h",
                                        "1h ",
                                        "2026-11-22x",
                                        "2026-11-22T05:41:00.1234Z"};
    char out[LEDGER_TIME + 1];
    struct err e = {0};
    uint64_t ago;

    T(audit_since("2026-11-22", out, &ago, &e) == 0 && ago == 0 && strcmp(out, "2026-11-22") == 0);
    T(audit_since("2026-11-22T05:41:00.123Z", out, &ago, &e) == 0 && strlen(out) == LEDGER_TIME);
    T(audit_since("90s", out, &ago, &e) == 0 && ago == 90 && !out[0]);
    T(audit_since("2h", out, &ago, &e) == 0 && ago == 7200);
    T(audit_since("7d", out, &ago, &e) == 0 && ago == 7 * 86400);
    T(audit_since("30m", out, &ago, &e) == 0 && ago == 1800 && e.code == ERR_NONE);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        e.code = ERR_NONE;
        T_NAMED(audit_since(wrong[i], out, &ago, &e) < 0 && e.code == ERR_BAD_VALUE && e.hint[0], wrong[i]);
    }
}

static void test_wanted(void)
{
    json_t *r = json_pack("{s:s, s:s, s:s}", "time", "2026-11-22T05:41:00.123Z", "from", "work", "to", "web");

    T(audit_wanted(r, "", "") && audit_wanted(r, "2026-11-22", "work") &&
      audit_wanted(r, "2026-11-22T05:41", "web"));
    T(!audit_wanted(r, "2026-11-23", "") && !audit_wanted(r, "", "wor") &&
      !audit_wanted(r, "2026-11-22T05:42", "web"));
    json_decref(r);
    T(audit_segment_of("000000000012.jsonl") == 12 && audit_segment_of("12.jsonl") == 0 &&
      audit_segment_of("000000000012.json") == 0 && audit_segment_of("000000000012.jsonl.x") == 0);
}

int main(void)
{
    write_lines();
    test_whole();
    test_changes();
    test_gaps();
    test_resumed();
    test_since();
    test_wanted();
    return t_done();
}
