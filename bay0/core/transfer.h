/* SPDX-License-Identifier: MIT
 * What is staged between two personas, as data: the name it keeps, the name of its file, its quota, its age.
 * Pure; bay0/umbilical keeps the files. */
#ifndef BAY0_CORE_TRANSFER_H
#define BAY0_CORE_TRANSFER_H

#include "core/err.h"
#include "core/name.h"

#include <stddef.h>
#include <stdint.h>

enum {
    TRANSFER_NAME_MAX = 96,        /* bytes of a cleaned name */
    TRANSFER_FILE_MAX = 255,       /* bytes of a file's name on the disk */
    TRANSFER_RAW_MAX = 4096,       /* bytes of a name before it is cleaned */
    TRANSFER_ALL_MAX = 128,        /* staged at a time */
    TRANSFER_EACH_MAX = 16,        /* of these sent by one persona */
    TRANSFER_BYTES_MAX = 1 << 28,  /* one file */
    TRANSFER_EACH_BYTES = 1 << 29, /* all that one persona has sent */
    TRANSFER_ALL_BYTES = 1 << 30,  /* all there is */
    TRANSFER_LIFE_S = 24 * 60 * 60
};
/* How `spine copy` ends. */
enum { TRANSFER_COPY_OK = 0, TRANSFER_COPY_FAILED = 1, TRANSFER_COPY_CHANGED = 3, TRANSFER_COPY_FULL = 4 };

enum transfer_state { TRANSFER_FREE, TRANSFER_COMING, TRANSFER_STAGED, TRANSFER_GOING };

struct transfer {
    enum transfer_state state;
    uint64_t number; /* what a person calls it */
    char from[NAME_ID_MAX + 1], to[NAME_ID_MAX + 1];
    char name[TRANSFER_NAME_MAX + 1];
    char sha256[NAME_SHA256_LEN + 1];
    uint64_t bytes;
    int64_t sent;   /* seconds since 1970, by the clock of then */
    uint64_t until; /* ms of the clock that never jumps */
};

/* The last part of a path as a name that is safe in a shell, on a terminal and in a home: no '/', no control
 * character, no blank, nothing that a shell reads, never hidden, never an option, never empty. */
void transfer_name_clean(const char *raw, char out[TRANSFER_NAME_MAX + 1]);
bool transfer_name_ok(const char *name); /* it is what cleaning makes of it */

/* All but bytes and until are in the name of its file, so that one rename or link makes a whole transfer:
 * number.from.to.sent.sha256.name. 0 or -1. transfer_file_parse leaves *out untouched when it is none. */
int transfer_file_name(const struct transfer *t, char *out, size_t size);
int transfer_file_parse(const char *file, struct transfer *out);

/* Seconds that it has left. A clock that was set back gives it a whole life and not more. */
uint64_t transfer_left(int64_t sent, int64_t now);

/* Whether one more of this size fits. 0 or -1 with *e. */
int transfer_may(const struct transfer *all, size_t n, const char *from, uint64_t bytes, struct err *e);

#endif
