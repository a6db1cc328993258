/* SPDX-License-Identifier: MIT
 * Tests of the bounded text buffer and of UTF-8. */
#include "core/buf.h"
#include "tests/t.h"

static void test_add(void)
{
    char memory[8];
    struct buf b;

    buf_init(&b, memory, sizeof memory);
    T_STR(b.text, "");
    buf_add(&b, "abc");
    buf_addf(&b, "%d", 1234);
    T_STR(b.text, "abc1234");
    T_INT(buf_done(&b), 0);
    buf_add(&b, "");
    T_INT(buf_done(&b), 0);
    buf_add(&b, "x");
    T_INT(buf_done(&b), -1);
    T_STR(b.text, "abc1234");

    buf_init(&b, memory, sizeof memory);
    buf_addf(&b, "%s", "12345678");
    T_STR(b.text, "");
    T_INT(buf_done(&b), -1);
    buf_add(&b, "x"); /* sticky */
    buf_addf(&b, "x");
    T_STR(b.text, "");

    buf_init(&b, NULL, 0);
    buf_add(&b, "");
    T_INT(buf_done(&b), -1);
}

static const char *printable(const char *text, size_t len)
{
    static char memory[256];
    struct buf b;

    buf_init(&b, memory, sizeof memory);
    buf_add_printable(&b, text, len);
    return buf_done(&b) ? "overflow" : memory;
}

static void test_printable(void)
{
    T_STR(printable("plain \xc3\xa4 \xe2\x82\xac \xf0\x9f\x8c\x8d", 17),
          "plain \xc3\xa4 \xe2\x82\xac \xf0\x9f\x8c\x8d");
    T_STR(printable("\x1b[31mred\x07\n\t\x7f\0z", 14), "?[31mred?????z");
    T_STR(printable("\xc2\x9b", 2), "?"); /* C1: CSI */
    T_STR(printable("a\xe2\x80\xae"
                    "b",
                    5),
          "a?b");                                         /* right-to-left override */
    T_STR(printable("\xff\xc3", 2), "??");                /* not UTF-8, cut short */
    T_STR(printable("\xc0\xaf\xed\xa0\x80", 5), "?????"); /* overlong, surrogate */
    T_STR(printable("\xf4\x90\x80\x80", 4), "????");      /* above U+10FFFF */
}

static void test_utf8(void)
{
    char word[5];
    uint32_t c = 0;

    T_STR(buf_printable(word, sizeof word, "a\nb"), "a?b");
    T_STR(buf_printable(word, sizeof word, "abc\xc3\xa4"), "abc");
    T_INT(utf8_char("", 0, &c), 0);
    T_INT(utf8_char("\xe2\x82\xac", 3, &c), 3);
    T_INT(c, 0x20ac);
    T_INT(utf8_char("\xe2\x82\xac", 2, &c), 0);
    T_INT(utf8_char("\x80", 1, &c), 0);
    T_INT(utf8_char("\0", 1, &c), 1);
    T(utf8_all("", 0) && utf8_all("a\xe2\x82\xac", 4));
    T(!utf8_all("a\xe2\x82\xac", 3) && !utf8_all("\xff", 1));
    T_INT(c, 0);
}

int main(void)
{
    test_add();
    test_printable();
    test_utf8();
    return t_done();
}
