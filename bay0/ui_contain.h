/* SPDX-License-Identifier: MIT
 * Keeps the windows of who is behind where they belong. */
#ifndef BAY0_UI_CONTAIN_H
#define BAY0_UI_CONTAIN_H

#include "bay0.h"
#include "core/swaytext.h"

/* Any event of a window. One that shows itself in front of another persona goes back at once. */
void ui_contain(struct bay0 *b, const struct sway_event *ev);

#endif
