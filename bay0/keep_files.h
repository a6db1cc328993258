/* SPDX-License-Identifier: MIT
 * The copies of the declarations: /persist/home/.declared/<id>.json, written before the registry's row,
 * removed before it. */
#ifndef BAY0_KEEP_FILES_H
#define BAY0_KEEP_FILES_H

#include "bay0.h"

/* On the disk when it returns 0; -1 with *e. Whoever changes a declaration writes its copy again. */
int keep_write(struct bay0 *b, const struct persona_spec *s, uint32_t range, struct err *e);
int keep_remove(struct bay0 *b, const char *id, struct err *e); /* also when there is none */

/* At start, with the registry open. b->rebuild: rows are made of the copies, before the rows are read. */
void keep_restore(struct bay0 *b);
/* When the rows are read: each has its copy, and no copy is of nobody (but while b->rebuild). */
void keep_sync(struct bay0 *b);

#endif
