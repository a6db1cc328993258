/* SPDX-License-Identifier: MIT
 * Reads a command line by the tables; no verb and no option is named here. */
#include "parse.h"

#include "core/buf.h"
#include "core/proto.h"
#include "core/spec.h"
#include "nearest.h"

#include <string.h>

enum { SHOWN = 64 };

/* Where the parser stands. */
struct walk {
    int argc, at;
    char *const *argv;
    struct invocation *out;
    struct err *e;
};

/* Takes the options of a declaration. */
static bool declares(const struct verb *v)
{
    return v->id == VERB_PERSONA_ADD || v->id == VERB_PERSONA_SET;
}

bool parse_option(const struct verb *v, size_t n, struct verb_option *out)
{
    for (size_t i = 0; v && declares(v) && i < spec_options_count; i++) {
        const struct spec_option *o = &spec_options[i];

        if (v->id == VERB_PERSONA_SET && !spec_can_change(o))
            continue;
        if (n-- == 0) {
            *out = (struct verb_option){.verb = v->id, .name = o->name, .value = o->value, .help = o->help};
            return true;
        }
    }
    for (size_t i = 0; i < verb_options_count; i++)
        if ((verb_options[i].verb == VERB_COUNT || (v && verb_options[i].verb == v->id)) && n-- == 0) {
            *out = verb_options[i];
            return true;
        }
    return false;
}

const struct verb *parse_verb(const char *first, const char *second)
{
    char words[64];
    int n = snprintf(words, sizeof words, "%s%s%s", first, *second ? " " : "", second);

    if (n < 0 || (size_t)n >= sizeof words)
        return NULL;
    for (size_t i = 0; i < VERB_COUNT; i++)
        if (*words && strcmp(verbs[i].words, words) == 0)
            return &verbs[i];
    return NULL;
}

bool parse_group(const char *word)
{
    size_t len = strlen(word);

    for (size_t i = 0; i < VERB_COUNT; i++)
        if (len > 0 && strncmp(verbs[i].words, word, len) == 0 && verbs[i].words[len] == ' ')
            return true;
    return false;
}

static int wrong_verb(const char *first, const char *second, struct err *e)
{
    char words[SHOWN], shown[SHOWN];
    struct buf b;
    struct nearest n;

    buf_init(&b, words, sizeof words);
    buf_addf(&b, "%.31s%s%.31s", first, *second ? " " : "", second);
    buf_printable(shown, sizeof shown, words);
    if (!*second && parse_group(first))
        err_set(e, ERR_BAD_REQUEST, "`%s` needs a second word", shown);
    else
        err_set(e, ERR_BAD_REQUEST, "there is no verb `%s`", shown);
    nearest_init(&n, words);
    for (size_t i = 0; i < VERB_COUNT; i++) {
        const char *space = strchr(verbs[i].words, ' ');

        if (*verbs[i].words)
            nearest_offer(&n, verbs[i].words, verbs[i].words);
        if (space)
            nearest_offer(&n, space + 1, verbs[i].words);
    }
    if (n.best)
        return err_hint(e, "did you mean `spine %s`?", n.best);
    return err_hint(e, "`spine help` lists the verbs");
}

static int wrong_option(const struct verb *v, const char *name, struct err *e)
{
    char shown[SHOWN];
    struct verb_option o;
    struct nearest n;

    err_set(e, ERR_BAD_REQUEST, "%s%s%s has no option `%s`", "spine", v ? " " : "", v ? v->words : "",
            buf_printable(shown, sizeof shown, name));
    nearest_init(&n, name + strspn(name, "-"));
    for (size_t i = 0; parse_option(v, i, &o); i++)
        nearest_offer(&n, o.name, o.name);
    if (n.best)
        return err_hint(e, "did you mean `--%s`?", n.best);
    for (size_t i = 0; !v && i < VERB_COUNT; i++)
        nearest_offer(&n, verbs[i].words, verbs[i].words);
    if (n.best)
        return err_hint(e, "did you mean `spine %s`?", n.best);
    return err_hint(e, "`spine help%s%s` lists the options", v ? " " : "", v ? v->words : "");
}

static int wrong_value(const char *name, const char *want, const char *value, struct err *e)
{
    char shown[SHOWN];

    err_set(e, ERR_BAD_VALUE, "`--%s` takes %s, not `%s`", name, want,
            buf_printable(shown, sizeof shown, value));
    return err_hint(e, "%s", "");
}

static int put(struct walk *w, const char *name, json_t *value)
{
    if (json_object_set_new(w->out->args, name, value) == 0)
        return 0;
    err_set(w->e, ERR_BAD_VALUE, "`%s` is not UTF-8 text", name);
    return err_hint(w->e, "%s", "");
}

static int put_number(struct walk *w, const char *name, const char *value)
{
    size_t len = strlen(value);
    json_int_t n = 0;

    if (len == 0 || len > 15 || strspn(value, "0123456789") != len)
        return wrong_value(name, "a whole number", value, w->e);
    for (size_t i = 0; i < len; i++)
        n = n * 10 + (value[i] - '0');
    return put(w, name, json_integer(n));
}

