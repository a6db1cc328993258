/* SPDX-License-Identifier: MIT
 * spine-wlctx: puts one persona's listening Wayland socket under a security context of the compositor, and
 * ends. */
#include "switcher/wlctx_opts.h"
#include "switcher/wlctx_session.h"

#include <signal.h>
#include <stdio.h>
#include <wayland-client.h>

enum { OK, FAILED, USAGE };
enum { TIMEOUT_MS = 5000 };

/* The library's own words would double ours on stderr. */
static void quiet(const char *format, va_list args)
{
    (void)format;
    (void)args;
}

int main(int argc, char **argv)
{
    struct wlctx_opts o;
    char err[WLCTX_ERR];

    if (wlctx_opts_parse(&o, argc, argv, err) < 0) {
        fprintf(stderr,
                "spine-wlctx: %s\n"
                "usage: spine-wlctx --display PATH --listen-fd N --close-fd M --engine E --app-id A "
                "--instance-id I\n",
                err);
        return USAGE;
    }
    signal(SIGPIPE, SIG_IGN);
    wl_log_set_handler_client(quiet);
    if (wlctx_make(&o, TIMEOUT_MS, err) < 0) {
        fprintf(stderr, "spine-wlctx: %s\n", err);
        return FAILED;
    }
    return OK;
}
