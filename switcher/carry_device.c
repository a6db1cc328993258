/* SPDX-License-Identifier: MIT
 * Follows the selections, and clears them. */
#include "switcher/carry_device.h"

#include "switcher/client.h"
#include "switcher/ext-data-control-v1-client.h"

#include <stdlib.h>
#include <string.h>

static void offer_free(struct carry_offer *o)
{
    if (!o)
        return;
    ext_data_control_offer_v1_destroy(o->offer);
    free(o);
}

static void on_mime(void *data, struct ext_data_control_offer_v1 *offer, const char *mime)
{
    struct carry_offer *o = data;

    (void)offer;
    carry_choice_add(&o->choice, mime);
}

static const struct ext_data_control_offer_v1_listener offer_listener = {.offer = on_mime};

static void on_offer(void *data, struct ext_data_control_device_v1 *device,
                     struct ext_data_control_offer_v1 *id)
{
    struct carry_offer *o = calloc(1, sizeof *o);

    (void)data, (void)device;
    if (!o) {
        ext_data_control_offer_v1_destroy(id);
        return;
    }
    o->offer = id;
    ext_data_control_offer_v1_add_listener(id, &offer_listener, o);
}

static void take_offer(struct carry_offer **to, struct ext_data_control_offer_v1 *id)
{
    offer_free(*to);
    *to = id ? ext_data_control_offer_v1_get_user_data(id) : NULL;
}

static void on_selection(void *data, struct ext_data_control_device_v1 *device,
                         struct ext_data_control_offer_v1 *id)
{
    (void)device;
    take_offer(&((struct carry_device *)data)->selection, id);
}

static void on_primary(void *data, struct ext_data_control_device_v1 *device,
                       struct ext_data_control_offer_v1 *id)
{
    (void)device;
    take_offer(&((struct carry_device *)data)->primary, id);
}

static void drop_device(struct carry_device *d)
{
    offer_free(d->selection);
    offer_free(d->primary);
    d->selection = d->primary = NULL;
    if (d->device)
        ext_data_control_device_v1_destroy(d->device);
    d->device = NULL;
}

static void on_device_finished(void *data, struct ext_data_control_device_v1 *device)
{
    (void)device;
    drop_device(data); /* the seat is gone */
}

static const struct ext_data_control_device_v1_listener device_listener = {
    .data_offer = on_offer,
    .selection = on_selection,
    .finished = on_device_finished,
    .primary_selection = on_primary,
};

bool carry_device_there(struct carry_device *d)
{
    if (!d->device && d->manager && client_seat(d->client)) {
        d->device = ext_data_control_manager_v1_get_data_device(d->manager, client_seat(d->client));
        ext_data_control_device_v1_add_listener(d->device, &device_listener, d);
    }
    return d->device != NULL;
}

/* The compositor says the same a moment later; until then nobody takes the old ones for the next persona's.
 */
void carry_device_clear(struct carry_device *d)
{
    ext_data_control_device_v1_set_selection(d->device, NULL);
    ext_data_control_device_v1_set_primary_selection(d->device, NULL);
    take_offer(&d->selection, NULL);
    take_offer(&d->primary, NULL);
}

static void on_global(void *data, struct wl_registry *registry, uint32_t name, const char *interface,
                      uint32_t version)
{
    struct carry_device *d = data;

    (void)version;
    if (strcmp(interface, ext_data_control_manager_v1_interface.name) == 0)
        d->manager = wl_registry_bind(registry, name, &ext_data_control_manager_v1_interface, 1);
}

static void on_ready(void *data)
{
    if (!carry_device_there(data))
        client_log("the compositor has no ext-data-control-v1: the clipboard is not watched over");
}

static const struct client_globals globals = {.global = on_global, .ready = on_ready};

int carry_device_init(struct carry_device *d, struct client *c)
{
    d->client = c;
    return client_on_globals(c, &globals, d);
}

void carry_device_finish(struct carry_device *d)
{
    drop_device(d);
    if (d->manager)
        ext_data_control_manager_v1_destroy(d->manager);
    d->manager = NULL;
}
