/* SPDX-License-Identifier: MIT
 * A window that wants to be seen, for the tests of bay0: asks for fullscreen on the output, and for
 * activation, as often as it is told, and says when it got there and when it lost it again. pushy [-m] [-f
 * TIMES] [-a TIMES] [-e MS] [-w MS]: -m ask for fullscreen before the window is shown, -f and -a that often
 * later, -e every so many ms, -w wait first. Each line is: milliseconds of the monotonic clock, and what
 * happened. */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <wayland-client.h>

#include "switcher/xdg-activation-v1-client.h"
#include "switcher/xdg-shell-client.h"

enum { WIDTH = 320, HEIGHT = 200 };

static struct {
    struct wl_display *display;
    struct wl_compositor *compositor;
    struct wl_shm *shm;
    struct wl_output *output;
    struct xdg_wm_base *base;
    struct xdg_activation_v1 *activation;
    struct wl_surface *surface;
    struct xdg_toplevel *toplevel;
    bool fullscreen, active, seen, mapped;
    int width, height, drawn_width, drawn_height;
} the;

static long now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void say(const char *what)
{
    printf("%ld %s\n", now_ms(), what);
    fflush(stdout);
}

static void draw(void)
{
    int width = the.width > 0 ? the.width : WIDTH, height = the.height > 0 ? the.height : HEIGHT;
    size_t size = (size_t)width * (size_t)height * 4;
    struct wl_shm_pool *pool;
    struct wl_buffer *buffer;
    int fd;

    if (the.mapped && width == the.drawn_width && height == the.drawn_height) {
        wl_surface_commit(the.surface);
        return;
    }
    fd = memfd_create("pushy", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, (off_t)size) < 0)
        exit(4);
    pool = wl_shm_create_pool(the.shm, fd, (int32_t)size);
    buffer = wl_shm_pool_create_buffer(pool, 0, width, height, width * 4, WL_SHM_FORMAT_XRGB8888);
    wl_shm_pool_destroy(pool);
    close(fd);
    wl_surface_attach(the.surface, buffer, 0, 0);
    wl_surface_damage_buffer(the.surface, 0, 0, width, height);
    wl_surface_commit(the.surface);
    the.drawn_width = width;
    the.drawn_height = height;
    if (!the.mapped)
        say("mapped");
    the.mapped = true;
}

static void on_surface(void *data, struct xdg_surface *surface, uint32_t serial)
{
    (void)data;
    xdg_surface_ack_configure(surface, serial);
    draw();
}
static const struct xdg_surface_listener surface_listener = {.configure = on_surface};

static void on_toplevel(void *data, struct xdg_toplevel *toplevel, int32_t width, int32_t height,
                        struct wl_array *states)
{
    const uint32_t *state = states->data;
    bool fullscreen = false, active = false;

    (void)data, (void)toplevel;
    for (size_t i = 0; i < states->size / sizeof *state; i++) {
        fullscreen = fullscreen || state[i] == XDG_TOPLEVEL_STATE_FULLSCREEN;
        active = active || state[i] == XDG_TOPLEVEL_STATE_ACTIVATED;
    }
    the.width = width;
    the.height = height;
    if (fullscreen != the.fullscreen)
        say(fullscreen ? "fullscreen" : "windowed");
    if (active != the.active)
        say(active ? "active" : "inactive");
    the.fullscreen = fullscreen;
    the.active = active;
}

/* A hostile window does not close because it is asked to. */
static void on_close(void *data, struct xdg_toplevel *toplevel)
{
    (void)data, (void)toplevel;
    say("told to close");
}

static void on_bounds(void *data, struct xdg_toplevel *toplevel, int32_t width, int32_t height)
{
    (void)data, (void)toplevel, (void)width, (void)height;
}

static void on_capabilities(void *data, struct xdg_toplevel *toplevel, struct wl_array *list)
{
    (void)data, (void)toplevel, (void)list;
}
static const struct xdg_toplevel_listener toplevel_listener = {.configure = on_toplevel,
                                                               .close = on_close,
                                                               .configure_bounds = on_bounds,
                                                               .wm_capabilities = on_capabilities};

static void on_ping(void *data, struct xdg_wm_base *base, uint32_t serial)
{
    (void)data;
    xdg_wm_base_pong(base, serial);
}
static const struct xdg_wm_base_listener base_listener = {.ping = on_ping};

/* What the surface enters is what shows it. */
static void on_enter(void *data, struct wl_surface *surface, struct wl_output *output)
{
    (void)data, (void)surface, (void)output;
    say("seen");
}

