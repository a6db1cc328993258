/* SPDX-License-Identifier: MIT
 * A connection to the compositor on which nothing is waited for without an end. */
#ifndef SWITCHER_WLCTX_CONN_H
#define SWITCHER_WLCTX_CONN_H

#include "switcher/wlctx_opts.h"

#include <stdint.h>

struct wl_display;

struct wlctx_conn {
    const char *path; /* of the compositor's socket, borrowed */
    char *err;        /* WLCTX_ERR bytes, borrowed: where -1 says why */
    int64_t deadline; /* ms: no wait goes beyond */
    struct wl_display *display;
};

/* These return 0, or -1 with a sentence in err. open: with ms as in within; then close in any case. */
int wlctx_conn_open(struct wlctx_conn *c, const char *path, int ms, char err[WLCTX_ERR]);
int wlctx_conn_exchange(struct wlctx_conn *c); /* sends what is queued and reads what comes, once */
int wlctx_conn_settle(struct wlctx_conn *c);   /* until the compositor has handled everything sent so far */

void wlctx_conn_within(struct wlctx_conn *c, int ms); /* a new deadline, from now on */
/* "what PATH: why"; always -1. */
int wlctx_conn_fail(const struct wlctx_conn *c, const char *what, const char *why);
void wlctx_conn_close(struct wlctx_conn *c);

#endif
