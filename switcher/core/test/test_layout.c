/* SPDX-License-Identifier: MIT
 * What is drawn, for few and for many, small outputs and large: everything is inside, nothing hides, text is
 * large. */
#include "tests/t.h"
#include "switcher/core/layout.h"
#include "switcher/core/test/world.h"

static struct model m;
static struct layout l;
static struct config c;

static const struct layout_item *find(enum layout_kind kind, const char *text)
{
    for (unsigned i = 0; i < l.count; i++)
        if (l.items[i].kind == kind && strcmp(l.items[i].text, text) == 0)
            return &l.items[i];
    return NULL;
}

static unsigned icons(unsigned what)
{
    unsigned n = 0;

    for (unsigned i = 0; i < l.count; i++)
        n += l.items[i].kind == LAYOUT_ICON && l.items[i].what == what;
    return n;
}

/* Everything lies inside the surface; what can be hit does not overlap. */
static bool sound(void)
{
    for (unsigned i = 0; i < l.count; i++) {
        const struct layout_item *t = &l.items[i];

        if (t->x < 0 || t->y < 0 || t->w < 0 || t->h < 0 || t->x + t->w > l.width || t->y + t->h > l.height) {
            printf("# item %u of kind %d: %d,%d %dx%d in %dx%d\n", i, t->kind, t->x, t->y, t->w, t->h,
                   l.width, l.height);
            return false;
        }
    }
    for (unsigned i = 0; i < l.hit_count; i++)
        for (unsigned k = 0; k < i; k++) {
            const struct layout_hit *a = &l.hits[i], *b = &l.hits[k];

            if (a->x < b->x + b->w && b->x < a->x + a->w && a->y < b->y + b->h && b->y < a->y + a->h)
                return false;
        }
    return l.count < LAYOUT_ITEMS - 1;
}

static void test_card(void)
{
    config_default(&c);
    world(&m, 3);
    memcpy(m.personas[1].id, "a-name-of-thirty-one-characters", MODEL_ID);
    m.personas[1].frozen = true;
    m.personas[1].attention = m.personas[1].microphone = m.personas[1].network = true;
    m.personas[1].memory = 1500ull << 20;
    m.personas[1].cpu = 12;
    m.personas[2].life = LIFE_STOPPED;
    memcpy(m.ai, "backoff", 8);
    deed(&m, ME_NEXT);
    layout_panel(&l, &m, &c, 1, 1920, 1080);
    T(sound());
    T(find(LAYOUT_TEXT_AT, "a-name-of-thirty-one-characters") != NULL);
    T(find(LAYOUT_PICTURE, "a-name-of-thirty-one-characters") != NULL);
    T(find(LAYOUT_TEXT_AT, "frozen") && find(LAYOUT_TEXT_AT, "in front"));
    T(find(LAYOUT_TEXT_AT, "12 %  1.4 GB") != NULL);
    T(find(LAYOUT_TEXT_AT, "stopped, Enter starts") && find(LAYOUT_PICTURE, "p3")->dim);
    T(find(LAYOUT_TEXT_AT, "ai-core: backoff") && icons(ICON_DOWN) == 1);
    T(icons(ICON_MICROPHONE) == 1 && icons(ICON_NETWORK) == 1 && icons(ICON_ATTENTION) == 1);
    T_INT(l.hit_count, 3);
    T_INT(layout_hit_at(&l, l.hits[2].x + 5, l.hits[2].y + 5), 2);
    T_INT(layout_hit_at(&l, 1, 1), -1);
    m.personas[1].throttled = true;
    layout_panel(&l, &m, &c, 1, 1920, 1080);
    T(find(LAYOUT_TEXT_AT, "throttled") != NULL);
}

/* 0 to 64 personas on outputs from a telephone's to 4K, at all scales and sizes of text. */
static void test_sizes(void)
{
    static const int outputs[][2] = {{640, 480},   {800, 600},   {1280, 720},
                                     {1920, 1080}, {3840, 2160}, {1080, 1920}};
    unsigned bad = 0;

    for (unsigned n = 0; n <= MODEL_PERSONAS; n++)
        for (unsigned o = 0; o < sizeof(outputs) / sizeof(outputs[0]); o++)
            for (unsigned scale = 1; scale <= 2; scale++) {
                config_default(&c);
                world(&m, n);
                deed(&m, ME_OPEN);
                layout_panel(&l, &m, &c, scale, outputs[o][0] * (int)scale, outputs[o][1] * (int)scale);
                deed(&m, ME_END);
                layout_panel(&l, &m, &c, scale, outputs[o][0] * (int)scale, outputs[o][1] * (int)scale);
                bad +=
                    !sound() || l.width > outputs[o][0] * (int)scale || l.height > outputs[o][1] * (int)scale;
                bad += l.width % (int)scale != 0 || l.height % (int)scale != 0;
                /* The last one was chosen: it must be there. */
                bad += n > 0 && (l.hit_count == 0 || l.hits[l.hit_count - 1].index != n - 1);
            }
    T_INT(bad, 0);
    for (unsigned scale = 1; scale <= LAYOUT_SCALE_MAX; scale++)
        for (int f = 0; f < FONT_COUNT; f++)
            T(layout_font_pixels(&c, scale, (enum layout_font)f) >= 18 * (int)scale);
}

