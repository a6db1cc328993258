/* SPDX-License-Identifier: MIT
 * Keyboard, pointer and touch, turned into the model's events. Keys do not repeat here. */
#include <linux/input-event-codes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xkbcommon/xkbcommon.h>

#include "switcher/cursor-shape-v1-client.h"
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

static void on_keymap(void *data, struct wl_keyboard *k, uint32_t format, int32_t fd, uint32_t size)
{
    struct input *in = data;
    char *text = MAP_FAILED;

    (void)k;
    if (format == WL_KEYBOARD_KEYMAP_FORMAT_XKB_V1 && size > 0)
        text = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (text == MAP_FAILED)
        return;
    xkb_state_unref(in->state);
    xkb_keymap_unref(in->keymap);
    in->state = NULL;
    in->keymap = xkb_keymap_new_from_buffer(in->context, text, strnlen(text, size), XKB_KEYMAP_FORMAT_TEXT_V1,
                                            XKB_KEYMAP_COMPILE_NO_FLAGS);
    munmap(text, size);
    if (in->keymap)
        in->state = xkb_state_new(in->keymap);
}

static bool modifier_down(const struct input *in)
{
    const char *name = in->client->config.modifier;

    if (strcmp(name, "Ctrl") == 0)
        name = XKB_MOD_NAME_CTRL;
    return in->state && xkb_state_mod_name_is_active(in->state, name, XKB_STATE_MODS_DEPRESSED) > 0;
}

/* Up when the keyboard came, or when it is let go: a quick tap is the first of these. */
static void modifier_up(struct input *in)
{
    if (in->keys_at && in->keys_at == in->client->overlay.wl)
        overlay_event(in->client, ME_MOD_UP, 0, NULL);
}

static void on_entered(void *data, struct wl_callback *callback, uint32_t serial)
{
    struct input *in = data;

    (void)serial;
    wl_callback_destroy(callback);
    in->entered = NULL;
    /* The keyboard that was tapped on has been unplugged: nothing can be held down on it. */
    if (!in->told)
        modifier_up(in);
}

static const struct wl_callback_listener entered_listener = {.done = on_entered};

static void on_keyboard_enter(void *data, struct wl_keyboard *k, uint32_t serial, struct wl_surface *s,
                              struct wl_array *keys)
{
    struct input *in = data;

    (void)k, (void)serial, (void)keys;
    in->keys_at = s;
    in->told = false;
    if (in->entered)
        wl_callback_destroy(in->entered);
    in->entered = wl_display_sync(in->client->display);
    wl_callback_add_listener(in->entered, &entered_listener, in);
}

static void on_keyboard_leave(void *data, struct wl_keyboard *k, uint32_t serial, struct wl_surface *s)
{
    struct input *in = data;

    (void)k, (void)serial, (void)s;
    in->keys_at = NULL;
}

/* The compositor says the modifiers after each enter too: one that is up by then was a quick tap. */
static void on_modifiers(void *data, struct wl_keyboard *k, uint32_t serial, uint32_t depressed,
                         uint32_t latched, uint32_t locked, uint32_t group)
{
    struct input *in = data;

    (void)k, (void)serial;
    in->told = true;
    if (in->state)
        xkb_state_update_mask(in->state, depressed, latched, locked, 0, 0, group);
    if (!modifier_down(in))
        modifier_up(in);
}

static void on_key(void *data, struct wl_keyboard *k, uint32_t serial, uint32_t time, uint32_t key,
                   uint32_t state)
{
    static const struct {
        xkb_keysym_t sym;
        enum model_event_kind kind;
    } keys[] = {
        {XKB_KEY_Tab, ME_NEXT},     {XKB_KEY_ISO_Left_Tab, ME_PREVIOUS},
        {XKB_KEY_Return, ME_ENTER}, {XKB_KEY_KP_Enter, ME_ENTER},
        {XKB_KEY_Escape, ME_ESC},   {XKB_KEY_BackSpace, ME_BACKSPACE},
        {XKB_KEY_Left, ME_LEFT},    {XKB_KEY_Right, ME_RIGHT},
        {XKB_KEY_Up, ME_UP},        {XKB_KEY_Down, ME_DOWN},
        {XKB_KEY_Page_Up, ME_UP},   {XKB_KEY_Page_Down, ME_DOWN},
        {XKB_KEY_Home, ME_HOME},    {XKB_KEY_End, ME_END},
        {XKB_KEY_KP_Left, ME_LEFT}, {XKB_KEY_KP_Right, ME_RIGHT},
        {XKB_KEY_KP_Up, ME_UP},     {XKB_KEY_KP_Down, ME_DOWN},
    };
    struct input *in = data;
    xkb_keysym_t sym;
    char text[16];

    (void)k, (void)serial, (void)time;
    if (!in->state || state != WL_KEYBOARD_KEY_STATE_PRESSED || !in->keys_at ||
        in->keys_at != in->client->overlay.wl)
        return;
    sym = xkb_state_key_get_one_sym(in->state, key + 8);
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (keys[i].sym == sym) {
            overlay_event(in->client, keys[i].kind, 0, NULL);
            return;
        }
    if (xkb_state_key_get_utf8(in->state, key + 8, text, sizeof(text)) > 0)
        overlay_event(in->client, ME_TEXT, 0, text);
}

