/* SPDX-License-Identifier: MIT
 * The chain of the audit ledger: what is written is proven whole, and every change of it is found. */
#include "core/ledger.h"
#include "tests/t.h"

#define TIME "2026-11-22T05:41:00.123Z"
enum { LINES = 5 };

static char text[16384];
static size_t starts[LINES + 1];

static void write_lines(struct ledger_head *h)
{
    size_t at = 0;

    for (int i = 0; i < LINES; i++) {
        json_t *f = json_pack("{s:s, s:s, s:i}", "kind", "focus", "persona", "work", "n", i);
        int n = ledger_line(h, TIME, f, text + at, sizeof text - at);

        json_decref(f);
        T(n > 0);
        starts[i] = at;
        at += (size_t)n;
    }
    starts[LINES] = at;
}

static void test_form(void)
{
    struct ledger_head h;
    char line[LEDGER_LINE_MAX + 64], big[LEDGER_LINE_MAX];
    json_t *f =
        json_pack("{s:s, s:s, s:i, s:s}", "kind", "start", "persona", "work", "seq", 99, "prev", "mine");

    ledger_begin(&h);
    T(ledger_line(&h, TIME, f, line, sizeof line) > 0);
    T_STR(line, "{\"seq\":1,\"time\":\"" TIME "\",\"kind\":\"start\",\"persona\":\"work\","
                "\"prev\":\"0000000000000000000000000000000000000000000000000000000000000000\"}\n");
    json_decref(f);
    T_INT(h.seq, 2);
    T_INT(strlen(h.prev), LEDGER_HASH);
    f = json_object();
    T_INT(ledger_line(&h, TIME, f, line, sizeof line), -1);
    json_object_set_new(f, "kind", json_string("x"));
    T_INT(ledger_line(&h, TIME, f, line, 100), -1);
    memset(big, 'x', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    json_object_set_new(f, "persona", json_string(big));
    T_INT(ledger_line(&h, TIME, f, line, sizeof line), -1);
    T_NAMED(h.seq == 2, "what could not be written does not count");
    json_object_set_new(f, "persona", json_string("a\nb\xc3\xa4"));
    T(ledger_line(&h, TIME, f, line, sizeof line) > 0);
    T_NAMED(strchr(line, '\n') == line + strlen(line) - 1, "a record is one line");
    json_decref(f);
}

/* The hash is what others compute with sha256sum. */
static void test_hash(void)
{
    struct ledger_head h, other;
    struct err e = {0};
    static const char first[] =
        "{\"seq\":1,\"time\":\"t\",\"kind\":\"k\","
        "\"prev\":\"0000000000000000000000000000000000000000000000000000000000000000\"}\n";

    ledger_begin(&h);
    T_INT(ledger_check(&h, first, sizeof first - 1, &e), sizeof first - 1);
    T_STR(h.prev, "a302fddc911664de89c5b08c966cef0ea053a99a4fc12d5bf09e776076a7aad0");
    ledger_begin(&other);
    T(strcmp(h.prev, other.prev) != 0);
}

static void test_whole(void)
{
    struct ledger_head h, w;
    struct err e = {0};

    ledger_begin(&w);
    write_lines(&w);
    ledger_begin(&h);
    T_INT(ledger_check(&h, text, starts[LINES], &e), starts[LINES]);
    T_INT(e.code, ERR_NONE);
    T(h.seq == w.seq && strcmp(h.prev, w.prev) == 0);
    /* A segment whose beginning was dropped. */
    memset(&h, 0, sizeof h);
    h.any = true;
    T_INT(ledger_check(&h, text + starts[2], starts[LINES] - starts[2], &e), starts[LINES] - starts[2]);
    T_INT(h.seq, LINES + 1);
    /* Torn at every byte: the lines before stand. */
    for (size_t cut = 0; cut < starts[LINES]; cut++) {
        size_t good = 0;

        for (int i = 0; i <= LINES; i++)
            if (starts[i] <= cut)
                good = starts[i];
        ledger_begin(&h);
        memset(&e, 0, sizeof e);
        if (ledger_check(&h, text, cut, &e) != good || (e.code == ERR_NONE) != (good == cut))
            T_INT(cut, -1);
    }
}

/* Every single byte of every line but its own hash's echo: changed, it is found there or at the next line. */
static void test_changed(void)
{
    struct ledger_head h;
    struct err e = {0};

    ledger_begin(&h);
    write_lines(&h);
    for (size_t at = 0; at < starts[LINES - 1]; at++) {
        char was = text[at];

        text[at] = was == '1' ? '2' : '1';
        ledger_begin(&h);
        if (ledger_check(&h, text, starts[LINES], &e) == starts[LINES])
            T_INT(at, -1);
        text[at] = was;
    }
    /* A line taken out, and two swapped. */
    ledger_begin(&h);
    T_INT(ledger_check(&h, text, starts[1], &e), starts[1]);
    T_INT(ledger_check(&h, text + starts[2], starts[LINES] - starts[2], &e), 0);
    T_STR(e.message, "record 3 stands where 2 should be");
    ledger_begin(&h);
    h.seq = 3;
    T_INT(ledger_check(&h, text + starts[2], starts[3] - starts[2], &e), 0);
    T_STR(e.message, "record 3 does not follow from the one before it");
    ledger_begin(&h);
    T_INT(ledger_check(&h, "{}\n", 3, &e), 0);
    T_STR(e.message, "the line that should be number 1 is not a record");
    T_INT(ledger_check(&h, "\0\0\0\n", 4, &e), 0);
}

static void test_quota(void)
{
    static struct ledger_quota q;
    uint32_t more = 7;
    char id[40];

    for (int i = 0; i < LEDGER_QUOTA; i++)
        T(ledger_may(&q, "a", 1000, &more) && more == 0);
    T(!ledger_may(&q, "a", 1000, &more) && !ledger_may(&q, "a", 1000 + LEDGER_QUOTA_MS, &more));
    T(ledger_may(&q, "b", 1000, &more) && more == 0);
    T_NAMED(ledger_may(&q, "a", 1001 + LEDGER_QUOTA_MS, &more) && more == 2, "what was left out is told");
    T(ledger_may(&q, "a", 1001 + LEDGER_QUOTA_MS, &more) && more == 0);
    for (int i = 0; i < 3 * LEDGER_QUOTAS; i++) {
        snprintf(id, sizeof id, "p%d", i);
        T(ledger_may(&q, id, (uint64_t)(200000 + i), &more));
    }
}

int main(void)
{
    test_form();
    test_hash();
    test_whole();
    test_changed();
    test_quota();
    return t_done();
}
