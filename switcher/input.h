/* SPDX-License-Identifier: MIT
 * The inside of the switcher's input; for input.c and pointer.c. */
#ifndef SWITCHER_INPUT_H
#define SWITCHER_INPUT_H

#include <xkbcommon/xkbcommon.h>

#include "switcher/state.h"

struct input {
    struct client *client;
    struct wl_keyboard *keyboard;
    struct wl_pointer *pointer;
    struct wl_touch *touch;
    struct wp_cursor_shape_device_v1 *cursor;
    struct xkb_context *context;
    struct xkb_keymap *keymap;
    struct xkb_state *state;
    const struct wl_surface *keys_at, *pointer_at;
    struct wl_callback *entered; /* whether modifiers have been told since the keyboard came */
    bool told;
    int enter_x, enter_y; /* where the pointer came in: a surface under a still pointer is not pointed at */
    int x, y;
    bool moved;
    int scrolled; /* parts of a row, in 1/256 */
    int32_t touch_id;
    const struct wl_surface *touch_at;
    int touch_x, touch_y;
};

extern const struct wl_pointer_listener input_pointer;
extern const struct wl_touch_listener input_touch;

#endif
