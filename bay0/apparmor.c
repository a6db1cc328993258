/* SPDX-License-Identifier: MIT
 * The AppArmor profile of all containers: loaded at boot where the kernel has AppArmor, and read back. */
#include "apparmor.h"

#include "fsutil.h"
#include "log.h"
#include "podman_run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENABLED "/sys/module/apparmor/parameters/enabled"
#define LOADED  "/sys/kernel/security/apparmor/profiles"

enum { LOAD_MS = 30000, LIST_MAX = 65536 };

struct loading {
    struct bay0 *b;
    void (*done)(struct bay0 *b);
};

static bool kernel_has_it(void)
{
    char text[8];

    return fs_read(AT_FDCWD, ENABLED, text, sizeof text) > 0 && text[0] == 'Y';
}

void apparmor_again(struct bay0 *b)
{
    char *list = malloc(LIST_MAX);

    b->paths.apparmor =
        b->opt.init && list && fs_read(AT_FDCWD, LOADED, list, LIST_MAX) > 0 && apparmor_enforced(list)
            ? APPARMOR_PROFILE
            : NULL;
    free(list);
}

static void on_loaded(void *user, const struct child_result *r)
{
    struct loading *l = user;
    struct bay0 *b = l->b;
    void (*done)(struct bay0 *) = l->done;

    free(l);
    apparmor_again(b);
    if (!b->paths.apparmor)
        log_error("containers run without AppArmor: apparmor_parser ended with status %d: %.200s", r->status,
                  r->err);
    done(b);
}

void apparmor_load(struct bay0 *b, void (*done)(struct bay0 *b))
{
    struct loading *l = b->opt.init && kernel_has_it() ? malloc(sizeof *l) : NULL;
    char path[PATH_MAX];
    char *argv[] = {"apparmor_parser", "--replace", "--skip-cache", path, NULL};
    struct child_options o;

    if (l) {
        *l = (struct loading){b, done};
        snprintf(path, sizeof path, "%s/containers/apparmor", b->paths.share);
        podman_helper(b, &o, argv);
        o.timeout_ms = LOAD_MS;
        o.done = on_loaded;
        o.user = l;
        if (child_spawn(b->loop, &o))
            return;
        log_error("containers run without AppArmor: apparmor_parser: %s", strerror(errno));
        free(l);
    }
    done(b);
}

void apparmor_health(const struct health_to *to, const struct bay0 *b)
{
    health_apparmor(to, kernel_has_it(), b->paths.apparmor != NULL);
}
