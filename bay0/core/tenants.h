/* SPDX-License-Identifier: MIT
 * The table of system tenants: a built-in row for ai-core, replaced by a file of the read-only image if there
 * is one. */
#ifndef BAY0_CORE_TENANTS_H
#define BAY0_CORE_TENANTS_H

#include "core/podman.h"

/* bay0 reads it once, from paths.share; never from /persist: a row says what runs as a part of the Spine. */
#define TENANTS_FILE "tenants.json"

enum { TENANTS_MAX = 8, TENANTS_TEXT_MAX = 16384, TENANTS_FILE_MAX = 65536 };

/* Rows point into text: do not copy the struct, keep it as long as the rows are used. */
struct tenants {
    struct tenant row[TENANTS_MAX];
    size_t n;
    char text[TENANTS_TEXT_MAX];
    size_t used;
};

/* ai-core as docker.io/ollama/ollama. */
void tenants_default(struct tenants *t);
/* {"tenants":[{"name","image","socket","upstream","models","models_at","command"[,"models_writable","memory",
 * "pids","env"]}]}. memory is a number of bytes or text such as "2G". Unknown fields, wrong types, two rows
 * of one name or socket, and values out of range are refused with ERR_BAD_VALUE or ERR_UNKNOWN_FIELD, and
 * leave *t untouched. len <= TENANTS_FILE_MAX. */
int tenants_parse(const char *text, size_t len, struct tenants *t, struct err *e);
/* NULL when there is none of that name. */
const struct tenant *tenants_find(const struct tenants *t, const char *name);

#endif
