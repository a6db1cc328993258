/* SPDX-License-Identifier: MIT
 * Appends text to memory that the caller owns. */
#include "core/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void buf_init(struct buf *b, char *memory, size_t size)
{
    *b = (struct buf){.text = memory, .size = size, .overflow = size == 0};
    if (size > 0)
        memory[0] = '\0';
}

void buf_add_mem(struct buf *b, const char *text, size_t len)
{
    if (b->overflow || len >= b->size - b->len) {
        b->overflow = true;
        return;
    }
    memcpy(b->text + b->len, text, len);
    b->len += len;
    b->text[b->len] = '\0';
}

void buf_add(struct buf *b, const char *text)
{
    buf_add_mem(b, text, strlen(text));
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
    va_list args;
    int n;

    if (b->overflow)
        return;
    va_start(args, fmt);
    n = vsnprintf(b->text + b->len, b->size - b->len, fmt, args);
    va_end(args);
    if (n < 0 || (size_t)n >= b->size - b->len) {
        b->text[b->len] = '\0'; /* nothing is added by halves */
        b->overflow = true;
        return;
    }
    b->len += (size_t)n;
}

size_t utf8_char(const char *text, size_t len, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *s = (const unsigned char *)text;
    size_t n;
    uint32_t c;

    if (len == 0)
        return 0;
    n = s[0] < 0x80 ? 1 : s[0] < 0xc0 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf8 ? 4 : 0;
    if (n == 0 || n > len)
        return 0;
    c = n == 1 ? s[0] : s[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (s[i] & 0x3f);
    }
    if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *code = c;
    return n;
}

bool utf8_all(const char *text, size_t len)
{
    uint32_t code;

    for (size_t i = 0, n; i < len; i += n) {
        n = utf8_char(text + i, len - i, &code);
        if (n == 0)
            return false;
    }
    return true;
}

/* Controls, and the marks that make a terminal show text in another order than it has. */
static bool hidden(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x061c || c == 0x200e || c == 0x200f ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

void buf_add_printable(struct buf *b, const char *text, size_t len)
{
    for (size_t i = 0; i < len;) {
        uint32_t c = 0;
        size_t n = utf8_char(text + i, len - i, &c);

        if (n == 0 || hidden(c))
            buf_add_mem(b, "?", 1);
        else
            buf_add_mem(b, text + i, n);
        i += n ? n : 1;
    }
}

const char *buf_printable(char *memory, size_t size, const char *text)
{
    struct buf b;

    buf_init(&b, memory, size);
    buf_add_printable(&b, text, strlen(text));
    return memory;
}

int buf_done(const struct buf *b)
{
    return b->overflow ? -1 : 0;
}
