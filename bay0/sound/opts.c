/* SPDX-License-Identifier: MIT
 * The command line of spine-sound, the words on its standard input, and what it tells the sound server of
 * itself. */
#include "sound/opts.h"

#include "core/pairs.h"

#include <stdio.h>
#include <string.h>

enum option { REMOTE, PERSONA, APP_ID, GRANTS, LISTEN_FD, OPTIONS };

static const struct pair_option options[OPTIONS] = {
    [REMOTE] = {"--remote", "the absolute path of PipeWire's socket, 107 bytes at most"},
    [PERSONA] = {"--persona", "a persona's id: a-z, 0-9 and -, 31 at most"},
    [APP_ID] = {"--app-id", "a name of letters, digits and ._-/:@+, 255 at most"},
    [GRANTS] = {"--grants", "play, listen or both"},
    [LISTEN_FD] = {"--listen-fd", "a descriptor from 3 to 1023"},
};

#define LOWER "abcdefghijklmnopqrstuvwxyz0123456789-"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* These end up between quotes in PipeWire's own syntax: nothing that could end a quote. */
static bool take(void *user, unsigned n, const char *value)
{
    struct sound_opts *o = user;

    switch ((enum option)n) {
    case REMOTE:
        o->remote = value[0] == '/' ? pairs_word(value, LOWER UPPER "._/", SOUND_PATH) : NULL;
        return o->remote != NULL;
    case PERSONA:
        return (o->persona = pairs_word(value, LOWER, SOUND_ID)) != NULL;
    case APP_ID:
        return (o->app_id = pairs_word(value, LOWER UPPER "._/:@+", SOUND_WORD)) != NULL;
    case GRANTS:
        o->listens = strcmp(value, "listen") == 0 || strcmp(value, "both") == 0;
        o->plays = strcmp(value, "play") == 0 || strcmp(value, "both") == 0;
        return o->listens || o->plays;
    case LISTEN_FD:
        return (o->listen_fd = pairs_fd(value)) >= 0;
    case OPTIONS:
        break;
    }
    return false;
}

int sound_opts_parse(struct sound_opts *o, int argc, char **argv, char err[SOUND_ERR])
{
    *o = (struct sound_opts){.listen_fd = -1};
    return pairs_parse(options, OPTIONS, argc, argv, take, o, err, SOUND_ERR);
}

void sound_context(const struct sound_opts *o, struct sound_prop out[SOUND_PROPS])
{
    out[0] = (struct sound_prop){"pipewire.sec.engine", "org.alpinespine"};
    out[1] = (struct sound_prop){"pipewire.sec.app-id", o->app_id};
    out[2] = (struct sound_prop){"pipewire.sec.instance-id", o->persona};
    /* A word that PipeWire itself does not know: a client waits until WirePlumber has given it its rights. */
    out[3] = (struct sound_prop){"pipewire.access", "spine"};
}

bool sound_way(const struct sound_opts *o, enum sound_way way, char out[SOUND_NODE])
{
    snprintf(out, SOUND_NODE, "persona-%s.%s", o->persona, way == SOUND_OUT ? "out" : "in");
    return way == SOUND_OUT ? o->plays : o->listens;
}

/* Its own side is a device of the persona's; the other is a stream of the Spine's, awake only with the first.
 * What was loud or silent last time is bay0's to say, not WirePlumber's to remember. */
#define DEVICE(class, name)                                                                                  \
    "{ media.class = " class " node.name = \"persona-%s" name "\" spine.persona = \"%s\""                    \
                             " state.restore-props = false priority.session = 0 }"
#define STREAM(name)                                                                                         \
    "{ node.name = \"persona-%s" name "\" spine.persona = \"%s\" node.passive = true node.linger = true"     \
    " state.restore-props = false state.restore-target = false }"
#define COMMON "{ remote.name = \"%s\" node.description = \"%s\" audio.position = [ FL FR ]"

int sound_loopback(const struct sound_opts *o, enum sound_way way, char out[SOUND_ARGS])
{
    const char *p = o->persona;
    int n;

    if (way == SOUND_OUT)
        n = snprintf(out, SOUND_ARGS,
                     COMMON
                     " capture.props = " DEVICE("Audio/Sink", "") " playback.props = " STREAM(".out") " }",
                     o->remote, p, p, p, p, p);
    else
        n = snprintf(
            out, SOUND_ARGS,
            COMMON " capture.props = " STREAM(".in") " playback.props = " DEVICE("Audio/Source", ".mic") " }",
            o->remote, p, p, p, p, p);
    return n > 0 && n < SOUND_ARGS ? 0 : -1;
}

enum sound_command sound_input(struct sound_input *in, char c)
{
    static const char *const names[] = {[SOUND_PARK] = "park", [SOUND_UNPARK] = "unpark"};
    size_t len = in->len;

    if (c != '\n') {
        if (len < SOUND_LINE)
            in->line[len] = c;
        in->len = len < SOUND_LINE ? len + 1 : len;
        return SOUND_NOTHING;
    }
    in->len = 0;
    for (int k = SOUND_PARK; k <= SOUND_UNPARK; k++)
        if (strlen(names[k]) == len && memcmp(in->line, names[k], len) == 0)
            return (enum sound_command)k;
    return SOUND_BAD;
}
