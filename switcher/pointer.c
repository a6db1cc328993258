/* SPDX-License-Identifier: MIT
 * Pointer and touch, turned into the model's events. */
#include <linux/input-event-codes.h>
#include <stdlib.h>

#include "switcher/cursor-shape-v1-client.h"
#include "switcher/input.h"

/* What of the overlay lies under a point of it, -1 for nothing. */
static int hit(const struct client *c, int x, int y)
{
    x *= (int)c->overlay.scale;
    y *= (int)c->overlay.scale;
    for (unsigned i = 0; i < c->hit_count; i++) {
        const struct layout_hit *h = &c->hits[i];

        if (x >= h->x && x < h->x + h->w && y >= h->y && y < h->y + h->h)
            return (int)h->index;
    }
    return -1;
}

/* A press: on the overlay on what is there, on a strip anywhere. */
static void press(struct client *c, const struct wl_surface *at, int x, int y)
{
    int index;

    if (!at)
        return;
    if (at != c->overlay.wl) {
        overlay_event(c, ME_OPEN, 0, NULL);
        return;
    }
    index = hit(c, x, y);
    /* A notice has nothing to hit: a press anywhere closes it. */
    if (index >= 0 || c->hit_count == 0)
        overlay_event(c, ME_CLICK, index, NULL);
}

static void on_pointer_enter(void *data, struct wl_pointer *p, uint32_t serial, struct wl_surface *s,
                             wl_fixed_t x, wl_fixed_t y)
{
    struct input *in = data;

    in->pointer_at = s;
    in->enter_x = in->x = wl_fixed_to_int(x);
    in->enter_y = in->y = wl_fixed_to_int(y);
    in->moved = false;
    if (!in->cursor && in->client->cursor_shapes)
        in->cursor = wp_cursor_shape_manager_v1_get_pointer(in->client->cursor_shapes, p);
    if (in->cursor)
        wp_cursor_shape_device_v1_set_shape(in->cursor, serial, WP_CURSOR_SHAPE_DEVICE_V1_SHAPE_DEFAULT);
}

static void on_pointer_leave(void *data, struct wl_pointer *p, uint32_t serial, struct wl_surface *s)
{
    struct input *in = data;

    (void)p, (void)serial, (void)s;
    in->pointer_at = NULL;
}

static void on_motion(void *data, struct wl_pointer *p, uint32_t time, wl_fixed_t x, wl_fixed_t y)
{
    struct input *in = data;
    int px = wl_fixed_to_int(x), py = wl_fixed_to_int(y), index;

    (void)p, (void)time;
    if (abs(px - in->enter_x) + abs(py - in->enter_y) > 2)
        in->moved = true;
    in->x = px;
    in->y = py;
    if (!in->moved || !in->pointer_at || in->pointer_at != in->client->overlay.wl)
        return;
    index = hit(in->client, px, py);
    if (index >= 0)
        overlay_event(in->client, ME_POINT, index, NULL);
}

static void on_button(void *data, struct wl_pointer *p, uint32_t serial, uint32_t time, uint32_t button,
                      uint32_t state)
{
    struct input *in = data;

    (void)p, (void)serial, (void)time;
    if (button == BTN_LEFT && state == WL_POINTER_BUTTON_STATE_PRESSED)
        press(in->client, in->pointer_at, in->x, in->y);
}

static void on_axis(void *data, struct wl_pointer *p, uint32_t time, uint32_t axis, wl_fixed_t value)
{
    struct input *in = data;
    enum { ROW = 15 * 256 }; /* what one notch of a wheel says */

    (void)p, (void)time;
    if (axis != WL_POINTER_AXIS_VERTICAL_SCROLL || !in->pointer_at ||
        in->pointer_at != in->client->overlay.wl)
        return;
    in->scrolled += value;
    if (in->scrolled / ROW != 0)
        overlay_event(in->client, ME_SCROLL, in->scrolled / ROW, NULL);
    in->scrolled %= ROW;
}

static void on_frame(void *data, struct wl_pointer *p)
{
    (void)data, (void)p;
}

static void on_axis_source(void *data, struct wl_pointer *p, uint32_t source)
{
    (void)data, (void)p, (void)source;
}

static void on_axis_stop(void *data, struct wl_pointer *p, uint32_t time, uint32_t axis)
{
    (void)data, (void)p, (void)time, (void)axis;
}

static void on_axis_discrete(void *data, struct wl_pointer *p, uint32_t axis, int32_t discrete)
{
    (void)data, (void)p, (void)axis, (void)discrete;
}

const struct wl_pointer_listener input_pointer = {.enter = on_pointer_enter,
                                                  .leave = on_pointer_leave,
                                                  .motion = on_motion,
                                                  .button = on_button,
                                                  .axis = on_axis,
                                                  .frame = on_frame,
                                                  .axis_source = on_axis_source,
                                                  .axis_stop = on_axis_stop,
                                                  .axis_discrete = on_axis_discrete};

/* One finger: down marks, up takes what it is on then. */
static void on_touch_down(void *data, struct wl_touch *t, uint32_t serial, uint32_t time,
                          struct wl_surface *s, int32_t id, wl_fixed_t x, wl_fixed_t y)
{
    struct input *in = data;

    (void)t, (void)serial, (void)time;
    if (in->touch_at)
        return;
    in->touch_at = s;
    in->touch_id = id;
    in->touch_x = wl_fixed_to_int(x);
    in->touch_y = wl_fixed_to_int(y);
    if (s == in->client->overlay.wl)
        overlay_event(in->client, ME_POINT, hit(in->client, in->touch_x, in->touch_y), NULL);
}

static void on_touch_up(void *data, struct wl_touch *t, uint32_t serial, uint32_t time, int32_t id)
{
    struct input *in = data;
    const struct wl_surface *at = in->touch_at;

    (void)t, (void)serial, (void)time;
    if (!at || id != in->touch_id)
        return;
    in->touch_at = NULL;
    press(in->client, at, in->touch_x, in->touch_y);
}

static void on_touch_motion(void *data, struct wl_touch *t, uint32_t time, int32_t id, wl_fixed_t x,
                            wl_fixed_t y)
{
    struct input *in = data;

    (void)t, (void)time;
    if (!in->touch_at || id != in->touch_id)
        return;
    in->touch_x = wl_fixed_to_int(x);
    in->touch_y = wl_fixed_to_int(y);
    if (in->touch_at == in->client->overlay.wl)
        overlay_event(in->client, ME_POINT, hit(in->client, in->touch_x, in->touch_y), NULL);
}

static void on_touch_frame(void *data, struct wl_touch *t)
{
    (void)data, (void)t;
}

static void on_touch_cancel(void *data, struct wl_touch *t)
{
    struct input *in = data;

    (void)t;
    in->touch_at = NULL;
}

const struct wl_touch_listener input_touch = {.down = on_touch_down,
                                              .up = on_touch_up,
                                              .motion = on_touch_motion,
                                              .frame = on_touch_frame,
                                              .cancel = on_touch_cancel};
