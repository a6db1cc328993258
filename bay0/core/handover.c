/* SPDX-License-Identifier: MIT
 * Reads and writes what bay0 hands over to itself: one table of fields, one walk in each direction. */
#include "core/handover.h"

#include "core/buf.h"
#include "core/handover_form.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

// clang-format off
#define ROW(type, name, kind, max) {#name, kind, offsetof(type, name), sizeof(((type *)0)->name), max, 0, NULL}
#define B(type, name)         ROW(type, name, FORM_BOOL, 0)
#define I32(type, name)       ROW(type, name, FORM_I32, 0)
#define I64(type, name)       ROW(type, name, FORM_I64, 0)
#define U32(type, name)       ROW(type, name, FORM_U32, UINT32_MAX)
#define ENUM(type, name, n)   ROW(type, name, FORM_U32, (n) - 1)
#define U64(type, name)       ROW(type, name, FORM_U64, 0)
#define FD(type, name)        ROW(type, name, FORM_FD, 0)
#define TEXT(type, name)      ROW(type, name, FORM_TEXT, 0)
#define U64S(type, name, n)   ROW(type, name, FORM_U64S, n)
#define PART(type, name, of)  {#name, FORM_PART, offsetof(type, name), sizeof(((type *)0)->name), 0, 0, of}
#define LIST(key, one, count, most, of) \
    {key, FORM_LIST, offsetof(struct handover, one), sizeof(((struct handover *)0)->one[0]), most, \
     offsetof(struct handover, count), of}
#define END                   {NULL, FORM_BOOL, 0, 0, 0, 0, NULL}

static const struct form_row child_form[] = {
#define T struct handover_child
    I32(T, pid), U64(T, start), FD(T, out), FD(T, err), END
#undef T
};
static const struct form_row sup_form[] = {
#define T struct supervisor
    ENUM(T, state, SUP_STATE_COUNT), B(T, ever), B(T, again), U32(T, restarts), U32(T, backoff_ms),
    U64(T, started_at), U64(T, timer_at), U64S(T, deaths, SUP_DEATHS_MAX), U32(T, deaths_n), END
#undef T
};
static const struct form_row service_form[] = {
#define T struct handover_service
    TEXT(T, name), B(T, wanted), B(T, done), PART(T, sup, sup_form), PART(T, child, child_form), END
#undef T
};
static const struct form_row tenant_form[] = {
#define T struct handover_tenant
    TEXT(T, name), FD(T, listen), FD(T, channel), B(T, container), B(T, may_pull), PART(T, sup, sup_form), TEXT(T, error), END
#undef T
};
static const struct form_row rest_form[] = {
#define T struct focus_persona
    B(T, running), ENUM(T, fz, FZ_STATE_COUNT), B(T, fallback), U32(T, holds), U32(T, execs), U32(T, stale),
    U64(T, used_at), U64(T, fresh_to), B(T, parked), END
#undef T
};
static const struct form_row said_form[] = {
#define T struct sound_state
    B(T, parked), B(T, said), B(T, ready), B(T, waiting), END
#undef T
};
static const struct form_row sound_form[] = {
#define T struct handover_sound
    B(T, there), PART(T, sup, sup_form), PART(T, state, said_form), FD(T, words), PART(T, child, child_form), END
#undef T
};
static const struct form_row pressure_form[] = {
#define T struct pressure
    ENUM(T, state, PRESSURE_STATES), U64(T, since), U64(T, news), U64(T, own), ENUM(T, row, PRESSURE_ROWS), END
#undef T
};
static const struct form_row persona_form[] = {
#define T struct handover_persona
    TEXT(T, id), ENUM(T, life, LIFE_STATE_COUNT), I32(T, pid), B(T, container), B(T, watched), B(T, attention),
    FD(T, control), FD(T, wayland), FD(T, wayland_close), FD(T, pipewire), FD(T, ai),
    PART(T, sound, sound_form), TEXT(T, error), PART(T, focus, rest_form), U64(T, oom_kills),
    PART(T, pressure, pressure_form), END
#undef T
};
static const struct form_row client_form[] = {
#define T struct handover_client
    FD(T, fd), U64(T, ref), U32(T, uid), TEXT(T, persona), B(T, subscribed), B(T, keys), U32(T, pending), END
#undef T
};
static const struct form_row session_form[] = {
#define T struct handover_session
    TEXT(T, persona), U64(T, client), I64(T, request), U64(T, mark), B(T, entering), B(T, background),
    PART(T, child, child_form), END
#undef T
};
static const struct form_row focus_form[] = {
#define T struct handover
    {"front", FORM_TEXT, offsetof(T, focus.front) - offsetof(T, focus), NAME_ID_MAX + 1, 0, 0, NULL},
    {"seen", FORM_TEXT, offsetof(T, focus.seen) - offsetof(T, focus), NAME_ID_MAX + 1, 0, 0, NULL},
    {"turn", FORM_U64, offsetof(T, focus.turn) - offsetof(T, focus), 8, 0, 0, NULL}, END
#undef T
};
const struct form_row handover_form[] = {
#define T struct handover
    U32(T, version), I32(T, pid), U64(T, begun), U64(T, asker), I64(T, asked), U64(T, last_client),
    U64(T, last_ticket), U64(T, last_mark), B(T, salvaged), TEXT(T, interface),
    TEXT(T, front_before), FD(T, control), FD(T, watchdog), PART(T, focus, focus_form), B(T, ui_up),
    PART(T, ui_events, child_form),
    LIST("services", service, services_n, HANDOVER_SERVICES_MAX, service_form),
    LIST("tenants", tenant, tenants_n, TENANTS_MAX, tenant_form),
    LIST("personas", persona, personas_n, FOCUS_PERSONAS_MAX, persona_form),
    LIST("clients", client, clients_n, HANDOVER_CLIENTS_MAX, client_form),
    LIST("sessions", session, sessions_n, HANDOVER_SESSIONS_MAX, session_form), END
#undef T
};
// clang-format on

