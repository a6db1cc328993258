/* SPDX-License-Identifier: MIT
 * Bytes as base64 text and back (RFC 4648 section 4, with padding). */
#ifndef BAY0_CORE_BASE64_H
#define BAY0_CORE_BASE64_H

#include <stddef.h>

/* Room for the text of n bytes, with its NUL. */
#define BASE64_ROOM(n) (((n) + 2) / 3 * 4 + 1)

/* Writes BASE64_ROOM(len) bytes into out. */
void base64_encode(const unsigned char *data, size_t len, char *out);
/* Only the one right form is taken: no white space, padding, no stray bits. *len is how many bytes came out.
 * 0, or -1 when text is not base64 or has more than size bytes; then out holds nothing of use. */
int base64_decode(const char *text, size_t text_len, unsigned char *out, size_t size, size_t *len);

#endif
