/* SPDX-License-Identifier: MIT
 * Reads one request: form first, then the command, then each of its fields by table. */
#include "core/proto.h"

#include "core/buf.h"

#include <string.h>

enum { SHOWN = 48 }; /* how much of a foreign word a message repeats */

static int read_bool(const json_t *v, const char *name, bool *out, struct err *e)
{
    if (!json_is_boolean(v))
        return err_set(e, ERR_BAD_VALUE, "`%s` must be true or false", name);
    *out = json_is_true(v);
    return 0;
}

static int read_id(const json_t *v, struct request *r, struct err *e)
{
    const char *text = json_string_value(v);
    char shown[SHOWN];

    if (!name_id_ok(text))
        return err_set(e, ERR_BAD_ID, "`%s` is not an id",
                       buf_printable(shown, sizeof shown, text ? text : ""));
    memcpy(r->target, text, strlen(text) + 1);
    return 0;
}

static int read_service(const json_t *v, struct request *r, struct err *e)
{
    const char *text = json_string_value(v);
    char shown[SHOWN];

    if (!name_id_ok(text)) {
        text = buf_printable(shown, sizeof shown, text ? text : "");
        err_set(e, ERR_BAD_VALUE, "`%s` is not the name of a service", text);
        return err_hint(e, "%s", err_default_hint(ERR_NO_SERVICE));
    }
    memcpy(r->target, text, strlen(text) + 1);
    return 0;
}

/* The row for id stands before this one, so target is there. */
static int read_wipe(const json_t *v, struct request *r, struct err *e)
{
    const char *text = json_string_value(v);

    if (!text)
        return err_set(e, ERR_BAD_VALUE, "`wipe` must repeat the id");
    if (strcmp(text, r->target) != 0)
        return err_set(e, ERR_CONFIRM, "`wipe` does not repeat the id `%s`; nothing was removed", r->target);
    r->wipe = true;
    return 0;
}

static int read_command(const json_t *v, struct request *r, struct err *e)
{
    return spec_words(v, "command", r->exec_text, sizeof r->exec_text, PROTO_EXEC_WORDS_MAX, &r->exec_words,
                      e);
}

static int read_tty(const json_t *v, struct request *r, struct err *e)
{
    return read_bool(v, "tty", &r->tty, e);
}

static int read_interactive(const json_t *v, struct request *r, struct err *e)
{
    return read_bool(v, "interactive", &r->interactive, e);
}

static int read_detach(const json_t *v, struct request *r, struct err *e)
{
    return read_bool(v, "detach", &r->detach, e);
}

static int read_term(const json_t *v, struct request *r, struct err *e)
{
    const char *text = json_string_value(v);

    if (!name_term_ok(text))
        return err_set(e, ERR_BAD_VALUE, "`term` must be a terminal's name such as xterm-256color");
    memcpy(r->term, text, strlen(text) + 1);
    return 0;
}

static int read_lines(const json_t *v, struct request *r, struct err *e)
{
    json_int_t n = json_is_integer(v) ? json_integer_value(v) : -1;

    if (n < 0 || n > PROTO_LOG_LINES_MAX)
        return err_set(e, ERR_BAD_VALUE, "`lines` must be 0 to %d", PROTO_LOG_LINES_MAX);
    r->lines = (uint32_t)n;
    return 0;
}

static int read_brief(const json_t *v, struct request *r, struct err *e)
{
    return read_bool(v, "brief", &r->brief, e);
}

static int read_keys(const json_t *v, struct request *r, struct err *e)
{
    return read_bool(v, "keys", &r->keys, e);
}

/* A word of a carry: taken when it is of the kind it should be. */
static int read_word(const json_t *v, const char *name, bool (*ok)(const char *), char *out, struct err *e)
{
    const char *text = json_string_value(v);

    if (!ok(text))
        return err_set(e, ok == name_id_ok ? ERR_BAD_ID : ERR_BAD_VALUE, "`%s` is not what it should be",
                       name);
    memcpy(out, text, strlen(text) + 1);
    return 0;
}

static int read_from(const json_t *v, struct request *r, struct err *e)
{
    return read_word(v, "from", name_id_ok, r->carry.from, e);
}

static int read_to(const json_t *v, struct request *r, struct err *e)
{
    return read_word(v, "to", name_id_ok, r->carry.to, e);
}

static int read_type(const json_t *v, struct request *r, struct err *e)
{
    return read_word(v, "type", name_type_ok, r->carry.type, e);
}

static int read_sha256(const json_t *v, struct request *r, struct err *e)
{
    return read_word(v, "sha256", name_sha256_ok, r->carry.sha256, e);
}

