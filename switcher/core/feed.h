/* SPDX-License-Identifier: MIT
 * Reads bay0's lines into the model; see spine-protocol(7). Everything is checked and bounded. Pure. */
#ifndef SWITCHER_CORE_FEED_H
#define SWITCHER_CORE_FEED_H

#include <jansson.h>
#include <stdbool.h>

#include "switcher/core/model.h"

enum { FEED_LINE = 524288 }; /* longest line of bay0, with its newline */

enum feed_kind { FEED_JUNK, FEED_EVENT, FEED_PROGRESS, FEED_OK, FEED_REFUSED };

struct feed_line {
    enum feed_kind kind;
    json_int_t id;      /* of an answer */
    const char *event;  /* of an event; lives as long as root */
    const json_t *body; /* result, error or the event itself */
    json_t *root;       /* to be released by the caller; NULL for junk */
};

struct feed_line feed_read(const char *line, size_t len);

/* Takes the result of subscribe or persona.list over: personas, who is in front, and `services` if it is
 * there. now in ms, for the use of the processor between two lists. False and nothing changed when it is not
 * such a result. */
bool feed_list(struct model *m, const json_t *result, uint64_t now);

/* What an event changed in the model, as the event to give it; ME_KINDS for nothing. */
enum model_event_kind feed_event(struct model *m, const struct feed_line *l, uint64_t now);

/* Takes service.status's result over. */
void feed_services(struct model *m, const json_t *result);

#endif
