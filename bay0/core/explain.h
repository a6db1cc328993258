/* SPDX-License-Identifier: MIT
 * What a persona is given, and why: the same data that its command line, its check, its limits and its
 * firewall are made of, as rows for people. */
#ifndef BAY0_CORE_EXPLAIN_H
#define BAY0_CORE_EXPLAIN_H

#include "core/limits.h"
#include "core/podman.h"

/* A list of {"about": "mount", "what": "/home/persona", "is": "...", "why": "..."} in the order in which it
 * is to be read. A new reference, or NULL when memory is short. */
json_t *explain_rows(const struct paths *p, const struct persona_spec *s, uint32_t base,
                     const struct machine *m);

#endif
