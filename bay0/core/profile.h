/* SPDX-License-Identifier: MIT
 * A profile is a row of data: what a kind of persona is given. No code asks which profile it is. */
#ifndef BAY0_CORE_PROFILE_H
#define BAY0_CORE_PROFILE_H

#include "core/spec.h"

/* A list of them ends with a name that is NULL. capabilities(7). */
struct cap {
    const char *name; /* without CAP_ */
    const char *why;
};

struct profile {
    const char *name;
    bool wayland;
    bool root_writable; /* the container's own root */
    bool root_kept;     /* it survives stop, start and reboot */
    bool no_new_privileges;
    uint32_t user;          /* uid and gid inside that the persona's programs run as */
    const struct cap *caps; /* for --cap-add after --cap-drop=all */
    const char *seccomp;    /* file name below /usr/share/spine/containers */
    const char *runtime;    /* OCI runtime */
    uint64_t memory;        /* bytes; defaults for what the declaration leaves open: see limits.h */
    uint32_t cpus_percent;  /* of those CPUs that are not the Spine's; 0: all */
    uint32_t weight;        /* cpu.weight */
    uint32_t pids;
    uint32_t nofile;
    const char *const *tmpfs; /* NULL-terminated, each "DIR:OPTIONS" */
};

/* Never NULL: a value outside the list gives the most closed row. Static storage. */
const struct profile *profile_get(enum profile_id id);

#endif
