/* SPDX-License-Identifier: MIT
 * A bounded list of words for exec. */
#include "core/argv.h"

#include "core/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void argv_init(struct argv *a)
{
    a->n = 0;
    a->used = 0;
    a->word[0] = NULL;
    a->overflow = false;
    a->refused = false;
}

/* Takes the len bytes (and their NUL) that stand at text + used as the next word. */
static void take(struct argv *a, size_t len)
{
    a->word[a->n++] = a->text + a->used;
    a->word[a->n] = NULL;
    a->used += len + 1;
}

void argv_push(struct argv *a, const char *word)
{
    size_t len;

    if (!word) {
        a->refused = true;
        return;
    }
    len = strlen(word);
    if (a->overflow || a->n >= ARGV_WORDS_MAX || len >= ARGV_TEXT_MAX - a->used) {
        a->overflow = true;
        return;
    }
    memcpy(a->text + a->used, word, len + 1);
    take(a, len);
}

void argv_pushf(struct argv *a, const char *fmt, ...)
{
    size_t room = ARGV_TEXT_MAX - a->used;
    va_list args;
    int n;

    if (a->overflow || a->n >= ARGV_WORDS_MAX || room == 0) {
        a->overflow = true;
        return;
    }
    va_start(args, fmt);
    n = vsnprintf(a->text + a->used, room, fmt, args);
    va_end(args);
    if (n < 0 || (size_t)n >= room)
        a->overflow = true;
    else
        take(a, (size_t)n);
}

void argv_push_user(struct argv *a, const char *word)
{
    if (!word || word[0] == '\0' || word[0] == '-')
        a->refused = true;
    else
        argv_push(a, word);
}

int argv_done(const struct argv *a)
{
    return a->overflow || a->refused ? -1 : 0;
}

void argv_print(const struct argv *a, struct buf *out)
{
    for (size_t i = 0; i < a->n; i++) {
        for (const char *s = a->word[i]; *s; s++) {
            unsigned char c = (unsigned char)*s;

            if (c < 0x20 || c == 0x7f || c == '\\')
                buf_addf(out, "\\x%02x", c);
            else
                buf_add_mem(out, s, 1);
        }
        buf_add(out, "\n");
    }
}
