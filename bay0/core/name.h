/* SPDX-License-Identifier: MIT
 * The allow-lists for words from outside that become paths, argument words or sway command text. */
#ifndef BAY0_CORE_NAME_H
#define BAY0_CORE_NAME_H

#include <stdbool.h>

enum {
    NAME_ID_MAX = 31,
    NAME_IMAGE_MAX = 255,
    NAME_COLOUR_LEN = 7,
    NAME_CORES_MAX = 63,
    NAME_TERM_MAX = 63,
    NAME_TYPE_MAX = 63,
    NAME_SHA256_LEN = 64
};

bool name_id_ok(const char *s); /* [a-z][a-z0-9-]{0,30} */
/* The throw-away persona of `spine doctor`: no user's persona may be called so. */
#define NAME_DOCTOR "spine-doctor"
bool name_id_reserved(const char *s);
/* An image reference ([transport "oci-archive:"/"dir:"/"docker-archive:" absolute path] or
 * registry/path[:tag][@digest]), never with a leading
 * '-', white space, control characters or "..". */
bool name_image_ok(const char *s);
bool name_image_is_file(const char *s); /* oci-archive:, docker-archive: or dir: */
bool name_colour_ok(const char *s);     /* #rrggbb, lower or upper case */
bool name_cores_ok(const char *s);      /* cpuset list: 0-3,6 ; each number < 4096, ranges rising */
bool name_term_ok(const char *s);       /* a value of TERM: [A-Za-z0-9._+-], never with a leading '-' */
bool name_type_ok(const char *s);       /* a MIME type: type/subtype[;charset=word] */
bool name_sha256_ok(const char *s);     /* 64 digits, lower case hexadecimal */

#endif
