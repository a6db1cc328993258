/* SPDX-License-Identifier: MIT
 * A persona's place at the sound server: its program's words, and what was asked of it and answered. */
#include "core/sound.h"

#include "core/err.h"

#include <string.h>

int sound_argv(struct argv *a, const struct paths *p, const struct persona_spec *s, struct err *e)
{
    argv_init(a);
    argv_pushf(a, "%s/spine-sound", p->libexec);
    argv_push(a, "--remote");
    argv_pushf(a, "%s/audio/pipewire-0", p->run);
    argv_push(a, "--persona");
    argv_push(a, s->id);
    argv_push(a, "--app-id");
    argv_push(a, s->image);
    argv_push(a, "--grants");
    argv_push(a, s->audio && s->microphone ? "both" : s->microphone ? "listen" : "play");
    argv_push(a, "--listen-fd");
    argv_push(a, "3");
    return argv_done(a) == 0 ? 0
                             : err_set(e, ERR_INTERNAL, "persona %s: spine-sound's words do not fit", s->id);
}

const char *sound_word(const struct sound_state *s)
{
    return s->parked ? "park\n" : "unpark\n";
}

enum sound_do sound_ask(struct sound_state *s, bool park)
{
    if (s->parked == park)
        return SOUND_DO_NOTHING;
    s->parked = park;
    s->waiting = s->ready;
    return s->ready ? SOUND_DO_SAY_AND_WAIT : SOUND_DO_SAY;
}

enum sound_do sound_started(struct sound_state *s)
{
    s->ready = s->said = s->waiting = false;
    return s->parked ? SOUND_DO_SAY : SOUND_DO_NOTHING;
}

static bool is(const char *line, size_t len, const char *word)
{
    return strlen(word) == len && memcmp(line, word, len) == 0;
}

enum sound_heard sound_heard(struct sound_state *s, const char *line, size_t len)
{
    bool parked = is(line, len, "parked");

    if (is(line, len, "ready")) {
        s->ready = true;
        return SOUND_HEARD_READY;
    }
    if (!parked && !is(line, len, "unparked"))
        return SOUND_HEARD_NOTHING;
    s->said = parked;
    if (!s->waiting || s->said != s->parked)
        return SOUND_HEARD_NOTHING;
    s->waiting = false;
    return SOUND_HEARD_DONE;
}
