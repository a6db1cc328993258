/* SPDX-License-Identifier: MIT
 * The programs of this system, by its desktop entries. Runs inside a persona, as its user: the switcher
 * starts it there and trusts nothing of what it prints. */
#ifndef SPINE_CLI_APPS_H
#define SPINE_CLI_APPS_H

#include <stdbool.h>
#include <stdio.h>

enum {
    APPS_MAX = 256,
    APPS_ICON_MAX = 49152,   /* bytes of a PNG file */
    APPS_ICONS_MAX = 3 << 20 /* of all of them: past it, entries have none */
};

/* json: a line for each, {"id":"foot.desktop","name":"Foot","command":["foot"],"icon":"base64 of a PNG"}, the
 * icon only if there is one, and at the end {"end":1} with their number. Otherwise a line of text for each.
 * Looks where $XDG_DATA_HOME and $XDG_DATA_DIRS say, and for programs in $PATH. */
void apps_print(bool json, FILE *out);

#endif
