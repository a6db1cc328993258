/* SPDX-License-Identifier: MIT
 * The inside of spine-switcher: one struct that everything hangs on. Only the client's own files see it;
 * modules use client.h. */
#ifndef SWITCHER_STATE_H
#define SWITCHER_STATE_H

#include "switcher/client.h"
#include "switcher/core/layout.h"
#include "switcher/core/model.h"
#include "switcher/draw.h"

enum { STATE_OUTPUTS = 16, STATE_HOOKS = 8, STATE_ASKS = 64 };

/* One picture of a surface, painted once. */
struct buffer {
    struct buffer *next;
    struct surface *surface;
    struct wl_buffer *wl;
    void *data; /* NULL once it is with the compositor */
    size_t size;
    int width, height;
};

/* A layer surface and its buffers. */
struct surface {
    struct client *client;
    struct wl_surface *wl;
    struct zwlr_layer_surface_v1 *layer;
    struct wl_callback *frame;
    struct buffer *ready; /* painted before the first configure */
    struct buffer *out;   /* with the compositor */
    unsigned out_count;
    unsigned scale;
    int width, height;             /* logical, as the compositor wants it; 0 before the first configure */
    int asked_width, asked_height; /* logical; the width is 0 when the output decides it */
    bool dirty, shown;
    struct client_timer end; /* the compositor has closed it */
    /* Fills c->layout for this surface. */
    void (*lay_out)(struct surface *s);
    void (*closed)(struct surface *s);
};

struct surface_wish {
    struct wl_output *output; /* NULL: the compositor's choice */
    const char *name;
    uint32_t anchor;
    int width, height, zone; /* logical */
    bool keyboard;
    unsigned scale;
};

struct output {
    struct client_output public;
    uint32_t name;
    uint32_t transform;
    bool told; /* its first `done` has come */
    struct surface strip;
};

struct client {
    struct wl_display *display;
    struct wl_registry *registry;
    struct wl_compositor *compositor;
    struct wl_shm *shm;
    struct wl_seat *seat;
    uint32_t seat_name;
    struct zwlr_layer_shell_v1 *layer_shell;
    struct wp_cursor_shape_manager_v1 *cursor_shapes;
    struct output outputs[STATE_OUTPUTS];
    unsigned output_count;
    struct hook {
        const struct client_globals *globals;
        void *data;
    } hooks[STATE_HOOKS];
    unsigned hook_count;
    struct listener {
        client_event_fn fn;
        void *data;
    } listeners[STATE_HOOKS];
    unsigned listener_count;

    int epoll;
    struct client_watch *watches, *dead;
    struct client_timer *timers;
    struct client_watch *display_watch;
    bool display_full; /* requests wait for the compositor to read */
    bool stop;
    int status;

    struct config config;
    struct model model;
    struct layout layout; /* of the surface that is drawn */
    struct fonts *fonts;
    struct pictures pictures;
    struct surface overlay;
    struct layout_hit hits[LAYOUT_HITS]; /* of the overlay, in its pixels */
    unsigned hit_count;
    struct client_timer refresh; /* asks for processor and memory while shown */
    bool refreshing;
    unsigned refreshes; /* answers since it was shown */

    char say[LAYOUT_TEXT];
    struct client_timer say_end;

    const struct client_launcher *launcher;
    void *launcher_data;
    const char *app_names[CLIENT_APPS_MAX];
    const struct client_app *apps;
    unsigned app_count;

    struct input *input;
    struct bay0 *bay0;
    struct sway *sway;
    bool trace;
};

uint64_t client_now(void); /* CLOCK_MONOTONIC in ms */
/* A line with a time in µs for the bench, when SPINE_SWITCHER_TRACE is set. */
void client_trace(const struct client *c, const char *what);

/* loop.c */
int loop_init(struct client *c);
void loop_run(struct client *c);
void loop_finish(struct client *c);

/* wayland.c: -1 when there is no compositor or it lacks what is needed */
int wayland_connect(struct client *c);
void wayland_finish(struct client *c);
/* The scale to draw the overlay in, and the room there is on every output, in pixels of that scale. */
unsigned wayland_room(const struct client *c, int *width, int *height);

/* surface.c */
int surface_show(struct surface *s, const struct surface_wish *w);
void surface_hide(struct surface *s);
void surface_redraw(struct surface *s);

/* overlay.c: the model's actions carried out */
void overlay_event(struct client *c, enum model_event_kind kind, int index, const char *text);
void overlay_finish(struct client *c);

/* strip.c */
void strip_show(struct client *c, struct output *o);
void strip_redraw(struct client *c);

/* input.c */
int input_init(struct client *c);
void input_seat(struct client *c);
bool input_keyboard(const struct client *c); /* whether there is one */
void input_finish(struct client *c);

/* bay0.c */
int bay0_start(struct client *c, const char *path);
void bay0_finish(struct client *c);

/* sway.c */
void sway_start(struct client *c, const char *path);
void sway_mode(struct client *c, bool overlay);
void sway_finish(struct client *c);

#endif