static void on_leave(void *data, struct wl_surface *surface, struct wl_output *output)
{
    (void)data, (void)surface, (void)output;
    say("hidden");
}
static const struct wl_surface_listener wl_surface_listener = {.enter = on_enter, .leave = on_leave};

static void on_token(void *data, struct xdg_activation_token_v1 *token, const char *text)
{
    (void)data;
    xdg_activation_v1_activate(the.activation, text, the.surface);
    xdg_activation_token_v1_destroy(token);
}
static const struct xdg_activation_token_v1_listener token_listener = {.done = on_token};

static void on_global(void *data, struct wl_registry *r, uint32_t name, const char *interface,
                      uint32_t version)
{
    (void)data, (void)version;
    if (strcmp(interface, wl_compositor_interface.name) == 0)
        the.compositor = wl_registry_bind(r, name, &wl_compositor_interface, 4);
    else if (strcmp(interface, wl_shm_interface.name) == 0)
        the.shm = wl_registry_bind(r, name, &wl_shm_interface, 1);
    else if (strcmp(interface, wl_output_interface.name) == 0 && !the.output)
        the.output = wl_registry_bind(r, name, &wl_output_interface, 1);
    else if (strcmp(interface, xdg_wm_base_interface.name) == 0)
        the.base = wl_registry_bind(r, name, &xdg_wm_base_interface, 1);
    else if (strcmp(interface, xdg_activation_v1_interface.name) == 0)
        the.activation = wl_registry_bind(r, name, &xdg_activation_v1_interface, 1);
}

static void on_global_gone(void *data, struct wl_registry *r, uint32_t name)
{
    (void)data, (void)r, (void)name;
}
static const struct wl_registry_listener registry_listener = {.global = on_global,
                                                              .global_remove = on_global_gone};

/* Lets the compositor's words in for that long. */
static void dwell(long ms)
{
    long until = now_ms() + ms, left;

    while ((left = until - now_ms()) > 0) {
        struct pollfd p = {.fd = wl_display_get_fd(the.display), .events = POLLIN};

        if (wl_display_dispatch_pending(the.display) < 0 || wl_display_flush(the.display) < 0)
            exit(3);
        if (poll(&p, 1, (int)left) > 0 && wl_display_dispatch(the.display) < 0)
            exit(3);
    }
}

static void ask_fullscreen(void)
{
    say("asks for fullscreen");
    xdg_toplevel_unset_fullscreen(the.toplevel);
    xdg_toplevel_set_fullscreen(the.toplevel, the.output);
}

static void ask_activation(void)
{
    struct xdg_activation_token_v1 *token = xdg_activation_v1_get_activation_token(the.activation);

    say("asks for activation");
    xdg_activation_token_v1_add_listener(token, &token_listener, NULL);
    xdg_activation_token_v1_commit(token);
}

static bool connected(void)
{
    struct wl_registry *registry;

    the.display = wl_display_connect(NULL);
    if (!the.display)
        return false;
    registry = wl_display_get_registry(the.display);
    wl_registry_add_listener(registry, &registry_listener, NULL);
    wl_display_roundtrip(the.display);
    return the.compositor && the.shm && the.output && the.base && the.activation;
}

int main(int argc, char **argv)
{
    long fullscreens = 0, activations = 0, every = 200, first = 0;
    struct xdg_surface *surface;
    bool at_map = false;
    int o;

    while ((o = getopt(argc, argv, "mf:a:e:w:")) != -1) {
        if (o == 'm')
            at_map = true;
        else if (o == '?')
            return 2;
        else
            *(o == 'f' ? &fullscreens : o == 'a' ? &activations : o == 'e' ? &every : &first) = atol(optarg);
    }
    if (!connected())
        return 3;
    xdg_wm_base_add_listener(the.base, &base_listener, NULL);
    the.surface = wl_compositor_create_surface(the.compositor);
    wl_surface_add_listener(the.surface, &wl_surface_listener, NULL);
    surface = xdg_wm_base_get_xdg_surface(the.base, the.surface);
    xdg_surface_add_listener(surface, &surface_listener, NULL);
    the.toplevel = xdg_surface_get_toplevel(surface);
    xdg_toplevel_add_listener(the.toplevel, &toplevel_listener, NULL);
    xdg_toplevel_set_title(the.toplevel, "pushy");
    if (at_map)
        ask_fullscreen();
    wl_surface_commit(the.surface);
    dwell(first);
    for (; fullscreens > 0 || activations > 0; fullscreens--, activations--) {
        if (fullscreens > 0)
            ask_fullscreen();
        if (activations > 0)
            ask_activation();
        dwell(every);
    }
    say("asks no more");
    for (;;)
        dwell(60000);
}
