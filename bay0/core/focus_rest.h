/* SPDX-License-Identifier: MIT
 * Between focus.c and focus_rest.c only: one persona's rest, and the words both write actions with. */
#ifndef BAY0_CORE_FOCUS_REST_H
#define BAY0_CORE_FOCUS_REST_H

#include "core/focus.h"

/* What one call of focus_event works with. */
struct focus_ctx {
    struct focus *f;
    struct focus_actions *out;
    uint64_t now;
};

struct focus_action *focus_emit(struct focus_ctx *c, enum focus_action_kind kind, const char *id);
/* Copies into an array of NAME_ID_MAX + 1 or more. Words were checked at the border; a longer one is cut. */
void focus_copy(char *to, size_t size, const char *from);
bool focus_is_front(const struct focus *f, const struct focus_persona *p);
bool focus_is_target(const struct focus *f, const struct focus_persona *p);

void focus_arm(struct focus_ctx *c, struct focus_persona *p, uint32_t ms); /* 0 cancels */
void focus_set(struct focus_persona *p, enum fz_state s);
/* Out of any resting state. THAWING is the one state that needs an event to get to AWAKE. */
void focus_wake(struct focus_ctx *c, struct focus_persona *p);
/* Brings one persona to what its place asks for: awake, or on its way to rest. */
void focus_settle(struct focus_ctx *c, struct focus_persona *p);
void focus_ready(struct focus_ctx *c, struct focus_persona *p); /* pays FA_READY if it is owed */

void focus_visible(struct focus_ctx *c, struct focus_persona *p, bool flag);
void focus_frozen(struct focus_ctx *c, struct focus_persona *p);
void focus_timer(struct focus_ctx *c, struct focus_persona *p);
void focus_hold(struct focus_ctx *c, struct focus_persona *p, bool exec);
void focus_release(struct focus_ctx *c, struct focus_persona *p, bool exec);
void focus_unseen(struct focus_ctx *c,
                  struct focus_persona *p); /* what sway said of its windows no longer counts */
/* In focus.c: awake again, by the kernel's word or because the wait is over. */
void focus_thawed(struct focus_ctx *c, struct focus_persona *p);

#endif