static int read_bytes(const json_t *v, struct request *r, struct err *e)
{
    json_int_t n = json_is_integer(v) ? json_integer_value(v) : -1;

    if (n < 0 || n > PROTO_CARRY_BYTES_MAX)
        return err_set(e, ERR_BAD_VALUE, "`bytes` must be 0 to %d", PROTO_CARRY_BYTES_MAX);
    r->carry.bytes = (uint64_t)n;
    return 0;
}

static int read_follow(const json_t *v, struct request *r, struct err *e)
{
    return read_bool(v, "follow", &r->follow, e);
}

static int read_quick(const json_t *v, struct request *r, struct err *e)
{
    return read_bool(v, "quick", &r->quick, e);
}

static int read_name(const json_t *v, struct request *r, struct err *e)
{
    const char *text = json_string_value(v);

    if (!text || strlen(text) > TRANSFER_RAW_MAX)
        return err_set(e, ERR_BAD_VALUE, "`name` must be text of at most %d bytes", TRANSFER_RAW_MAX);
    transfer_name_clean(text, r->name);
    return 0;
}

static int read_number(const json_t *v, struct request *r, struct err *e)
{
    json_int_t n = json_is_integer(v) ? json_integer_value(v) : 0;

    if (n <= 0)
        return err_set(e, ERR_BAD_VALUE, "`number` must be a whole number above 0");
    r->number = (uint64_t)n;
    return 0;
}

const struct proto_field proto_fields[] = {
    {VERB_PERSONA_START, "id", "id", true, read_id},
    {VERB_PERSONA_STOP, "id", "id", true, read_id},
    {VERB_PERSONA_EXPLAIN, "id", "id", true, read_id},
    {VERB_PERSONA_RM, "id", "id", true, read_id},
    {VERB_PERSONA_RM, "wipe", "the id again", false, read_wipe},
    {VERB_PERSONA_LIST, "brief", "bool", false, read_brief},
    {VERB_FOCUS, "id", "id", true, read_id},
    {VERB_SERVICE_STATUS, "name", "name", false, read_service},
    {VERB_SERVICE_START, "name", "name", true, read_service},
    {VERB_SERVICE_STOP, "name", "name", true, read_service},
    {VERB_RUN, "id", "id", true, read_id},
    {VERB_RUN, "command", "list of words", false, read_command},
    {VERB_RUN, "tty", "bool", false, read_tty},
    {VERB_RUN, "interactive", "bool", false, read_interactive},
    {VERB_RUN, "detach", "bool", false, read_detach},
    {VERB_RUN, "term", "name of a terminal", false, read_term},
    {VERB_SUBSCRIBE, "keys", "bool", false, read_keys},
    {VERB_CARRIED, "from", "id", true, read_from},
    {VERB_CARRIED, "to", "id", true, read_to},
    {VERB_CARRIED, "type", "MIME type", true, read_type},
    {VERB_CARRIED, "bytes", "0 to 2^30", true, read_bytes},
    {VERB_CARRIED, "sha256", "64 hexadecimal digits", true, read_sha256},
    {VERB_LOGS, "id", "id", false, read_id},
    {VERB_LOGS, "lines", "0 to 10000", false, read_lines},
    {VERB_LOGS, "follow", "bool", false, read_follow},
    {VERB_SEND, "name", "text", true, read_name},
    {VERB_SEND, "to", "id", true, read_id},
    {VERB_PULL, "number", PROTO_NUMBER, false, read_number},
    {VERB_TRANSFER_ACCEPT, "number", PROTO_NUMBER, true, read_number},
    {VERB_TRANSFER_DROP, "number", PROTO_NUMBER, true, read_number},
    {VERB_DOCTOR, "quick", "bool", false, read_quick},
};
const size_t proto_fields_count = sizeof proto_fields / sizeof *proto_fields;

static const struct proto_field *field_of(enum verb_id verb, const char *name)
{
    for (size_t i = 0; i < proto_fields_count; i++)
        if (proto_fields[i].verb == verb && strcmp(proto_fields[i].name, name) == 0)
            return &proto_fields[i];
    return NULL;
}

