/* SPDX-License-Identifier: MIT
 * The control protocol: one JSON object a line. See spine-protocol(7). */
#ifndef BAY0_CORE_PROTO_H
#define BAY0_CORE_PROTO_H

#include "core/err.h"
#include "core/spec.h"
#include "core/transfer.h"
#include "core/verbs.h"

#include <jansson.h>

enum {
    PROTO_VERSION = 1,
    PROTO_LINE_MAX = 65536,    /* a request */
    PROTO_REPLY_MAX = 1 << 19, /* any line from bay0, with the newline */
    PROTO_LOG_LINES = 100,     /* logs without `lines` */
    PROTO_LOG_LINES_MAX = 10000,
    PROTO_DEPTH_MAX = 8,
    PROTO_EXEC_WORDS_MAX = 64,
    PROTO_EXEC_TEXT_MAX = 16384,
    PROTO_CARRY_BYTES_MAX = 1 << 30
};

/* What the user carried by hand from one clipboard to another. Never the thing itself. */
struct carry {
    char from[NAME_ID_MAX + 1], to[NAME_ID_MAX + 1];
    char type[NAME_TYPE_MAX + 1];
    char sha256[NAME_SHA256_LEN + 1];
    uint64_t bytes;
};

/* One checked request. Which members count depends on verb. */
struct request {
    int64_t id; /* chosen by the client, given back in every answer; 0 when absent */
    const struct verb *verb;
    char target[NAME_ID_MAX + 1];  /* persona id, or service name; "" when none was given */
    struct persona_spec spec;      /* persona.add */
    struct spec_change change;     /* persona.set */
    bool brief;                    /* persona.list: without the declarations */
    bool wipe;                     /* persona.rm: "wipe":"<id again>" was given and matches */
    bool tty, interactive, detach; /* persona.exec; the caller passes stdin, stdout, stderr by SCM_RIGHTS with
                                      the line unless detach */
    uint32_t exec_words;           /* NUL-terminated strings in exec_text; 0 = the persona's login shell */
    char exec_text[PROTO_EXEC_TEXT_MAX];
    char term[NAME_TERM_MAX + 1];     /* value of TERM for tty, "" when none was given */
    bool keys;                        /* subscribe: this connection is the switcher */
    struct carry carry;               /* clipboard.carried */
    uint32_t lines;                   /* logs: how many from the end */
    bool follow;                      /* logs: go on */
    bool quick;                       /* doctor: without the throw-away persona */
    char name[TRANSFER_NAME_MAX + 1]; /* transfer.send: cleaned; target is who it is for */
    uint64_t number;                  /* transfer.*: which one, 0 when none was given */
};

/* Parses and checks one line (without its newline). Unknown commands, unknown fields, wrong types, duplicate
 * keys, invalid UTF-8 and deep nesting are refused. On failure out->id is still set when it could be read, so
 * that the refusal can name it. 0 or -1 with *e. */
int proto_parse(const char *line, size_t len, struct request *out, struct err *e);

/* The form that requests and answers share: checks NUL bytes and depth, parses. *out is owned by the caller.
 */
int proto_load(const char *line, size_t len, json_t **out, struct err *e);

/* The fields of args by command, but for those of persona.add (spec.h). Commands without a row take {}. */
#define PROTO_NUMBER "number" /* the type of a field that a word of the command line fills as a number */
struct proto_field {
    enum verb_id verb;
    const char *name;
    const char *type; /* for the manual: "id", "bool", "words", ... */
    bool required;
    int (*read)(const json_t *v, struct request *r, struct err *e);
};
extern const struct proto_field proto_fields[];
extern const size_t proto_fields_count;

/* Answers. Text that is not UTF-8 is made so. Each returns a malloc'ed line that ends in '\n' (caller frees),
 * or NULL when memory is short or the line would be too long. result is a borrowed reference; NULL stands for
 * {}. */
char *proto_ok(int64_t id, const json_t *result);
char *proto_fail(int64_t id, const struct err *e);
char *proto_progress(int64_t id, const char *step, int percent /* -1: unknown */, const char *detail);
/* {"event":"persona","id":"work",...}: a line of a subscription; event is a borrowed object. */
char *proto_event(const json_t *event);

/* The client's side. */
char *proto_request(int64_t id, const char *command, const json_t *args);
enum proto_kind { PROTO_KIND_OK, PROTO_KIND_FAIL, PROTO_KIND_PROGRESS, PROTO_KIND_EVENT };
struct reply {
    enum proto_kind kind;
    int64_t id;     /* 0 for an event */
    json_t *body;   /* result, error, progress or event: owned; proto_reply_finish gives it back */
    struct err err; /* PROTO_KIND_FAIL; a code that this program does not know becomes ERR_INTERNAL */
};
/* One line from bay0, without its newline. Unknown fields are passed over: bay0 may be newer. 0, or -1 with
 * *e and *out empty. */
int proto_reply_parse(const char *line, size_t len, struct reply *out, struct err *e);
void proto_reply_finish(struct reply *r);

#endif
