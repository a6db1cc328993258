/* SPDX-License-Identifier: MIT
 * Takes the lines of log files apart. */
#include "core/logline.h"

#include "core/buf.h"

#include <stdio.h>
#include <string.h>

/* "0" stands for a digit, anything else for itself. */
static bool has_form(const char *text, size_t len, const char *form)
{
    for (size_t i = 0; form[i]; i++) {
        bool digit = i < len && text[i] >= '0' && text[i] <= '9';

        if (i >= len || (form[i] == '0' ? !digit : text[i] != form[i]))
            return false;
    }
    return true;
}

/* The length of the time at the start of the line with the blank behind it, 0: there is none. RFC 3339. */
static size_t read_time(const char *line, size_t len, char out[LOGLINE_TIME_MAX])
{
    static const char form[] = "0000-00-00T00:00:00";
    size_t at = sizeof form - 1, digits = 0;
    char milli[4] = "000", zone[8] = "Z";

    if (!has_form(line, len, form))
        return 0;
    if (at < len && line[at] == '.')
        for (at++; at < len && line[at] >= '0' && line[at] <= '9'; at++, digits++)
            if (digits < 3)
                milli[digits] = line[at];
    if (has_form(line + at, len - at, "Z ")) {
        at += 1;
    } else if (has_form(line + at, len - at, "+00:00 ") || has_form(line + at, len - at, "-00:00 ")) {
        if (!has_form(line + at + 1, len - at - 1, "00:00"))
            return 0;
        if (memcmp(line + at + 1, "00:00", 5) != 0) /* not UTC: said as it is */
            (void)snprintf(zone, sizeof zone, "%.6s", line + at);
        at += 6;
    } else {
        return 0;
    }
    (void)snprintf(out, LOGLINE_TIME_MAX, "%.19s.%s%s", line, milli, zone);
    return at + 1;
}

void logline_parse(const char *line, size_t len, struct logline *out)
{
    static const struct {
        const char *mark, *level;
    } marks[] = {
        {"error: ", "error"},  {"warning: ", "warning"}, {"info: ", "info"},       {"debug: ", "debug"},
        {"stdout F ", "info"}, {"stdout P ", "info"},    {"stderr F ", "warning"}, {"stderr P ", "warning"},
    };
    size_t at;

    *out = (struct logline){.level = "info", .message = line, .len = len};
    at = read_time(line, len, out->time);
    if (at == 0)
        return;
    out->message = line + at;
    out->len = len - at;
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        size_t n = strlen(marks[i].mark);

        if (out->len < n || memcmp(out->message, marks[i].mark, n) != 0)
            continue;
        out->level = marks[i].level;
        out->message += n;
        out->len -= n;
        break;
    }
    /* A container with a terminal ends its lines with both. */
    if (out->len > 0 && out->message[out->len - 1] == '\r')
        out->len--;
}

/* conmon writes what it has when its buffer is full, and marks it: the rest of the line comes as a line of
 * its own. */
static bool is_piece(const char *line, size_t len)
{
    char time[LOGLINE_TIME_MAX];
    size_t at = read_time(line, len, time);

    return at > 0 && len - at >= 9 &&
           (memcmp(line + at, "stdout P ", 9) == 0 || memcmp(line + at, "stderr P ", 9) == 0);
}

size_t logline_record(const char *text, size_t len, bool *whole)
{
    size_t at = 0;

    *whole = false;
    while (at < len && !*whole) {
        const char *stop = memchr(text + at, '\n', len - at);

        if (!stop)
            return len;
        *whole = !is_piece(text + at, (size_t)(stop - text) - at);
        at = (size_t)(stop - text) + 1;
    }
    return at;
}

json_t *logline_json(const char *record, size_t len, const char *source)
{
    char message[LOGLINE_MESSAGE_MAX], time[LOGLINE_TIME_MAX] = "";
    const char *level = "info";
    struct buf b;

    buf_init(&b, message, sizeof message);
    for (size_t at = 0; at < len || at == 0;) {
        const char *stop = len > at ? memchr(record + at, '\n', len - at) : NULL;
        size_t n = stop ? (size_t)(stop - record) - at : len - at;
        struct logline l;

        logline_parse(record + at, n, &l);
        if (at == 0) {
            memcpy(time, l.time, sizeof time);
            level = l.level;
        }
        buf_add_printable(&b, l.message, l.len);
        at += n + 1;
    }
    return json_pack("{s:s, s:s, s:s, s:s}", "time", time, "level", level, "source", source, "message",
                     message);
}

static size_t line_start(const char *text, size_t end)
{
    while (end > 0 && text[end - 1] != '\n')
        end--;
    return end;
}

size_t logline_last(const char *text, size_t len, size_t n)
{
    size_t at = len;

    while (n > 0 && at > 0) {
        size_t before;

        at = line_start(text, text[at - 1] == '\n' ? at - 1 : at);
        before = at > 0 ? line_start(text, at - 1) : 0;
        if (at == 0 || !is_piece(text + before, at - 1 - before))
            n--;
    }
    return at;
}
