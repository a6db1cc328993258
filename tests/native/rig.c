/* SPDX-License-Identifier: MIT
 * Stands in for the switcher's client, so that its modules can be tried alone against a real compositor:
 * bay0's events are read from standard input, one JSON object a line; what the modules do is told on standard
 * output; pictures become PPM files NAME.ppm in the folder given. {"event":"quit"} ends it.  rig FOLDER */
#include "switcher/apps.h"
#include "switcher/capture.h"
#include "switcher/carry.h"
#include "switcher/client.h"

#include <errno.h>
#include <pixman.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { HOOKS = 8, WATCHES = 64 };

struct client_watch {
    int fd;
    uint32_t events;
    client_fd_fn fn; /* NULL: free */
    void *data;
};

static struct client {
    struct wl_display *display;
    struct wl_shm *shm;
    struct wl_seat *seat;
    const struct client_globals *globals[HOOKS];
    void *globals_data[HOOKS];
    client_event_fn event[HOOKS];
    void *event_data[HOOKS];
    size_t globals_n, event_n;
    struct client_watch watch[WATCHES];
    struct client_timer *timers;
    const struct client_launcher *launcher;
    void *launcher_data;
    char front[64];
    const char *folder;
    bool quit;
} rig;

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
int client_on_globals(struct client *c, const struct client_globals *g, void *data)
{
    c->globals[c->globals_n] = g;
    c->globals_data[c->globals_n++] = data;
    return 0;
}
int client_on_event(struct client *c, client_event_fn fn, void *data)
{
    c->event[c->event_n] = fn;
    c->event_data[c->event_n++] = data;
    return 0;
}

struct client_watch *client_watch_add(struct client *c, int fd, uint32_t events, client_fd_fn fn, void *data)
{
    for (size_t i = 0; i < WATCHES; i++)
        if (!c->watch[i].fn) {
            c->watch[i] = (struct client_watch){.fd = fd, .events = events, .fn = fn, .data = data};
            return &c->watch[i];
        }
    errno = ENOSPC;
    return NULL;
}
int client_watch_change(struct client_watch *w, uint32_t events)
{
    w->events = events;
    return 0;
}
void client_watch_remove(struct client_watch *w)
{
    if (w)
        w->fn = NULL;
}

static uint64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}
void client_timer_stop(struct client *c, struct client_timer *t)
{
    struct client_timer **at = &c->timers;

    while (*at && *at != t)
        at = &(*at)->next;
    if (*at)
        *at = t->next;
    t->at = 0;
}
void client_timer_start(struct client *c, struct client_timer *t, unsigned ms)
{
    client_timer_stop(c, t);
    t->at = now_ms() + ms;
    t->next = c->timers;
    c->timers = t;
}

__attribute__((format(printf, 1, 2))) static void tell(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vprintf(fmt, args);
    va_end(args);
    putchar('\n');
    fflush(stdout);
}

int client_ask(struct client *c, const char *cmd, json_t *args, client_reply_fn fn, void *data)
{
    char *text = json_dumps(args, JSON_COMPACT | JSON_SORT_KEYS);
    json_t *result = json_object();

    (void)c;
    tell("ask %s %s", cmd, text ? text : "{}");
    free(text);
    json_decref(args);
    if (fn)
        fn(data, true, result);
    json_decref(result);
    return 0;
}
const char *client_front(struct client *c)
{
    return c->front;
}
void client_picture_size(struct client *c, int *width, int *height)
{
    (void)c;
    *width = 320;
    *height = 180;
}
int client_icon_size(struct client *c)
{
    (void)c;
    return 48;
}
void client_say(struct client *c, const char *text)
{
    (void)c;
    tell("say %s", text);
}
void client_log(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    fputs("log ", stdout);
    vprintf(fmt, args);
    va_end(args);
    putchar('\n');
    fflush(stdout);
}

/* Written under another name first: who waits for the file finds it whole. */
static void write_image(const char *name, pixman_image_t *image)
{
    const uint32_t *p = pixman_image_get_data(image);
    int w = pixman_image_get_width(image), h = pixman_image_get_height(image);
    int stride = pixman_image_get_stride(image) / 4;
    char path[4096], last[4096];
    FILE *f;

    snprintf(path, sizeof path, "%s/%s.new", rig.folder, name);
    snprintf(last, sizeof last, "%s/%s.ppm", rig.folder, name);
    f = fopen(path, "w");
    if (!f)
        abort();
    fprintf(f, "P6\n%d %d\n255\n", w, h);
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            fprintf(f, "%c%c%c", p[y * stride + x] >> 16 & 255, p[y * stride + x] >> 8 & 255,
                    p[y * stride + x] & 255);
    fclose(f);
    rename(path, last);
}
void client_picture(struct client *c, const char *id, pixman_image_t *picture)
{
    (void)c;
    if (picture) {
        write_image(id, picture);
        pixman_image_unref(picture);
    }
    tell("picture %s %s", id, picture ? "new" : "none");
}

void client_set_launcher(struct client *c, const struct client_launcher *l, void *data)
{
    c->launcher = l;
    c->launcher_data = data;
}
void client_apps(struct client *c, const char *id, const struct client_app *apps, unsigned n,
                 const char *error)
{
    char name[64];
    unsigned icons = 0;

    (void)c;
    for (unsigned i = 0; i < n; i++)
        if (apps[i].icon) {
            snprintf(name, sizeof name, "icon-%u", i);
            write_image(name, apps[i].icon);
            icons++;
        }
    for (unsigned i = 0; i < n; i++)
        tell("app %u %s%s", i, apps[i].name, apps[i].icon ? " +icon" : "");
    tell("apps %s %u, %u icons%s%s", id, n, icons, error ? ": " : "", error ? error : "");
}

