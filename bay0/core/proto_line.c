/* SPDX-License-Identifier: MIT
 * Writes the lines of the protocol, and reads bay0's on the client's side. */
#include "core/buf.h"
#include "core/proto.h"

#include <stdlib.h>
#include <string.h>

/* Takes o. */
static char *line_of(json_t *o, size_t max)
{
    char *text = o ? json_dumps(o, JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;
    size_t len = text ? strlen(text) : 0;
    char *line = text && len + 1 <= max ? realloc(text, len + 2) : NULL;

    json_decref(o);
    if (!line) {
        free(text);
        return NULL;
    }
    memcpy(line + len, "\n", 2);
    return line;
}

/* jansson takes UTF-8 only; what programs print may be anything. */
static json_t *text_of(const char *text)
{
    json_t *s = json_string(text);
    size_t size = strlen(text) + 1;
    char *clean;

    if (s)
        return s;
    clean = malloc(size);
    s = clean ? json_string(buf_printable(clean, size, text)) : NULL;
    free(clean);
    return s;
}

char *proto_ok(int64_t id, const json_t *result)
{
    json_t *o = json_pack("{s:I, s:b}", "id", (json_int_t)id, "ok", 1);
    json_t *body = result ? json_incref((json_t *)(uintptr_t)result) : json_object();

    if (json_object_set_new(o, "result", body)) {
        json_decref(o);
        return NULL;
    }
    return line_of(o, PROTO_REPLY_MAX);
}

char *proto_fail(int64_t id, const struct err *e)
{
    json_t *message = text_of(e->message), *hint = text_of(e->hint);
    json_t *o =
        json_pack("{s:I, s:b, s:{s:s, s:o, s:o}}", "id", (json_int_t)id, "ok", 0, "error", "code",
                  err_name(e->code == ERR_NONE ? ERR_INTERNAL : e->code), "message", message, "hint", hint);

    return line_of(o, PROTO_REPLY_MAX);
}

char *proto_progress(int64_t id, const char *step, int percent, const char *detail)
{
    json_t *p = json_object();
    int failed = json_object_set_new(p, "step", text_of(step));

    if (percent >= 0)
        failed |= json_object_set_new(p, "percent", json_integer(percent > 100 ? 100 : percent));
    if (detail)
        failed |= json_object_set_new(p, "detail", text_of(detail));
    if (failed) {
        json_decref(p);
        return NULL;
    }
    return line_of(json_pack("{s:I, s:o}", "id", (json_int_t)id, "progress", p), PROTO_REPLY_MAX);
}

char *proto_event(const json_t *event)
{
    if (!json_is_string(json_object_get(event, "event")))
        return NULL;
    return line_of(json_incref((json_t *)(uintptr_t)event), PROTO_REPLY_MAX);
}

char *proto_request(int64_t id, const char *command, const json_t *args)
{
    json_t *o = json_pack("{s:I, s:s}", "id", (json_int_t)id, "cmd", command);
    json_t *body = args ? json_incref((json_t *)(uintptr_t)args) : json_object();

    if (json_object_set_new(o, "args", body)) {
        json_decref(o);
        return NULL;
    }
    return line_of(o, PROTO_LINE_MAX);
}

static int read_fail(const json_t *error, struct reply *r)
{
    const char *code = json_string_value(json_object_get(error, "code"));
    const char *message = json_string_value(json_object_get(error, "message"));
    const char *hint = json_string_value(json_object_get(error, "hint"));

    if (!code || !message)
        return -1;
    r->kind = PROTO_KIND_FAIL;
    r->err.code = err_from_name(code);
    if (r->err.code == ERR_NONE)
        r->err.code = ERR_INTERNAL;
    err_set(&r->err, r->err.code, "%s", message);
    err_hint(&r->err, "%s", hint ? hint : "");
    return 0;
}

/* Which of the four it is; the borrowed body in *body. */
static int read_kind(const json_t *root, struct reply *r, json_t **body)
{
    const json_t *ok = json_object_get(root, "ok"), *id = json_object_get(root, "id");

    if (json_is_string(json_object_get(root, "event"))) {
        r->kind = PROTO_KIND_EVENT;
        *body = (json_t *)(uintptr_t)root;
        return 0;
    }
    if (!json_is_integer(id))
        return -1;
    r->id = json_integer_value(id);
    r->kind = PROTO_KIND_OK;
    *body = json_object_get(root, json_is_true(ok) ? "result" : json_is_false(ok) ? "error" : "progress");
    if (!json_is_object(*body) || (ok && !json_is_boolean(ok)))
        return -1;
    if (json_is_false(ok))
        return read_fail(*body, r);
    if (!ok)
        r->kind = PROTO_KIND_PROGRESS;
    if (!ok && !json_is_string(json_object_get(*body, "step")))
        return -1;
    return 0;
}

int proto_reply_parse(const char *line, size_t len, struct reply *out, struct err *e)
{
    json_t *root, *body = NULL;

    memset(out, 0, sizeof *out);
    if (len >= PROTO_REPLY_MAX)
        return err_set(e, ERR_TOO_LONG, "the answer is longer than %d bytes", PROTO_REPLY_MAX);
    if (proto_load(line, len, &root, e))
        return -1;
    if (read_kind(root, out, &body)) {
        memset(out, 0, sizeof *out);
        json_decref(root);
        return err_set(e, ERR_BAD_REQUEST, "the line is no answer, progress or event");
    }
    out->body = json_incref(body);
    json_decref(root);
    return 0;
}

void proto_reply_finish(struct reply *r)
{
    json_decref(r->body);
    r->body = NULL;
}
