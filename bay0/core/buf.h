/* SPDX-License-Identifier: MIT
 * Appends text to memory that the caller owns. Overflow is sticky and checked once, at the end. */
#ifndef BAY0_CORE_BUF_H
#define BAY0_CORE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
    char *text; /* always NUL-terminated when size > 0 */
    size_t size, len;
    bool overflow;
};

void buf_init(struct buf *b, char *memory, size_t size);
void buf_add(struct buf *b, const char *text);
void buf_add_mem(struct buf *b, const char *text, size_t len);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Text of unknown origin: bytes that are not UTF-8, control characters and marks of direction become '?', so
 * that it can be shown on a terminal or put into JSON. */
void buf_add_printable(struct buf *b, const char *text, size_t len);
/* The same for one word in a message: writes into memory, cut to fit, and returns it. size > 0. */
const char *buf_printable(char *memory, size_t size, const char *text);
/* 0, or -1 when something did not fit. */
int buf_done(const struct buf *b);

/* Length in bytes of the UTF-8 character at the start of text, its number in *code; 0 when there is none
 * (RFC 3629). */
size_t utf8_char(const char *text, size_t len, uint32_t *code);
/* Whether all of it is such characters. */
bool utf8_all(const char *text, size_t len);

#endif
