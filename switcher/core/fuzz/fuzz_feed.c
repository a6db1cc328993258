/* SPDX-License-Identifier: MIT
 * Fuzz target: lines of bay0, one after the other; what gets through must be sound and drawable. */
#include "switcher/core/feed.h"
#include "switcher/core/layout.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static void take(struct model *m, const char *line, size_t len, uint64_t now)
{
    struct feed_line l = feed_read(line, len);
    enum model_event_kind kind = ME_KINDS;

    if (l.kind == FEED_EVENT)
        kind = feed_event(m, &l, now);
    else if (l.kind == FEED_OK && feed_list(m, l.body, now))
        kind = ME_BACK;
    must((l.kind == FEED_JUNK) == (l.root == NULL));
    if (kind == ME_BACK)
        m->away = false;
    if (kind != ME_KINDS)
        model_event(m, &(struct model_event){.kind = kind, .text = ""});
    json_decref(l.root);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct model m;
    static struct layout l;
    const char *at = (const char *)data, *end = at + size;
    struct config c;
    uint64_t now = 1;

    config_default(&c);
    model_init(&m);
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));

        if (!stop)
            stop = end;
        take(&m, at, (size_t)(stop - at), now += 500);
        at = stop + (stop < end);
    }
    must(m.count <= MODEL_PERSONAS && memchr(m.front, 0, MODEL_ID) && memchr(m.ai, 0, sizeof(m.ai)));
    for (unsigned i = 0; i < m.count; i++)
        must(m.personas[i].id[0] >= 'a' && memchr(m.personas[i].id, 0, MODEL_ID) && m.personas[i].cpu >= -1);
    layout_panel(&l, &m, &c, 1, 1280, 720);
    layout_strip(&l, &m, &c, 1, 1280, "");
    return 0;
}
