/* SPDX-License-Identifier: MIT
 * A pointer for a compositor without one: pointer WIDTH HEIGHT DEED..., with the deeds X,Y (go there), click,
 * wheel=N (N notches), ms=N (wait). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wayland-client.h>

#include "switcher/wlr-virtual-pointer-unstable-v1-client.h"

enum { LEFT = 0x110 };

static struct zwlr_virtual_pointer_manager_v1 *manager;

static void on_global(void *data, struct wl_registry *r, uint32_t name, const char *interface,
                      uint32_t version)
{
    (void)data, (void)version;
    if (strcmp(interface, zwlr_virtual_pointer_manager_v1_interface.name) == 0)
        manager = wl_registry_bind(r, name, &zwlr_virtual_pointer_manager_v1_interface, 1);
}

static void on_gone(void *data, struct wl_registry *r, uint32_t name)
{
    (void)data, (void)r, (void)name;
}

static const struct wl_registry_listener listener = {on_global, on_gone};

static int deed(struct zwlr_virtual_pointer_v1 *p, const char *what, const unsigned size[2])
{
    unsigned x, y;
    int n;

    if (sscanf(what, "%u,%u", &x, &y) == 2) {
        zwlr_virtual_pointer_v1_motion_absolute(p, 0, x, y, size[0], size[1]);
    } else if (strcmp(what, "click") == 0) {
        zwlr_virtual_pointer_v1_button(p, 0, LEFT, WL_POINTER_BUTTON_STATE_PRESSED);
        zwlr_virtual_pointer_v1_frame(p);
        zwlr_virtual_pointer_v1_button(p, 0, LEFT, WL_POINTER_BUTTON_STATE_RELEASED);
    } else if (sscanf(what, "wheel=%d", &n) == 1) {
        zwlr_virtual_pointer_v1_axis_source(p, WL_POINTER_AXIS_SOURCE_WHEEL);
        zwlr_virtual_pointer_v1_axis_discrete(p, 0, WL_POINTER_AXIS_VERTICAL_SCROLL,
                                              wl_fixed_from_int(15 * n), n);
    } else if (sscanf(what, "ms=%u", &x) == 1) {
        usleep(x * 1000);
    } else {
        return -1;
    }
    zwlr_virtual_pointer_v1_frame(p);
    return 0;
}

int main(int argc, char **argv)
{
    struct wl_display *d = wl_display_connect(NULL);
    struct wl_registry *r = d ? wl_display_get_registry(d) : NULL;
    unsigned size[2] = {0, 0};
    struct zwlr_virtual_pointer_v1 *p;

    if (argc < 4 || !r)
        return 2;
    size[0] = (unsigned)strtoul(argv[1], NULL, 10);
    size[1] = (unsigned)strtoul(argv[2], NULL, 10);
    wl_registry_add_listener(r, &listener, NULL);
    if (wl_display_roundtrip(d) < 0 || !manager)
        return 2;
    p = zwlr_virtual_pointer_manager_v1_create_virtual_pointer(manager, NULL);
    wl_display_roundtrip(d);
    for (int i = 3; i < argc; i++)
        if (deed(p, argv[i], size) < 0 || wl_display_roundtrip(d) < 0)
            return 2;
    zwlr_virtual_pointer_v1_destroy(p);
    zwlr_virtual_pointer_manager_v1_destroy(manager);
    wl_registry_destroy(r);
    wl_display_roundtrip(d);
    wl_display_disconnect(d);
    return 0;
}
