/* SPDX-License-Identifier: MIT
 * One conversation with the compositor: makes a security context and hears that it stands. */
#include "switcher/wlctx_session.h"

#include "switcher/security-context-v1-client.h"
#include "switcher/wlctx_conn.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <wayland-client.h>

struct session {
    const struct wlctx_opts *o;
    struct wlctx_conn c;
    struct wl_registry *registry;
    struct wp_security_context_manager_v1 *manager;
};

/* What the compositor requires of the two; said here, the reason is clearer than a protocol error. */
static int check_descriptors(const struct session *s)
{
    struct stat st;
    int listening = 0;
    socklen_t len = sizeof listening;

    if (getsockopt(s->o->listen_fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) < 0 || !listening) {
        snprintf(s->c.err, WLCTX_ERR,
                 "descriptor %d is no listening socket; bind and listen before passing it", s->o->listen_fd);
        return -1;
    }
    if (fstat(s->o->close_fd, &st) < 0) {
        snprintf(s->c.err, WLCTX_ERR, "descriptor %d is not open; pass the reading end of a pipe",
                 s->o->close_fd);
        return -1;
    }
    return 0;
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
    s->registry = wl_display_get_registry(s->c.display);
    if (!s->registry)
        return wlctx_conn_fail(&s->c, "cannot speak to", strerror(errno));
    wl_registry_add_listener(s->registry, &registry_listener, s);
    if (wlctx_conn_settle(&s->c) < 0)
        return -1;
    return s->manager
               ? 0
               : wlctx_conn_fail(&s->c, "no security contexts at",
                                 "the compositor lacks security-context-v1, or this is a sandbox's socket");
}

static int create_context(struct session *s)
{
    struct wp_security_context_v1 *context =
        wp_security_context_manager_v1_create_listener(s->manager, s->o->listen_fd, s->o->close_fd);
    int rc;

    if (!context)
        return wlctx_conn_fail(&s->c, "cannot pass descriptors to", strerror(errno));
    wp_security_context_v1_set_sandbox_engine(context, s->o->engine);
    wp_security_context_v1_set_app_id(context, s->o->app_id);
    wp_security_context_v1_set_instance_id(context, s->o->instance_id);
    wp_security_context_v1_commit(context);
    rc = wlctx_conn_settle(&s->c);
    wp_security_context_v1_destroy(context);
    return rc;
}

int wlctx_make(const struct wlctx_opts *o, int timeout_ms, char err[WLCTX_ERR])
{
    struct session s = {.o = o, .c.err = err};
    int rc = check_descriptors(&s);

    if (rc == 0)
        rc = wlctx_conn_open(&s.c, o->display, timeout_ms, err);
    if (rc == 0)
        rc = find_manager(&s);
    if (rc == 0)
        rc = create_context(&s);
    if (s.manager)
        wp_security_context_manager_v1_destroy(s.manager);
    if (s.registry)
        wl_registry_destroy(s.registry);
    wlctx_conn_close(&s.c);
    return rc;
}
