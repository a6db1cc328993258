/* SPDX-License-Identifier: MIT
 * spine-wlclear PATH: takes what is selected in the compositor away from everybody, whenever "clear" comes on
 * standard input, and says "cleared" when nobody can have it any more. It ends with its input or with the
 * compositor. ext-data-control-v1. */
#include "switcher/ext-data-control-v1-client.h"
#include "switcher/wlctx_conn.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <wayland-client.h>

enum { OK, FAILED, USAGE };
enum { TIMEOUT_MS = 5000, WORD_MAX = 16 };

static const char word[] = "clear\n", cleared[] = "cleared\n";

struct wlclear {
    struct wlctx_conn c;
    struct wl_registry *registry;
    struct wl_seat *seat;
    struct ext_data_control_manager_v1 *manager;
    struct ext_data_control_device_v1 *device;
    bool finished; /* the seat is gone */
    char word[WORD_MAX];
    size_t word_n;
};

/* The library's own words would double ours on stderr. */
static void quiet(const char *format, va_list args)
{
    (void)format;
    (void)args;
}

static void on_offer(void *data, struct ext_data_control_device_v1 *device,
                     struct ext_data_control_offer_v1 *offer)
{
    (void)data, (void)device, (void)offer;
}

/* What others select is of no interest. It is given back no earlier: the library would lose what an event
 * still names. */
static void on_selection(void *data, struct ext_data_control_device_v1 *device,
                         struct ext_data_control_offer_v1 *offer)
{
    (void)data, (void)device;
    if (offer)
        ext_data_control_offer_v1_destroy(offer);
}

static void on_finished(void *data, struct ext_data_control_device_v1 *device)
{
    (void)device;
    ((struct wlclear *)data)->finished = true;
}

static const struct ext_data_control_device_v1_listener device_listener = {
    .data_offer = on_offer,
    .selection = on_selection,
    .finished = on_finished,
    .primary_selection = on_selection,
};

static void on_global(void *data, struct wl_registry *registry, uint32_t id, const char *interface,
                      uint32_t version)
{
    struct wlclear *w = data;

    (void)version;
    if (!w->manager && strcmp(interface, ext_data_control_manager_v1_interface.name) == 0)
        w->manager = wl_registry_bind(registry, id, &ext_data_control_manager_v1_interface, 1);
    else if (!w->seat && strcmp(interface, wl_seat_interface.name) == 0)
        w->seat = wl_registry_bind(registry, id, &wl_seat_interface, 1);
}

static void on_global_remove(void *data, struct wl_registry *registry, uint32_t id)
{
    (void)data, (void)registry, (void)id;
}

static const struct wl_registry_listener registry_listener = {
    .global = on_global,
    .global_remove = on_global_remove,
};

static int begin(struct wlclear *w)
{
    w->registry = wl_display_get_registry(w->c.display);
    if (!w->registry)
        return wlctx_conn_fail(&w->c, "cannot speak to", strerror(errno));
    wl_registry_add_listener(w->registry, &registry_listener, w);
    if (wlctx_conn_settle(&w->c) < 0)
        return -1;
    if (!w->manager || !w->seat)
        return wlctx_conn_fail(&w->c, "no clipboard at",
                               "the compositor lacks ext-data-control-v1 or a seat");
    w->device = ext_data_control_manager_v1_get_data_device(w->manager, w->seat);
    if (!w->device)
        return wlctx_conn_fail(&w->c, "cannot speak to", strerror(errno));
    ext_data_control_device_v1_add_listener(w->device, &device_listener, w);
    return wlctx_conn_settle(&w->c);
}

static int clear(struct wlclear *w)
{
    ext_data_control_device_v1_set_selection(w->device, NULL);
    ext_data_control_device_v1_set_primary_selection(w->device, NULL);
    wlctx_conn_within(&w->c, TIMEOUT_MS);
    if (wlctx_conn_settle(&w->c) < 0)
        return -1;
    if (w->finished)
        return wlctx_conn_fail(&w->c, "no clipboard at", "its seat is gone");
    if (write(STDOUT_FILENO, cleared, sizeof cleared - 1) == (ssize_t)sizeof cleared - 1)
        return 0;
    return wlctx_conn_fail(&w->c, "nobody hears of", strerror(errno));
}

static int strange(const struct wlclear *w)
{
    return wlctx_conn_fail(&w->c, "not a word for", "standard input says something else than \"clear\"");
}

/* 1: all that was said is done, 0: the end, -1 with a sentence. */
static int read_words(struct wlclear *w)
{
    ssize_t n = read(STDIN_FILENO, w->word + w->word_n, sizeof w->word - w->word_n);
    const char *end;

    if (n <= 0)
        return n < 0 && errno == EINTR ? 1 : 0;
    w->word_n += (size_t)n;
    while ((end = memchr(w->word, '\n', w->word_n))) {
        size_t len = (size_t)(end + 1 - w->word);

        if (len != sizeof word - 1 || memcmp(w->word, word, len) != 0)
            return strange(w);
        if (clear(w) < 0)
            return -1;
        w->word_n -= len;
        memmove(w->word, w->word + len, w->word_n);
    }
    return w->word_n < sizeof w->word ? 1 : strange(w);
}

static int serve(struct wlclear *w)
{
    struct pollfd p[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                         {.fd = wl_display_get_fd(w->c.display), .events = POLLIN}};
    int rc = 1;

    while (rc > 0 && !w->finished) {
        (void)wl_display_flush(w->c.display); /* what cannot be said now is said with the next word */
        if (poll(p, 2, -1) < 0 && errno != EINTR)
            return wlctx_conn_fail(&w->c, "cannot wait for", strerror(errno));
        wlctx_conn_within(&w->c, TIMEOUT_MS);
        if (p[1].revents && wlctx_conn_exchange(&w->c) < 0)
            return -1;
        if (p[0].revents)
            rc = read_words(w);
    }
    return rc;
}

static void finish(struct wlclear *w)
{
    if (w->device)
        ext_data_control_device_v1_destroy(w->device);
    if (w->manager)
        ext_data_control_manager_v1_destroy(w->manager);
    if (w->seat)
        wl_seat_destroy(w->seat);
    if (w->registry)
        wl_registry_destroy(w->registry);
    wlctx_conn_close(&w->c);
}

int main(int argc, char **argv)
{
    char err[WLCTX_ERR] = "the seat is gone";
    struct wlclear w = {0};
    int rc;

    if (argc != 2 || argv[1][0] != '/' || strlen(argv[1]) > WLCTX_PATH) {
        fputs("usage: spine-wlclear PATH (of the compositor's socket)\n", stderr);
        return USAGE;
    }
    signal(SIGPIPE, SIG_IGN);
    wl_log_set_handler_client(quiet);
    rc = wlctx_conn_open(&w.c, argv[1], TIMEOUT_MS, err);
    if (rc == 0)
        rc = begin(&w);
    if (rc == 0)
        rc = serve(&w);
    if (rc != 0)
        fprintf(stderr, "spine-wlclear: %s\n", err);
    finish(&w);
    return rc == 0 ? OK : FAILED;
}