static int wrong(struct err *e, const char *name, const char *why)
{
    return err_set(e, ERR_BAD_VALUE, "what was handed over is not to be used: %s %s", name, why);
}

static int read_object(const json_t *o, const struct form_row *rows, char *at, struct err *e);

static int read_list(const json_t *v, const struct form_row *r, char *at, char *base, struct err *e)
{
    const json_t *one;
    size_t i;

    if (!json_is_array(v) || json_array_size(v) > r->max)
        return wrong(e, r->name, "is no list, or too long");
    json_array_foreach(v, i, one)
    {
        if (r->kind == FORM_LIST && read_object(one, r->rows, at + i * r->size, e) < 0)
            return -1;
        if (r->kind == FORM_U64S && (!json_is_integer(one) || json_integer_value(one) < 0))
            return wrong(e, r->name, "has something that is no number");
        if (r->kind == FORM_U64S)
            ((uint64_t *)(void *)at)[i] = (uint64_t)json_integer_value(one);
    }
    if (r->kind == FORM_LIST)
        memcpy(base + r->count, &i, sizeof i);
    return r->kind == FORM_U64S && i != r->max ? wrong(e, r->name, "is too short") : 0;
}

static int read_number(const json_t *v, const struct form_row *r, char *at, struct err *e)
{
    json_int_t n = json_integer_value(v), min = 0, max = INT64_MAX;
    int32_t small;
    uint32_t bits;

    if (r->kind == FORM_I32 || r->kind == FORM_FD) {
        min = r->kind == FORM_FD ? -1 : 0;
        max = r->kind == FORM_FD ? HANDOVER_FD_MAX : INT32_MAX;
    } else if (r->kind == FORM_U32) {
        max = (json_int_t)r->max;
    } else if (r->kind == FORM_I64) {
        min = INT64_MIN;
    }
    if (!json_is_integer(v) || n < min || n > max || (r->kind == FORM_FD && n >= 0 && n < HANDOVER_FD_MIN))
        return wrong(e, r->name, "is no number, or out of its range");
    small = (int32_t)n;
    bits = (uint32_t)n;
    if (r->kind == FORM_I32 || r->kind == FORM_FD)
        memcpy(at, &small, sizeof small);
    else if (r->kind == FORM_U32)
        memcpy(at, &bits, sizeof bits);
    else
        memcpy(at, &n, sizeof n);
    return 0;
}