/* An option of a declaration has a type of its own. */
static int put_declared(struct walk *w, const struct spec_option *o, const char *value)
{
    uint64_t bytes;
    uint32_t milli;

    switch (o->kind) {
    case SPEC_SWITCH:
        return put(w, o->name, json_true());
    case SPEC_SIZE:
        if (spec_parse_size(value, &bytes) || bytes > INT64_MAX)
            return wrong_value(o->name, "a size such as 512M or 4G", value, w->e);
        return put(w, o->name, json_integer((json_int_t)bytes));
    case SPEC_CPUS:
        if (spec_parse_cpus(value, &milli))
            return wrong_value(o->name, "a number such as 0.5 or 2", value, w->e);
        return put(w, o->name, json_real(milli / 1000.0));
    case SPEC_NUMBER:
        return put_number(w, o->name, value);
    case SPEC_CHOICE:
    case SPEC_TEXT:
        break;
    }
    return put(w, o->name, json_string(value));
}

static int take_option(struct walk *w, const struct verb_option *o, const char *value)
{
    struct invocation *out = w->out;

    if (o->verb == VERB_PERSONA_ADD || o->verb == VERB_PERSONA_SET)
        for (size_t i = 0; i < spec_options_count; i++)
            if (strcmp(spec_options[i].name, o->name) == 0)
                return put_declared(w, &spec_options[i], value);
    if (o->verb == VERB_COUNT && *o->value)
        out->socket = value;
    else if (o->verb == VERB_COUNT)
        *(strcmp(o->name, "json") == 0 ? &out->json : &out->help) = true;
    else if (!*o->value)
        return put(w, o->name, json_true());
    else if (strcmp(o->value, "N") == 0)
        return put_number(w, o->name, value);
    else
        return put(w, o->name, json_string(value));
    return 0;
}

static bool same(const struct verb_option *o, char letter, const char *name, size_t len)
{
    return letter ? o->letter == letter : strlen(o->name) == len && memcmp(o->name, name, len) == 0;
}

#define NEGATION "no-"

/* "no-ai": the switch of a declaration that is not wanted, where the profile would give it. */
static bool refused_switch(const struct verb *v, const char *name)
{
    if (!v || !declares(v) || strncmp(name, NEGATION, strlen(NEGATION)) != 0)
        return false;
    for (size_t i = 0; i < spec_options_count; i++)
        if (spec_options[i].kind == SPEC_SWITCH && strcmp(spec_options[i].name, name + strlen(NEGATION)) == 0)
            return v->id == VERB_PERSONA_ADD || spec_can_change(&spec_options[i]);
    return false;
}

/* An option of `persona add` that `persona set` does not take. */
static const char *fixed_option(const struct verb *v, const char *name, size_t len)
{
    if (len > strlen(NEGATION) && memcmp(name, NEGATION, strlen(NEGATION)) == 0) {
        name += strlen(NEGATION);
        len -= strlen(NEGATION);
    }
    for (size_t i = 0; v && v->id == VERB_PERSONA_SET && i < spec_options_count; i++)
        if (!spec_can_change(&spec_options[i]) && strlen(spec_options[i].name) == len &&
            memcmp(spec_options[i].name, name, len) == 0)
            return spec_options[i].name;
    return NULL;
}

/* One option: "--name", "--name=value", or the letter at *rest of "-abc". The value may be the next word. */
static int read_option(struct walk *w, const char *word, const char **rest)
{
    char letter = rest ? *(*rest)++ : '\0';
    const char *name = word + 2, *value = letter ? NULL : strchr(name, '=');
    size_t len = value ? (size_t)(value - name) : strlen(name);
    struct verb_option o;
    size_t i = 0;

    while (parse_option(w->out->verb, i, &o) && !same(&o, letter, name, len))
        i++;
    if (!letter && !value && !parse_option(w->out->verb, i, &o) && refused_switch(w->out->verb, name))
        return put(w, name + strlen(NEGATION), json_false());
    if (!letter && !parse_option(w->out->verb, i, &o) && fixed_option(w->out->verb, name, len))
        return spec_fixed(fixed_option(w->out->verb, name, len), w->e);
    if (!parse_option(w->out->verb, i, &o))
        return wrong_option(w->out->verb, word, w->e);
    if (value)
        value++;
    else if (letter && *o.value && **rest)
        value = *rest;
    else if (*o.value && w->at < w->argc)
        value = w->argv[w->at++];
    if (rest && *o.value)
        *rest = "";
    if (*o.value && !value) {
        err_set(w->e, ERR_BAD_REQUEST, "`--%s` needs a value: %s", o.name, o.value);
        return err_hint(w->e, "%s", o.help);
    }
    if (!*o.value && value) {
        err_set(w->e, ERR_BAD_REQUEST, "`--%s` takes no value", o.name);
        return err_hint(w->e, "%s", "");
    }
    return take_option(w, &o, value);
}

