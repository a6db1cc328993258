/* SPDX-License-Identifier: MIT
 * What a lost registry is built again from: the copy of a declaration that lies beside the homes, and the
 * label of a container. */
#ifndef BAY0_CORE_KEEP_H
#define BAY0_CORE_KEEP_H

#include "core/spec.h"

#include <stddef.h>
#include <stdint.h>

struct err;

/* A row of the registry, but for what only it can know. */
struct kept {
    struct persona_spec spec;
    uint32_t range;
};
enum { KEPT_TEXT_MAX = 64 * 1024 };

/* JSON, to be freed; NULL when memory is short. keep_parse gives the same back. */
char *keep_text(const struct persona_spec *s, uint32_t range);
/* 0, or -1 with *e and *out untouched; so is a text that is another id's. */
int keep_parse(const char *text, size_t len, const char *id, struct kept *out, struct err *e);
/* The same from `podman container inspect` of persona-<id>: the label org.alpinespine.spec and the map of
 * user ids. */
int keep_from_inspect(const char *text, size_t len, const char *id, struct kept *out, struct err *e);

#endif
