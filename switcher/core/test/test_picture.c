/* SPDX-License-Identifier: MIT
 * Tests of scaling and laying pictures over each other, also over their edges. */
#include "switcher/core/picture.h"
#include "tests/t.h"

enum { SIDE = 8, GUARD = 16 };

static uint32_t memory[GUARD + SIDE * SIDE + GUARD];
static const struct pixels to = {.at = memory + GUARD, .width = SIDE, .height = SIDE, .stride = SIDE};

static void clear(void)
{
    for (size_t i = 0; i < sizeof memory / sizeof *memory; i++)
        memory[i] = 0x12345678;
    picture_fill(&to, 0, 0, SIDE, SIDE, 0);
}

static bool guarded(void)
{
    for (size_t i = 0; i < GUARD; i++)
        if (memory[i] != 0x12345678 || memory[GUARD + SIDE * SIDE + i] != 0x12345678)
            return false;
    return true;
}

/* How many pixels have this colour. */
static int count(uint32_t colour)
{
    int n = 0;

    for (int i = 0; i < SIDE * SIDE; i++)
        n += to.at[i] == colour;
    return n;
}

static void test_place(void)
{
    uint32_t red[4] = {0xffff0000, 0xffff0000, 0xffff0000, 0xffff0000};
    const struct pixels from = {.at = red, .width = 2, .height = 2, .stride = 2};
    static const struct {
        int32_t x, y, width, height;
        int pixels;
    } rows[] = {
        {0, 0, 8, 8, 64},       {2, 3, 4, 2, 8},   {-2, -2, 4, 4, 4},        {6, 6, 4, 4, 4},
        {-4, -4, 100, 100, 64}, {-10, 0, 5, 5, 0}, {8, 0, 5, 5, 0},          {0, 9, 5, 5, 0},
        {0, 0, 0, 5, 0},        {0, 0, -3, 5, 0},  {-30000, 0, 30001, 1, 1}, {0, 0, 32767, 1, 8},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        clear();
        picture_lay(&to, rows[i].x, rows[i].y, rows[i].width, rows[i].height, &from, false);
        T_INT(count(0xffff0000), rows[i].pixels);
        T(guarded());
        clear();
        picture_fill(&to, rows[i].x, rows[i].y, rows[i].width, rows[i].height, 0xff00ff00);
        T_INT(count(0xff00ff00), rows[i].pixels);
        T(guarded());
    }
}

static void test_mean(void)
{
    uint32_t board[16 * 16];
    const struct pixels from = {.at = board, .width = 16, .height = 16, .stride = 16};

    for (int i = 0; i < 256; i++)
        board[i] = (i + i / 16) % 2 ? 0xffffffff : 0xff000000;
    clear();
    picture_lay(&to, 0, 0, 4, 4, &from, false);
    T_INT(count(0xff808080), 16);
    /* The halves of a picture stay where they are. */
    for (int i = 0; i < 256; i++)
        board[i] = i % 16 < 8 ? 0xff0000ff : 0xff00ff00;
    picture_lay(&to, 0, 0, 8, 8, &from, false);
    T_INT(count(0xff0000ff), 32);
    T(to.at[3] == 0xff0000ff && to.at[4] == 0xff00ff00);
}

static void test_over(void)
{
    uint32_t half = 0x80800000, none = 0, wrong = 0x00ffffff;
    struct pixels from = {.at = &half, .width = 1, .height = 1, .stride = 1};

    clear();
    picture_fill(&to, 0, 0, SIDE, SIDE, 0xff0000ff);
    picture_lay(&to, 0, 0, 1, 1, &from, false);
    T_INT(to.at[0], 0xff80007f);
    picture_lay(&to, 1, 0, 1, 1, &from, true);
    T_INT(to.at[1], 0xff800000);
    from.at = &none;
    picture_lay(&to, 2, 0, 1, 1, &from, false);
    T_INT(to.at[2], 0xff0000ff);
    from.at = &wrong; /* not premultiplied: no channel runs over */
    picture_lay(&to, 3, 0, 1, 1, &from, false);
    T_INT(to.at[3], 0xffffffff);
}

int main(void)
{
    test_place();
    test_mean();
    test_over();
    return t_done();
}