static void on_repeat(void *data, struct wl_keyboard *k, int32_t rate, int32_t delay)
{
    (void)data, (void)k, (void)rate, (void)delay;
}

static const struct wl_keyboard_listener keyboard_listener = {.keymap = on_keymap,
                                                              .enter = on_keyboard_enter,
                                                              .leave = on_keyboard_leave,
                                                              .key = on_key,
                                                              .modifiers = on_modifiers,
                                                              .repeat_info = on_repeat};

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

static const struct wl_pointer_listener pointer_listener = {.enter = on_pointer_enter,
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

static const struct wl_touch_listener touch_listener = {.down = on_touch_down,
                                                        .up = on_touch_up,
                                                        .motion = on_touch_motion,
                                                        .frame = on_touch_frame,
                                                        .cancel = on_touch_cancel};

static void drop_pointer(struct input *in)
{
    if (in->cursor)
        wp_cursor_shape_device_v1_destroy(in->cursor);
    if (in->pointer)
        wl_pointer_release(in->pointer);
    in->cursor = NULL;
    in->pointer = NULL;
    in->pointer_at = NULL;
}

static void drop_keyboard(struct input *in)
{
    if (in->keyboard)
        wl_keyboard_release(in->keyboard);
    if (in->entered)
        wl_callback_destroy(in->entered);
    in->entered = NULL;
    in->keyboard = NULL;
    in->keys_at = NULL;
}

static void drop_touch(struct input *in)
{
    if (in->touch)
        wl_touch_release(in->touch);
    in->touch = NULL;
    in->touch_at = NULL;
}

static void on_capabilities(void *data, struct wl_seat *seat, uint32_t has)
{
    struct input *in = data;

    if (has & WL_SEAT_CAPABILITY_KEYBOARD && !in->keyboard) {
        in->keyboard = wl_seat_get_keyboard(seat);
        wl_keyboard_add_listener(in->keyboard, &keyboard_listener, in);
    } else if (!(has & WL_SEAT_CAPABILITY_KEYBOARD) && in->keyboard) {
        drop_keyboard(in);
        /* The last keyboard is gone: nothing can be held down any more. */
        overlay_event(in->client, ME_MOD_UP, 0, NULL);
    }
    if (has & WL_SEAT_CAPABILITY_POINTER && !in->pointer) {
        in->pointer = wl_seat_get_pointer(seat);
        wl_pointer_add_listener(in->pointer, &pointer_listener, in);
    } else if (!(has & WL_SEAT_CAPABILITY_POINTER)) {
        drop_pointer(in);
    }
    if (has & WL_SEAT_CAPABILITY_TOUCH && !in->touch) {
        in->touch = wl_seat_get_touch(seat);
        wl_touch_add_listener(in->touch, &touch_listener, in);
    } else if (!(has & WL_SEAT_CAPABILITY_TOUCH)) {
        drop_touch(in);
    }
}

static void on_seat_name(void *data, struct wl_seat *seat, const char *name)
{
    (void)data, (void)seat, (void)name;
}

static const struct wl_seat_listener seat_listener = {.capabilities = on_capabilities, .name = on_seat_name};

bool input_keyboard(const struct client *c)
{
    return c->input->keyboard != NULL;
}

int input_init(struct client *c)
{
    c->input = calloc(1, sizeof(*c->input));
    if (!c->input)
        return -1;
    c->input->client = c;
    /* The compositor sends whole keymaps: no file is looked for. */
    c->input->context = xkb_context_new(XKB_CONTEXT_NO_DEFAULT_INCLUDES | XKB_CONTEXT_NO_ENVIRONMENT_NAMES);
    return c->input->context ? 0 : -1;
}

void input_seat(struct client *c)
{
    wl_seat_add_listener(c->seat, &seat_listener, c->input);
}

void input_finish(struct client *c)
{
    struct input *in = c->input;

    if (!in)
        return;
    drop_keyboard(in);
    drop_pointer(in);
    drop_touch(in);
    xkb_state_unref(in->state);
    xkb_keymap_unref(in->keymap);
    xkb_context_unref(in->context);
    free(in);
    c->input = NULL;
}
