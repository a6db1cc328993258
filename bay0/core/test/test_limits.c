/* SPDX-License-Identifier: MIT
 * Ceilings: declaration, profile and machine on the left, numbers for the control group on the right. */
#include "core/err.h"
#include "core/limits.h"
#include "tests/t.h"

#define MIB(n) ((uint64_t)(n) << 20)

static struct machine machine(uint64_t mib, const char *cores)
{
    struct machine m = {.memory = MIB(mib)};

    snprintf(m.cores, sizeof m.cores, "%s", cores);
    return m;
}

static void test_cores(void)
{
    static const struct {
        const char *machine, *list, *want; /* NULL: refused */
    } rows[] = {
        {"0-3", "", "1-3"},       {"0-3", "0-1,3", "1,3"}, {"0-3", "2-9", "2-3"}, {"0-1", "", "1"},
        {"0", "", "0"},           {"0", "0-3", "0"},       {"0-3", "0", NULL},    {"0-3", "4-7", NULL},
        {"2-3,8", "", "3,8"},     {"2-3,8", "2", NULL},    {"", "", ""},          {"", "5-6", "5-6"},
        {"0-4095", "", "1-4095"}, {"0-1\n", "0-1", "1"},   {"0-9999", "9", "9"},  {"nonsense", "1", "1"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct machine m = machine(4096, rows[i].machine);
        char out[CORES_TEXT] = "untouched";
        struct err e = {0};
        int rc = limits_cores(rows[i].list, &m, out, &e);

        T_INT(rc, rows[i].want ? 0 : -1);
        T_STR(out, rows[i].want ? rows[i].want : "untouched");
        T(rows[i].want ? e.code == ERR_NONE : e.code == ERR_BAD_VALUE && strstr(e.hint, "for the Spine"));
    }
}

/* So many pieces that the text does not fit: then the group above is what holds. */
static void test_cores_in_pieces(void)
{
    struct machine m = {.memory = MIB(1024)};
    char out[CORES_TEXT];
    size_t len = 0;

    for (unsigned i = 1000; len < sizeof m.cores - 6; i += 2)
        len += (size_t)snprintf(m.cores + len, sizeof m.cores - len, "%s%u", len ? "," : "", i);
    T_INT(limits_cores("", &m, out, NULL), 0);
    T(strlen(out) + 5 == strlen(m.cores));
}

static void test_personas(void)
{
    struct persona_spec s = {.id = "a", .profile = PROFILE_DESKTOP};
    struct machine big = machine(65536, "0-15"), small = machine(2048, "0-1"), tiny = machine(512, "0");
    struct machine unknown = {0};
    struct limits l;

    limits_persona(&s, &big, &l);
    T(l.memory == MIB(4096) && l.pids == 4096 && l.cpus_milli == 0 && l.weight == 100 && l.io == 0);
    T_STR(l.cores, "1-15");
    limits_persona(&s, &small, &l);
    T(l.memory == MIB(1024) && l.pids == 4096);
    T_STR(l.cores, "1");
    limits_persona(&s, &tiny, &l);
    T(l.memory == MIB(256) && l.pids == 1024);
    T_STR(l.cores, "0");
    limits_persona(&s, &unknown, &l);
    T(l.memory == MIB(4096) && l.pids == 4096 && l.cores[0] == '\0');
    s.profile = PROFILE_AGENT; /* half of what is there, but one at least */
    limits_persona(&s, &big, &l);
    T(l.memory == MIB(2048) && l.pids == 512 && l.cpus_milli == 7500 && l.weight == 50);
    limits_persona(&s, &small, &l);
    T(l.cpus_milli == 1000);
    s = (struct persona_spec){.id = "a",
                              .memory = MIB(3000),
                              .cpus_milli = 1500,
                              .pids = 99,
                              .weight = 7,
                              .io = MIB(1),
                              .cores = "0,3"};
    limits_persona(&s, &big, &l);
    T(l.memory == MIB(3000) && l.cpus_milli == 1500 && l.pids == 99 && l.weight == 7 && l.io == MIB(1));
    T_STR(l.cores, "3");
    limits_persona(&s, &small, &l); /* a list of another machine */
    T_STR(l.cores, "1");
}

static void test_all_guests(void)
{
    struct tenant t = {.name = "ai-core", .memory = MIB(8192), .pids = 512};
    struct machine m = machine(4096, "0-3"), tiny = machine(300, "0");
    struct limits_group group[LIMITS_GROUPS];
    struct limits l;

    limits_tenant(&t, &m, &l);
    T(l.memory == MIB(3584) && l.pids == 512);
    T_STR(l.cores, "1-3");
    t.memory = MIB(1024);
    limits_tenant(&t, &m, &l);
    T(l.memory == MIB(1024));
    limits_groups(&m, group);
    T_STR(group[0].name, "bay0");
    T(group[0].limits.weight == 1000 && group[0].limits.memory == 0 && group[0].limits.cores[0] == '\0');
    T_STR(group[1].name, "ui");
    T(group[1].limits.weight == 500 && group[1].limits.memory == 0 && group[1].limits.cores[0] == '\0');
    T_STR(group[2].name, "personas");
    T(group[2].limits.weight == 100 && group[2].limits.memory == MIB(3584));
    T_STR(group[2].limits.cores, "1-3");
    T_STR(group[3].name, "tenants");
    T(group[3].limits.weight == 50 && group[3].limits.memory == MIB(3584));
    T_STR(group[3].limits.cores, "1-3");
    T(!group[0].lends && group[1].lends && group[2].lends && group[3].lends);
    limits_groups(&tiny, group);
    T(group[2].limits.memory == MIB(150));
    T_STR(group[2].limits.cores, "0");
}

int main(void)
{
    test_cores();
    test_cores_in_pieces();
    test_personas();
    test_all_guests();
    return t_done();
}
