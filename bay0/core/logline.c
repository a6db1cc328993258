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

json_t *logline_json(const char *line, size_t len, const char *source)
{
    char message[LOGLINE_MESSAGE_MAX];
    struct logline l;
    struct buf b;

    logline_parse(line, len, &l);
    buf_init(&b, message, sizeof message);
    buf_add_printable(&b, l.message, l.len);
    return json_pack("{s:s, s:s, s:s, s:s}", "time", l.time, "level", l.level, "source", source, "message",
                     message);
}

size_t logline_last(const char *text, size_t len, size_t n)
{
    size_t at = len > 0 && text[len - 1] == '\n' ? len - 1 : len;

    if (n == 0)
        return len;
    while (at > 0 && (text[at - 1] != '\n' || --n > 0))
        at--;
    return at;
}