static void test_notices(void)
{
    config_default(&c);
    world(&m, 0);
    deed(&m, ME_NEXT);
    layout_panel(&l, &m, &c, 1, 1280, 720);
    T(sound() && find(LAYOUT_TEXT_AT, "No persona yet") &&
      find(LAYOUT_TEXT_AT, "spine persona add work IMAGE"));
    m.away = true;
    deed(&m, ME_AWAY);
    layout_panel(&l, &m, &c, 1, 1280, 720);
    T(sound() && find(LAYOUT_TEXT_AT, "bay0 does not answer"));
    world(&m, 2);
    deed(&m, ME_NEXT);
    type_in(&m, "zz");
    layout_panel(&l, &m, &c, 1, 1280, 720);
    T(sound() && find(LAYOUT_TEXT_AT, "No match") && find(LAYOUT_TEXT_AT, "zz|") &&
      find(LAYOUT_TEXT_AT, "0 of 0"));
}

static void test_launcher(void)
{
    static const char *names[MODEL_APPS];

    for (unsigned i = 0; i < MODEL_APPS; i++)
        names[i] = i % 2 ? "\xc3\x89"
                           "diteur de texte"
                         : "Terminal";
    config_default(&c);
    world(&m, 1);
    deed(&m, ME_LAUNCHER);
    layout_panel(&l, &m, &c, 1, 1280, 720);
    T(sound() && find(LAYOUT_TEXT_AT, "Programs of p1") && find(LAYOUT_TEXT_AT, "Looking for programs"));
    model_apps(&m, NULL, 0, "p1 has gone");
    layout_panel(&l, &m, &c, 1, 1280, 720);
    T(sound() && find(LAYOUT_TEXT_AT, "p1 has gone"));
    model_apps(&m, names, 0, NULL);
    layout_panel(&l, &m, &c, 1, 1280, 720);
    T(sound() && find(LAYOUT_TEXT_AT, "No programs"));
    model_apps(&m, names, MODEL_APPS, NULL);
    deed(&m, ME_LISTS);
    layout_panel(&l, &m, &c, 1, 1280, 720);
    T(sound() && find(LAYOUT_TEXT_AT, "Terminal") && find(LAYOUT_APP, "\xc3\x89") && l.hit_count > 12);
    layout_panel(&l, &m, &c, 1, 3840, 2160);
    T(sound());
}

static void test_strip(void)
{
    config_default(&c);
    world(&m, 3);
    layout_strip(&l, &m, &c, 1, 1280, "");
    T(sound() && l.width == 1280 && l.height == 28);
    T(find(LAYOUT_TEXT_AT, "p1") && l.items[0].colour == 0xff336699 && l.items[1].kind == LAYOUT_SIGN);
    m.personas[0].attention = m.personas[1].attention = m.personas[2].attention = true;
    layout_strip(&l, &m, &c, 1, 1280, "");
    T(find(LAYOUT_TEXT_AT, "p2, p3") && icons(ICON_ATTENTION) == 1);
    layout_strip(&l, &m, &c, 1, 1280, "Copied");
    T(find(LAYOUT_TEXT_AT, "Copied") && icons(ICON_ATTENTION) == 0);
    m.away = true;
    layout_strip(&l, &m, &c, 2, 2560, "");
    T(sound() && find(LAYOUT_TEXT_AT, "bay0 does not answer") && l.height == 56);
    world(&m, 64);
    for (unsigned i = 0; i < 64; i++)
        m.personas[i].attention = true;
    m.front[0] = '\0';
    layout_strip(&l, &m, &c, 1, 640, "");
    T(sound() && find(LAYOUT_TEXT_AT, "Spine"));
    c.font_size = 48;
    c.scale = 300;
    c.strip_height = 56;
    layout_strip(&l, &m, &c, 1, 1280, "");
    T(sound());
}

int main(void)
{
    test_card();
    test_sizes();
    test_notices();
    test_launcher();
    test_strip();
    return t_done();
}
