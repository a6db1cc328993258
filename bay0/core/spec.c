/* SPDX-License-Identifier: MIT
 * Reads and checks the declaration of a persona, and writes it as JSON again. */
#include "core/spec.h"

#include "core/buf.h"
#include "core/err.h"

#include <jansson.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

const struct spec_option spec_options[] = {
#define S(member, kind, value, help) {#member, value, help, SPEC_##kind},
#include "core/spec.def"
#undef S
};
const size_t spec_options_count = COUNT(spec_options);

static const char *const networks[NETWORK_COUNT] = {[NETWORK_SLIRP] = "slirp", [NETWORK_NONE] = "none"};
static const char *const backgrounds[BACKGROUND_COUNT] = {
    [BACKGROUND_FREEZE] = "freeze", [BACKGROUND_THROTTLE] = "throttle", [BACKGROUND_RUN] = "run"};
static const char *const profiles[PROFILE_COUNT] = {[PROFILE_DESKTOP] = "desktop",
                                                    [PROFILE_SEALED] = "sealed",
                                                    [PROFILE_AGENT] = "agent",
                                                    [PROFILE_DEV] = "dev"};
/* A grant that is asked for by choosing the profile; `"ai":false` declines it. */
static const bool profile_ai[PROFILE_COUNT] = {[PROFILE_DESKTOP] = true, [PROFILE_DEV] = true};
static const enum network_mode profile_network[PROFILE_COUNT] = {[PROFILE_DESKTOP] = NETWORK_SLIRP,
                                                                 [PROFILE_SEALED] = NETWORK_NONE,
                                                                 [PROFILE_AGENT] = NETWORK_NONE,
                                                                 [PROFILE_DEV] = NETWORK_SLIRP};

/* Far apart in hue, and of middling lightness: black and white text are readable on each. */
static const char *const palette[] = {"#3b82f6", "#e4572e", "#2a9d4a", "#b5179e", "#d99a00", "#0097a7",
                                      "#8e5bd6", "#c2185b", "#6b8e23", "#a0622d", "#5c6bc0", "#00897b"};

enum field_id {
#define S(member, kind, value, help) FIELD_##member,
#include "core/spec.def"
#undef S
    FIELD_COUNT
};

/* Where a field lives and what it may be; the kind is in spec_options, under the same number. */
static const struct field {
    const char *const *names; /* CHOICE */
    bool (*ok)(const char *); /* TEXT */
    uint64_t min, max;        /* numbers: 0 is always allowed; CHOICE: max = how many; TEXT: max = room */
    size_t at;
    const char *want;
    bool live; /* `persona.set` can change it: nothing of it is made with the container */
} fields[FIELD_COUNT] = {
#define AT(member) .at = offsetof(struct persona_spec, member)
    [FIELD_profile] = {AT(profile), .names = profiles, .max = PROFILE_COUNT},
    [FIELD_network] = {AT(network), .names = networks, .max = NETWORK_COUNT},
    [FIELD_background] = {AT(background), .names = backgrounds, .max = BACKGROUND_COUNT, .live = true},
    [FIELD_lan] = {AT(lan), .live = true},
    [FIELD_gpu] = {AT(gpu)},
    [FIELD_audio] = {AT(audio), .live = true},
    [FIELD_microphone] = {AT(microphone), .live = true},
    [FIELD_ai] = {AT(ai), .live = true},
    [FIELD_autostart] = {AT(autostart), .live = true},
    [FIELD_memory] = {AT(memory), .min = SPEC_MEMORY_MIN, .max = SPEC_MEMORY_MAX, .want = "16M to 1024T",
                      .live = true},
    [FIELD_cpus] = {AT(cpus_milli), .min = SPEC_CPUS_MILLI_MIN, .max = SPEC_CPUS_MILLI_MAX,
                    .want = "0.01 to 4096 CPUs", .live = true},
    [FIELD_pids] = {AT(pids), .min = SPEC_PIDS_MIN, .max = SPEC_PIDS_MAX, .want = "16 to 4194304 processes",
                    .live = true},
    [FIELD_cores] = {AT(cores), .ok = name_cores_ok, .max = NAME_CORES_MAX + 1,
                     .want = "a list of CPU numbers such as 0-3,6", .live = true},
    [FIELD_colour] = {AT(colour), .ok = name_colour_ok, .max = NAME_COLOUR_LEN + 1,
                      .want = "a colour such as #3b82f6", .live = true},
    [FIELD_weight] = {AT(weight), .min = 1, .max = SPEC_WEIGHT_MAX, .want = "1 to 10000", .live = true},
    [FIELD_io] = {AT(io), .min = SPEC_IO_MIN, .max = SPEC_IO_MAX, .want = "64K to 1T (a second)",
                  .live = true},
    [FIELD_nofile] = {AT(nofile), .min = SPEC_NOFILE_MIN, .max = SPEC_NOFILE_MAX,
                      .want = "64 to 1048576 open files"},
    [FIELD_tmpfs] = {AT(tmpfs), .min = SPEC_TMPFS_MIN, .max = SPEC_TMPFS_MAX, .want = "1M to 1T"},
#undef AT
};

