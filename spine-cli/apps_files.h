/* SPDX-License-Identifier: MIT
 * Where programs, their entries and icons lie, by the XDG Base Directory and Icon Theme specifications. */
#ifndef SPINE_CLI_APPS_FILES_H
#define SPINE_CLI_APPS_FILES_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

enum { DATA_DIRS_MAX = 8 };

struct data_dirs {
    size_t n;
    char dir[DATA_DIRS_MAX][PATH_MAX]; /* absolute, the most important first */
};

void data_dirs_find(struct data_dirs *d);
/* A plain file of 1 to max bytes, read into new memory which the caller frees; at is a directory or AT_FDCWD.
 * NULL if it is anything else, or cannot be read. Never waits. */
char *file_read(int at, const char *path, size_t max, size_t *len);
/* Whether this name or path is a program that can be started. */
bool program_there(const char *name);
/* The PNG file for the Icon key's value, nearest to 48 pixels; as file_read. */
char *icon_read(const struct data_dirs *d, const char *name, size_t max, size_t *len);

#endif