static void on_global(void *data, struct wl_registry *registry, uint32_t name, const char *interface,
                      uint32_t version)
{
    (void)data;
    if (strcmp(interface, "wl_shm") == 0)
        rig.shm = wl_registry_bind(registry, name, &wl_shm_interface, 1);
    else if (strcmp(interface, "wl_seat") == 0 && !rig.seat)
        rig.seat = wl_registry_bind(registry, name, &wl_seat_interface, 1);
    for (size_t i = 0; i < rig.globals_n; i++)
        rig.globals[i]->global(rig.globals_data[i], registry, name, interface, version);
}
static void on_gone(void *data, struct wl_registry *registry, uint32_t name)
{
    (void)data, (void)registry, (void)name;
}
static const struct wl_registry_listener registry_listener = {.global = on_global, .global_remove = on_gone};

static void take_line(const char *line)
{
    json_t *all = json_loads(line, 0, NULL);
    const char *event = json_string_value(json_object_get(all, "event"));
    const char *id = json_string_value(json_object_get(all, "id"));

    if (!event) {
        tell("bad line %s", line);
    } else if (strcmp(event, "quit") == 0) {
        rig.quit = true;
    } else if (strcmp(event, "list") == 0 && rig.launcher) {
        rig.launcher->list(rig.launcher_data, id);
    } else if (strcmp(event, "start") == 0 && rig.launcher) {
        rig.launcher->start(rig.launcher_data, id,
                            (unsigned)json_integer_value(json_object_get(all, "index")));
    } else {
        if (strcmp(event, "front") == 0)
            snprintf(rig.front, sizeof rig.front, "%s", id ? id : "");
        for (size_t i = 0; i < rig.event_n; i++)
            rig.event[i](rig.event_data[i], event, all);
        tell("done %s", event);
    }
    json_decref(all);
}

static void read_lines(void)
{
    static char text[65536];
    static size_t len;
    ssize_t n = read(STDIN_FILENO, text + len, sizeof text - 1 - len);
    char *end;

    if (n <= 0) {
        rig.quit = true;
        return;
    }
    len += (size_t)n;
    text[len] = '\0';
    while ((end = strchr(text, '\n'))) {
        *end = '\0';
        take_line(text);
        len -= (size_t)(end + 1 - text);
        memmove(text, end + 1, len + 1);
    }
}

static void fire_timers(void)
{
    struct client_timer *t = rig.timers;

    while (t) {
        if (t->at <= now_ms()) {
            client_timer_stop(&rig, t);
            t->fn(t->data);
            t = rig.timers;
        } else {
            t = t->next;
        }
    }
}

static int next_ms(void)
{
    int64_t least = -1;

    for (const struct client_timer *t = rig.timers; t; t = t->next) {
        int64_t left = (int64_t)(t->at - now_ms());

        left = left < 0 ? 0 : left;
        least = least < 0 || left < least ? left : least;
    }
    return (int)least;
}

static void turn(void)
{
    struct pollfd p[WATCHES + 2] = {{.fd = wl_display_get_fd(rig.display), .events = POLLIN},
                                    {.fd = STDIN_FILENO, .events = POLLIN}};
    struct client_watch was[WATCHES];

    while (wl_display_prepare_read(rig.display) != 0)
        if (wl_display_dispatch_pending(rig.display) < 0)
            break;
    wl_display_flush(rig.display);
    memcpy(was, rig.watch, sizeof was);
    for (size_t i = 0; i < WATCHES; i++)
        p[i + 2] = (struct pollfd){.fd = was[i].fn ? was[i].fd : -1, .events = (short)was[i].events};
    poll(p, WATCHES + 2, next_ms());
    if (p[0].revents)
        wl_display_read_events(rig.display);
    else
        wl_display_cancel_read(rig.display);
    if (wl_display_dispatch_pending(rig.display) < 0) {
        tell("lost the compositor");
        rig.quit = true;
    }
    if (p[1].revents)
        read_lines();
    for (size_t i = 0; i < WATCHES; i++)
        if (p[i + 2].revents && was[i].fn && memcmp(&was[i], &rig.watch[i], sizeof was[i]) == 0)
            was[i].fn(was[i].data, was[i].fd, (uint32_t)p[i + 2].revents);
    fire_timers();
}

int main(int argc, char **argv)
{
    struct wl_registry *registry;
    struct capture *capture = capture_new(&rig);
    struct carry *carry = carry_new(&rig);
    struct apps *apps = apps_new(&rig);

    signal(SIGPIPE, SIG_IGN);
    rig.folder = argc > 1 ? argv[1] : ".";
    rig.display = wl_display_connect(NULL);
    if (!rig.display || !capture || !carry || !apps)
        return 1;
    registry = wl_display_get_registry(rig.display);
    wl_registry_add_listener(registry, &registry_listener, NULL);
    wl_display_roundtrip(rig.display);
    for (size_t i = 0; i < rig.globals_n; i++)
        if (rig.globals[i]->ready)
            rig.globals[i]->ready(rig.globals_data[i]);
    tell("ready");
    while (!rig.quit)
        turn();
    apps_free(apps);
    carry_free(carry);
    capture_free(capture);
    wl_seat_destroy(rig.seat);
    wl_shm_destroy(rig.shm);
    wl_registry_destroy(registry);
    wl_display_disconnect(rig.display);
    return 0;
}
