/* SPDX-License-Identifier: MIT
 * What the keys of sway.conf lead to: some go to the switcher, the rest is done here. */
#ifndef BAY0_HOTKEY_H
#define BAY0_HOTKEY_H

#include "bay0.h"

/* command is that of the binding: "nop spine next". Words that are none of ours do nothing. */
void hotkey(struct bay0 *b, const char *command);

#endif
