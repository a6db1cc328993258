/* SPDX-License-Identifier: MIT
 * Keeps one spine-sound for each persona with sound, and tells it when to be heard. */
#ifndef BAY0_SOUND_H
#define BAY0_SOUND_H

#include "bay0.h"
#include "core/handover.h"

/* p->pipewire listens. Starts its program as soon as the sound server is there; nothing waits for it, and a
 * persona without sound runs on. 0, or -1 with *e when memory is short. Twice is once. */
int sound_open(struct persona *p, struct err *e);
void sound_close(struct persona *p); /* its context, its sink and its program go; may be called at any time */

/* PipeWire has come or gone. */
void sound_server(struct bay0 *b, bool up);

/* Silence before a freeze, and back. Never waits; what goes wrong is logged. */
void sound_park(struct persona *p, bool park);

/* bay0 goes on in a new program (see reexec.h): what is known of p's sound, false with *e while that changes;
 * and p's sound as it was before. */
bool sound_keep(const struct persona *p, struct handover_sound *k, struct err *e);
void sound_resume(struct persona *p, const struct handover_sound *k);

/* For doctor: "up", "backoff", ... (see sup_state_name), or NULL when p has no sound. */
const char *sound_state(const struct persona *p);

#endif
