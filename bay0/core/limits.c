/* SPDX-License-Identifier: MIT
 * Ceilings by declaration, profile and machine. */
#include "core/limits.h"

#include "core/buf.h"
#include "core/err.h"
#include "core/profile.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIB(n) ((uint64_t)(n) << 20)

/* A process costs the kernel some 20 KiB before it has done anything, and that is its persona's memory. */
enum { BYTES_PER_PROCESS = 256 << 10, PROCESSES_MIN = 256 };
enum { WEIGHT_BAY0 = 1000, WEIGHT_UI = 500, WEIGHT_GUESTS = 100, WEIGHT_TENANTS = 50 };

struct cores {
    uint64_t bit[CORES_MAX / 64];
};

static bool has(const struct cores *c, unsigned n)
{
    return c->bit[n / 64] >> n % 64 & 1;
}

/* "0-3,6\n", as the kernel writes it; what is not understood ends the list. */
static unsigned read_cores(const char *list, struct cores *out)
{
    unsigned n = 0;

    *out = (struct cores){{0}};
    while (*list >= '0' && *list <= '9') {
        char *end;
        unsigned long from = strtoul(list, &end, 10), to = from;

        if (*end == '-')
            to = strtoul(end + 1, &end, 10);
        for (; from <= to && from < CORES_MAX; from++) {
            n += !has(out, (unsigned)from);
            out->bit[from / 64] |= UINT64_C(1) << from % 64;
        }
        list = end + (*end == ',');
    }
    return n;
}

static void write_cores(const struct cores *c, char out[CORES_TEXT])
{
    struct buf b;

    buf_init(&b, out, CORES_TEXT);
    for (unsigned from = 0, to; from < CORES_MAX; from = to + 1) {
        for (to = from; to < CORES_MAX && has(c, to);)
            to++;
        if (to - from == 1)
            buf_addf(&b, "%s%u", b.len ? "," : "", from);
        else if (to > from)
            buf_addf(&b, "%s%u-%u", b.len ? "," : "", from, to - 1);
    }
    if (b.overflow)
        out[0] = '\0'; /* the group above holds it all the same */
}

/* What guests may use; how many that are. */
static unsigned guest_cores(const struct machine *m, struct cores *out)
{
    unsigned n = read_cores(m->cores, out), first = 0;

    if (n < 2)
        return n;
    while (!has(out, first))
        first++;
    out->bit[first / 64] &= ~(UINT64_C(1) << first % 64);
    return n - 1;
}