static int read_args(json_t *args, struct request *r, struct err *e)
{
    char shown[SHOWN];
    const char *key;
    json_t *v;

    if (r->verb->id == VERB_PERSONA_ADD) {
        if (spec_from_json(args, &r->spec, e))
            return -1;
        memcpy(r->target, r->spec.id, sizeof r->target);
        return 0;
    }
    if (r->verb->id == VERB_PERSONA_SET) {
        if (spec_change_from_json(args, &r->change, e))
            return -1;
        memcpy(r->target, r->change.spec.id, sizeof r->target);
        return 0;
    }
    json_object_foreach(args, key, v) if (!field_of(r->verb->id, key)) return err_set(
        e, ERR_UNKNOWN_FIELD, "%s has no field `%s`", r->verb->command,
        buf_printable(shown, sizeof shown, key));
    for (size_t i = 0; i < proto_fields_count; i++) {
        const struct proto_field *f = &proto_fields[i];

        if (f->verb != r->verb->id)
            continue;
        v = json_object_get(args, f->name);
        if (!v && f->required)
            return err_set(e, ERR_BAD_REQUEST, "%s needs `%s`", r->verb->command, f->name);
        if (v && f->read(v, r, e))
            return -1;
    }
    return 0;
}

static int check_exec(const struct request *r, struct err *e)
{
    if (r->detach && (r->tty || r->interactive))
        return err_set(e, ERR_BAD_VALUE, "`detach` excludes `tty` and `interactive`");
    if (r->detach && r->exec_words == 0)
        return err_set(e, ERR_BAD_REQUEST, "%s with `detach` needs `command`", r->verb->command);
    return 0;
}

static int read_request(json_t *root, struct request *r, struct err *e)
{
    json_t *id = json_object_get(root, "id"), *cmd = json_object_get(root, "cmd");
    json_t *args = json_object_get(root, "args"), *none, *v;
    char shown[SHOWN];
    const char *key;
    int rc;

    if (!json_is_object(root))
        return err_set(e, ERR_BAD_REQUEST, "a request must be an object");
    if (id && !json_is_integer(id))
        return err_set(e, ERR_BAD_REQUEST, "`id` must be a whole number");
    r->id = json_integer_value(id);
    json_object_foreach(root, key, v) if (strcmp(key, "id") != 0 && strcmp(key, "cmd") != 0 &&
                                          strcmp(key, "args") !=
                                              0) return err_set(e, ERR_UNKNOWN_FIELD,
                                                                "a request has no field `%s`",
                                                                buf_printable(shown, sizeof shown, key));
    if (!json_is_string(cmd))
        return err_set(e, ERR_BAD_REQUEST, "`cmd` must name a command");
    r->verb = verb_by_command(json_string_value(cmd));
    if (!r->verb)
        return err_set(e, ERR_UNKNOWN_COMMAND, "there is no command `%s`",
                       buf_printable(shown, sizeof shown, json_string_value(cmd)));
    if (args && !json_is_object(args))
        return err_set(e, ERR_BAD_REQUEST, "`args` must be an object");
    none = args ? NULL : json_object();
    if (!args && !none)
        return err_set(e, ERR_NO_MEMORY, "no memory for a request");
    rc = read_args(args ? args : none, r, e);
    json_decref(none);
    return rc ? rc : check_exec(r, e);
}

int proto_load(const char *line, size_t len, json_t **out, struct err *e)
{
    json_error_t why;
    char shown[120];
    int depth = 0;
    bool text = false;

    if (memchr(line, '\0', len))
        return err_set(e, ERR_BAD_REQUEST, "the line has a NUL byte");
    /* The parser's own limit is 2048 levels of its stack. */
    for (size_t i = 0; i < len; i++) {
        if (text && line[i] == '\\')
            i++;
        else if (line[i] == '"')
            text = !text;
        else if (!text && (line[i] == '{' || line[i] == '[') && ++depth > PROTO_DEPTH_MAX)
            return err_set(e, ERR_BAD_REQUEST, "nested deeper than %d", PROTO_DEPTH_MAX);
        else if (!text && (line[i] == '}' || line[i] == ']'))
            depth--;
    }
    *out = json_loadb(line, len, JSON_REJECT_DUPLICATES, &why);
    if (!*out && json_error_code(&why) == json_error_out_of_memory)
        return err_set(e, ERR_NO_MEMORY, "no memory for a request");
    if (!*out)
        return err_set(e, ERR_BAD_REQUEST, "not JSON: %s", buf_printable(shown, sizeof shown, why.text));
    return 0;
}

int proto_parse(const char *line, size_t len, struct request *out, struct err *e)
{
    json_t *root = NULL;
    int rc;

    memset(out, 0, sizeof *out);
    out->lines = PROTO_LOG_LINES;
    if (len >= PROTO_LINE_MAX)
        return err_set(e, ERR_TOO_LONG, "the request is longer than %d bytes", PROTO_LINE_MAX);
    if (proto_load(line, len, &root, e))
        return -1;
    rc = read_request(root, out, e);
    json_decref(root);
    return rc;
}
