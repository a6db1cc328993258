/* SPDX-License-Identifier: MIT
 * Keeps one spine-sound for each persona with sound, and tells it when to be heard. */
#ifndef BAY0_SOUND_H
#define BAY0_SOUND_H

#include "bay0.h"

/* p->pipewire listens. Starts its program as soon as the sound server is there; nothing waits for it, and a
 * persona without sound runs on. 0, or -1 with *e when memory is short. Twice is once. */
int sound_open(struct persona *p, struct err *e);
void sound_close(struct persona *p); /* its context, its sink and its program go; may be called at any time */

/* PipeWire has come or gone. */
void sound_server(struct bay0 *b, bool up);

/* Silence before a freeze, and back. Never waits; what goes wrong is logged. */
void sound_park(struct persona *p, bool park);

/* bay0 goes on in a new program (see reexec.h). sound_keep: false with *e while it is on its way up or down.
 * sound_resume: with p->pipewire as it was handed over. */
bool sound_keep(const struct persona *p, struct handover_sound *k, struct err *e);
void sound_resume(struct persona *p, const struct handover_sound *k);

/* For doctor: every persona that asked for sound and runs has its place at the sound server. */
bool sound_ok(const struct bay0 *b);

#endif
