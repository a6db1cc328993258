/* SPDX-License-Identifier: MIT
 * The connection to the compositor: globals, outputs, and the hooks of modules. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "switcher/cursor-shape-v1-client.h"
#include "switcher/state.h"
#include "switcher/wlr-layer-shell-unstable-v1-client.h"

struct wl_display *client_display(struct client *c)
{
    return c->display;
}

struct wl_shm *client_shm(struct client *c)
{
    return c->shm;
}

struct wl_seat *client_seat(struct client *c)
{
    return c->seat;
}

struct wl_compositor *client_compositor(struct client *c)
{
    return c->compositor;
}

int client_on_globals(struct client *c, const struct client_globals *g, void *data)
{
    if (c->hook_count == STATE_HOOKS)
        return -1;
    c->hooks[c->hook_count++] = (struct hook){g, data};
    return 0;
}

const struct client_output *client_output_at(struct client *c, unsigned n)
{
    return n < c->output_count ? &c->outputs[n].public : NULL;
}

unsigned wayland_room(const struct client *c, int *width, int *height)
{
    unsigned scale = 1;

    *width = 1920;
    *height = 1080;
    for (unsigned i = 0; i < c->output_count; i++) {
        const struct output *o = &c->outputs[i];

        if ((unsigned)o->public.scale > scale)
            scale = (unsigned)o->public.scale;
    }
    /* The compositor puts the overlay on the output one works at: it must fit on every one. */
    for (unsigned i = 0; i < c->output_count; i++) {
        const struct output *o = &c->outputs[i];
        bool turned = o->transform % 2 == 1;
        int w = turned ? o->public.height : o->public.width, h = turned ? o->public.width : o->public.height;

        if (w <= 0 || h <= 0)
            continue;
        /* The strip knows how wide the output is in its own units, also when the scale is a fraction. */
        if (o->strip.width > 0) {
            h = (int)((long long)h * o->strip.width / w);
            w = o->strip.width;
        } else {
            w /= o->public.scale;
            h /= o->public.scale;
        }
        *width = i == 0 || w < *width ? w : *width;
        *height = i == 0 || h < *height ? h : *height;
    }
    *width *= (int)scale;
    *height *= (int)scale;
    return scale > LAYOUT_SCALE_MAX ? LAYOUT_SCALE_MAX : scale;
}

static struct output *output_of(struct client *c, const struct wl_output *wl)
{
    for (unsigned i = 0; i < c->output_count; i++)
        if (c->outputs[i].public.output == wl)
            return &c->outputs[i];
    return NULL;
}

static void on_geometry(void *data, struct wl_output *wl, int32_t x, int32_t y, int32_t w, int32_t h,
                        int32_t subpixel, const char *make, const char *model, int32_t transform)
{
    struct output *o = output_of(data, wl);

    (void)x, (void)y, (void)w, (void)h, (void)subpixel, (void)make, (void)model;
    if (o)
        o->transform = (uint32_t)transform;
}

static void on_mode(void *data, struct wl_output *wl, uint32_t flags, int32_t width, int32_t height,
                    int32_t refresh)
{
    struct output *o = output_of(data, wl);

    (void)refresh;
    if (o && flags & WL_OUTPUT_MODE_CURRENT) {
        o->public.width = width;
        o->public.height = height;
    }
}

static void on_scale(void *data, struct wl_output *wl, int32_t scale)
{
    struct output *o = output_of(data, wl);

    if (o)
        o->public.scale = scale < 1 ? 1 : scale > LAYOUT_SCALE_MAX ? LAYOUT_SCALE_MAX : scale;
}

static void on_name(void *data, struct wl_output *wl, const char *name)
{
    struct output *o = output_of(data, wl);

    if (o && strlen(name) < sizeof(o->public.name))
        memcpy(o->public.name, name, strlen(name) + 1);
}

static void on_description(void *data, struct wl_output *wl, const char *text)
{
    (void)data, (void)wl, (void)text;
}

/* An output is complete, new or changed. */
static void on_done(void *data, struct wl_output *wl)
{
    struct client *c = data;
    struct output *o = output_of(c, wl);

    if (!o)
        return;
    fonts_warm(c->fonts, (unsigned)o->public.scale);
    if (o->told && o->strip.scale != (unsigned)o->public.scale)
        surface_hide(&o->strip);
    o->told = true;
    if (!o->strip.wl)
        strip_show(c, o);
}

static const struct wl_output_listener output_listener = {.geometry = on_geometry,
                                                          .mode = on_mode,
                                                          .done = on_done,
                                                          .scale = on_scale,
                                                          .name = on_name,
                                                          .description = on_description};

static void output_add(struct client *c, uint32_t name, uint32_t version)
{
    struct output *o = &c->outputs[c->output_count];

    if (c->output_count == STATE_OUTPUTS || version < 4)
        return;
    memset(o, 0, sizeof(*o));
    o->name = name;
    o->public.scale = 1;
    o->public.output = wl_registry_bind(c->registry, name, &wl_output_interface, 4);
    if (!o->public.output)
        return;
    c->output_count++;
    wl_output_add_listener(o->public.output, &output_listener, c);
}

