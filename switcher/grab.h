/* SPDX-License-Identifier: MIT
 * The pixels of one window, hidden or not, by ext-image-copy-capture-v1. */
#ifndef SWITCHER_GRAB_H
#define SWITCHER_GRAB_H

#include "switcher/core/picture.h"

#include <stdbool.h>

struct client;
struct grab;
struct ext_foreign_toplevel_handle_v1;
struct ext_foreign_toplevel_image_capture_source_manager_v1;
struct ext_image_copy_capture_manager_v1;

enum { GRAB_SIDE_MAX = 8192, GRAB_BYTES_MAX = 64 << 20 };

/* pixels is NULL when there is no picture; it lives as long as the call. */
typedef void (*grab_fn)(void *data, const struct pixels *pixels, bool opaque);

/* The globals are the caller's. fn is called at most once, never from within this call; after it, or instead
 * of it, the caller ends the grab, from within fn if it likes. It has no time-out of its own. NULL when
 * memory is short. */
struct grab *grab_start(struct client *c,
                        struct ext_foreign_toplevel_image_capture_source_manager_v1 *sources,
                        struct ext_image_copy_capture_manager_v1 *copies,
                        struct ext_foreign_toplevel_handle_v1 *window, grab_fn fn, void *data);
void grab_end(struct grab *g); /* NULL is fine */

#endif
