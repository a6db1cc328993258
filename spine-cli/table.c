/* SPDX-License-Identifier: MIT
 * Text in columns for people. */
#include "spine-cli/table.h"

#include "core/buf.h"

#include <stdlib.h>
#include <string.h>

static size_t width(const char *s)
{
    size_t n = 0;

    for (; *s; s++)
        n += ((unsigned char)*s & 0xc0) != 0x80;
    return n;
}

void table_add(struct table *t, const char *text)
{
    char clean[TABLE_CELL_MAX];

    if (t->failed)
        return;
    if (t->cells == t->room) {
        size_t room = t->room ? 2 * t->room : 64;
        char **cell = realloc(t->cell, room * sizeof *cell);

        if (!cell) {
            t->failed = true;
            return;
        }
        t->cell = cell;
        t->room = room;
    }
    t->cell[t->cells] = strdup(buf_printable(clean, sizeof clean, text));
    if (t->cell[t->cells])
        t->cells++;
    else
        t->failed = true;
}

void table_init(struct table *t, const char *const *titles, size_t n)
{
    *t = (struct table){.columns = n};
    for (size_t i = 0; i < n; i++)
        table_add(t, titles[i]);
}

static const char *shown(const struct table *t, size_t i)
{
    return t->cell[i] + (i < t->columns && t->cell[i][0] == '>');
}

static void print_row(const struct table *t, size_t row, const size_t *widths, FILE *out)
{
    size_t owed = 0; /* spaces, printed only when something follows */

    for (size_t c = 0; c < t->columns; c++) {
        const char *text = shown(t, row * t->columns + c);
        size_t fill = widths[c] - width(text);
        bool right = t->cell[c][0] == '>';

        if (right)
            owed += fill;
        if (*text) {
            fprintf(out, "%*s%s", (int)owed, "", text);
            owed = 0;
        }
        owed += (right ? 0 : fill) + 2;
    }
    fputc('\n', out);
}

int table_print(const struct table *t, FILE *out)
{
    size_t widths[TABLE_COLUMNS_MAX] = {0};

    if (t->failed || t->columns == 0 || t->columns > TABLE_COLUMNS_MAX)
        return -1;
    for (size_t i = 0; i < t->cells; i++) {
        size_t w = width(shown(t, i));

        if (w > widths[i % t->columns])
            widths[i % t->columns] = w;
    }
    for (size_t row = 0; row < t->cells / t->columns; row++)
        print_row(t, row, widths, out);
    return 0;
}

void table_finish(struct table *t)
{
    for (size_t i = 0; i < t->cells; i++)
        free(t->cell[i]);
    free(t->cell);
    *t = (struct table){0};
}
