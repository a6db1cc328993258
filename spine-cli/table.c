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
    size_t size = strlen(buf_printable(clean, sizeof clean, text)) + 1;

    if (t->room - t->used < size) {
        size_t room = 2 * t->room + 4 * sizeof clean;
        char *more = t->failed ? NULL : realloc(t->text, room);

        if (!more) {
            t->failed = true;
            return;
        }
        t->text = more;
        t->room = room;
    }
    memcpy(t->text + t->used, clean, size);
    t->used += size;
    t->cells++;
}

void table_init(struct table *t, const char *const *titles, size_t n)
{
    *t = (struct table){.columns = n, .failed = n == 0 || n > TABLE_COLUMNS_MAX};
    for (size_t i = 0; i < n && !t->failed; i++) {
        t->right[i] = titles[i][0] == '>';
        table_add(t, titles[i] + t->right[i]);
    }
}

/* Prints the row that begins at text, and returns where the next one does. */
static const char *print_row(const struct table *t, const char *text, const size_t *widths, FILE *out)
{
    size_t owed = 0; /* spaces, printed only when something follows */

    for (size_t c = 0; c < t->columns; c++) {
        size_t fill = widths[c] - width(text);

        if (t->right[c])
            owed += fill;
        if (*text) {
            fprintf(out, "%*s%s", (int)owed, "", text);
            owed = 0;
        }
        owed += (t->right[c] ? 0 : fill) + 2;
        text += strlen(text) + 1;
    }
    fputc('\n', out);
    return text;
}

int table_print(const struct table *t, FILE *out)
{
    size_t widths[TABLE_COLUMNS_MAX] = {0};
    const char *text = t->text;

    if (t->failed)
        return -1;
    for (size_t i = 0; i < t->cells; i++, text += strlen(text) + 1)
        if (width(text) > widths[i % t->columns])
            widths[i % t->columns] = width(text);
    text = t->text;
    for (size_t row = 0; row < t->cells / t->columns; row++)
        text = print_row(t, text, widths, out);
    return 0;
}

void table_finish(struct table *t)
{
    free(t->text);
    *t = (struct table){0};
}