static int read_options(struct walk *w)
{
    const char *word = w->argv[w->at++];
    const char *rest = word + 1;

    if (word[1] == '-')
        return read_option(w, word, NULL);
    while (*rest)
        if (read_option(w, word, &rest))
            return -1;
    return 0;
}

/* The word at w->at, after the options that stand before it were read; NULL at the end and at "--". */
static int next_word(struct walk *w, const char **out)
{
    *out = NULL;
    while (w->at < w->argc) {
        const char *word = w->argv[w->at];

        if (strcmp(word, "--") == 0)
            return 0;
        if (word[0] == '-' && word[1]) {
            if (read_options(w))
                return -1;
            continue;
        }
        w->at++;
        *out = word;
        return 0;
    }
    return 0;
}

static int read_verb(struct walk *w)
{
    const char *first, *second = NULL;

    if (next_word(w, &first))
        return -1;
    if (!first) {
        if (w->out->help) {
            w->out->verb = &verbs[VERB_HELP];
            return 0;
        }
        err_set(w->e, ERR_BAD_REQUEST, "a verb is missing");
        return err_hint(w->e, "`spine help` lists the verbs");
    }
    w->out->verb = parse_verb(first, "");
    if (w->out->verb)
        return 0;
    if (parse_group(first)) {
        if (next_word(w, &second))
            return -1;
        w->out->verb = second ? parse_verb(first, second) : NULL;
    }
    if (!w->out->verb && w->out->help && !second && parse_group(first)) {
        w->out->verb = &verbs[VERB_HELP];
        w->out->operand[w->out->operands++] = first;
    }
    return w->out->verb ? 0 : wrong_verb(first, second ? second : "", w->e);
}

/* The field that the n-th positional word fills, NULL when bay0 is not asked. */
static const char *operand_field(const struct verb *v, size_t n, bool *numeric)
{
    const struct verb *row = verb_by_command(v->command);

    *numeric = false;
    if (declares(v))
        return n == 0 ? "id" : "image";
    for (size_t i = 0; row && i < proto_fields_count; i++)
        if (proto_fields[i].verb == row->id) {
            *numeric = strcmp(proto_fields[i].type, PROTO_NUMBER) == 0;
            return proto_fields[i].name;
        }
    return NULL;
}

static int wrong_count(const struct verb *v, const char *what, struct err *e)
{
    err_set(e, ERR_BAD_REQUEST, "`spine %s` %s", v->words, what);
    return err_hint(e, "spine %s%s%s", v->words, *v->operands ? " " : "", v->operands);
}

static int put_numbered(struct walk *w, const char *field, const char *word)
{
    if (put_number(w, field, word) == 0)
        return 0;
    return wrong_count(w->out->verb, "takes a whole number", w->e);
}

static int read_operands(struct walk *w)
{
    struct invocation *out = w->out;
    const char *word, *field;
    bool numeric;

    for (;;) {
        if (next_word(w, &word))
            return -1;
        if (!word)
            break;
        if (out->operands >= out->verb->max)
            return wrong_count(
                out->verb,
                out->verb->tail == TAIL_NONE ? "has too many words" : "needs -- before the command", w->e);
        field = operand_field(out->verb, out->operands, &numeric);
        if (field && (numeric ? put_numbered(w, field, word) : put(w, field, json_string(word))))
            return -1;
        out->operand[out->operands++] = word;
    }
    return 0;
}

static int read_tail(struct walk *w)
{
    struct invocation *out = w->out;
    json_t *words;

    if (w->at < w->argc && out->verb->tail == TAIL_NONE)
        return wrong_count(out->verb, "takes no command after --", w->e);
    if (w->at + 1 >= w->argc)
        return out->verb->tail == TAIL_MUST ? wrong_count(out->verb, "needs a command after --", w->e) : 0;
    words = json_array();
    for (int i = w->at + 1; i < w->argc; i++)
        if (json_array_append_new(words, json_string(w->argv[i]))) {
            json_decref(words);
            err_set(w->e, ERR_BAD_VALUE, "word %d of the command is not UTF-8 text", i - w->at);
            return err_hint(w->e, "%s", "");
        }
    return put(w, "command", words);
}

int parse_line(int argc, char *const *argv, struct invocation *out, struct err *e)
{
    struct walk w = {.argc = argc, .at = 1, .argv = argv, .out = out, .e = e};

    memset(out, 0, sizeof *out);
    out->args = json_object();
    if (!out->args)
        return err_set(e, ERR_NO_MEMORY, "no memory");
    /* Known at once, so that every complaint about the rest has the form that was asked for. */
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        out->json = out->json || strcmp(argv[i], "--json") == 0;
    if (read_verb(&w) || read_operands(&w))
        return -1;
    if (out->help)
        return 0;
    if (out->operands < out->verb->min)
        return wrong_count(out->verb, "has too few words", e);
    return read_tail(&w);
}

void invocation_finish(struct invocation *i)
{
    json_decref(i->args);
    i->args = NULL;
}
