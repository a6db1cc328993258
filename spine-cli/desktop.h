/* SPDX-License-Identifier: MIT
 * Pure: what a desktop entry says (Desktop Entry Specification 1.5), and its command line as a list of words.
 */
#ifndef SPINE_CLI_DESKTOP_H
#define SPINE_CLI_DESKTOP_H

#include <stdbool.h>
#include <stddef.h>

enum {
    DESKTOP_FILE_MAX = 65536, /* longer ones are not read */
    DESKTOP_NAME_MAX = 128,
    DESKTOP_PATH_MAX = 512,
    DESKTOP_WORDS_MAX = 48, /* leaves room for a terminal's own words: see PROTO_EXEC_WORDS_MAX */
    DESKTOP_TEXT_MAX = 4096
};

struct desktop_entry {
    bool shown;                      /* an application that is neither hidden nor for another desktop only */
    bool terminal;                   /* wants one to run in */
    char name[DESKTOP_NAME_MAX];     /* UTF-8 without control characters, never empty, cut to fit */
    char icon[DESKTOP_PATH_MAX];     /* a name or a path; "" when there is none */
    char try_exec[DESKTOP_PATH_MAX]; /* likewise */
    size_t words;
    char text[DESKTOP_TEXT_MAX]; /* that many NUL-terminated words, the first one is the program */
};

/* locale: "de_DE.UTF-8@euro", "de", or "" for none. 0, or -1 for what is no desktop entry: no such group, no
 * name, wrong text. One that is not shown needs no command; it may stand in the way of another of its name.
 */
int desktop_parse(const char *text, size_t len, const char *locale, struct desktop_entry *out);

#endif
