/* SPDX-License-Identifier: MIT
 * What spine-sound is told and what it tells the sound server. */
#include "sound/opts.h"
#include "tests/t.h"

enum { WORDS = 16 };

static char err[SOUND_ERR];

/* Splits at blanks. */
static int parse(struct sound_opts *o, const char *line)
{
    static char text[512], *argv[WORDS];
    int argc = 0;

    snprintf(text, sizeof text, "%s", line);
    err[0] = '\0';
    for (char *word = strtok(text, " "); word && argc < WORDS - 1; word = strtok(NULL, " "))
        argv[argc++] = word;
    argv[argc] = NULL;
    return sound_opts_parse(o, argc, argv, err);
}

#define GOOD                                                                                                 \
    "spine-sound --remote /run/spine/audio/pipewire-0 --persona work --app-id localhost/a:1 --grants play "  \
    "--listen-fd 3"

static void test_good(void)
{
    struct sound_opts o;

    T_INT(parse(&o, GOOD), 0);
    T_STR(o.remote, "/run/spine/audio/pipewire-0");
    T_STR(o.persona, "work");
    T_STR(o.app_id, "localhost/a:1");
    T_INT(o.listen_fd, 3);
    T_INT(parse(&o, "x --listen-fd 1023 --grants both --app-id oci-archive:/a/B_c+d@sha256:0 --persona a-9 "
                    "--remote /r"),
          0);
    T_INT(o.listen_fd, 1023);
}

static void test_bad(void)
{
    static const char *const lines[] = {
        "x",
        "x --remote /r --persona a --app-id i",
        "x --remote r --persona a --app-id i --grants play --listen-fd 3",
        "x --remote /r --persona A --app-id i --grants play --listen-fd 3",
        "x --remote /r --persona a\" --app-id i --grants play --listen-fd 3",
        "x --remote /r\" --persona a --app-id i --grants play --listen-fd 3",
        "x --remote /r --persona abcdefghijabcdefghijabcdefghijab --app-id i --grants play --listen-fd 3",
        "x --remote /r --persona a --app-id i} --grants play --listen-fd 3",
        "x --remote /r --persona a --app-id i --grants play --listen-fd 2",
        "x --remote /r --persona a --app-id i --grants play --listen-fd 1024",
        "x --remote /r --persona a --app-id i --grants play --listen-fd 3x",
        "x --remote /r --persona a --app-id i --grants play --listen-fd 99999",
        "x --remote /r --persona a --app-id i --grants play --listen-fd",
        "x --remote /r --persona a --app-id i --grants all --listen-fd 3",
        "x --remote /r --persona a --app-id i --listen-fd 3",
        GOOD " --microphone",
    };
    struct sound_opts o;

    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        T_NAMED(parse(&o, lines[i]) == -1 && err[0], lines[i]);
}

/* Word for word what PipeWire is told. */
static void test_told(void)
{
    struct sound_opts o;
    struct sound_prop prop[SOUND_PROPS];
    char args[SOUND_ARGS], out[SOUND_NODE], long_line[512];

    T_INT(parse(&o, GOOD), 0);
    sound_context(&o, prop);
    T_STR(prop[0].key, "pipewire.sec.engine");
    T_STR(prop[0].value, "org.alpinespine");
    T_STR(prop[1].key, "pipewire.sec.app-id");
    T_STR(prop[1].value, "localhost/a:1");
    T_STR(prop[2].key, "pipewire.sec.instance-id");
    T_STR(prop[2].value, "work");
    T_STR(prop[3].key, "pipewire.access");
    T_STR(prop[3].value, "spine");
    T(o.plays && !o.listens);
    T(sound_way(&o, SOUND_OUT, out));
    T_STR(out, "persona-work.out");
    T(!sound_way(&o, SOUND_IN, out));
    T_INT(sound_loopback(&o, SOUND_OUT, args), 0);
    T_STR(args,
          "{ remote.name = \"/run/spine/audio/pipewire-0\" node.description = \"work\" audio.position = [ FL "
          "FR ]"
          " capture.props = { media.class = Audio/Sink node.name = \"persona-work\" spine.persona = \"work\""
          " state.restore-props = false priority.session = 0 }"
          " playback.props = { node.name = \"persona-work.out\" spine.persona = \"work\" node.passive = true"
          " node.linger = true state.restore-props = false state.restore-target = false } }");
    snprintf(long_line, sizeof long_line,
             "x --remote /%0106d --persona abcdefghijabcdefghijabcdefghija --app-id %0255d --grants both "
             "--listen-fd 3",
             0, 0);
    T_INT(parse(&o, long_line), 0);
    for (int i = 0; i < SOUND_WAYS; i++) {
        T_INT(sound_loopback(&o, (enum sound_way)i, args), 0);
        T(sound_way(&o, (enum sound_way)i, out));
    }
    T_STR(out, "persona-abcdefghijabcdefghijabcdefghija.in");
    T_INT(parse(&o, "x --remote /r --persona a --app-id i --grants listen --listen-fd 3"), 0);
    T(!o.plays && o.listens && !sound_way(&o, SOUND_OUT, out) && sound_way(&o, SOUND_IN, out));
    T_INT(sound_loopback(&o, SOUND_IN, args), 0);
    T_STR(args, "{ remote.name = \"/r\" node.description = \"a\" audio.position = [ FL FR ]"
                " capture.props = { node.name = \"persona-a.in\" spine.persona = \"a\" node.passive = true"
                " node.linger = true state.restore-props = false state.restore-target = false }"
                " playback.props = { media.class = Audio/Source node.name = \"persona-a.mic\""
                " spine.persona = \"a\" state.restore-props = false priority.session = 0 } }");
}

static void test_input(void)
{
    static const char text[] = "park\nunpark\n\npar\nparks\nan endless line of words\nunpark\npark";
    static const enum sound_command want[] = {SOUND_PARK, SOUND_UNPARK, SOUND_BAD,   SOUND_BAD,
                                              SOUND_BAD,  SOUND_BAD,    SOUND_UNPARK};
    struct sound_input in = {0};
    size_t n = 0;

    for (const char *c = text; *c; c++) {
        enum sound_command got = sound_input(&in, *c);

        if (got == SOUND_NOTHING)
            continue;
        T(n < sizeof want / sizeof want[0] && got == want[n]);
        n++;
    }
    T_INT(n, sizeof want / sizeof want[0]);
}

int main(void)
{
    test_good();
    test_bad();
    test_told();
    test_input();
    return t_done();
}
