/* SPDX-License-Identifier: MIT
 * What a persona or a tenant may use: its declaration, its profile and the size of the machine in, numbers
 * for its control group out. */
#ifndef BAY0_CORE_LIMITS_H
#define BAY0_CORE_LIMITS_H

#include "core/podman.h"
#include "core/spec.h"

enum { CORES_TEXT = 512, CORES_MAX = 4096 };

struct machine {
    uint64_t memory;        /* bytes; 0: not known */
    char cores[CORES_TEXT]; /* those that there are, such as "0-3"; "": not known */
};

/* 0 and "": no ceiling of its own. */
struct limits {
    uint64_t memory;        /* memory.max, bytes; memory.swap.max is always 0 */
    uint64_t io;            /* io.max, bytes a second for reading and for writing */
    uint32_t cpus_milli;    /* cpu.max, thousandths of a CPU */
    uint32_t pids;          /* pids.max */
    uint32_t weight;        /* cpu.weight; 0: the kernel's 100 */
    char cores[CORES_TEXT]; /* cpuset.cpus */
};

/* The n-th file of a control group that l is written to, and what belongs there; false: there are no more.
 * io.max is not among them, since it names a disk. Kernel: Documentation/admin-guide/cgroup-v2.rst. */
struct limit_text {
    const char *file;
    char text[CORES_TEXT];
};
bool limits_text(const struct limits *l, size_t n, struct limit_text *out);
/* Whether the kernel's own words for a file (one line) say the same: it rounds bytes down to pages, and shows
 * an empty cpuset as one. */
bool limits_same(const struct limit_text *want, const char *kernel);

/* What the declaration leaves open, profile and machine say. */
void limits_persona(const struct persona_spec *s, const struct machine *m, struct limits *out);
void limits_tenant(const struct tenant *t, const struct machine *m, struct limits *out);
/* The groups right below the tree, with what holds for all that is in them. */
struct limits_group {
    const char *name;
    bool lends; /* it holds groups that have limits of their own */
    struct limits limits;
};
enum { LIMITS_GROUPS = 4 };
void limits_groups(const struct machine *m, struct limits_group out[LIMITS_GROUPS]);

/* Of the listed CPUs those that guests may use: all but the machine's first, unless it has only that one.
 * An empty list: all of them. 0, or -1 with *e and out untouched when none is left. */
int limits_cores(const char *list, const struct machine *m, char out[CORES_TEXT], struct err *e);

#endif
