/* SPDX-License-Identifier: MIT
 * Text in columns for people. */
#ifndef SPINE_CLI_TABLE_H
#define SPINE_CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { TABLE_COLUMNS_MAX = 12, TABLE_CELL_MAX = 300 };

struct table {
    size_t columns, cells;
    bool right[TABLE_COLUMNS_MAX];
    char *text; /* owned: the cells row by row, the titles first, each NUL-terminated */
    size_t used, room;
    bool failed; /* sticky: memory was short */
};

/* A title that begins with '>' makes its column stand to the right. */
void table_init(struct table *t, const char *const *titles, size_t n);
/* The next cell, copied and made printable. */
void table_add(struct table *t, const char *text);
/* 0, or -1 when memory was short. Nothing trails at the ends of lines. */
int table_print(const struct table *t, FILE *out);
void table_finish(struct table *t);

#endif
