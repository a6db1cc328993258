/* SPDX-License-Identifier: MIT
 * Which personas or programs are shown, in what order, and which is selected. Pure; for the model. */
#ifndef SWITCHER_CORE_VIEW_H
#define SWITCHER_CORE_VIEW_H

#include "switcher/core/model.h"

/* Fixes the order, most recently used first, then those never used, running before stopped. */
void view_order(struct model *m);
/* Makes the view anew from order, filter and lists; the selection stays on the same thing where it can. */
void view_refresh(struct model *m);
/* Selects index, clamped, and scrolls so that it can be seen. */
void view_select(struct model *m, int index);
/* The same around the ends. */
void view_step(struct model *m, int by);

#endif
