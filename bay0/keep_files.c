/* SPDX-License-Identifier: MIT
 * The copies of the declarations on disk. */
#include "keep_files.h"

#include "core/keep.h"
#include "fsutil.h"
#include "log.h"
#include "persona.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEEP_DIR ".declared"
static const char suffix[] = ".json";

static void dir_path(const struct bay0 *b, char out[PATH_MAX])
{
    snprintf(out, PATH_MAX, "%s/home/%s", b->paths.persist, KEEP_DIR);
}

static void file_path(const struct bay0 *b, const char *id, char out[PATH_MAX])
{
    snprintf(out, PATH_MAX, "%s/home/%s/%s%s", b->paths.persist, KEEP_DIR, id, suffix);
}

static int failed(const char *what, const char *path, struct err *e)
{
    return err_set(e, errno == ENOSPC || errno == EDQUOT ? ERR_DISK_FULL : ERR_STORE, "cannot %s %s: %s",
                   what, path, strerror(errno));
}

int keep_write(struct bay0 *b, const struct persona_spec *s, uint32_t range, struct err *e)
{
    char dir[PATH_MAX], path[PATH_MAX];
    char *text = keep_text(s, range);
    int rc = 0;

    if (!text)
        return err_set(e, ERR_NO_MEMORY, "cannot keep the declaration of %s: no memory", s->id);
    dir_path(b, dir);
    file_path(b, s->id, path);
    if (fs_mkdir(dir, 0700, geteuid(), getegid()) < 0)
        rc = failed("make", dir, e);
    else if (fs_replace(path, text, strlen(text), 0600) < 0 || fs_sync(dir) < 0)
        rc = failed("write", path, e);
    free(text);
    return rc;
}

int keep_remove(struct bay0 *b, const char *id, struct err *e)
{
    char dir[PATH_MAX], path[PATH_MAX];

    dir_path(b, dir);
    file_path(b, id, path);
    if (unlink(path) < 0)
        return errno == ENOENT ? 0 : failed("remove", path, e);
    return fs_sync(dir) < 0 ? failed("write", dir, e) : 0;
}

/* The id that a file's name stands for; false: it is no copy. */
static bool id_of(const char *name, char id[NAME_ID_MAX + 1])
{
    size_t len = strlen(name), tail = sizeof suffix - 1;

    if (len <= tail || len - tail > NAME_ID_MAX || strcmp(name + len - tail, suffix) != 0)
        return false;
    memcpy(id, name, len - tail);
    id[len - tail] = '\0';
    return name_id_ok(id);
}

/* KEPT_TEXT_MAX + 1 bytes of text. -1 with *e. */
static int read_one(const struct bay0 *b, const char *id, char *text, struct kept *out, struct err *e)
{
    char path[PATH_MAX];
    ssize_t len;

    file_path(b, id, path);
    len = fs_read(AT_FDCWD, path, text, KEPT_TEXT_MAX + 1);
    return len < 0 ? failed("read", path, e) : keep_parse(text, (size_t)len, id, out, e);
}

void keep_restore(struct bay0 *b)
{
    char dir[PATH_MAX], id[NAME_ID_MAX + 1];
    char *text = malloc(KEPT_TEXT_MAX + 1);
    struct kept k = {0};
    struct err e;
    DIR *d;
    size_t n = 0;

    dir_path(b, dir);
    d = text ? opendir(dir) : NULL;
    for (struct dirent *at; d && (at = readdir(d));) {
        if (!id_of(at->d_name, id))
            continue;
        if (read_one(b, id, text, &k, &e) == 0 && store_add(b->store, &k.spec, k.range, 0, &e) == 0) {
            log_warn("registry: persona %s is known again by the copy of its declaration", id);
            n++;
        } else if (e.code != ERR_EXISTS) {
            log_error("registry: the copy of %s cannot be used: %s", id, e.message);
        }
    }
    if (d)
        closedir(d);
    free(text);
    /* There may be containers of others, with ranges that nobody knows yet. */
    if ((n > 0 || b->salvaged) && store_ranges_from(b->store, RANGE_COUNT / 2, &e) < 0)
        log_error("%s", e.message);
}

static void sync_one(struct bay0 *b, const struct persona *p, char *text)
{
    char *want = keep_text(&p->spec, p->range);
    char path[PATH_MAX];
    struct err e;

    file_path(b, p->spec.id, path);
    if (fs_read(AT_FDCWD, path, text, KEPT_TEXT_MAX + 1) >= 0 && want && strcmp(text, want) == 0) {
        free(want);
        return;
    }
    free(want);
    if (keep_write(b, &p->spec, p->range, &e) < 0)
        log_warn("%s", e.message);
}

void keep_sync(struct bay0 *b)
{
    char dir[PATH_MAX], id[NAME_ID_MAX + 1];
    char *text = malloc(KEPT_TEXT_MAX + 1);
    struct err e;
    DIR *d;

    for (size_t i = 0; text && i < PERSONAS_MAX; i++)
        if (b->persona[i].used)
            sync_one(b, &b->persona[i], text);
    free(text);
    dir_path(b, dir);
    d = b->rebuild ? NULL : opendir(dir);
    for (struct dirent *at; d && (at = readdir(d));)
        if (id_of(at->d_name, id) && !persona_find(b, id) && keep_remove(b, id, &e) < 0)
            log_warn("%s", e.message);
    if (d)
        closedir(d);
}
