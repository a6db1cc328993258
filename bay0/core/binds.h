/* SPDX-License-Identifier: MIT
 * What of the Spine a container sees: binds and environment. One list for the command line and for the check
 * of the result. */
#ifndef BAY0_CORE_BINDS_H
#define BAY0_CORE_BINDS_H

#include "core/podman.h"

enum { BIND_SOURCE_MAX = 256, BINDS_MAX = 8 };

struct bind {
    char source[BIND_SOURCE_MAX];
    char target[BIND_SOURCE_MAX];
    const char *options; /* as in --volume; always with nosuid,nodev and one of ro, rw */
};

struct binds {
    struct bind row[BINDS_MAX];
    size_t n;
    bool overflow; /* a path was too long */
};

/* Where a persona's home is inside. */
#define PERSONA_HOME "/home/persona"
/* Where a tenant finds the relay. */
#define TENANT_RELAY "/usr/local/bin/spine-relay"

/* Adds the persona's --env words; for `create` and `exec` alike. */
void persona_environment(struct argv *a, const struct persona_spec *s);
void persona_binds(struct binds *b, const struct paths *p, const struct persona_spec *s);
void tenant_binds(struct binds *b, const struct paths *p, const struct tenant *t);

#endif
