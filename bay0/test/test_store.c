/* SPDX-License-Identifier: MIT
 * The registry with real SQLite: rows, ranges, values, journal. */
#include "store_kit.h"

#include "core/podman.h"

static void test_rows(void)
{
    struct persona_spec work = spec_of("work"), web = spec_of("web");
    struct store *s = open_sound();
    struct err e = {0};
    struct stat st;
    struct rows r;
    uint32_t range = 99;

    T(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
    T_INT(read_rows(s).n, 0);
    T_INT(add_row(s, &work, &range, &e), 0);
    T_INT(range, 0);
    T_INT(add_row(s, &web, &range, &e), 0);
    T_INT(range, 1);
    range = 77;
    T(add_row(s, &work, &range, &e) < 0 && e.code == ERR_EXISTS && range == 77);
    e = (struct err){0};
    T_INT(store_wanted(s, "web", true, 0, &e), 0);
    T(store_wanted(s, "nobody", true, 0, &e) < 0 && e.code == ERR_NO_PERSONA);
    e = (struct err){0};
    T(store_remove(s, "nobody", 0, &e) < 0 && e.code == ERR_NO_PERSONA);
    store_close(s);

    s = open_sound();
    r = read_rows(s);
    T_INT(r.n, 2);
    T_STR(r.row[0].spec.id, "web");
    T(r.row[0].wanted && !r.row[1].wanted && r.row[0].range == 1 && r.row[1].range == 0);
    T_STR(r.row[1].spec.image, work.image);
    T(r.row[1].spec.memory == work.memory && r.row[1].spec.cpus_milli == 1500 && r.row[1].spec.gpu);
    T(r.row[1].spec.command_words == 2 && memcmp(r.row[1].spec.command, work.command, 15) == 0);
    T_INT(store_remove(s, "work", 0, &e), 0);
    T_INT(add_row(s, &work, &range, &e), 0);
    T_NAMED(range == 2, "the number of a removed persona is not used again");
    T_INT(tenant_range(s, "ai-core", &range, &e), 0);
    T_INT(range, 3);
    range = 0;
    T_INT(tenant_range(s, "ai-core", &range, &e), 0);
    T_INT(range, 3);
    T_INT(store_check(s, &e), 0);
    store_close(s);
    store_close(NULL);
}

static void test_tenants(void)
{
    struct store *s = open_sound();
    struct store_tenant t = {0};
    struct entries j = {0};
    struct err e = {0};
    int64_t entry = 0;

    T(store_tenant(s, "ai-core", &t, &e) == 0 && t.range == 3 && t.wanted);
    T_INT(store_stage(s, OP_SERVICE_STOP, "ai-core", "", &entry, &e), 0);
    T_INT(store_tenant_wanted(s, "ai-core", false, entry, &e), 0);
    T(store_tenant_wanted(s, "nobody", false, 0, &e) < 0);
    e = (struct err){0};
    store_close(s);
    s = open_sound();
    T(store_tenant(s, "ai-core", &t, &e) == 0 && t.range == 3 && !t.wanted);
    T_INT(store_staged(s, on_entry, &j, &e), 0);
    T_NAMED(j.n == 0, "what ends an operation takes its entry away");
    T_INT(store_tenant_wanted(s, "ai-core", true, 0, &e), 0);
    store_close(s);
}

static void test_values(void)
{
    struct store *s = open_sound();
    struct err e = {0};
    char text[16];

    T_INT(store_get(s, "front", text, sizeof text, &e), 0);
    T_STR(text, "");
    T_INT(store_get(s, STORE_REBUILD, text, sizeof text, &e), 0);
    T_STR(text, "1");
    T_INT(store_set(s, "front", "work", &e), 0);
    T_INT(store_set(s, "front", "we'b\"", &e), 0);
    T_INT(store_get(s, "front", text, sizeof text, &e), 0);
    T_STR(text, "we'b\"");
    T(store_get(s, "front", text, 4, &e) < 0 && e.code == ERR_STORE);
    store_close(s);
}

static void test_journal(void)
{
    struct store *s = open_sound();
    struct persona_spec work = spec_of("x"), web = spec_of("y");
    struct entries j = {0};
    struct err e = {0};
    int64_t a = 0, b = 0, c = 0;
    uint32_t range = 0;

    T_INT(store_stage(s, OP_START, "work", NULL, &a, &e), 0);
    T_INT(store_stage(s, OP_RM, "web", "wipe", &b, &e), 0);
    T(b > a && a > 0);
    T(store_stage(s, OP_COUNT, "web", "", &c, &e) < 0 && e.code == ERR_INTERNAL);
    store_close(s);
    sql("INSERT INTO journal (operation, id, detail) VALUES ('dance', 'web', '')");
    s = open_sound();
    T_INT(store_staged(s, on_entry, &j, &e), 0);
    T_NAMED(j.n == 2, "an operation that is not known is passed over");
    T(j.entry[0] == a && j.op[0] == OP_START && j.entry[1] == b && j.op[1] == OP_RM);
    T_STR(j.text[0], "work/");
    T_STR(j.text[1], "web/wipe");
    T_INT(store_commit(s, a, &e), 0);
    T_INT(store_commit(s, b, &e), 0);
    T_NAMED(store_commit(s, b, &e) == 0, "committing twice is no error");
    j = (struct entries){0};
    T_INT(store_staged(s, on_entry, &j, &e), 0);
    T_INT(j.n, 0);
    T_INT(store_stage(s, OP_ADD, "x", "", &c, &e), 0);
    T_NAMED(c > b + 1, "entries are never numbered twice");
    T_INT(store_stage(s, OP_SERVICE_STOP, "x", "", &a, &e), 0);
    T_INT(store_stage(s, OP_RM, "x", "", &b, &e), 0);
    j = (struct entries){0};
    T_INT(store_staged(s, on_entry, &j, &e), 0);
    T_NAMED(j.n == 2 && j.entry[0] == a && j.entry[1] == b,
            "a newer entry takes the place of the same persona's");
    T_INT(store_add(s, &work, 100, b, &e), 0);
    T(store_range_next(s, &range, &e) == 0 && range == 101);
    T_NAMED(store_add(s, &web, 100, a, &e) < 0 && e.code == ERR_STORE, "a range is one's");
    e = (struct err){0};
    j = (struct entries){0};
    T_INT(store_staged(s, on_entry, &j, &e), 0);
    T_NAMED(j.n == 1 && j.entry[0] == a, "what fails leaves its entry");
    T_INT(store_commit(s, a, &e), 0);
    T_INT(store_remove(s, "x", 0, &e), 0);
    store_close(s);
}

static void test_foreign_rows(void)
{
    struct store *s;
    struct rows r;

    sql("INSERT INTO persona VALUES ('aa', 'no json', 100, 0), ('bb', '{\"id\":\"other\"}', 101, 0),"
        " ('cc', '{\"id\":\"cc\",\"image\":\"debian\",\"colour\":\"#000000\",\"news\":1}', 102, 1),"
        " ('dd', '{\"id\":\"ee\",\"image\":\"debian\",\"colour\":\"#000000\"}', 103, 1),"
        " ('ff', '{\"id\":\"ff\",\"image\":\"debian\",\"colour\":\"#000000\"}', 999999, 1)");
    s = open_sound();
    r = read_rows(s);
    T_NAMED(r.n == 2, "rows that cannot be used are passed over, the others are there");
    T_STR(r.row[0].spec.id, "web");
    store_close(s);
    sql("DELETE FROM persona WHERE id IN ('aa', 'bb', 'cc', 'dd', 'ff')");
}

static void test_ranges_run_out(void)
{
    struct persona_spec spec = spec_of("last");
    struct store *s;
    struct err e = {0};
    uint32_t range = 0;
    char text[256];

    snprintf(text, sizeof text, "UPDATE value SET value = '%d' WHERE key = 'range-next'", RANGE_COUNT - 1);
    sql(text);
    s = open_sound();
    T_INT(add_row(s, &spec, &range, &e), 0);
    T_INT(range, RANGE_COUNT - 1);
    spec = spec_of("again");
    T_INT(add_row(s, &spec, &range, &e), 0);
    T_NAMED(range == 0, "when all were given out, the lowest free one comes again"); /* 1, 2, 3 are in use */
    spec = spec_of("again2");
    T_INT(add_row(s, &spec, &range, &e), 0);
    T_INT(range, 4);
    store_close(s);
    snprintf(text, sizeof text,
             "WITH RECURSIVE n(i) AS (SELECT 5 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
             "INSERT INTO tenant (name, range) SELECT 't' || i, i FROM n",
             RANGE_COUNT - 2);
    sql(text);
    s = open_sound();
    spec = spec_of("toomany");
    T(add_row(s, &spec, &range, &e) < 0 && e.code == ERR_LIMIT);
    T_INT(store_remove(s, "again2", 0, &e), 0);
    T_INT(add_row(s, &spec, &range, &e), 0);
    T_INT(range, 4);
    store_close(s);
}

int main(void)
{
    kit_begin();
    test_rows();
    test_tenants();
    test_values();
    test_journal();
    test_foreign_rows();
    test_ranges_run_out();
    kit_end();
    return t_done();
}
