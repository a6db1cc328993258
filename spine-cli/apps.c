/* SPDX-License-Identifier: MIT
 * Reads the desktop entries of this system and prints what can be started. */
#include "spine-cli/apps.h"

#include "core/base64.h"
#include "core/buf.h"
#include "spine-cli/apps_files.h"
#include "spine-cli/desktop.h"
#include "spine-cli/io.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TERMINAL "foot"

enum { FILES_MAX = 1024, ID_MAX = 192, DEPTH_MAX = 3 };

struct search {
    bool json, terminal;
    FILE *out;
    const char *locale;
    struct data_dirs dirs;
    struct desktop_entry entry;
    size_t seen, printed, icon_bytes;
    char id[FILES_MAX][ID_MAX]; /* of every file so far: the first of a name counts, shown or not */
};

static bool seen_before(struct search *s, const char *id)
{
    for (size_t i = 0; i < s->seen; i++)
        if (strcmp(s->id[i], id) == 0)
            return true;
    if (s->seen == FILES_MAX)
        return true;
    snprintf(s->id[s->seen++], ID_MAX, "%s", id);
    return false;
}

static void print_json(struct search *s, const char *id)
{
    const struct desktop_entry *e = &s->entry;
    json_t *line = json_object(), *command = json_array();
    const char *word = e->text;
    char *icon, *text;
    size_t len;

    if (e->terminal)
        json_array_append_new(command, json_string(TERMINAL));
    for (size_t i = 0; i < e->words; i++, word += strlen(word) + 1)
        json_array_append_new(command, json_string(word));
    json_object_set_new(line, "id", json_string(id));
    json_object_set_new(line, "name", json_string(e->name));
    json_object_set_new(line, "command", command);
    icon = icon_read(&s->dirs, e->icon, APPS_ICON_MAX, &len);
    text = icon && s->icon_bytes + len <= APPS_ICONS_MAX ? malloc(BASE64_ROOM(len)) : NULL;
    if (text) {
        s->icon_bytes += len;
        base64_encode((const unsigned char *)icon, len, text);
        json_object_set_new(line, "icon", json_string(text));
    }
    free(text);
    free(icon);
    io_json(s->out, line);
    json_decref(line);
}

static void print_text(const struct search *s)
{
    const struct desktop_entry *e = &s->entry;
    const char *word = e->text;
    char shown[DESKTOP_TEXT_MAX];

    fprintf(s->out, "%-32s%s", e->name, e->terminal ? " " TERMINAL : "");
    for (size_t i = 0; i < e->words; i++, word += strlen(word) + 1)
        fprintf(s->out, " %s", buf_printable(shown, sizeof shown, word));
    fputc('\n', s->out);
}

static void take_file(struct search *s, int dir, const char *file, const char *id)
{
    const struct desktop_entry *e = &s->entry;
    size_t len;
    char *text;

    if (s->printed == APPS_MAX || seen_before(s, id))
        return;
    text = file_read(dir, file, DESKTOP_FILE_MAX, &len);
    if (text && desktop_parse(text, len, s->locale, &s->entry) == 0 && e->shown && program_there(e->text) &&
        (!*e->try_exec || program_there(e->try_exec)) && (!e->terminal || s->terminal)) {
        s->printed++;
        if (s->json)
            print_json(s, id);
        else
            print_text(s);
    }
    free(text);
}

/* An entry's id is its path below the directory, with '-' for '/'. */
static void take_dir(struct search *s, int at, const char *name, const char *prefix, int depth)
{
    int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *f;
    char id[ID_MAX];

    if (!d) {
        if (fd >= 0)
            close(fd);
        return;
    }
    while ((f = readdir(d)) && s->printed < APPS_MAX && s->seen < FILES_MAX) {
        size_t len = strlen(f->d_name), suffix = strlen(".desktop");
        int n = snprintf(id, sizeof id, "%s%s", prefix, f->d_name);

        if (f->d_name[0] == '.' || n < 0 || (size_t)n + 1 >= sizeof id || !utf8_all(id, (size_t)n))
            continue;
        if (len > suffix && strcmp(f->d_name + len - suffix, ".desktop") == 0) {
            take_file(s, dirfd(d), f->d_name, id);
        } else if (depth < DEPTH_MAX) {
            memcpy(id + n, "-", 2);
            take_dir(s, dirfd(d), f->d_name, id, depth + 1);
        }
    }
    closedir(d);
}

static const char *locale(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);

        if (value && *value)
            return value;
    }
    return "";
}

void apps_print(bool json, FILE *out)
{
    struct search *s = calloc(1, sizeof *s);
    char path[PATH_MAX];

    if (!s)
        return;
    s->json = json;
    s->out = out;
    s->locale = locale();
    s->terminal = program_there(TERMINAL);
    data_dirs_find(&s->dirs);
    for (size_t i = 0; i < s->dirs.n; i++)
        if (snprintf(path, sizeof path, "%s/applications", s->dirs.dir[i]) < (int)sizeof path)
            take_dir(s, AT_FDCWD, path, "", 1);
    if (json)
        fprintf(out, "{\"end\":%zu}\n", s->printed);
    free(s);
}
