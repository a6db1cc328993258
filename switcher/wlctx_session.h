/* SPDX-License-Identifier: MIT
 * One conversation with the compositor: makes a security context (security-context-v1) and hears that it
 * stands. */
#ifndef SWITCHER_WLCTX_SESSION_H
#define SWITCHER_WLCTX_SESSION_H

#include "switcher/wlctx_opts.h"

/* 0, or -1 with a sentence in err, after at most timeout_ms. The descriptors in o stay open. */
int wlctx_make(const struct wlctx_opts *o, int timeout_ms, char err[WLCTX_ERR]);

#endif
