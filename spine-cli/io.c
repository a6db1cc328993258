/* SPDX-License-Identifier: MIT
 * How errors, progress and JSON look. */
#include "spine-cli/io.h"

#include "core/buf.h"

#include <string.h>

enum { LINE_MAX_BYTES = 1024 };

void io_json(FILE *f, const json_t *value)
{
    json_dumpf(value, f, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(15));
    fputc('\n', f);
}

void io_text(FILE *f, const char *text)
{
    char piece[LINE_MAX_BYTES];

    while (*text) {
        size_t len = strcspn(text, "\n\t"), part = len < sizeof piece - 1 ? len : sizeof piece - 1;
        struct buf b;

        while (part < len && part > 0 && ((unsigned char)text[part] & 0xc0) == 0x80)
            part--;
        part = part ? part : len < sizeof piece - 1 ? len : sizeof piece - 1;
        buf_init(&b, piece, sizeof piece);
        buf_add_printable(&b, text, part);
        fputs(piece, f);
        text += part;
        if (part == len && *text)
            fputc(*text++, f);
    }
}

void io_settle(struct io *io)
{
    if (io->dirty)
        fputs("\r\033[K", io->err);
    io->dirty = false;
}

void io_error(struct io *io, const struct err *e, const json_t *body)
{
    char message[ERR_MESSAGE_MAX], hint[ERR_HINT_MAX];
    json_t *o;

    io_settle(io);
    buf_printable(message, sizeof message, e->message);
    buf_printable(hint, sizeof hint, e->hint);
    if (io->json) {
        o = body ? json_pack("{s:O}", "error", body)
                 : json_pack("{s:{s:s, s:s, s:s}}", "error", "code", err_name(e->code), "message", message,
                             "hint", hint);
        io_json(io->out, o);
        json_decref(o);
        return;
    }
    fprintf(io->err, "spine: %s\n", message);
    if (*hint)
        fprintf(io->err, "hint: %s\n", hint);
}

void io_progress(struct io *io, const json_t *progress)
{
    const char *step = json_string_value(json_object_get(progress, "step"));
    const char *detail = json_string_value(json_object_get(progress, "detail"));
    const json_t *percent = json_object_get(progress, "percent");
    char line[LINE_MAX_BYTES];
    struct buf b;
    size_t end = 0;
    json_t *o;

    if (io->json) {
        o = json_pack("{s:O}", "progress", progress);
        io_json(io->err, o);
        json_decref(o);
        return;
    }
    buf_init(&b, line, sizeof line);
    buf_add_printable(&b, step ? step : "", strlen(step ? step : ""));
    if (json_is_integer(percent))
        buf_addf(&b, " %d%%", (int)json_integer_value(percent));
    if (detail && *detail)
        buf_add(&b, " ");
    if (detail)
        buf_add_printable(&b, detail, strlen(detail));
    if (!io->rewrite) {
        fprintf(io->err, "%s\n", line);
        return;
    }
    for (unsigned n = 1; line[end] && n < io->width; n++) /* a wrapped line could not be rewritten */
        for (end++; ((unsigned char)line[end] & 0xc0) == 0x80;)
            end++;
    line[end] = '\0';
    fprintf(io->err, "\r\033[K%s", line);
    fflush(io->err);
    io->dirty = true;
}
