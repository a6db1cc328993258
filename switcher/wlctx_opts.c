/* SPDX-License-Identifier: MIT
 * The command line of spine-wlctx. */
#include "switcher/wlctx_opts.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { LEAST_FD = 3, MOST_FD = 1023 };

enum word { DISPLAY, LISTEN_FD, CLOSE_FD, ENGINE, APP_ID, INSTANCE_ID, WORDS };

static const struct {
    const char *name, *wants;
} words[WORDS] = {
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
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/:@+";
    size_t len = strlen(text);

    return len > 0 && len <= WLCTX_WORD && strspn(text, allowed) == len ? text : NULL;
}

static int descriptor(const char *text)
{
    int n = 0;

    if (!*text || strlen(text) > 4)
        return -1;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return -1;
        n = n * 10 + (*text - '0');
    }
    return n >= LEAST_FD && n <= MOST_FD ? n : -1;
}

static bool apply(struct wlctx_opts *o, enum word w, const char *value)
{
    switch (w) {
    case DISPLAY:
        o->display = value[0] == '/' && strlen(value) <= WLCTX_PATH ? value : NULL;
        return o->display != NULL;
    case LISTEN_FD:
        return (o->listen_fd = descriptor(value)) >= 0;
    case CLOSE_FD:
        return (o->close_fd = descriptor(value)) >= 0;
    case ENGINE:
        return (o->engine = name(value)) != NULL;
    case APP_ID:
        return (o->app_id = name(value)) != NULL;
    case INSTANCE_ID:
        return (o->instance_id = name(value)) != NULL;
    case WORDS:
        break;
    }
    return false;
}

int wlctx_opts_parse(struct wlctx_opts *o, int argc, char **argv, char err[WLCTX_ERR])
{
    unsigned given = 0;

    *o = (struct wlctx_opts){.listen_fd = -1, .close_fd = -1};
    for (int i = 1; i < argc; i += 2) {
        unsigned w = 0;

        while (w < WORDS && strcmp(argv[i], words[w].name) != 0)
            w++;
        if (w == WORDS) {
            snprintf(err, WLCTX_ERR, "unknown option '%.60s'", argv[i]);
            return -1;
        }
        if (i + 1 >= argc || !apply(o, (enum word)w, argv[i + 1])) {
            snprintf(err, WLCTX_ERR, "%s wants %s, not '%.60s'", words[w].name, words[w].wants,
                     i + 1 < argc ? argv[i + 1] : "");
            return -1;
        }
        given |= 1u << w;
    }
    for (unsigned w = 0; w < WORDS; w++) {
        if (given & (1u << w))
            continue;
        snprintf(err, WLCTX_ERR, "%s is missing: it wants %s", words[w].name, words[w].wants);
        return -1;
    }
    if (o->listen_fd == o->close_fd) {
        snprintf(err, WLCTX_ERR, "--listen-fd and --close-fd are the same descriptor");
        return -1;
    }
    return 0;
}
