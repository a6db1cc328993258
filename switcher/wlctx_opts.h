/* SPDX-License-Identifier: MIT
 * The command line of spine-wlctx. Pure: no files, no environment. */
#ifndef SWITCHER_WLCTX_OPTS_H
#define SWITCHER_WLCTX_OPTS_H

enum {
    WLCTX_ERR = 200,  /* size of an error text */
    WLCTX_PATH = 107, /* longest socket path, see unix(7) */
    WLCTX_WORD = 255, /* longest engine, app or instance name */
};

/* The texts point into argv. */
struct wlctx_opts {
    const char *display;
    int listen_fd, close_fd;
    const char *engine, *app_id, *instance_id;
};

/* 0, or -1 with a sentence in err. */
int wlctx_opts_parse(struct wlctx_opts *o, int argc, char **argv, char err[WLCTX_ERR]);

#endif
