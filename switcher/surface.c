/* SPDX-License-Identifier: MIT
 * Layer surfaces: made when they are shown, drawn when they are dirty and the compositor is ready for it,
 * gone when they are hidden. A surface is painted before its first configure, so that it can be attached the
 * moment that comes. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "switcher/state.h"
#include "switcher/wlr-layer-shell-unstable-v1-client.h"

enum {
    OUT_MAX = 2
}; /* buffers with the compositor: the one on the screen, and the one that takes its place */

static void draw(struct surface *s);

static void buffer_drop(struct buffer *b)
{
    if (!b)
        return;
    wl_buffer_destroy(b->wl);
    if (b->data)
        munmap(b->data, b->size);
    free(b);
}

/* Off the screen: its memory goes at once, rather than wait for the next picture. */
static void on_release(void *data, struct wl_buffer *wl)
{
    struct buffer *b = data, **at = &b->surface->out;
    struct surface *s = b->surface;

    (void)wl;
    while (*at && *at != b)
        at = &(*at)->next;
    if (!*at)
        return;
    *at = b->next;
    s->out_count--;
    buffer_drop(b);
    if (s->dirty)
        draw(s);
}

static const struct wl_buffer_listener buffer_listener = {.release = on_release};

static struct buffer *buffer_make(struct surface *s, int width, int height)
{
    struct buffer *b = calloc(1, sizeof(*b));
    int fd = memfd_create("spine-switcher", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    struct wl_shm_pool *pool;

    if (b && fd >= 0) {
        b->size = (size_t)width * (size_t)height * 4;
        b->data = ftruncate(fd, (off_t)b->size) == 0
                      ? mmap(NULL, b->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)
                      : MAP_FAILED;
    }
    if (!b || fd < 0 || b->data == MAP_FAILED) {
        client_log("no memory for a surface of %d x %d: %m", width, height);
        free(b);
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    pool = wl_shm_create_pool(s->client->shm, fd, (int32_t)b->size);
    b->wl = wl_shm_pool_create_buffer(pool, 0, width, height, width * 4, WL_SHM_FORMAT_ARGB8888);
    wl_shm_pool_destroy(pool);
    close(fd);
    wl_buffer_add_listener(b->wl, &buffer_listener, b);
    b->surface = s;
    b->width = width;
    b->height = height;
    return b;
}

static struct buffer *paint(struct surface *s)
{
    struct client *c = s->client;
    struct buffer *b;
    pixman_image_t *to;

    s->lay_out(s);
    b = buffer_make(s, c->layout.width, c->layout.height);
    if (!b)
        return NULL;
    to = pixman_image_create_bits_no_clear(PIXMAN_a8r8g8b8, b->width, b->height, b->data, b->width * 4);
    if (!to) {
        buffer_drop(b);
        return NULL;
    }
    draw_layout(to, &c->layout, c->fonts, &c->pictures, s->scale);
    pixman_image_unref(to);
    return b;
}

static void on_frame(void *data, struct wl_callback *callback, uint32_t time)
{
    struct surface *s = data;

    (void)time;
    wl_callback_destroy(callback);
    s->frame = NULL;
    if (!s->shown) {
        s->shown = true;
        if (s == &s->client->overlay)
            client_trace(s->client, "shown");
    }
    if (s->dirty)
        draw(s);
}

static const struct wl_callback_listener frame_listener = {.done = on_frame};

static void attach(struct surface *s, struct buffer *b)
{
    int w = b->width / (int)s->scale, h = b->height / (int)s->scale;

    /* What it draws itself decides how big it is; asked once, so that a compositor of another mind is no
     * circle. */
    if (s->asked_width > 0 && (w != s->asked_width || h != s->asked_height)) {
        zwlr_layer_surface_v1_set_size(s->layer, (uint32_t)w, (uint32_t)h);
        s->asked_width = w;
        s->asked_height = h;
    }
    wl_surface_set_buffer_scale(s->wl, (int32_t)s->scale);
    wl_surface_attach(s->wl, b->wl, 0, 0);
    wl_surface_damage_buffer(s->wl, 0, 0, b->width, b->height);
    s->frame = wl_surface_frame(s->wl);
    wl_callback_add_listener(s->frame, &frame_listener, s);
    wl_surface_commit(s->wl);
    if (!s->shown && s == &s->client->overlay)
        client_trace(s->client, "drawn");
    /* It is the compositor's now; nothing is drawn into it again. */
    munmap(b->data, b->size);
    b->data = NULL;
    b->next = s->out;
    s->out = b;
    s->out_count++;
    s->dirty = false;
}

static void draw(struct surface *s)
{
    struct buffer *b = s->ready;

    /* Not before the first configure, and one frame at a time: on_frame and on_release come back here. */
    if (s->width == 0 || s->frame || s->out_count >= OUT_MAX)
        return;
    s->ready = NULL;
    if (!b)
        b = paint(s);
    if (b)
        attach(s, b);
}

void surface_redraw(struct surface *s)
{
    if (!s->wl)
        return;
    s->dirty = true;
    buffer_drop(s->ready);
    s->ready = NULL;
    draw(s);
}

static void on_configure(void *data, struct zwlr_layer_surface_v1 *layer, uint32_t serial, uint32_t w,
                         uint32_t h)
{
    struct surface *s = data;
    bool same = (int)w == s->width && (int)h == s->height;

    zwlr_layer_surface_v1_ack_configure(layer, serial);
    if (s->ready && (s->ready->width != (int)(w * s->scale) || s->ready->height != (int)(h * s->scale))) {
        buffer_drop(s->ready);
        s->ready = NULL;
    }
    s->width = w > 0 && w < 32768 ? (int)w : 1;
    s->height = h > 0 && h < 32768 ? (int)h : 1;
    if (!same)
        s->dirty = true;
    if (s->dirty)
        draw(s);
}

static void end(void *data)
{
    struct surface *s = data;

    s->closed(s);
}

/* It goes once what came with this event has been handled: events that name a surface may lie behind it. */
static void on_closed(void *data, struct zwlr_layer_surface_v1 *layer)
{
    struct surface *s = data;

    (void)layer;
    s->end.fn = end;
    s->end.data = s;
    client_timer_start(s->client, &s->end, 0);
}

static const struct zwlr_layer_surface_v1_listener layer_listener = {.configure = on_configure,
                                                                     .closed = on_closed};

int surface_show(struct surface *s, const struct surface_wish *w)
{
    struct client *c = s->client;

    s->wl = wl_compositor_create_surface(c->compositor);
    s->layer = zwlr_layer_shell_v1_get_layer_surface(c->layer_shell, s->wl, w->output,
                                                     ZWLR_LAYER_SHELL_V1_LAYER_OVERLAY, w->name);
    zwlr_layer_surface_v1_add_listener(s->layer, &layer_listener, s);
    zwlr_layer_surface_v1_set_size(s->layer, (uint32_t)w->width, (uint32_t)w->height);
    zwlr_layer_surface_v1_set_anchor(s->layer, w->anchor);
    zwlr_layer_surface_v1_set_exclusive_zone(s->layer, w->zone);
    zwlr_layer_surface_v1_set_keyboard_interactivity(
        s->layer, w->keyboard ? ZWLR_LAYER_SURFACE_V1_KEYBOARD_INTERACTIVITY_EXCLUSIVE
                              : ZWLR_LAYER_SURFACE_V1_KEYBOARD_INTERACTIVITY_NONE);
    wl_surface_commit(s->wl);
    wl_display_flush(c->display);
    s->scale = w->scale;
    s->width = s->height = 0;
    s->asked_width = w->width;
    s->asked_height = w->height;
    s->dirty = true;
    s->shown = false;
    /* While the compositor makes up its mind: it gives what was asked for, unless the surface is as wide as
     * the output. */
    if (w->width > 0)
        s->ready = paint(s);
    return 0;
}

void surface_hide(struct surface *s)
{
    if (!s->wl)
        return;
    client_timer_stop(s->client, &s->end);
    if (s->frame)
        wl_callback_destroy(s->frame);
    zwlr_layer_surface_v1_destroy(s->layer);
    wl_surface_destroy(s->wl);
    buffer_drop(s->ready);
    while (s->out) {
        struct buffer *b = s->out;

        s->out = b->next;
        buffer_drop(b);
    }
    s->out_count = 0;
    s->frame = NULL;
    s->layer = NULL;
    s->wl = NULL;
    s->ready = NULL;
    s->width = s->height = 0;
}
