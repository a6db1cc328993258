/* SPDX-License-Identifier: MIT
 * A model with personas, for tests and the fuzzer. */
#ifndef SWITCHER_CORE_TEST_WORLD_H
#define SWITCHER_CORE_TEST_WORLD_H

#include "switcher/core/model.h"

#include <stdio.h>
#include <string.h>

/* n personas p1, p2, ... that run; p1 is in front, p2 was before it, and so on. */
static inline void world(struct model *m, unsigned n)
{
    model_init(m);
    m->away = false;
    m->columns = 3;
    m->rows = 2;
    for (unsigned i = 0; i < n && i < MODEL_PERSONAS; i++) {
        struct model_persona *p = &m->personas[m->count++];

        snprintf(p->id, sizeof(p->id), "p%u", i + 1);
        p->life = LIFE_RUNNING;
        p->number = i + 1;
        p->used = n - i;
        p->cpu = -1;
        p->colour = 0x336699;
    }
    if (n > 0)
        memcpy(m->front, "p1", 3);
}

static inline struct model_actions deed(struct model *m, enum model_event_kind kind)
{
    return model_event(m, &(struct model_event){.kind = kind, .text = ""});
}

static inline struct model_actions type_in(struct model *m, const char *text)
{
    return model_event(m, &(struct model_event){.kind = ME_TEXT, .text = text});
}

static inline struct model_actions at_index(struct model *m, enum model_event_kind kind, int index)
{
    return model_event(m, &(struct model_event){.kind = kind, .index = index, .text = ""});
}

static inline const char *chosen(const struct model *m)
{
    const struct model_persona *p = model_at(m, m->selected);

    return p ? p->id : "";
}

#endif