/* Surfaces are known to their listeners by address: those behind in the table are made anew. */
static void output_remove(struct client *c, unsigned at)
{
    for (unsigned i = at; i < c->output_count; i++)
        surface_hide(&c->outputs[i].strip);
    wl_output_release(c->outputs[at].public.output);
    c->output_count--;
    memmove(&c->outputs[at], &c->outputs[at + 1], (c->output_count - at) * sizeof(c->outputs[0]));
    for (unsigned i = at; i < c->output_count; i++)
        if (c->outputs[i].told)
            strip_show(c, &c->outputs[i]);
}

/* Binds what the client itself needs. */
static bool bind_own(struct client *c, uint32_t name, const char *interface, uint32_t version)
{
    if (strcmp(interface, wl_compositor_interface.name) == 0 && version >= 4) {
        c->compositor = wl_registry_bind(c->registry, name, &wl_compositor_interface, 4);
    } else if (strcmp(interface, wl_shm_interface.name) == 0) {
        c->shm = wl_registry_bind(c->registry, name, &wl_shm_interface, 1);
    } else if (strcmp(interface, zwlr_layer_shell_v1_interface.name) == 0 && version >= 3) {
        c->layer_shell = wl_registry_bind(c->registry, name, &zwlr_layer_shell_v1_interface, 3);
    } else if (strcmp(interface, wp_cursor_shape_manager_v1_interface.name) == 0) {
        c->cursor_shapes = wl_registry_bind(c->registry, name, &wp_cursor_shape_manager_v1_interface, 1);
    } else if (strcmp(interface, wl_seat_interface.name) == 0 && !c->seat && version >= 5) {
        c->seat = wl_registry_bind(c->registry, name, &wl_seat_interface, 5);
        c->seat_name = name;
        input_seat(c);
    } else if (strcmp(interface, wl_output_interface.name) == 0) {
        output_add(c, name, version);
    } else {
        return false;
    }
    return true;
}

static void on_global(void *data, struct wl_registry *registry, uint32_t name, const char *interface,
                      uint32_t version)
{
    struct client *c = data;

    bind_own(c, name, interface, version);
    for (unsigned i = 0; i < c->hook_count; i++)
        if (c->hooks[i].globals->global)
            c->hooks[i].globals->global(c->hooks[i].data, registry, name, interface, version);
}

static void on_global_remove(void *data, struct wl_registry *registry, uint32_t name)
{
    struct client *c = data;

    (void)registry;
    /* Modules first: they may hold something of this output. */
    for (unsigned i = 0; i < c->hook_count; i++)
        if (c->hooks[i].globals->gone)
            c->hooks[i].globals->gone(c->hooks[i].data, name);
    for (unsigned i = 0; i < c->output_count; i++)
        if (c->outputs[i].name == name) {
            output_remove(c, i);
            break;
        }
}

static const struct wl_registry_listener registry_listener = {.global = on_global,
                                                              .global_remove = on_global_remove};

static void on_readable(void *data, int fd, uint32_t events)
{
    struct client *c = data;

    (void)fd;
    if (events & (EPOLLHUP | EPOLLERR) || (events & EPOLLIN && wl_display_dispatch(c->display) < 0)) {
        client_log("the compositor ended the connection: %s", strerror(wl_display_get_error(c->display)));
        c->status = 1;
        c->stop = true;
    }
}

int wayland_connect(struct client *c)
{
    c->display = wl_display_connect(NULL);
    if (!c->display) {
        client_log("cannot connect to the compositor: %m; is WAYLAND_DISPLAY right?");
        return -1;
    }
    c->registry = wl_display_get_registry(c->display);
    wl_registry_add_listener(c->registry, &registry_listener, c);
    /* The first says the globals, the second what they have to say of themselves. */
    if (wl_display_roundtrip(c->display) < 0 || !c->compositor || !c->shm || !c->layer_shell) {
        client_log("the compositor lacks wl_compositor 4, wl_shm or wlr-layer-shell 3");
        return -1;
    }
    for (unsigned i = 0; i < c->hook_count; i++)
        if (c->hooks[i].globals->ready)
            c->hooks[i].globals->ready(c->hooks[i].data);
    if (wl_display_roundtrip(c->display) < 0)
        return -1;
    c->display_watch = client_watch_add(c, wl_display_get_fd(c->display), EPOLLIN, on_readable, c);
    return c->display_watch ? 0 : -1;
}

void wayland_finish(struct client *c)
{
    if (!c->display)
        return;
    overlay_finish(c);
    for (unsigned i = 0; i < c->output_count; i++) {
        surface_hide(&c->outputs[i].strip);
        wl_output_release(c->outputs[i].public.output);
    }
    input_finish(c);
    if (c->cursor_shapes)
        wp_cursor_shape_manager_v1_destroy(c->cursor_shapes);
    if (c->layer_shell)
        zwlr_layer_shell_v1_destroy(c->layer_shell);
    if (c->seat)
        wl_seat_release(c->seat);
    if (c->shm)
        wl_shm_destroy(c->shm);
    if (c->compositor)
        wl_compositor_destroy(c->compositor);
    wl_registry_destroy(c->registry);
    wl_display_flush(c->display);
    wl_display_disconnect(c->display);
}
