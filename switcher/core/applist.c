/* SPDX-License-Identifier: MIT
 * Reads a line of the list of programs. */
#include "switcher/core/applist.h"

#include "core/base64.h"
#include "core/buf.h"

#include <stdlib.h>
#include <string.h>

static bool take_name(const char *text, char out[APPLIST_NAME_MAX])
{
    size_t len = text ? strlen(text) : 0, n = 0, step;
    bool seen = false;
    uint32_t code;
    struct buf b;

    for (; n < len; n += step) {
        step = utf8_char(text + n, len - n, &code);
        if (step == 0 || n + step >= APPLIST_NAME_MAX)
            break;
        seen = seen || code > ' ';
    }
    buf_init(&b, out, APPLIST_NAME_MAX);
    buf_add_printable(&b, text, n);
    return seen;
}

static bool word_ok(const char *word)
{
    for (; *word; word++)
        if ((unsigned char)*word < 0x20 || *word == 0x7f)
            return false;
    return true;
}

static bool command_ok(const json_t *command)
{
    size_t n = json_array_size(command), total = 0;
    const char *first = json_string_value(json_array_get(command, 0));

    if (n == 0 || n > APPLIST_WORDS_MAX || !first || !*first || *first == '-')
        return false;
    for (size_t i = 0; i < n; i++) {
        const char *word = json_string_value(json_array_get(command, i));

        if (!word || !word_ok(word))
            return false;
        total += strlen(word) + 1;
    }
    return total <= APPLIST_TEXT_MAX;
}

static void take_icon(const json_t *text, struct applist_line *out)
{
    size_t len = json_string_length(text);

    if (len == 0 || len >= BASE64_ROOM(ICON_FILE_MAX))
        return;
    out->icon = malloc(len / 4 * 3 + 1);
    if (out->icon &&
        base64_decode(json_string_value(text), len, out->icon, len / 4 * 3 + 1, &out->icon_len) == 0)
        return;
    free(out->icon);
    out->icon = NULL;
    out->icon_len = 0;
}

enum applist_kind applist_parse(const char *line, size_t len, struct applist_line *out)
{
    json_t *all = len <= APPLIST_LINE_MAX ? json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL) : NULL;
    json_t *command = json_object_get(all, "command");
    enum applist_kind kind = APPLIST_BAD;

    memset(out, 0, sizeof *out);
    if (json_is_integer(json_object_get(all, "end"))) {
        kind = APPLIST_END;
    } else if (take_name(json_string_value(json_object_get(all, "name")), out->name) && command_ok(command)) {
        out->command = json_incref(command);
        take_icon(json_object_get(all, "icon"), out);
        kind = APPLIST_PROGRAM;
    }
    json_decref(all);
    return kind;
}

void applist_line_finish(struct applist_line *l)
{
    json_decref(l->command);
    free(l->icon);
    memset(l, 0, sizeof *l);
}
