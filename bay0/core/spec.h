/* SPDX-License-Identifier: MIT
 * The declaration of a persona: what `persona.add` takes, what the registry keeps. Every field is checked
 * here, once. */
#ifndef BAY0_CORE_SPEC_H
#define BAY0_CORE_SPEC_H

#include "core/name.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
typedef struct json_t json_t; /* jansson.h */

enum network_mode { NETWORK_SLIRP, NETWORK_NONE, NETWORK_COUNT };
enum background_mode { BACKGROUND_FREEZE, BACKGROUND_THROTTLE, BACKGROUND_RUN, BACKGROUND_COUNT };
enum profile_id { PROFILE_DESKTOP, PROFILE_SEALED, PROFILE_AGENT, PROFILE_DEV, PROFILE_COUNT };

enum {
    SPEC_COMMAND_WORDS_MAX = 32,
    SPEC_COMMAND_TEXT_MAX = 2048,
    SPEC_PIDS_MIN = 16,
    SPEC_PIDS_MAX = 4194304,
    SPEC_CPUS_MILLI_MIN = 10,
    SPEC_CPUS_MILLI_MAX = 4096000,
    SPEC_WEIGHT_MAX = 10000,
    SPEC_NOFILE_MIN = 64,
    SPEC_NOFILE_MAX = 1048576,
};
#define SPEC_MEMORY_MIN ((uint64_t)16 << 20)
#define SPEC_MEMORY_MAX ((uint64_t)1 << 50)
#define SPEC_IO_MIN     ((uint64_t)64 << 10)
#define SPEC_IO_MAX     ((uint64_t)1 << 40)
#define SPEC_TMPFS_MIN  ((uint64_t)1 << 20)
#define SPEC_TMPFS_MAX  ((uint64_t)1 << 40)

/* Plain data, copied freely. 0 in a limit means: the profile's default. */
struct persona_spec {
    char id[NAME_ID_MAX + 1];
    char image[NAME_IMAGE_MAX + 1];
    enum profile_id profile;
    enum network_mode network;
    enum background_mode background;
    bool gpu, audio, microphone, ai, autostart;
    bool lan;            /* the firewall reads it at each start; only with a network */
    uint64_t memory;     /* bytes */
    uint32_t cpus_milli; /* thousandths of a CPU */
    uint32_t pids;
    uint32_t weight;                     /* cpu.weight */
    uint32_t nofile;                     /* open files of one program */
    uint64_t io;                         /* bytes a second */
    uint64_t tmpfs;                      /* bytes in /tmp */
    char cores[NAME_CORES_MAX + 1];      /* cpuset list, "" = all that the Spine allows */
    char colour[NAME_COLOUR_LEN + 1];    /* #rrggbb; never empty after spec_from_json */
    uint32_t command_words;              /* 0: the image's own command */
    char command[SPEC_COMMAND_TEXT_MAX]; /* command_words strings, each NUL-terminated, one after the other */
};

/* The fields of `persona.add` but for id, image and command, for the parser, help, completion and man page
 * alike. */
enum spec_kind { SPEC_SWITCH, SPEC_CHOICE, SPEC_SIZE, SPEC_CPUS, SPEC_NUMBER, SPEC_TEXT };
struct spec_option {
    const char *name;  /* JSON field and, with "--" before it, the CLI option */
    const char *value; /* "" for a switch; "N", "SIZE", "LIST", "#RRGGBB" or "a|b|c" for a choice */
    const char *help;
    enum spec_kind kind; /* in JSON: true/false, string, bytes, number, whole number, string */
};
extern const struct spec_option spec_options[];
extern const size_t spec_options_count;

/* Reads a declaration from the args of `persona.add`: {"id":..., "image":..., ...}. Unknown fields, wrong
 * types and values out of range are refused and leave *out untouched. A missing colour gets one chosen from
 * the id, a missing network what the profile says (slirp for desktop and dev, none for sealed and agent).
 * Returns 0 or -1 with *e. */
int spec_from_json(const json_t *args, struct persona_spec *out, struct err *e);

/* A change of a declaration, from the args of `persona.set`: {"id":..., and at least one field that can be
 * changed}. The values are in spec, the fields that were given in given. */
struct spec_change {
    struct persona_spec spec;
    uint64_t given; /* bit n: the field of spec_options[n] */
};
/* What the container is made with (image, profile, network, grants, ...) is refused with a hint what to do.
 */
int spec_change_from_json(const json_t *args, struct spec_change *out, struct err *e);
/* 0, or -1 with *e and *s untouched when the fields do not go together. */
int spec_change_apply(const struct spec_change *c, struct persona_spec *s, struct err *e);
bool spec_can_change(const struct spec_option *o);
/* For an option or field that cannot be changed: the refusal. Returns -1. */
int spec_fixed(const char *name, struct err *e);

/* A new reference (caller decrefs) with every field, or NULL when memory is short.
 * spec_from_json(spec_to_json(s)) gives s. */
json_t *spec_to_json(const struct persona_spec *s);
/* Copies a JSON list of words to text, each NUL-terminated, one after the other; the first must look like a
 * program. name is for the message. Also used for `persona.exec`. 0 or -1 with *e. */
int spec_words(const json_t *array, const char *name, char *text, size_t size, uint32_t max, uint32_t *count,
               struct err *e);
/* "1.5G", "512MiB", "1048576" -> bytes (binary units K M G T, a fraction of at most 6 digits only with a
 * unit); -1 when it is not a size. Used by the CLI too. */
int spec_parse_size(const char *text, uint64_t *out);
/* "1.5" -> 1500, at most 3 digits after the point; -1 when it is not a number of CPUs. */
int spec_parse_cpus(const char *text, uint32_t *milli);

/* Whether it has a socket of the sound server: to play, to listen, or both. */
bool spec_sounds(const struct persona_spec *s);
const char *spec_network_name(enum network_mode m);
const char *spec_background_name(enum background_mode m);
const char *spec_profile_name(enum profile_id p);

#endif
