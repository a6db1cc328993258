/* SPDX-License-Identifier: MIT
 * The kinds of contents that may be carried. */
#include "switcher/core/carry_type.h"

#include "core/buf.h"

#include <string.h>

static const struct {
    const char *mime;
    enum carry_type type;
    int rank;
} wanted[] = {
    {"text/plain;charset=utf-8", CARRY_TEXT, 5},
    {"text/plain;charset=UTF-8", CARRY_TEXT, 4},
    {"UTF8_STRING", CARRY_TEXT, 3},
    {"text/plain", CARRY_TEXT, 2},
    {"image/png", CARRY_IMAGE, 1},
};

void carry_choice_add(struct carry_choice *c, const char *mime)
{
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (wanted[i].rank > c->rank && strcmp(wanted[i].mime, mime) == 0) {
            c->type = wanted[i].type;
            c->rank = wanted[i].rank;
            memcpy(c->mime, wanted[i].mime, strlen(wanted[i].mime) + 1);
        }
}

const char *carry_mime(enum carry_type type, size_t n)
{
    static const char *const text[] = {"text/plain;charset=utf-8", "text/plain", "UTF8_STRING"};

    if (type == CARRY_TEXT)
        return n < sizeof text / sizeof *text ? text[n] : NULL;
    return type == CARRY_IMAGE && n == 0 ? "image/png" : NULL;
}

size_t carry_max(enum carry_type type)
{
    return type == CARRY_TEXT ? CARRY_TEXT_MAX : type == CARRY_IMAGE ? CARRY_IMAGE_MAX : 0;
}

const char *carry_word(enum carry_type type)
{
    return type == CARRY_TEXT ? "text" : type == CARRY_IMAGE ? "picture" : "";
}

const char *carry_wrong(enum carry_type type, const char *data, size_t len)
{
    static const char png[] = "\x89PNG\r\n\x1a\n";

    if (len == 0)
        return "is empty";
    if (type == CARRY_TEXT && (memchr(data, '\0', len) || !utf8_all(data, len)))
        return "is not UTF-8";
    if (type == CARRY_IMAGE && (len < sizeof png - 1 || memcmp(data, png, sizeof png - 1) != 0))
        return "is no PNG";
    return NULL;
}
