/* SPDX-License-Identifier: MIT
 * Pure: one line of what `spine apps --json` printed inside a persona. The persona may have put anything in
 * its place, so nothing is taken that was not looked at. */
#ifndef SWITCHER_CORE_APPLIST_H
#define SWITCHER_CORE_APPLIST_H

#include <jansson.h>
#include <stddef.h>

enum {
    APPLIST_MAX = 256,           /* programs */
    APPLIST_LINE_MAX = 131072,   /* bytes of a line */
    APPLIST_TOTAL_MAX = 6 << 20, /* of all lines together */
    APPLIST_NAME_MAX = 96,
    APPLIST_WORDS_MAX = 64, /* as persona.exec takes them */
    APPLIST_TEXT_MAX = 16384,
    ICON_FILE_MAX = 49152 /* bytes of a program's icon */
};

struct applist_line {
    char name[APPLIST_NAME_MAX]; /* UTF-8, printable, not empty; cut to fit */
    json_t *command;             /* owned: 1 to APPLIST_WORDS_MAX strings without control characters */
    unsigned char *icon; /* owned, malloc: a file that claims to be a PNG, not looked into; may be NULL */
    size_t icon_len;
};
enum applist_kind { APPLIST_BAD, APPLIST_PROGRAM, APPLIST_END };

/* One line without its newline. *out is filled for APPLIST_PROGRAM only; applist_line_finish gives it back. A
 * wrong icon is left out, anything else that is wrong makes the line bad. */
enum applist_kind applist_parse(const char *line, size_t len, struct applist_line *out);
void applist_line_finish(struct applist_line *l);

#endif