_Static_assert(sizeof(enum network_mode) == sizeof(unsigned) &&
                   sizeof(enum background_mode) == sizeof(unsigned) &&
                   sizeof(enum profile_id) == sizeof(unsigned),
               "choices are stored as unsigned");

static void *member(const struct persona_spec *s, const struct field *f)
{
    return (char *)(uintptr_t)s + f->at;
}

static int wrong(const struct spec_option *o, const char *want, struct err *e)
{
    return err_set(e, ERR_BAD_VALUE, "`%s` must be %s", o->name, want);
}

static int read_choice(const struct spec_option *o, const struct field *f, const json_t *v,
                       struct persona_spec *s, struct err *e)
{
    const char *word = json_string_value(v);
    char list[64];

    for (unsigned i = 0; word && i < f->max; i++)
        if (strcmp(f->names[i], word) == 0) {
            memcpy(member(s, f), &i, sizeof i);
            return 0;
        }
    snprintf(list, sizeof list, "one of %s", o->value);
    return wrong(o, list, e);
}

/* Numbers that the JSON carries as they are, or (CPUs) as a fraction. Out of reach becomes UINT64_MAX. */
static uint64_t number(enum spec_kind kind, const json_t *v)
{
    double d;

    if (kind != SPEC_CPUS)
        return json_is_integer(v) && json_integer_value(v) >= 0 ? (uint64_t)json_integer_value(v)
                                                                : UINT64_MAX;
    d = json_is_number(v) ? json_number_value(v) * 1000.0 + 0.5 : -1.0;
    if (d < 1.0) /* 0 asks for the default; less than a thousandth is no number of CPUs */
        return d >= 0.5 && d <= 0.5 ? 0 : UINT64_MAX;
    return d < (double)SPEC_CPUS_MILLI_MAX + 1.0 ? (uint64_t)d : UINT64_MAX;
}

static int read_number(const struct spec_option *o, const struct field *f, const json_t *v,
                       struct persona_spec *s, struct err *e)
{
    uint64_t n = number(o->kind, v);
    uint32_t n32 = (uint32_t)n;

    if (n == UINT64_MAX || (n != 0 && (n < f->min || n > f->max)))
        return wrong(o, f->want, e);
    if (o->kind == SPEC_SIZE)
        memcpy(member(s, f), &n, sizeof n);
    else
        memcpy(member(s, f), &n32, sizeof n32);
    return 0;
}

static int read_field(const struct spec_option *o, const struct field *f, const json_t *v,
                      struct persona_spec *s, struct err *e)
{
    const char *text = json_string_value(v);

    switch (o->kind) {
    case SPEC_SWITCH:
        if (!json_is_boolean(v))
            return wrong(o, "true or false", e);
        *(bool *)member(s, f) = json_is_true(v);
        return 0;
    case SPEC_CHOICE:
        return read_choice(o, f, v, s, e);
    case SPEC_SIZE:
    case SPEC_CPUS:
    case SPEC_NUMBER:
        return read_number(o, f, v, s, e);
    case SPEC_TEXT:
        if (!text || (!f->ok(text) && !(f == &fields[FIELD_cores] && *text == '\0')))
            return wrong(o, f->want, e);
        memcpy(member(s, f), text, strlen(text) + 1);
        return 0;
    }
    return err_set(e, ERR_INTERNAL, "field `%s` has no kind", o->name);
}

int spec_words(const json_t *array, const char *name, char *text, size_t size, uint32_t max, uint32_t *count,
               struct err *e)
{
    size_t used = 0, n = json_array_size(array);

