/* SPDX-License-Identifier: MIT
 * A connection to the compositor on which nothing is waited for without an end. */
#include "switcher/wlctx_conn.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include <wayland-client.h>

enum { CONNECT_RETRY_MS = 20 };

static int64_t clock_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int left_ms(const struct wlctx_conn *c)
{
    int64_t left = c->deadline - clock_ms();

    return left > 0 ? (int)left : 0;
}

int wlctx_conn_fail(const struct wlctx_conn *c, const char *what, const char *why)
{
    snprintf(c->err, WLCTX_ERR, "%s %s: %s", what, c->path, why);
    return -1;
}

/* A compositor that hangs has a full backlog, where a blocking connect would wait for ever. */
static int connect_display(struct wlctx_conn *c)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return wlctx_conn_fail(c, "cannot make a socket for", strerror(errno));
    memcpy(a.sun_path, c->path, strlen(c->path) + 1);
    while (connect(fd, (struct sockaddr *)&a, sizeof a) < 0) {
        int saved = errno;

        if (saved == EAGAIN && left_ms(c) > 0) {
            poll(NULL, 0, CONNECT_RETRY_MS);
            continue;
        }
        close(fd);
        if (saved == EAGAIN)
            return wlctx_conn_fail(c, "no place at", "the compositor takes no connections; is it frozen?");
        return wlctx_conn_fail(c, "no compositor at", strerror(saved));
    }
    c->display = wl_display_connect_to_fd(fd); /* owns fd from here */
    return c->display ? 0 : wlctx_conn_fail(c, "cannot speak Wayland at", strerror(errno));
}

static int broken(const struct wlctx_conn *c)
{
    const struct wl_interface *interface = NULL;
    char why[100];
    uint32_t code, id;

    if (wl_display_get_error(c->display) != EPROTO)
        return wlctx_conn_fail(c, "lost the compositor at", strerror(wl_display_get_error(c->display)));
    code = wl_display_get_protocol_error(c->display, &interface, &id);
    snprintf(why, sizeof why, "%s error %u", interface ? interface->name : "unknown object", code);
    return wlctx_conn_fail(c, "refused by the compositor at", why);
}

/* Sends what is queued and reads what comes, once. */
int wlctx_conn_exchange(struct wlctx_conn *c)
{
    struct pollfd p = {.fd = wl_display_get_fd(c->display), .events = POLLIN};
    int n;

    while (wl_display_prepare_read(c->display) != 0)
        if (wl_display_dispatch_pending(c->display) < 0)
            return broken(c);
    /* After EPIPE there may still be the compositor's reason to read. */
    if (wl_display_flush(c->display) < 0 && errno != EPIPE) {
        if (errno != EAGAIN) {
            wl_display_cancel_read(c->display);
            return broken(c);
        }
        p.events |= POLLOUT;
    }
    n = poll(&p, 1, left_ms(c));
    if (n > 0 && p.revents & ~POLLOUT) {
        if (wl_display_read_events(c->display) < 0)
            return broken(c);
    } else {
        wl_display_cancel_read(c->display);
        if (n == 0 && left_ms(c) == 0)
            return wlctx_conn_fail(c, "no answer from the compositor at", "time is up; is it frozen?");
    }
    return wl_display_dispatch_pending(c->display) < 0 ? broken(c) : 0;
}

static void on_done(void *data, struct wl_callback *callback, uint32_t serial)
{
    (void)callback;
    (void)serial;
    *(bool *)data = true;
}

static const struct wl_callback_listener done_listener = {.done = on_done};

/* Waits until the compositor has handled everything sent so far. */
int wlctx_conn_settle(struct wlctx_conn *c)
{
    struct wl_callback *callback = wl_display_sync(c->display);
    bool done = false;
    int rc = 0;

    if (!callback)
        return wlctx_conn_fail(c, "cannot speak to", strerror(errno));
    wl_callback_add_listener(callback, &done_listener, &done);
    while (!done && rc == 0)
        rc = wlctx_conn_exchange(c);
    wl_callback_destroy(callback);
    return rc;
}

void wlctx_conn_within(struct wlctx_conn *c, int ms)
{
    c->deadline = clock_ms() + ms;
}

int wlctx_conn_open(struct wlctx_conn *c, const char *path, int ms, char err[WLCTX_ERR])
{
    *c = (struct wlctx_conn){.path = path, .err = err};
    wlctx_conn_within(c, ms);
    return connect_display(c);
}

void wlctx_conn_close(struct wlctx_conn *c)
{
    if (c->display)
        wl_display_disconnect(c->display);
    c->display = NULL;
}
