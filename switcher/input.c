/* SPDX-License-Identifier: MIT
 * The seat, and the keyboard turned into the model's events. Keys do not repeat here. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "switcher/cursor-shape-v1-client.h"
#include "switcher/input.h"

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
        wl_pointer_add_listener(in->pointer, &input_pointer, in);
    } else if (!(has & WL_SEAT_CAPABILITY_POINTER)) {
        drop_pointer(in);
    }
    if (has & WL_SEAT_CAPABILITY_TOUCH && !in->touch) {
        in->touch = wl_seat_get_touch(seat);
        wl_touch_add_listener(in->touch, &input_touch, in);
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
