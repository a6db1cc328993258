/* SPDX-License-Identifier: MIT
 * One line of a log file, taken apart: bay0's own ("TIME level: text") and conmon's k8s-file
 * ("TIME stdout F text"). */
#ifndef BAY0_CORE_LOGLINE_H
#define BAY0_CORE_LOGLINE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum { LOGLINE_TIME_MAX = 40, LOGLINE_MESSAGE_MAX = 8192 };

struct logline {
    char time[LOGLINE_TIME_MAX]; /* 2026-11-22T05:03:18.123Z; "" when the line has none */
    const char *level;           /* error warning info debug; what a container writes is info, its standard
                                    error warning */
    const char *message;         /* borrowed from the line */
    size_t len;
};
/* Any text is taken: what has not the form of either is a message without time. */
void logline_parse(const char *line, size_t len, struct logline *out);
/* The length of the first record of text with its newline: a line, or the pieces that conmon made of one.
 * *whole: no more of it can come. */
size_t logline_record(const char *text, size_t len, bool *whole);
/* {"time","level","source","message"} of a record, printable, cut at LOGLINE_MESSAGE_MAX. New reference, or
 * NULL when memory is short. */
json_t *logline_json(const char *record, size_t len, const char *source);

/* Where the last n records of text begin. A newline at the end belongs to the last one. */
size_t logline_last(const char *text, size_t len, size_t n);

#endif
