/* SPDX-License-Identifier: MIT
 * The command line of spine-sound, the words on its standard input, and what it tells the sound server of
 * itself. Pure: memory only. */
#ifndef BAY0_SOUND_OPTS_H
#define BAY0_SOUND_OPTS_H

#include <stdbool.h>
#include <stddef.h>

enum {
    SOUND_ERR = 200,   /* size of an error text */
    SOUND_PATH = 107,  /* longest socket path, see unix(7) */
    SOUND_WORD = 255,  /* longest name of an image */
    SOUND_ID = 31,     /* longest id of a persona */
    SOUND_NODE = 48,   /* size of a node's name */
    SOUND_ARGS = 1024, /* size of the loopback's arguments */
    SOUND_LINE = 16,   /* longest command, newline and NUL included */
};

/* The texts point into argv. */
struct sound_opts {
    const char *remote;  /* PipeWire's own socket */
    const char *persona; /* whose sound it is */
    const char *app_id;  /* its image */
    bool plays, listens; /* what it was granted, at least one of them */
    int listen_fd;       /* its own socket */
};
/* 0, or -1 with a sentence in err. */
int sound_opts_parse(struct sound_opts *o, int argc, char **argv, char err[SOUND_ERR]);

/* What every client that comes through the persona's socket is known by. */
struct sound_prop {
    const char *key, *value;
};
enum { SOUND_PROPS = 4 };
void sound_context(const struct sound_opts *o, struct sound_prop out[SOUND_PROPS]);

/* The two ways between a persona and the devices of the Spine: from its sink to a real one, and from a real
 * source to its own. */
enum sound_way { SOUND_OUT, SOUND_IN, SOUND_WAYS };
/* The Spine's end of a way, a node of this name. False: this persona has no such way. */
bool sound_way(const struct sound_opts *o, enum sound_way way, char out[SOUND_NODE]);
/* Arguments of libpipewire-module-loopback for it. 0, or -1 when it does not fit. */
int sound_loopback(const struct sound_opts *o, enum sound_way way, char out[SOUND_ARGS]);

enum sound_command { SOUND_NOTHING, SOUND_PARK, SOUND_UNPARK, SOUND_BAD };
/* Lines put together from pieces. Zeroed at first. */
struct sound_input {
    char line[SOUND_LINE];
    size_t len;
};
/* The next byte of the input; anything but SOUND_NOTHING ends a line. */
enum sound_command sound_input(struct sound_input *in, char c);

#endif
