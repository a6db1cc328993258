/* SPDX-License-Identifier: MIT
 * bay0's JSON, field by field. */
#include "switcher/core/feed.h"

#include <stdlib.h>
#include <string.h>

struct feed_line feed_read(const char *line, size_t len)
{
    struct feed_line l = {.kind = FEED_JUNK};
    const json_t *id, *ok;

    l.root = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(l.root)) {
        json_decref(l.root);
        l.root = NULL;
        return l;
    }
    l.event = json_string_value(json_object_get(l.root, "event"));
    id = json_object_get(l.root, "id");
    ok = json_object_get(l.root, "ok");
    l.id = json_integer_value(id);
    if (l.event) {
        l.kind = FEED_EVENT;
        l.body = l.root;
    } else if (json_is_integer(id) && json_is_boolean(ok)) {
        l.kind = json_is_true(ok) ? FEED_OK : FEED_REFUSED;
        l.body = json_object_get(l.root, json_is_true(ok) ? "result" : "error");
    } else if (json_is_integer(id)) {
        l.kind = FEED_PROGRESS;
    } else {
        json_decref(l.root);
        l.root = NULL;
    }
    return l;
}

/* The same rule as bay0's: [a-z][a-z0-9-]{0,30}. */
static bool id_ok(const char *id)
{
    size_t n;

    if (!id || *id < 'a' || *id > 'z')
        return false;
    n = strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return n < MODEL_ID && id[n] == '\0';
}

static bool flag(const json_t *o, const char *key)
{
    return json_is_true(json_object_get(o, key));
}

static const char *word(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));

    return s ? s : "";
}

static uint64_t count(const json_t *o, const char *key)
{
    json_int_t n = json_integer_value(json_object_get(o, key));

    return n > 0 ? (uint64_t)n : 0;
}

/* The place of s in words, or other. */
static int place(const char *s, const char *const *words, int n, int other)
{
    for (int i = 0; i < n; i++)
        if (strcmp(s, words[i]) == 0)
            return i;
    return other;
}

static const char *const lives[] = {
    [LIFE_ADDING] = "adding",   [LIFE_STOPPED] = "stopped",   [LIFE_STARTING] = "starting",
    [LIFE_RUNNING] = "running", [LIFE_STOPPING] = "stopping", [LIFE_REMOVING] = "removing",
    [LIFE_FAILED] = "failed",
};
static const char *const profiles[] = {
    [PROFILE_DESKTOP] = "desktop",
    [PROFILE_SEALED] = "sealed",
    [PROFILE_AGENT] = "agent",
    [PROFILE_DEV] = "dev",
};

static uint32_t colour(const char *s)
{
    char *end;
    unsigned long v;

    if (s[0] != '#' || strlen(s) != 7)
        return 0x5f6b7a;
    v = strtoul(s + 1, &end, 16);
    return *end ? 0x5f6b7a : (uint32_t)v;
}

/* Percent of one core since the last sample; -1 when that is too near or there was none. */
static void sample(struct model_persona *p, const json_t *o, uint64_t now)
{
    uint64_t used = count(o, "cpu_usec");

    /* What was used while nobody looked says nothing of now. */
    if (p->life != LIFE_RUNNING || used < p->cpu_usec || now > p->cpu_at + 5000) {
        p->cpu = -1;
        p->cpu_at = 0;
    }
    if (p->cpu_at && now < p->cpu_at + 250)
        return;
    if (p->cpu_at) {
        uint64_t percent = (used - p->cpu_usec) / 10 / (now - p->cpu_at);

        p->cpu = percent > 99999 ? 99999 : (int)percent;
    }
    p->cpu_usec = used;
    p->cpu_at = now;
}

static void take(struct model_persona *p, const json_t *o, uint64_t now)
{
    const json_t *declared = json_object_get(o, "declaration");

    p->life = (enum persona_life)place(word(o, "state"), lives, LIFE_FAILED + 1, LIFE_STOPPED);
    p->profile =
        (enum persona_profile)place(word(declared, "profile"), profiles, PROFILE_DEV + 1, PROFILE_DESKTOP);
    p->frozen = flag(o, "frozen");
    p->throttled = flag(o, "throttled");
    p->attention = flag(o, "attention");
    p->microphone = flag(o, "microphone");
    p->network = strcmp(word(o, "network"), "none") != 0 && word(o, "network")[0];
    p->colour = colour(word(declared, "colour"));
    p->used = count(o, "used");
    p->memory = count(o, "memory");
    sample(p, o, now);
}

