/* SPDX-License-Identifier: MIT
 * Outlines stay in their square and differ; text is read as UTF-8 whatever it is; what fits, fits. */
#include "switcher/core/layout.h"
#include "switcher/core/shape.h"
#include "tests/t.h"

static void test_signs(void)
{
    struct shape_point at[MODEL_SIGNS][SHAPE_POINTS] = {0};

    for (unsigned s = 0; s < MODEL_SIGNS; s++) {
        unsigned n = shape_sign(s, at[s]);
        bool inside = n >= 3 && n <= SHAPE_POINTS;

        for (unsigned i = 0; i < n; i++)
            inside = inside && at[s][i].x >= 0 && at[s][i].x <= SHAPE_UNIT && at[s][i].y >= 0 &&
                     at[s][i].y <= SHAPE_UNIT;
        T(inside);
        for (unsigned k = 0; k < s; k++)
            T(memcmp(at[k], at[s], sizeof(at[0])) != 0);
    }
}

static void test_icons(void)
{
    for (unsigned i = 0; i < ICON_COUNT; i++) {
        const struct icon_part *p = shape_icon(i);
        unsigned n = 0;
        bool inside = true;

        for (; n < 10 && p[n].kind != ICON_END; n++) {
            int reach = p[n].kind == ICON_BOX    ? p[n].a + p[n].c
                        : p[n].kind == ICON_LINE ? p[n].c
                                                 : p[n].a + p[n].c;

            inside = inside && reach <= ICON_UNIT && p[n].b <= ICON_UNIT;
        }
        T(n > 0 && n < 10 && inside);
    }
    T(shape_icon(1000) == shape_icon(ICON_DOWN));
}

static void test_utf8(void)
{
    static const struct {
        const char *text;
        uint32_t want[5];
    } rows[] = {
        {"a", {'a'}},
        {"\xc3\xa9!", {0xe9, '!'}},
        {"\xe2\x82\xac", {0x20ac}},
        {"\xf0\x9f\x98\x80", {0x1f600}},
        {"\xff", {0xfffd}},
        {"\xc3", {0xfffd}},
        {"\xe2\x82", {0xfffd, 0xfffd}},
        {"\xed\xa0\x80", {0xfffd}},
        {"\xf7\xbf\xbf\xbf", {0xfffd}},
        {"\x80x", {0xfffd, 'x'}},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *s = rows[i].text;
        uint32_t got[8] = {0};
        int n = 0;

        while (n < 8 && (got[n] = shape_utf8(&s)))
            n++;
        T_NAMED(memcmp(got, rows[i].want, sizeof(rows[i].want)) == 0, rows[i].text);
        T(*s == '\0');
    }
}

static void test_fit(void)
{
    int wide[] = {10, 10, 10, 10};

    T_INT(shape_fit(wide, 4, 40, 8), 4);
    T_INT(shape_fit(wide, 4, 39, 8), 3);
    T_INT(shape_fit(wide, 4, 37, 8), 2);
    T_INT(shape_fit(wide, 4, 8, 8), 0);
    T_INT(shape_fit(wide, 4, 0, 8), 0);
    T_INT(shape_fit(wide, 0, 0, 8), 0);
}

int main(void)
{
    test_signs();
    test_icons();
    test_utf8();
    test_fit();
    return t_done();
}
