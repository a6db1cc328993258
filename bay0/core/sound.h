/* SPDX-License-Identifier: MIT
 * A persona's place at the sound server: the program that keeps it, and whether its sound is parked as asked.
 */
#ifndef BAY0_CORE_SOUND_H
#define BAY0_CORE_SOUND_H

#include "core/podman.h"

/* The words of spine-sound; its listening socket is fd 3. 0, or -1 with *e: ERR_INTERNAL, they do not fit. */
int sound_argv(struct argv *a, const struct paths *p, const struct persona_spec *s, struct err *e);

enum { SOUND_PARK_MS = 2000 }; /* until a word that was not answered is complained of */

/* What is wanted of the sound and what it last said. Zeroed: audible, as a new one is. */
struct sound_state {
    bool parked;  /* wanted */
    bool said;    /* its own last word */
    bool ready;   /* it answers */
    bool waiting; /* for its word; a timer runs */
};
enum sound_do { SOUND_DO_NOTHING, SOUND_DO_SAY, SOUND_DO_SAY_AND_WAIT };
/* Parked or not is asked for. What to do: nothing, or write sound_word() and, once it answers, arm the timer
 * for SOUND_PARK_MS. */
enum sound_do sound_ask(struct sound_state *s, bool park);
/* A new program has been started; it knows of nothing. */
enum sound_do sound_started(struct sound_state *s);
const char *sound_word(const struct sound_state *s); /* "park\n", "unpark\n" */
/* A line of its output. SOUND_HEARD_READY: it stands; SOUND_HEARD_DONE: it is as asked, cancel the timer. */
enum sound_heard { SOUND_HEARD_NOTHING, SOUND_HEARD_READY, SOUND_HEARD_DONE };
enum sound_heard sound_heard(struct sound_state *s, const char *line, size_t len);

#endif
