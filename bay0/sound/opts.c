/* SPDX-License-Identifier: MIT
 * The command line of spine-sound, the words on its standard input, and what it tells the sound server of
 * itself. */
#include "sound/opts.h"

#include <stdio.h>
#include <string.h>

enum { LEAST_FD = 3, MOST_FD = 1023 };
enum word { REMOTE, PERSONA, APP_ID, LISTEN_FD, WORDS };

static const struct {
    const char *name, *wants;
} words[WORDS] = {
    [REMOTE] = {"--remote", "the absolute path of PipeWire's socket, 107 bytes at most"},
    [PERSONA] = {"--persona", "a persona's id: a-z, 0-9 and -, 31 at most"},
    [APP_ID] = {"--app-id", "a name of letters, digits and ._-/:@+, 255 at most"},
    [LISTEN_FD] = {"--listen-fd", "a descriptor from 3 to 1023"},
};

/* These end up between quotes in PipeWire's own syntax: nothing that could end a quote. */
static const char *name(const char *text, const char *allowed, size_t most)
{
    size_t len = strlen(text);

    return len > 0 && len <= most && strspn(text, allowed) == len ? text : NULL;
}

static int descriptor(const char *text)
{
    int n = 0;

    if (!*text || strlen(text) > 4)
        return -1;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return -1;
        n = n * 10 + (*text - '0');
    }
    return n >= LEAST_FD && n <= MOST_FD ? n : -1;
}

#define LOWER "abcdefghijklmnopqrstuvwxyz0123456789-"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static bool apply(struct sound_opts *o, enum word w, const char *value)
{
    switch (w) {
    case REMOTE:
        o->remote = value[0] == '/' ? name(value, LOWER UPPER "._/", SOUND_PATH) : NULL;
        return o->remote != NULL;
    case PERSONA:
        return (o->persona = name(value, LOWER, SOUND_ID)) != NULL;
    case APP_ID:
        return (o->app_id = name(value, LOWER UPPER "._/:@+", SOUND_WORD)) != NULL;
    case LISTEN_FD:
        return (o->listen_fd = descriptor(value)) >= 0;
    case WORDS:
        break;
    }
    return false;
}

int sound_opts_parse(struct sound_opts *o, int argc, char **argv, char err[SOUND_ERR])
{
    unsigned given = 0;

    *o = (struct sound_opts){.listen_fd = -1};
    for (int i = 1; i < argc; i += 2) {
        unsigned w = 0;

        while (w < WORDS && strcmp(argv[i], words[w].name) != 0)
            w++;
        if (w == WORDS) {
            snprintf(err, SOUND_ERR, "unknown option '%.60s'", argv[i]);
            return -1;
        }
        if (i + 1 >= argc || !apply(o, (enum word)w, argv[i + 1])) {
            snprintf(err, SOUND_ERR, "%s wants %s, not '%.60s'", words[w].name, words[w].wants,
                     i + 1 < argc ? argv[i + 1] : "");
            return -1;
        }
        given |= 1u << w;
    }
    for (unsigned w = 0; w < WORDS; w++) {
        if (given & (1u << w))
            continue;
        snprintf(err, SOUND_ERR, "%s is missing: it wants %s", words[w].name, words[w].wants);
        return -1;
    }
    return 0;
}

void sound_context(const struct sound_opts *o, struct sound_prop out[SOUND_PROPS])
{
    out[0] = (struct sound_prop){"pipewire.sec.engine", "org.alpinespine"};
    out[1] = (struct sound_prop){"pipewire.sec.app-id", o->app_id};
    out[2] = (struct sound_prop){"pipewire.sec.instance-id", o->persona};
    /* A word that PipeWire itself does not know: a client waits until WirePlumber has given it its rights. */
    out[3] = (struct sound_prop){"pipewire.access", "spine"};
}

void sound_out(const struct sound_opts *o, char out[SOUND_NODE])
{
    snprintf(out, SOUND_NODE, "persona-%s.out", o->persona);
}

int sound_loopback(const struct sound_opts *o, char out[SOUND_ARGS])
{
    /* What was loud or silent last time is bay0's to say, not WirePlumber's to remember. */
    int n = snprintf(out, SOUND_ARGS,
                     "{ remote.name = \"%s\" node.description = \"%s\" audio.position = [ FL FR ]"
                     " capture.props = { media.class = Audio/Sink node.name = \"persona-%s\""
                     " spine.persona = \"%s\" state.restore-props = false priority.session = 0 }"
                     " playback.props = { node.name = \"persona-%s.out\" spine.persona = \"%s\""
                     " node.passive = true node.linger = true state.restore-props = false "
                     "state.restore-target = false } }",
                     o->remote, o->persona, o->persona, o->persona, o->persona, o->persona);

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
