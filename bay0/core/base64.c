/* SPDX-License-Identifier: MIT
 * Bytes as base64 text and back. */
#include "core/base64.h"

#include <stdint.h>

void base64_encode(const unsigned char *data, size_t len, char *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < len; i += 3) {
        size_t n = len - i < 3 ? len - i : 3;
        uint32_t bits = (uint32_t)data[i] << 16;

        if (n > 1)
            bits |= (uint32_t)data[i + 1] << 8;
        if (n > 2)
            bits |= data[i + 2];
        *out++ = digits[bits >> 18];
        *out++ = digits[bits >> 12 & 63];
        *out++ = n > 1 ? digits[bits >> 6 & 63] : '=';
        *out++ = n > 2 ? digits[bits & 63] : '=';
    }
    *out = '\0';
}

/* -1 for what is no digit. */
static int value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

int base64_decode(const char *text, size_t text_len, unsigned char *out, size_t size, size_t *len)
{
    size_t at = 0, pad = 0;

    if (text_len % 4 != 0)
        return -1;
    while (pad < 2 && pad < text_len && text[text_len - 1 - pad] == '=')
        pad++;
    if (text_len / 4 * 3 - pad > size)
        return -1;
    for (size_t i = 0; i < text_len; i += 4) {
        size_t digits = i + 4 == text_len ? 4 - pad : 4;
        uint32_t bits = 0;

        for (size_t k = 0; k < 4; k++) {
            int v = k < digits ? value(text[i + k]) : 0;

            if (v < 0)
                return -1;
            bits = bits << 6 | (uint32_t)v;
        }
        if (digits < 4 && (bits & (digits == 3 ? 0xffu : 0xffffu)) != 0)
            return -1;
        for (size_t k = 0; k + 1 < digits; k++)
            out[at++] = (unsigned char)(bits >> (16 - 8 * k));
    }
    *len = at;
    return 0;
}
