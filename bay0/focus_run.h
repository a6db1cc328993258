/* SPDX-License-Identifier: MIT
 * Carries out what core/focus decides: thaw, show, freeze, throttle, timers, answers. */
#ifndef BAY0_FOCUS_RUN_H
#define BAY0_FOCUS_RUN_H

#include "bay0.h"

/* Feeds an event about persona id (may be "") to the engine and carries out what it decides. */
void focus_run(struct bay0 *b, enum focus_event_kind kind, const char *id);
/* The same with the event's flag. */
void focus_run_flag(struct bay0 *b, enum focus_event_kind kind, const char *id, bool flag);
void focus_run_added(struct bay0 *b, const struct persona *p);
/* persona.focus of a client: answered when the persona is in front. */
void focus_run_request(struct bay0 *b, client_ref client, int64_t request_id, const char *id);

#endif
