/* SPDX-License-Identifier: MIT
 * One conversation with the compositor: makes a security context and hears that it stands. */
#include "switcher/wlctx_session.h"

#include "switcher/security-context-v1-client.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include <wayland-client.h>

enum { CONNECT_RETRY_MS = 20 };

struct session {
    const struct wlctx_opts *o;
    int64_t deadline;
    char *err;
    struct wl_display *display;
    struct wl_registry *registry;
    struct wp_security_context_manager_v1 *manager;
};

static int64_t clock_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int left_ms(const struct session *s)
{
    int64_t left = s->deadline - clock_ms();

    return left > 0 ? (int)left : 0;
}

static int fail(const struct session *s, const char *what, const char *why)
{
    snprintf(s->err, WLCTX_ERR, "%s %s: %s", what, s->o->display, why);
    return -1;
}

/* What the compositor requires of the two; said here, the reason is clearer than a protocol error. */
static int check_descriptors(const struct session *s)
{
    struct stat st;
    int listening = 0;
    socklen_t len = sizeof listening;

    if (getsockopt(s->o->listen_fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) < 0 || !listening) {
        snprintf(s->err, WLCTX_ERR, "descriptor %d is no listening socket; bind and listen before passing it",
                 s->o->listen_fd);
        return -1;
    }
    if (fstat(s->o->close_fd, &st) < 0) {
        snprintf(s->err, WLCTX_ERR, "descriptor %d is not open; pass the reading end of a pipe",
                 s->o->close_fd);
        return -1;
    }
    return 0;
}

/* A compositor that hangs has a full backlog, where a blocking connect would wait for ever. */
static int connect_display(struct session *s)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return fail(s, "cannot make a socket for", strerror(errno));
    memcpy(a.sun_path, s->o->display, strlen(s->o->display) + 1);
    while (connect(fd, (struct sockaddr *)&a, sizeof a) < 0) {
        int saved = errno;

        if (saved == EAGAIN && left_ms(s) > 0) {
            poll(NULL, 0, CONNECT_RETRY_MS);
            continue;
        }
        close(fd);
        if (saved == EAGAIN)
            return fail(s, "no place at", "the compositor takes no connections; is it frozen?");
        return fail(s, "no compositor at", strerror(saved));
    }
    s->display = wl_display_connect_to_fd(fd); /* owns fd from here */
    return s->display ? 0 : fail(s, "cannot speak Wayland at", strerror(errno));
}

static int broken(const struct session *s)
{
    const struct wl_interface *interface = NULL;
    char why[100];
    uint32_t code, id;

    if (wl_display_get_error(s->display) != EPROTO)
        return fail(s, "lost the compositor at", strerror(wl_display_get_error(s->display)));
    code = wl_display_get_protocol_error(s->display, &interface, &id);
    snprintf(why, sizeof why, "%s error %u", interface ? interface->name : "unknown object", code);
    return fail(s, "refused by the compositor at", why);
}

/* Sends what is queued and reads what comes, once. */
static int exchange(struct session *s)
{
    struct pollfd p = {.fd = wl_display_get_fd(s->display), .events = POLLIN};
    int n;

    while (wl_display_prepare_read(s->display) != 0)
        if (wl_display_dispatch_pending(s->display) < 0)
            return broken(s);
    /* After EPIPE there may still be the compositor's reason to read. */
    if (wl_display_flush(s->display) < 0 && errno != EPIPE) {
        if (errno != EAGAIN) {
            wl_display_cancel_read(s->display);
            return broken(s);
        }
        p.events |= POLLOUT;
    }
    n = poll(&p, 1, left_ms(s));
    if (n > 0 && p.revents & ~POLLOUT) {
        if (wl_display_read_events(s->display) < 0)
            return broken(s);
    } else {
        wl_display_cancel_read(s->display);
        if (n == 0 && left_ms(s) == 0)
            return fail(s, "no answer from the compositor at", "time is up; is it frozen?");
    }
    return wl_display_dispatch_pending(s->display) < 0 ? broken(s) : 0;
}

static void on_done(void *data, struct wl_callback *callback, uint32_t serial)
{
    (void)callback;
    (void)serial;
    *(bool *)data = true;
}

static const struct wl_callback_listener done_listener = {.done = on_done};

/* Waits until the compositor has handled everything sent so far. */
static int settle(struct session *s)
{
    struct wl_callback *callback = wl_display_sync(s->display);
    bool done = false;
    int rc = 0;

    if (!callback)
        return fail(s, "cannot speak to", strerror(errno));
    wl_callback_add_listener(callback, &done_listener, &done);
    while (!done && rc == 0)
        rc = exchange(s);
    wl_callback_destroy(callback);
    return rc;
}

static void on_global(void *data, struct wl_registry *registry, uint32_t id, const char *interface,
                      uint32_t version)
{
    struct session *s = data;

    (void)version;
    if (!s->manager && strcmp(interface, wp_security_context_manager_v1_interface.name) == 0)
        s->manager = wl_registry_bind(registry, id, &wp_security_context_manager_v1_interface, 1);
}

static void on_global_remove(void *data, struct wl_registry *registry, uint32_t id)
{
    (void)data;
    (void)registry;
    (void)id;
}

static const struct wl_registry_listener registry_listener = {
    .global = on_global,
    .global_remove = on_global_remove,
};

static int find_manager(struct session *s)
{
    s->registry = wl_display_get_registry(s->display);
    if (!s->registry)
        return fail(s, "cannot speak to", strerror(errno));
    wl_registry_add_listener(s->registry, &registry_listener, s);
    if (settle(s) < 0)
        return -1;
    return s->manager ? 0
                      : fail(s, "no security contexts at",
                             "the compositor lacks security-context-v1, or this is a sandbox's socket");
}

static int create_context(struct session *s)
{
    struct wp_security_context_v1 *context =
        wp_security_context_manager_v1_create_listener(s->manager, s->o->listen_fd, s->o->close_fd);
    int rc;

    if (!context)
        return fail(s, "cannot pass descriptors to", strerror(errno));
    wp_security_context_v1_set_sandbox_engine(context, s->o->engine);
    wp_security_context_v1_set_app_id(context, s->o->app_id);
    wp_security_context_v1_set_instance_id(context, s->o->instance_id);
    wp_security_context_v1_commit(context);
    rc = settle(s);
    wp_security_context_v1_destroy(context);
    return rc;
}

int wlctx_make(const struct wlctx_opts *o, int timeout_ms, char err[WLCTX_ERR])
{
    struct session s = {.o = o, .deadline = clock_ms() + timeout_ms, .err = err};
    int rc = check_descriptors(&s);

    if (rc == 0)
        rc = connect_display(&s);
    if (rc == 0)
        rc = find_manager(&s);
    if (rc == 0)
        rc = create_context(&s);
    if (s.manager)
        wp_security_context_manager_v1_destroy(s.manager);
    if (s.registry)
        wl_registry_destroy(s.registry);
    if (s.display)
        wl_display_disconnect(s.display);
    return rc;
}
