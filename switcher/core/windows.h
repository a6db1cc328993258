/* SPDX-License-Identifier: MIT
 * Pure: which windows of a persona make up its screen, read from sway's tree (sway-ipc(7) of 1.12). */
#ifndef SWITCHER_CORE_WINDOWS_H
#define SWITCHER_CORE_WINDOWS_H

#include <stddef.h>
#include <stdint.h>

enum { WINDOWS_MAX = 32, WINDOWS_HANDLE_MAX = 33 /* with its NUL, by the protocol */ };

struct window {
    char handle[WINDOWS_HANDLE_MAX]; /* ext_foreign_toplevel_handle_v1.identifier: never used twice */
    int32_t x, y, width, height;     /* its content, from the upper left corner of the output */
};
struct windows {
    int32_t width, height; /* of the output */
    size_t n;
    struct window at[WINDOWS_MAX]; /* the lowest first; those past the limit are left out */
};

/* The windows on the persona's workspace that would be seen if it were shown and that are its own by their
 * security context: what others may have put there is not among them. 0, or -1 when the tree is no such thing
 * or has no workspace of this persona. */
int windows_parse(const char *tree, size_t len, const char *id, struct windows *out);

#endif