    if (!json_is_array(array))
        return err_set(e, ERR_BAD_VALUE, "`%s` must be a list of words", name);
    if (n > max)
        return err_set(e, ERR_LIMIT, "`%s` has %zu words, at most %u are possible", name, n, max);
    for (size_t i = 0; i < n; i++) {
        const char *word = json_string_value(json_array_get(array, i));
        size_t len = word ? strlen(word) : 0;

        if (!word)
            return err_set(e, ERR_BAD_VALUE, "word %zu of `%s` is not text", i + 1, name);
        if (i == 0 && (len == 0 || word[0] == '-'))
            return err_set(e, ERR_BAD_VALUE, "the first word of `%s` must name a program", name);
        if (len >= size - used)
            return err_set(e, ERR_LIMIT, "`%s` is longer than %zu bytes", name, size);
        memcpy(text + used, word, len + 1);
        used += len + 1;
    }
    *count = (uint32_t)n;
    return 0;
}

static int read_member(const char *key, const json_t *v, struct persona_spec *s, struct err *e)
{
    const char *text = json_string_value(v);
    char shown[48];

    if (strcmp(key, "id") == 0) {
        if (!name_id_ok(text))
            return err_set(e, ERR_BAD_ID, "`%s` is not an id",
                           buf_printable(shown, sizeof shown, text ? text : ""));
        if (name_id_reserved(text)) {
            err_set(e, ERR_BAD_ID, "`%s` is kept for the persona that `spine doctor` makes and removes",
                    text);
            return err_hint(e, "choose another id");
        }
        memcpy(s->id, text, strlen(text) + 1);
        return 0;
    }
    if (strcmp(key, "image") == 0) {
        if (!name_image_ok(text)) {
            err_set(e, ERR_BAD_VALUE, "`%s` is not an image",
                    buf_printable(shown, sizeof shown, text ? text : ""));
            return err_hint(
                e, "a name such as docker.io/library/debian:12, or oci-archive: or dir: and a full path");
        }
        memcpy(s->image, text, strlen(text) + 1);
        return 0;
    }
    if (strcmp(key, "command") == 0)
        return spec_words(v, key, s->command, sizeof s->command, SPEC_COMMAND_WORDS_MAX, &s->command_words,
                          e);
    for (size_t i = 0; i < FIELD_COUNT; i++)
        if (strcmp(key, spec_options[i].name) == 0)
            return read_field(&spec_options[i], &fields[i], v, s, e);
    return err_set(e, ERR_UNKNOWN_FIELD, "unknown field `%s`", buf_printable(shown, sizeof shown, key));
}

/* FNV-1a: the same id has the same colour on every machine. */
static const char *colour_of(const char *id)
{
    uint32_t h = 2166136261u;

    for (; *id; id++)
        h = (h ^ (unsigned char)*id) * 16777619u;
    return palette[(h ^ h >> 16) % COUNT(palette)];
}

static int lan_without_network(struct err *e)
{
    err_set(e, ERR_BAD_VALUE, "`lan` needs a network, and this persona has none");
    return err_hint(e, "with --network slirp it has one; sealed and agent have none unless they ask");
}

int spec_from_json(const json_t *args, struct persona_spec *out, struct err *e)
{
    struct persona_spec s = {0};
    const char *key;
    json_t *v;

    if (!json_is_object(args))
        return err_set(e, ERR_BAD_REQUEST, "a declaration must be an object");
    json_object_foreach((json_t *)(uintptr_t)args, key, v) if (read_member(key, v, &s, e)) return -1;
    if (s.id[0] == '\0')
        return err_set(e, ERR_BAD_REQUEST, "`id` is missing");
    if (s.image[0] == '\0')
        return err_set(e, ERR_BAD_REQUEST, "`image` is missing");
    if (!json_object_get(args, "network"))
        s.network = profile_network[s.profile];
    if (!json_object_get(args, "ai"))
        s.ai = profile_ai[s.profile];
    if (s.lan && s.network != NETWORK_SLIRP)
        return lan_without_network(e);
    if (s.colour[0] == '\0')
        memcpy(s.colour, colour_of(s.id), NAME_COLOUR_LEN + 1);
    *out = s;
    return 0;
}

bool spec_can_change(const struct spec_option *o)
{
    return fields[o - spec_options].live;
}

int spec_fixed(const char *name, struct err *e)
{
    err_set(e, ERR_BAD_VALUE, "`%s` cannot be changed: it is a part of the persona's container", name);
    return err_hint(e, "`spine persona rm ID` and `spine persona add ID` with the new value; the home stays");
}

