/* SPDX-License-Identifier: MIT
 * The command line of spine-wlctx. */
#include "switcher/wlctx_opts.h"

#include "core/pairs.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum option { DISPLAY, LISTEN_FD, CLOSE_FD, ENGINE, APP_ID, INSTANCE_ID, OPTIONS };

static const struct pair_option options[OPTIONS] = {
    [DISPLAY] = {"--display", "the absolute path of the compositor's socket, 107 bytes at most"},
    [LISTEN_FD] = {"--listen-fd", "a descriptor from 3 to 1023"},
    [CLOSE_FD] = {"--close-fd", "a descriptor from 3 to 1023"},
    [ENGINE] = {"--engine", "a name of letters, digits and ._-/:@+, 255 at most"},
    [APP_ID] = {"--app-id", "a name of letters, digits and ._-/:@+, 255 at most"},
    [INSTANCE_ID] = {"--instance-id", "a name of letters, digits and ._-/:@+, 255 at most"},
};

/* These names end up in sway's criteria and title bars: nothing that either could read as its own syntax. */
static const char *name(const char *text)
{
    return pairs_word(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/:@+",
                      WLCTX_WORD);
}

static bool take(void *user, unsigned n, const char *value)
{
    struct wlctx_opts *o = user;

    switch ((enum option)n) {
    case DISPLAY:
        o->display = value[0] == '/' && strlen(value) <= WLCTX_PATH ? value : NULL;
        return o->display != NULL;
    case LISTEN_FD:
        return (o->listen_fd = pairs_fd(value)) >= 0;
    case CLOSE_FD:
        return (o->close_fd = pairs_fd(value)) >= 0;
    case ENGINE:
        return (o->engine = name(value)) != NULL;
    case APP_ID:
        return (o->app_id = name(value)) != NULL;
    case INSTANCE_ID:
        return (o->instance_id = name(value)) != NULL;
    case OPTIONS:
        break;
    }
    return false;
}

int wlctx_opts_parse(struct wlctx_opts *o, int argc, char **argv, char err[WLCTX_ERR])
{
    *o = (struct wlctx_opts){.listen_fd = -1, .close_fd = -1};
    if (pairs_parse(options, OPTIONS, argc, argv, take, o, err, WLCTX_ERR) < 0)
        return -1;
    if (o->listen_fd == o->close_fd) {
        snprintf(err, WLCTX_ERR, "--listen-fd and --close-fd are the same descriptor");
        return -1;
    }
    return 0;
}
