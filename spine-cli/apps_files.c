/* SPDX-License-Identifier: MIT
 * Finds programs, data directories and icons. */
#include "spine-cli/apps_files.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SYSTEM_DIRS "/usr/local/share:/usr/share"
#define SYSTEM_PATH "/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games"

static const char *environment(const char *name, const char *otherwise)
{
    const char *value = getenv(name);

    return value && *value ? value : otherwise;
}

/* False when it does not fit. */
__attribute__((format(printf, 2, 3))) static bool path_make(char out[PATH_MAX], const char *fmt, ...)
{
    va_list args;
    int n;

    va_start(args, fmt);
    n = vsnprintf(out, PATH_MAX, fmt, args);
    va_end(args);
    return n > 0 && n < PATH_MAX;
}

/* The next part of a list with colons; empty and relative ones count for nothing and come out with length 0.
 */
static const char *next_dir(const char **list, size_t *len)
{
    const char *at = *list;

    *len = strcspn(at, ":");
    *list = at + *len + (at[*len] == ':');
    if (*at != '/')
        *len = 0;
    return at;
}

void data_dirs_find(struct data_dirs *d)
{
    const char *home = environment("XDG_DATA_HOME", ""), *list = environment("XDG_DATA_DIRS", SYSTEM_DIRS);
    size_t len;

    d->n = 0;
    if (*home == '/' ? path_make(d->dir[0], "%s", home)
                     : path_make(d->dir[0], "%s/.local/share", environment("HOME", "/root")))
        d->n++;
    while (*list && d->n < DATA_DIRS_MAX) {
        const char *at = next_dir(&list, &len);

        if (len > 0 && path_make(d->dir[d->n], "%.*s", (int)len, at))
            d->n++;
    }
}

char *file_read(int at, const char *path, size_t max, size_t *len)
{
    /* A pipe or a terminal must not hold it up. */
    int fd = openat(at, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    char *text = NULL;
    struct stat st;
    ssize_t n = -1;

    *len = 0;
    if (fd < 0)
        return NULL;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 && (size_t)st.st_size <= max)
        text = malloc((size_t)st.st_size);
    while (text && *len < (size_t)st.st_size) {
        n = read(fd, text + *len, (size_t)st.st_size - *len);
        if (n <= 0)
            break;
        *len += (size_t)n;
    }
    close(fd);
    if (*len > 0 && n >= 0)
        return text;
    free(text);
    return NULL;
}

bool program_there(const char *name)
{
    const char *list = environment("PATH", SYSTEM_PATH);
    char path[PATH_MAX];
    struct stat st;
    size_t len;

    if (strchr(name, '/'))
        return *name == '/' && access(name, X_OK) == 0 && stat(name, &st) == 0 && S_ISREG(st.st_mode);
    while (*list) {
        const char *at = next_dir(&list, &len);

        if (len > 0 && path_make(path, "%.*s/%s", (int)len, at, name) && program_there(path))
            return true;
    }
    return false;
}

static bool is_png(const char *name)
{
    size_t len = strlen(name);

    return len > 4 && strcmp(name + len - 4, ".png") == 0;
}

char *icon_read(const struct data_dirs *d, const char *name, size_t max, size_t *len)
{
    static const char *const places[] = {
        "icons/hicolor/48x48/apps",   "icons/hicolor/64x64/apps",
        "icons/hicolor/96x96/apps",   "icons/hicolor/72x72/apps",
        "icons/hicolor/128x128/apps", "icons/hicolor/256x256/apps",
        "icons/hicolor/32x32/apps",   "pixmaps",
        "icons/hicolor/24x24/apps",   "icons/hicolor/512x512/apps",
    };
    char path[PATH_MAX], *icon = NULL;

    *len = 0;
    if (*name == '/')
        return is_png(name) ? file_read(AT_FDCWD, name, max, len) : NULL;
    if (!*name || strchr(name, '/'))
        return NULL;
    for (size_t p = 0; !icon && p < sizeof places / sizeof *places; p++)
        for (size_t i = 0; !icon && i < d->n; i++)
            if (path_make(path, "%s/%s/%s%s", d->dir[i], places[p], name, is_png(name) ? "" : ".png"))
                icon = file_read(AT_FDCWD, path, max, len);
    return icon;
}