/* The persona of o, made if it is new; NULL when it is none or there is no room. */
static struct model_persona *seat(struct model *m, const json_t *o)
{
    const char *id = json_string_value(json_object_get(o, "id"));
    struct model_persona *p;

    if (!id_ok(id))
        return NULL;
    p = model_find(m, id);
    if (p || m->count == MODEL_PERSONAS)
        return p;
    p = &m->personas[m->count++];
    memset(p, 0, sizeof(*p));
    memcpy(p->id, id, strlen(id));
    p->cpu = -1;
    p->number = m->count <= 9 ? m->count : 0;
    return p;
}

static void set_front(struct model *m, const char *id)
{
    memset(m->front, 0, sizeof(m->front));
    if (id_ok(id))
        memcpy(m->front, id, strlen(id));
}

bool feed_list(struct model *m, const json_t *result, uint64_t now)
{
    const json_t *list = json_object_get(result, "personas");
    struct model_persona old[MODEL_PERSONAS];
    const char *in_front = "";
    unsigned old_count = m->count;

    if (!json_is_array(list))
        return false;
    /* In bay0's order, but with what the old entries know of the processor. */
    memcpy(old, m->personas, sizeof(old));
    m->count = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *o = json_array_get(list, i);
        unsigned before = m->count;
        struct model_persona *p = seat(m, o);

        if (!p)
            continue;
        for (unsigned k = 0; before < m->count && k < old_count; k++)
            if (strcmp(old[k].id, p->id) == 0) {
                p->cpu = old[k].cpu;
                p->cpu_at = old[k].cpu_at;
                p->cpu_usec = old[k].cpu_usec;
            }
        take(p, o, now);
        if (flag(o, "focus"))
            in_front = p->id;
    }
    set_front(m, in_front);
    feed_services(m, result);
    return true;
}

static void take_service(struct model *m, const json_t *o)
{
    const char *state = word(o, "state");
    size_t n = strlen(state);

    if (strcmp(word(o, "name"), "ai-core") != 0)
        return;
    n = n < sizeof(m->ai) ? n : sizeof(m->ai) - 1;
    memcpy(m->ai, state, n);
    m->ai[n] = '\0';
    m->ai_up = strcmp(m->ai, "up") == 0;
}

void feed_services(struct model *m, const json_t *result)
{
    const json_t *list = json_object_get(result, "services");

    for (size_t i = 0; i < json_array_size(list); i++)
        take_service(m, json_array_get(list, i));
}

static void leave(struct model *m, const char *id)
{
    struct model_persona *p = model_find(m, id);

    if (!p)
        return;
    m->count--;
    memmove(p, p + 1, (size_t)(&m->personas[m->count] - p) * sizeof(*p));
    for (unsigned i = 0; i < m->count; i++)
        m->personas[i].number = i < 9 ? i + 1 : 0;
}

/* bay0 counts the same way; its own number comes with the persona's next event. */
static void came_to_front(struct model *m, const char *id)
{
    struct model_persona *p = model_find(m, id);
    uint64_t most = 0;

    set_front(m, id);
    for (unsigned i = 0; i < m->count; i++)
        most = m->personas[i].used > most ? m->personas[i].used : most;
    if (p && (p->used < most || most == 0))
        p->used = most + 1;
}

static enum model_event_kind hotkey(const struct feed_line *l)
{
    static const struct {
        const char *word;
        enum model_event_kind kind;
    } keys[] = {{"next", ME_NEXT}, {"previous", ME_PREVIOUS}, {"last", ME_LAST}, {"launcher", ME_LAUNCHER}};
    const char *key = word(l->body, "key");

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (strcmp(key, keys[i].word) == 0)
            return keys[i].kind;
    return ME_KINDS;
}

enum model_event_kind feed_event(struct model *m, const struct feed_line *l, uint64_t now)
{
    if (strcmp(l->event, "persona") == 0) {
        const json_t *o = json_object_get(l->body, "persona");
        struct model_persona *p = seat(m, o);

        if (!p)
            return ME_KINDS;
        take(p, o, now);
        return ME_LISTS;
    }
    if (strcmp(l->event, "persona-removed") == 0) {
        leave(m, word(l->body, "id"));
        return ME_LISTS;
    }
    if (strcmp(l->event, "service") == 0) {
        take_service(m, l->body);
        return ME_LISTS;
    }
    if (strcmp(l->event, "front") == 0) {
        came_to_front(m, word(l->body, "id"));
        return ME_FRONT;
    }
    return strcmp(l->event, "key") == 0 ? hotkey(l) : ME_KINDS;
}
