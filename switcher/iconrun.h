/* SPDX-License-Identifier: MIT
 * Has PNG files of a persona decoded by spine-icon, one after the other. A helper that breaks or takes too
 * long is ended, its file has no picture, and a new one goes on with the next. */
#ifndef SWITCHER_ICONRUN_H
#define SWITCHER_ICONRUN_H

#include <stddef.h>
#include <stdint.h>

struct client;
struct iconrun;

enum {
    ICONRUN_MS = 3000 /* for one file */,
    ICONRUN_BROKEN_MAX = 4 /* helpers; the rest has no picture then */
};

struct icon_file {
    unsigned char *data; /* owned by the run from iconrun_start, malloc; NULL: nothing to do */
    size_t len;
};
/* pixels: side * side of premultiplied ARGB, malloc, the callee's from here; NULL: no picture. */
typedef void (*iconrun_fn)(void *data, size_t index, uint32_t *pixels);

/* fn is called for each file that has data, then done once, never from within this call. files[n] is copied,
 * its data taken, also on failure. NULL when it cannot begin. */
struct iconrun *iconrun_start(struct client *c, unsigned side, const struct icon_file *files, size_t n,
                              iconrun_fn fn, void (*done)(void *data), void *data);
void iconrun_cancel(struct iconrun *r); /* NULL is fine */

#endif
