/* SPDX-License-Identifier: MIT
 * Decides whose next connection is accepted. */
#include "relay/source.h"

#include <string.h>

static void set(struct source *at, const char *name)
{
    *at = (struct source){.used = true, .backlog = true, .retry_at = -1};
    memcpy(at->name, name, strlen(name));
}

void sources_init(struct sources *s, unsigned max, unsigned each)
{
    *s = (struct sources){.max = max, .each = each};
    set(&s->at[0], "");
}

int sources_find(const struct sources *s, const char *name)
{
    for (int i = 0; i < SOURCES_MOST; i++)
        if (s->at[i].used && strcmp(s->at[i].name, name) == 0)
            return i;
    return -1;
}

int sources_add(struct sources *s, const char *name)
{
    for (int i = 0; i < SOURCES_MOST; i++) {
        if (!s->at[i].used) {
            set(&s->at[i], name);
            return i;
        }
    }
    return -1;
}

void sources_remove(struct sources *s, unsigned i)
{
    s->at[i] = (struct source){0};
}

void sources_took(struct sources *s, unsigned i)
{
    s->at[i].count++;
    s->count++;
}

void sources_freed(struct sources *s, unsigned i)
{
    s->at[i].count--;
    s->count--;
}

bool sources_crowded(const struct sources *s, unsigned i)
{
    return s->count >= s->max || s->at[i].count >= s->each;
}

static bool may_accept(const struct sources *s, unsigned i)
{
    return s->at[i].used && s->at[i].retry_at < 0 && !sources_crowded(s, i);
}

int sources_next(struct sources *s)
{
    for (unsigned n = 0; n < SOURCES_MOST; n++) {
        unsigned i = (s->turn + n) % SOURCES_MOST;

        if (s->at[i].backlog && may_accept(s, i)) {
            s->turn = (i + 1) % SOURCES_MOST;
            return (int)i;
        }
    }
    return -1;
}

void sources_came(struct sources *s, unsigned i)
{
    s->at[i].backlog = true;
}

void sources_dry(struct sources *s, unsigned i)
{
    s->at[i].backlog = false;
}

bool sources_watch(struct sources *s, unsigned i)
{
    if (may_accept(s, i))
        return true;
    s->at[i].backlog = true;
    return false;
}

void sources_pause(struct sources *s, unsigned i, int64_t until)
{
    s->at[i].retry_at = until;
}

void sources_resume(struct sources *s, int64_t now)
{
    for (int i = 0; i < SOURCES_MOST; i++)
        if (s->at[i].retry_at >= 0 && now >= s->at[i].retry_at)
            s->at[i].retry_at = -1;
}

int64_t sources_deadline(const struct sources *s)
{
    int64_t when = -1;

    for (int i = 0; i < SOURCES_MOST; i++) {
        int64_t at = s->at[i].used ? s->at[i].retry_at : -1;

        if (at >= 0 && (when < 0 || at < when))
            when = at;
    }
    return when;
}