static int read_value(const json_t *v, const struct form_row *r, char *base, struct err *e)
{
    char *at = base + r->offset;

    switch (r->kind) {
    case FORM_BOOL:
        if (!json_is_boolean(v))
            return wrong(e, r->name, "is neither true nor false");
        *(bool *)at = json_is_true(v);
        return 0;
    case FORM_TEXT:
        if (!json_is_string(v) || json_string_length(v) >= r->size)
            return wrong(e, r->name, "is no text, or too long");
        memcpy(at, json_string_value(v), json_string_length(v) + 1);
        return 0;
    case FORM_PART:
        return read_object(v, r->rows, at, e);
    case FORM_LIST:
    case FORM_U64S:
        return read_list(v, r, at, base, e);
    case FORM_I32:
    case FORM_U32:
    case FORM_I64:
    case FORM_U64:
    case FORM_FD:
        break;
    }
    return read_number(v, r, at, e);
}

/* Every field once, and no other. */
static int read_object(const json_t *o, const struct form_row *rows, char *at, struct err *e)
{
    size_t n = 0;

    if (!json_is_object(o))
        return wrong(e, "something", "is no object");
    for (; rows[n].name; n++) {
        const json_t *v = json_object_get(o, rows[n].name);

        if (!v)
            return wrong(e, rows[n].name, "is missing");
        if (read_value(v, &rows[n], at, e) < 0)
            return -1;
    }
    return json_object_size(o) == n ? 0 : wrong(e, "an object", "has fields that are not known");
}

int handover_read(const char *text, size_t len, struct handover *out, struct err *e)
{
    json_t *root = len <= HANDOVER_MAX ? json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL) : NULL;
    json_int_t version = json_integer_value(json_object_get(root, "version"));
    int rc;

    memset(out, 0, sizeof *out);
    if (!root)
        return wrong(e, "the text", "is no JSON, or too long");
    if (version != HANDOVER_VERSION)
        rc = err_set(e, ERR_BAD_VALUE, "what was handed over has version %lld and not %d", (long long)version,
                     HANDOVER_VERSION);
    else
        rc = read_object(root, handover_form, (char *)out, e);
    json_decref(root);
    return rc == 0 ? handover_check(out, e) : -1;
}

static json_t *write_object(const char *at, const struct form_row *rows);

static json_t *write_list(const char *at, const char *base, const struct form_row *r)
{
    json_t *list = json_array();
    size_t n = r->max;

    if (r->kind == FORM_LIST)
        memcpy(&n, base + r->count, sizeof n);
    for (size_t i = 0; i < n; i++) {
        json_t *one = r->kind == FORM_LIST
                          ? write_object(at + i * r->size, r->rows)
                          : json_integer((json_int_t)((const uint64_t *)(const void *)at)[i]);

        if (json_array_append_new(list, one) < 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *write_value(const char *base, const struct form_row *r)
{
    const char *at = base + r->offset;
    char clean[ERR_MESSAGE_MAX];
    int32_t small;
    uint32_t bits;
    int64_t n;

    switch (r->kind) {
    case FORM_BOOL:
        return json_boolean(*(const bool *)at);
    case FORM_I32:
    case FORM_FD:
        memcpy(&small, at, sizeof small);
        return json_integer(small);
    case FORM_U32:
        memcpy(&bits, at, sizeof bits);
        return json_integer(bits);
    case FORM_I64:
    case FORM_U64:
        memcpy(&n, at, sizeof n);
        return json_integer(n);
    case FORM_TEXT:
        return json_string(buf_printable(clean, sizeof clean, at));
    case FORM_PART:
        return write_object(at, r->rows);
    case FORM_LIST:
    case FORM_U64S:
        return write_list(at, base, r);
    }
    return NULL;
}

static json_t *write_object(const char *at, const struct form_row *rows)
{
    json_t *o = json_object();

    for (; o && rows->name; rows++)
        if (json_object_set_new(o, rows->name, write_value(at, rows)) < 0) {
            json_decref(o);
            return NULL;
        }
    return o;
}

char *handover_write(const struct handover *h, struct err *e)
{
    json_t *root = write_object((const char *)h, handover_form);
    char *text = root ? json_dumps(root, JSON_COMPACT) : NULL;

    json_decref(root);
    if (text && strlen(text) <= HANDOVER_MAX)
        return text;
    err_set(e, text ? ERR_LIMIT : ERR_NO_MEMORY,
            text ? "there is too much to hand over" : "no memory for what is to be handed over");
    free(text);
    return NULL;
}
