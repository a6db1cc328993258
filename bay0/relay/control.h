/* SPDX-License-Identifier: MIT
 * What bay0 tells a running relay: one order a packet. Pure. */
#ifndef RELAY_CONTROL_H
#define RELAY_CONTROL_H

#include "relay/source.h"

#include <stddef.h>

enum { CONTROL_MAX = 4 + SOURCE_NAME_MAX }; /* "add " and a name */

enum control_verb {
    CONTROL_ADD, /* accept from the listener that came with it, as this source */
    CONTROL_DEL, /* forget this source */
};

struct control {
    enum control_verb verb;
    char name[SOURCE_NAME_MAX + 1];
};

/* Reads a packet that came with so many descriptors: NULL, or what is wrong with it. */
const char *control_parse(struct control *c, const char *text, size_t len, unsigned descriptors);

#endif
