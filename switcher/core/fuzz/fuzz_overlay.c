/* SPDX-License-Identifier: MIT
 * Fuzz target: whatever a person, bay0 and the compositor do in whatever order, the overlay stays whole: each
 * byte is a deed. */
#include "switcher/core/layout.h"
#include "switcher/core/test/world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct model m;
static struct layout l;

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static void check(const struct model_actions *a)
{
    bool view = m.state == MODEL_SWITCH || m.state == MODEL_FILTER_IN || m.state == MODEL_LAUNCHER;

    must(m.view_count == 0 || m.selected < m.view_count);
    must(view || m.view_count == 0);
    must(m.columns > 0 && m.rows > 0 && strlen(m.filter) < MODEL_FILTER);
    must(!(a->what & MA_SHOW) || model_shown(&m));
    must(!(a->what & MA_HIDE) || m.state == MODEL_HIDDEN);
    must(!(a->what & (MA_FOCUS | MA_START)) || model_find(&m, a->id));
    must(!(a->what & MA_LAUNCH) || a->index < m.apps_count);
    for (unsigned i = 0; i < m.view_count; i++)
        must(m.view[i] < (m.state == MODEL_LAUNCHER ? m.apps_count : m.count));
}

static void change(uint8_t n)
{
    static const char *const names[] = {"Files", "Terminal", "Web", "Text"};
    struct model_persona *p = &m.personas[n % MODEL_PERSONAS];

    switch (n >> 6) {
    case 0: /* one leaves */
        if (n % MODEL_PERSONAS < m.count) {
            m.count--;
            memmove(p, p + 1, (size_t)(&m.personas[m.count] - p) * sizeof(*p));
        }
        break;
    case 1: /* one comes, in any state */
        if (m.count < MODEL_PERSONAS) {
            p = &m.personas[m.count];
            memset(p, 0, sizeof(*p));
            snprintf(p->id, sizeof(p->id), "n%u", n);
            if (model_find(&m, p->id))
                return;
            p->life = (enum persona_life)(n % (LIFE_FAILED + 1));
            p->used = n % 5;
            m.count++;
        }
        break;
    case 2:
        model_apps(&m, n & 1 ? names : NULL, n & 1 ? n % 5 : 0, n & 2 ? "error" : NULL);
        break;
    default:
        m.front[0] = '\0';
        if (m.count > 0 && n & 1)
            memcpy(m.front, m.personas[n % m.count].id, MODEL_ID);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const texts[] = {"n", "1", "\xc3\xa9", "e", "\x01", "", "T", "p"};
    struct config c;

    config_default(&c);
    world(&m, size > 0 ? data[0] % 70 : 0);
    for (size_t i = 1; i + 1 < size && i < 4096; i += 2) {
        struct model_event e = {.kind = (enum model_event_kind)(data[i] % ME_KINDS),
                                .index = (int8_t)data[i + 1],
                                .text = texts[data[i + 1] % 8]};
        struct model_actions a;

        /* What has changed is said at once, as the client does. */
        if (e.kind == ME_LISTS || e.kind == ME_FRONT) {
            change(data[i + 1]);
            a = model_event(&m, &(struct model_event){.kind = ME_LISTS, .text = ""});
            check(&a);
        }
        if (e.kind == ME_AWAY || e.kind == ME_BACK)
            m.away = e.kind == ME_AWAY;
        a = model_event(&m, &e);
        check(&a);
        if (data[i] & 0x80)
            layout_panel(&l, &m, &c, 1 + data[i + 1] % 2, 320 + data[i + 1] * 16, 320 + data[i + 1] * 9);
    }
    return 0;
}
