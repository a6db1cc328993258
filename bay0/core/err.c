/* SPDX-License-Identifier: MIT
 * Fills and wraps errors, and maps codes to their names on the wire and back. */
#include "core/err.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *hint;
} codes[ERR_COUNT] = {
    [ERR_NONE] = {"none", ""},
#define E(symbol, wire, text) [symbol] = {wire, text},
#include "core/errors.def"
#undef E
};

/* A cut in the middle of a UTF-8 sequence would make the whole answer invalid JSON. */
static void cut(char *text, size_t size, int wanted)
{
    size_t len = strlen(text);

    if (wanted < 0 || (size_t)wanted < size)
        return;
    while (len > 0 && ((unsigned char)text[len - 1] & 0xc0) == 0x80)
        len--;
    if (len > 0 && ((unsigned char)text[len - 1] & 0x80))
        len--;
    text[len] = '\0';
}

static void format(char *out, size_t size, const char *fmt, va_list args)
    __attribute__((format(printf, 3, 0)));

static void format(char *out, size_t size, const char *fmt, va_list args)
{
    int n = vsnprintf(out, size, fmt, args);

    if (n < 0)
        out[0] = '\0';
    cut(out, size, n);
}

int err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
    char text[ERR_MESSAGE_MAX]; /* the arguments may point into e */
    va_list args;

    if (!e)
        return -1;
    va_start(args, fmt);
    format(text, sizeof text, fmt, args);
    va_end(args);
    e->code = code;
    memcpy(e->message, text, sizeof text);
    snprintf(e->hint, sizeof e->hint, "%s", err_default_hint(code));
    return -1;
}

int err_hint(struct err *e, const char *fmt, ...)
{
    char text[ERR_HINT_MAX];
    va_list args;

    if (!e)
        return -1;
    va_start(args, fmt);
    format(text, sizeof text, fmt, args);
    va_end(args);
    memcpy(e->hint, text, sizeof text);
    return -1;
}

int err_wrap(struct err *e, const char *fmt, ...)
{
    char context[ERR_MESSAGE_MAX], text[ERR_MESSAGE_MAX];
    va_list args;
    int n;

    if (!e)
        return -1;
    va_start(args, fmt);
    format(context, sizeof context, fmt, args);
    va_end(args);
    n = snprintf(text, sizeof text, "%s: %s", context, e->message);
    cut(text, sizeof text, n);
    memcpy(e->message, text, sizeof text);
    return -1;
}

const char *err_name(enum err_code code)
{
    return (unsigned)code < ERR_COUNT ? codes[code].name : "internal";
}

const char *err_default_hint(enum err_code code)
{
    return (unsigned)code < ERR_COUNT ? codes[code].hint : "";
}

enum err_code err_from_name(const char *name)
{
    if (name)
        for (unsigned i = ERR_NONE + 1; i < ERR_COUNT; i++)
            if (strcmp(codes[i].name, name) == 0)
                return (enum err_code)i;
    return ERR_NONE;
}
