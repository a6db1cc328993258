/* SPDX-License-Identifier: MIT
 * Tests of what is staged between personas: names, names of files, quota, age. */
#include "core/transfer.h"
#include "tests/t.h"

#define SUM "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static void test_names(void)
{
    static const struct {
        const char *raw, *clean;
    } rows[] = {
        {"report.pdf", "report.pdf"},
        {"/home/persona/a b.txt", "a_b.txt"},
        {"../../etc/passwd", "passwd"},
        {".bashrc", "_bashrc"},
        {"..", "_."},
        {"-rf", "_rf"},
        {"", "file"},
        {"dir/", "file"},
        {"a\nb\tc\x7f\x01", "a_b_c__"},
        {"$(reboot);`x`|&<>*?!", "__reboot___x________"},
        {"Übersicht.odt", "Übersicht.odt"},
        {"\xe6\x96\x87.txt", "\xe6\x96\x87.txt"},
        {"gpj\xe2\x80\xae.exe", "gpj_.exe"},
        {"a\xc2\xa0"
         "b\xff\xc3",
         "a_b__"},
        {"back\\slash:colon", "back_slash_colon"},
    };
    char out[TRANSFER_NAME_MAX + 1], long_name[3 * TRANSFER_NAME_MAX];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        transfer_name_clean(rows[i].raw, out);
        T_STR(out, rows[i].clean);
        T_NAMED(transfer_name_ok(out), out);
    }
    memset(long_name, 'x', sizeof long_name);
    memcpy(long_name + TRANSFER_NAME_MAX - 1, "\xc3\x9c", 2); /* would be cut in its middle */
    long_name[sizeof long_name - 1] = '\0';
    transfer_name_clean(long_name, out);
    T_INT(strlen(out), TRANSFER_NAME_MAX - 1);
    T(!transfer_name_ok("a/b") && !transfer_name_ok(".x") && !transfer_name_ok("") &&
      !transfer_name_ok(NULL) && !transfer_name_ok(long_name));
}

static void test_files(void)
{
    static const char *const none[] = {
        "",
        ".",
        "000000000001.a.b.5." SUM,
        "000000000001.a.b.5." SUM ".",
        "000000000001.a.b.5." SUM "..x",
        "000000000000.a.b.5." SUM ".x",
        "00000000001.a.b.5." SUM ".x",
        "00000000000x.a.b.5." SUM ".x",
        "000000000001.a.a.5." SUM ".x",
        "000000000001.A.b.5." SUM ".x",
        "000000000001.a..5." SUM ".x",
        "000000000001.a.b.." SUM ".x",
        "000000000001.a.b.05." SUM ".x",
        "000000000001.a.b.-5." SUM ".x",
        "000000000001.a.b.123456789012." SUM ".x",
        "000000000001.a.b.5.00.x",
        "000000000001.a.b.5." SUM ".a b",
    };
    struct transfer t = {.number = 12,
                         .from = "work",
                         .to = "web",
                         .name = "a.tar.gz",
                         .sha256 = SUM,
                         .sent = 1763801234},
                    got = {.number = 99};
    char file[TRANSFER_FILE_MAX + 1];

    T_INT(transfer_file_name(&t, file, sizeof file), 0);
    T_STR(file, "000000000012.work.web.1763801234." SUM ".a.tar.gz");
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        T_NAMED(transfer_file_parse(none[i], &got) < 0 && got.number == 99, none[i]);
    T_INT(transfer_file_parse(file, &got), 0);
    T(got.number == 12 && got.sent == 1763801234 && got.state == TRANSFER_STAGED &&
      strcmp(got.from, "work") == 0 && strcmp(got.to, "web") == 0 && strcmp(got.name, "a.tar.gz") == 0 &&
      strcmp(got.sha256, SUM) == 0);
    /* The longest of everything. */
    memset(t.from, 'a', NAME_ID_MAX);
    memset(t.to, 'b', NAME_ID_MAX);
    memset(t.name, 'n', TRANSFER_NAME_MAX);
    t.number = 999999999999;
    t.sent = 99999999999;
    T_INT(transfer_file_name(&t, file, sizeof file), 0);
    T_INT(transfer_file_parse(file, &got), 0);
    T(transfer_file_name(&t, file, 60) < 0);
}

static void test_age(void)
{
    T_INT(transfer_left(1000, 1000), TRANSFER_LIFE_S);
    T_INT(transfer_left(1000, 1060), TRANSFER_LIFE_S - 60);
    T_INT(transfer_left(1000, 1000 + TRANSFER_LIFE_S - 1), 1);
    T_INT(transfer_left(1000, 1000 + TRANSFER_LIFE_S), 0);
    T_INT(transfer_left(1000, INT64_MAX), 0);
    T_NAMED(transfer_left(1000000, 5) == TRANSFER_LIFE_S, "a clock that was set back gives one life");
}

static void take(struct transfer *all, size_t n, const char *from, uint64_t bytes)
{
    for (size_t i = 0; i < n; i++) {
        if (all[i].state != TRANSFER_FREE)
            continue;
        all[i] = (struct transfer){.state = TRANSFER_STAGED, .bytes = bytes};
        strcpy(all[i].from, from);
        return;
    }
}

static bool may(const struct transfer *all, size_t n, const char *from, uint64_t bytes)
{
    struct err e = {0};
    int rc = transfer_may(all, n, from, bytes, &e);

    return rc == 0 ? e.code == ERR_NONE : e.code != ERR_LIMIT || !e.message[0] || !e.hint[0];
}

static void test_quota(void)
{
    static struct transfer all[TRANSFER_ALL_MAX];
    const size_t n = TRANSFER_ALL_MAX;
    char from[2] = "a";

    T(may(all, n, "a", 0) && may(all, n, "a", TRANSFER_BYTES_MAX));
    T(!may(all, n, "a", TRANSFER_BYTES_MAX + 1ull) && !may(all, n, "a", 1ull << 40) &&
      !may(all, n, "a", UINT64_MAX));
    for (int i = 0; i < TRANSFER_EACH_MAX; i++) {
        T(may(all, n, "a", 1));
        take(all, n, "a", 1);
    }
    T_NAMED(!may(all, n, "a", 0), "one persona has so many files");
    T_NAMED(may(all, n, "b", 1), "another one has its own quota");
    take(all, n, "b", TRANSFER_BYTES_MAX);
    take(all, n, "b", TRANSFER_BYTES_MAX - 1);
    T_NAMED(may(all, n, "b", 1) && !may(all, n, "b", 2), "and so many bytes");
    take(all, n, "c", TRANSFER_BYTES_MAX);
    T(may(all, n, "d", TRANSFER_BYTES_MAX - TRANSFER_EACH_MAX + 1));
    T_NAMED(!may(all, n, "d", TRANSFER_BYTES_MAX - TRANSFER_EACH_MAX + 2), "and all together");
    for (int i = 19; i < TRANSFER_ALL_MAX; i++) {
        from[0] = (char)('d' + i / TRANSFER_EACH_MAX);
        T(may(all, n, from, 0));
        take(all, n, from, 0);
    }
    T_NAMED(!may(all, n, "z", 0), "all places are taken");
}

int main(void)
{
    test_names();
    test_files();
    test_age();
    test_quota();
    return t_done();
}
