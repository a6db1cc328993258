/* SPDX-License-Identifier: MIT
 * What a module of spine-switcher (capture, carry, apps, overlay, strip) gets from the client: the Wayland
 * globals, the loop, bay0. One thread; every call returns at once; nothing here is called from within a
 * signal.
 *
 * Life of a module: X_new(client) before the client connects registers its hooks and returns the module or
 * NULL; X_free(module) takes them away. A hook that is called never frees its own module. */
#ifndef SWITCHER_CLIENT_H
#define SWITCHER_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <wayland-client.h>

struct client;
union pixman_image; /* pixman_image_t of <pixman.h> */

/* --- Wayland ------------------------------------------------------------------------------------------- */

struct wl_display *client_display(struct client *c);
/* NULL until the registry has told of them; a module needs no bind of its own for these three. */
struct wl_shm *client_shm(struct client *c);
struct wl_seat *client_seat(struct client *c);
struct wl_compositor *client_compositor(struct client *c);

/* Every global of the compositor, once each, as it appears and goes; for what the client itself does not
 * bind. The module binds with wl_registry_bind(registry, name, &X_interface, min(version, its own)). */
struct client_globals {
    void (*global)(void *data, struct wl_registry *registry, uint32_t name, const char *interface,
                   uint32_t version);
    void (*gone)(void *data, uint32_t name); /* may be NULL */
    /* All globals there at the start have been told of; may be NULL. */
    void (*ready)(void *data);
};
/* -1 when there is no room (8 modules). The struct stays the caller's and must live as long as the client. */
int client_on_globals(struct client *c, const struct client_globals *g, void *data);

/* An output at the moment: NULL past the end. name is sway's ("HEADLESS-1", "" until told), w and h in its
 * pixels. */
struct client_output {
    struct wl_output *output;
    char name[64];
    int32_t width, height, scale;
};
const struct client_output *client_output_at(struct client *c, unsigned n);

/* --- the loop ------------------------------------------------------------------------------------------- */

/* What fd can do now: EPOLLIN, EPOLLOUT, EPOLLHUP, EPOLLERR as in epoll(7). */
typedef void (*client_fd_fn)(void *data, int fd, uint32_t events);
/* The fd stays the caller's, which takes the watch away before it closes it. NULL with errno set. */
struct client_watch *client_watch_add(struct client *c, int fd, uint32_t events, client_fd_fn fn, void *data);
int client_watch_change(struct client_watch *w, uint32_t events);
/* May be called from any callback, the watch's own too. NULL is fine. */
void client_watch_remove(struct client_watch *w);

/* A timer of one shot. The struct is the caller's (zero it); armed timers must be stopped before it goes. */
struct client_timer {
    void (*fn)(void *data);
    void *data;
    uint64_t at; /* of the loop: CLOCK_MONOTONIC in ms, 0 when not armed */
    struct client_timer *next;
};
void client_timer_start(struct client *c, struct client_timer *t, unsigned ms);
void client_timer_stop(struct client *c, struct client_timer *t);

/* --- bay0 ------------------------------------------------------------------------------------------------
 */

/* result is the answer's "result", or its "error" when ok is false; borrowed. Called exactly once for every
 * client_ask that returned 0; with ok false and NULL when the connection ended before the answer. */
typedef void (*client_reply_fn)(void *data, bool ok, const json_t *result);
/* args is taken, NULL for none; fn may be NULL. -1 when bay0 is away or the request is too long: fn is not
 * called. */
int client_ask(struct client *c, const char *cmd, json_t *args, client_reply_fn fn, void *data);
/* The same with one descriptor sent along the first byte (SCM_RIGHTS); fds stay the caller's. */
int client_ask_fds(struct client *c, const char *cmd, json_t *args, const int *fds, unsigned nfds,
                   client_reply_fn fn, void *data);

/* Every event line of bay0 ({"event":"leaving",...}, "front", "key", "persona", ...), after the client has
 * taken it in itself; borrowed. Also called with NULL when the connection is lost. */
typedef void (*client_event_fn)(void *data, const char *event, const json_t *line);
int client_on_event(struct client *c, client_event_fn fn, void *data);

/* The id of the persona in front, "" for none. Lives until the next event. */
const char *client_front(struct client *c);

/* --- what modules give the client
 * --------------------------------------------------------------------------- */

/* Size in pixels that a picture of a persona should fit in (keep the shape); follows configuration and scale.
 */
void client_picture_size(struct client *c, int *width, int *height);
/* picture (PIXMAN_x8r8g8b8 or a8r8g8b8) is taken, also when the id is not known; NULL takes the old one away.
 */
void client_picture(struct client *c, const char *id, union pixman_image *picture);

/* One program of the launcher. */
enum { CLIENT_APP_NAME = 96, CLIENT_APPS_MAX = 512 };
struct client_app {
    char name[CLIENT_APP_NAME]; /* UTF-8, printable, as shown and filtered */
    union pixman_image *icon;   /* owned by the module while the list stands; NULL: a placeholder */
};
/* Side of the square that an icon should fit in, in pixels. */
int client_icon_size(struct client *c);
/* The launcher's list for this persona; borrowed until the next client_apps. `start` is called with the index
 * in it when the user chose one; error is a sentence to show instead of a list, or NULL. Ignored unless id is
 * in front. */
void client_apps(struct client *c, const char *id, const struct client_app *apps, unsigned n,
                 const char *error);
/* The apps module registers: list(id) is called when the launcher opens, start(id, index) when one is chosen.
 */
struct client_launcher {
    void (*list)(void *data, const char *id);
    void (*start)(void *data, const char *id, unsigned index);
};
void client_set_launcher(struct client *c, const struct client_launcher *l, void *data);

/* A sentence for the user, shown in the strip for some seconds ("Copied from work: 12 bytes"). */
void client_say(struct client *c, const char *text);
/* A line for the log (standard error). */
__attribute__((format(printf, 1, 2))) void client_log(const char *fmt, ...);

#endif
