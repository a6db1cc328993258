/* SPDX-License-Identifier: MIT
 * What is selected in the compositor, whoever selected it. ext-data-control-v1. */
#ifndef SWITCHER_CARRY_DEVICE_H
#define SWITCHER_CARRY_DEVICE_H

#include "switcher/core/carry_type.h"

#include <stdbool.h>

struct client;
struct ext_data_control_device_v1;
struct ext_data_control_manager_v1;
struct ext_data_control_offer_v1;

/* What somebody offers; the protocol's object has it as its data. */
struct carry_offer {
    struct ext_data_control_offer_v1 *offer;
    struct carry_choice choice;
};

struct carry_device {
    struct client *client;                       /* borrowed */
    struct ext_data_control_manager_v1 *manager; /* NULL: the compositor has none */
    struct ext_data_control_device_v1 *device;   /* NULL: no seat yet, or it is gone */
    struct carry_offer *selection, *primary;     /* owned; NULL: nothing is selected */
};

/* Before the client connects; d must stay where it is. -1 when the client has no room. */
int carry_device_init(struct carry_device *d, struct client *c);
/* Whether there is a device; makes it as soon as that is possible. */
bool carry_device_there(struct carry_device *d);
/* Takes both selections away from everybody; there must be a device. */
void carry_device_clear(struct carry_device *d);
void carry_device_finish(struct carry_device *d);

#endif