int limits_cores(const char *list, const struct machine *m, char out[CORES_TEXT], struct err *e)
{
    struct cores all, asked;
    unsigned left = 0;
    char fine[CORES_TEXT];

    if (guest_cores(m, &all) == 0) { /* the kernel will say */
        snprintf(out, CORES_TEXT, "%s", list);
        return 0;
    }
    if (list[0]) {
        read_cores(list, &asked);
        for (size_t i = 0; i < CORES_MAX / 64; i++) {
            asked.bit[i] &= all.bit[i];
            left += asked.bit[i] != 0;
        }
        if (!left) {
            write_cores(&all, fine);
            err_set(e, ERR_BAD_VALUE, "of the CPUs %s none is a persona's: there are %.60s", list, fine);
            return err_hint(e, "the first CPU of the machine is kept for the Spine");
        }
        all = asked;
    }
    write_cores(&all, out);
    return 0;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* What is left when the Spine has what it needs; 0: not known. */
static uint64_t guests_memory(const struct machine *m)
{
    uint64_t spine = m->memory / 8 > MIB(256) ? m->memory / 8 : MIB(256);

    return m->memory > 2 * spine ? m->memory - spine : m->memory / 2;
}

static uint64_t bounded(uint64_t want, uint64_t most)
{
    return most ? least(want, most) : want;
}

void limits_persona(const struct persona_spec *s, const struct machine *m, struct limits *out)
{
    const struct profile *row = profile_get(s->profile);
    struct cores cores;
    uint64_t share = (uint64_t)guest_cores(m, &cores) * 10 * row->cpus_percent, pids;
    struct err e;

    *out = (struct limits){.io = s->io};
    out->memory = s->memory ? s->memory : bounded(row->memory, m->memory / 2);
    pids = out->memory / BYTES_PER_PROCESS > PROCESSES_MIN ? out->memory / BYTES_PER_PROCESS : PROCESSES_MIN;
    out->pids = s->pids ? s->pids : (uint32_t)least(row->pids, pids);
    out->weight = s->weight ? s->weight : row->weight;
    if (s->cpus_milli)
        out->cpus_milli = s->cpus_milli;
    else if (row->cpus_percent && row->cpus_percent < 100 && share)
        out->cpus_milli = share > 1000 ? (uint32_t)share : 1000;
    /* A list that was good on another machine: then what all may use. */
    if (limits_cores(s->cores, m, out->cores, &e) < 0)
        (void)limits_cores("", m, out->cores, &e);
}

void limits_tenant(const struct tenant *t, const struct machine *m, struct limits *out)
{
    struct err e;

    *out = (struct limits){.memory = bounded(t->memory, guests_memory(m)), .pids = t->pids};
    (void)limits_cores("", m, out->cores, &e);
}

void limits_groups(const struct machine *m, struct limits_group out[LIMITS_GROUPS])
{
    struct limits guests = {.memory = guests_memory(m), .weight = WEIGHT_GUESTS};
    struct err e;

    (void)limits_cores("", m, guests.cores, &e);
    out[0] = (struct limits_group){"bay0", false, {.weight = WEIGHT_BAY0}};
    out[1] = (struct limits_group){"ui", true, {.weight = WEIGHT_UI}};
    out[2] = (struct limits_group){"personas", true, guests};
    guests.weight = WEIGHT_TENANTS;
    out[3] = (struct limits_group){"tenants", true, guests};
}

enum { CPU_PERIOD_USEC = 100000, WEIGHT_DEFAULT = 100, PAGE_BYTES = 4096 };

static void number_text(char out[CORES_TEXT], uint64_t n)
{
    if (n == 0)
        snprintf(out, CORES_TEXT, "max");
    else
        snprintf(out, CORES_TEXT, "%" PRIu64, n);
}

bool limits_text(const struct limits *l, size_t n, struct limit_text *out)
{
    static const char *const files[] = {"memory.max", "memory.swap.max", "cpu.max",
                                        "cpu.weight", "pids.max",        "cpuset.cpus"};

    if (n >= sizeof files / sizeof *files)
        return false;
    out->file = files[n];
    switch (n) {
    case 0:
        number_text(out->text, l->memory);
        break;
    case 1:
        snprintf(out->text, sizeof out->text, "0");
        break;
    case 2:
        number_text(out->text, (uint64_t)l->cpus_milli * (CPU_PERIOD_USEC / 1000));
        snprintf(out->text + strlen(out->text), 16, " %d", CPU_PERIOD_USEC);
        break;
    case 3:
        snprintf(out->text, sizeof out->text, "%u", l->weight ? l->weight : (unsigned)WEIGHT_DEFAULT);
        break;
    case 4:
        number_text(out->text, l->pids);
        break;
    default:
        snprintf(out->text, sizeof out->text, "%s", l->cores); /* nothing: inherit */
    }
    return true;
}

bool limits_same(const struct limit_text *want, const char *kernel)
{
    char line[CORES_TEXT];
    size_t n = strcspn(kernel, "\n");

    snprintf(line, sizeof line, "%.*s", (int)(n < sizeof line ? n : sizeof line - 1), kernel);
    if (strcmp(want->file, "memory.max") == 0 && strspn(want->text, "0123456789") == strlen(want->text))
        return strtoull(want->text, NULL, 10) / PAGE_BYTES == strtoull(line, NULL, 10) / PAGE_BYTES &&
               strspn(line, "0123456789") == strlen(line) && line[0];
    return strcmp(want->text, line) == 0;
}