/* One field of a change. */
static int read_change(const char *key, const json_t *v, struct spec_change *c, struct err *e)
{
    size_t i = 0;

    while (i < FIELD_COUNT && strcmp(key, spec_options[i].name) != 0)
        i++;
    if (i == FIELD_COUNT && strcmp(key, "image") != 0 && strcmp(key, "command") != 0)
        return read_member(key, v, &c->spec, e); /* the id, or what nobody knows */
    if (i == FIELD_COUNT || !fields[i].live)
        return spec_fixed(key, e);
    c->given |= UINT64_C(1) << i;
    return read_field(&spec_options[i], &fields[i], v, &c->spec, e);
}

int spec_change_from_json(const json_t *args, struct spec_change *out, struct err *e)
{
    struct spec_change c = {.given = 0};
    const char *key;
    json_t *v;

    if (!json_is_object(args))
        return err_set(e, ERR_BAD_REQUEST, "a change must be an object");
    json_object_foreach((json_t *)(uintptr_t)args, key, v) if (read_change(key, v, &c, e)) return -1;
    if (c.spec.id[0] == '\0')
        return err_set(e, ERR_BAD_REQUEST, "`id` is missing");
    if (!c.given) {
        err_set(e, ERR_BAD_REQUEST, "nothing is to be changed");
        return err_hint(e, "name at least one field, such as --memory 1G");
    }
    *out = c;
    return 0;
}

static size_t field_size(enum spec_kind kind, const struct field *f)
{
    switch (kind) {
    case SPEC_SWITCH:
        return sizeof(bool);
    case SPEC_SIZE:
        return sizeof(uint64_t);
    case SPEC_TEXT:
        return f->max;
    case SPEC_CHOICE:
    case SPEC_CPUS:
    case SPEC_NUMBER:
        break;
    }
    return sizeof(uint32_t);
}

int spec_change_apply(const struct spec_change *c, struct persona_spec *s, struct err *e)
{
    struct persona_spec next = *s;

    for (size_t i = 0; i < FIELD_COUNT; i++)
        if (c->given & UINT64_C(1) << i)
            memcpy(member(&next, &fields[i]), member(&c->spec, &fields[i]),
                   field_size(spec_options[i].kind, &fields[i]));
    if (next.lan && next.network != NETWORK_SLIRP)
        return lan_without_network(e);
    *s = next;
    return 0;
}

static json_t *field_to_json(enum spec_kind kind, const struct field *f, const struct persona_spec *s)
{
    const void *at = member(s, f);
    uint32_t n32;
    uint64_t n64;

    switch (kind) {
    case SPEC_SWITCH:
        return json_boolean(*(const bool *)at);
    case SPEC_CHOICE:
        memcpy(&n32, at, sizeof n32);
        return n32 < f->max ? json_string(f->names[n32]) : NULL;
    case SPEC_SIZE:
        memcpy(&n64, at, sizeof n64);
        return json_integer((json_int_t)n64);
    case SPEC_CPUS:
        memcpy(&n32, at, sizeof n32);
        return json_real(n32 / 1000.0);
    case SPEC_NUMBER:
        memcpy(&n32, at, sizeof n32);
        return json_integer(n32);
    case SPEC_TEXT:
        return json_string(at);
    }
    return NULL;
}

json_t *spec_to_json(const struct persona_spec *s)
{
    json_t *o = json_pack("{s:s, s:s}", "id", s->id, "image", s->image);
    json_t *command = json_array();
    const char *word = s->command;
    int failed = 0;

    for (uint32_t i = 0; i < s->command_words; i++) {
        failed |= json_array_append_new(command, json_string(word));
        word += strlen(word) + 1;
    }
    for (size_t i = 0; i < FIELD_COUNT; i++)
        failed |= json_object_set_new_nocheck(o, spec_options[i].name,
                                              field_to_json(spec_options[i].kind, &fields[i], s));
    failed |= json_object_set_new(o, "command", command);
    if (failed) {
        json_decref(o);
        return NULL;
    }
    return o;
}

bool spec_sounds(const struct persona_spec *s)
{
    return s->audio || s->microphone;
}

const char *spec_network_name(enum network_mode m)
{
    return (unsigned)m < NETWORK_COUNT ? networks[m] : "?";
}

const char *spec_background_name(enum background_mode m)
{
    return (unsigned)m < BACKGROUND_COUNT ? backgrounds[m] : "?";
}

const char *spec_profile_name(enum profile_id p)
{
    return (unsigned)p < PROFILE_COUNT ? profiles[p] : "?";
}
