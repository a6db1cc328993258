/* SPDX-License-Identifier: MIT
 * Who is initialised ahead of a start. */
#include "core/ahead.h"
#include "core/buf.h"
#include "tests/t.h"

/* Personas as words: who can be (c) or is ready (r), starts by itself (a), and when it was in front (a digit,
 * 0: never). The answer: +N prepare, -N clear, "" nothing. */
static const char *next(const char *text, unsigned most)
{
    static char out[16];
    struct ahead_fact f[8];
    size_t n = 0, at = 99;

    memset(f, 0, sizeof f);
    for (; *text; text++) {
        switch (*text) {
        case 'c':
            f[n].can = true;
            break;
        case 'r':
            f[n].ready = true;
            break;
        case 'a':
            f[n].autostart = true;
            break;
        case ' ':
            n++;
            break;
        default:
            f[n].used_at = (uint64_t)(*text - '0');
        }
    }
    switch (ahead_next(f, n + 1, most, &at)) {
    case AHEAD_PREPARE:
        snprintf(out, sizeof out, "+%zu", at);
        break;
    case AHEAD_CLEAR:
        snprintf(out, sizeof out, "-%zu", at);
        break;
    case AHEAD_NONE:
        out[0] = '\0';
    }
    return out;
}

static void test_next(void)
{
    T_STR(next("", 2), "");
    T_STR(next("c0 c0", 2), "");        /* nobody used them */
    T_STR(next("5 6", 2), "");          /* they run */
    T_STR(next("c1 c3 c2", 1), "+1");   /* the last one used */
    T_STR(next("c1 r3 c2", 1), "");     /* it is */
    T_STR(next("c1 r3 c2", 2), "+2");   /* the one before it */
    T_STR(next("c1 c3 ca0", 1), "+2");  /* starts by itself */
    T_STR(next("c1 r3 ca0", 1), "-1");  /* room is made first */
    T_STR(next("r1 c3 r2", 2), "-0");   /* ditto */
    T_STR(next("ra0 ca0", 1), "");      /* equals: who is, stays */
    T_STR(next("ca0 ra0", 1), "-1");    /* or the first one comes, once */
    T_STR(next("ca1 c9 ca2", 2), "+2"); /* of those that start by themselves, who was used last */
    T_STR(next("r0 c1", 2), "-0");      /* no more declared so, never used */
    T_STR(next("c3", 0), "");
    T_STR(next("r3", 0), "-0");
}

/* From anywhere the moves come to an end, and then the right ones are ready. */
static void test_end(void)
{
    for (unsigned bits = 0; bits < 1u << 12; bits++) {
        struct ahead_fact f[4];
        enum ahead_move move;
        unsigned ready = 0, could = 0, moves = 0;
        size_t at;

        for (unsigned i = 0; i < 4; i++) {
            unsigned b = bits >> (3 * i);

            f[i] = (struct ahead_fact){
                .can = !(b & 1), .ready = b & 1, .autostart = b & 2, .used_at = b & 4 ? 4 - i : 0};
            could += f[i].autostart || f[i].used_at > 0;
        }
        while ((move = ahead_next(f, 4, 2, &at)) != AHEAD_NONE && moves < 9) {
            f[at].ready = move == AHEAD_PREPARE;
            f[at].can = !f[at].ready;
            moves++;
        }
        for (unsigned i = 0; i < 4; i++)
            ready += f[i].ready;
        if (moves > 4 || ready != (could < 2 ? could : 2)) {
            T_INT(bits, -1);
            return;
        }
    }
}

int main(void)
{
    test_next();
    test_end();
    return t_done();
}
