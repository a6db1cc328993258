/* SPDX-License-Identifier: MIT
 * Opens what is sent and names what is pulled: never over what is there. */
#include "spine-cli/umbilical.h"

#include "core/transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMP ".spine-pull-XXXXXX"

enum { NAMES_MAX = 100 };

/* bay0 says whether it is a file that may cross. */
static int open_sent(struct crossing *x, json_t *args, struct err *e)
{
    const char *path = json_string_value(json_object_get(args, "name")),
               *slash = path ? strrchr(path, '/') : NULL;
    json_t *name;

    if (!path)
        return 0;
    x->fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (x->fd < 0 && errno == ELOOP) {
        err_set(e, ERR_BAD_VALUE, "%.200s is a symbolic link; links are not followed", path);
        return err_hint(e, "name the file itself");
    }
    if (x->fd < 0) {
        err_set(e, ERR_SYSTEM, "cannot open %.200s: %s", path, strerror(errno));
        return err_hint(e, "only a regular file that you may read can be sent");
    }
    name = json_string(slash && slash[1] ? slash + 1 : path);
    return json_object_set_new(args, "name", name);
}

static int make_new(struct crossing *x, struct err *e)
{
    memcpy(x->temp, TEMP, sizeof TEMP);
    x->fd = mkostemp(x->temp, O_CLOEXEC);
    if (x->fd >= 0)
        return 0;
    x->temp[0] = '\0';
    err_set(e, ERR_SYSTEM, "cannot make a file here: %s", strerror(errno));
    return err_hint(e, "go where you may write: cd");
}

int crossing_open(struct crossing *x, const struct verb *v, json_t *args, struct err *e)
{
    *x = (struct crossing){.fd = -1};
    if (v->id == VERB_SEND)
        return open_sent(x, args, e);
    if (v->id == VERB_PULL && json_object_get(args, "number"))
        return make_new(x, e);
    return 0;
}

/* name, name.1, name.2 ... */
static int name_it(const struct crossing *x, json_t *result, struct err *e)
{
    const char *name = json_string_value(json_object_get(result, "name"));
    char path[TRANSFER_NAME_MAX + 8];

    if (!transfer_name_ok(name))
        name = "file";
    for (int n = 0; n < NAMES_MAX; n++) {
        snprintf(path, sizeof path, n ? "%s.%d" : "%s", name, n);
        if (link(x->temp, path) == 0) {
            (void)unlink(x->temp);
            return json_object_set_new(result, "path", json_string(path));
        }
        if (errno != EEXIST)
            break;
    }
    err_set(e, ERR_SYSTEM, "the file is here as %s, and cannot be called %s: %s", x->temp, name,
            strerror(errno));
    return err_hint(e, "give it a name with mv");
}

void crossing_lost(struct crossing *x, FILE *err)
{
    struct stat st;

    if (x->temp[0] == '\0' || fstat(x->fd, &st) < 0 || st.st_size == 0)
        return;
    fprintf(err, "hint: what has come is here as %s; `spine pull` shows whether it is all\n", x->temp);
    close(x->fd);
    x->fd = -1;
}

int crossing_end(struct crossing *x, json_t *result, struct err *e)
{
    int rc = 0;

    if (x->fd < 0)
        return 0;
    close(x->fd);
    x->fd = -1;
    if (x->temp[0] && result)
        rc = name_it(x, result, e);
    else if (x->temp[0])
        (void)unlink(x->temp);
    return rc;
}
