/* SPDX-License-Identifier: MIT
 * The allow-lists for words from outside. Image references follow the grammar of the OCI distribution
 * specification. */
#include "core/name.h"

#include <stddef.h>
#include <string.h>

#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"
#define UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static const char *const file_transports[] = {"oci-archive:", "docker-archive:", "dir:"};

/* podman reads these words before a ':' as a way to fetch, not as part of a name. */
static const char *const other_transports[] = {
    "containers-storage:", "docker:", "docker-daemon:", "oci:", "ostree:", "sif:", "tarball:", "atomic:"};

static bool only(const char *s, size_t len, const char *allowed)
{
    for (size_t i = 0; i < len; i++)
        if (s[i] == '\0' || !strchr(allowed, s[i]))
            return false;
    return true;
}

bool name_id_ok(const char *s)
{
    size_t len;

    if (!s || s[0] < 'a' || s[0] > 'z')
        return false;
    len = strlen(s);
    return len <= NAME_ID_MAX && only(s, len, LOWER DIGITS "-");
}

bool name_id_reserved(const char *s)
{
    return strcmp(s, NAME_DOCTOR) == 0;
}

/* What follows the one of the n words that s begins with, or NULL. */
static const char *after(const char *s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(words[i]);

        if (strncmp(s, words[i], len) == 0)
            return s + len;
    }
    return NULL;
}

static const char *file_path(const char *s)
{
    return after(s, file_transports, sizeof file_transports / sizeof *file_transports);
}

bool name_image_is_file(const char *s)
{
    return s && file_path(s) != NULL;
}

static bool alnum_low(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool component_ok(const char *s, size_t len)
{
    return len > 0 && only(s, len, LOWER DIGITS "._-") && alnum_low(s[0]) && alnum_low(s[len - 1]);
}

/* host[:port]; the word before the first '/' is one when it could not be part of a path, as in podman. */
static bool host_ok(const char *s, size_t len)
{
    const char *colon = memchr(s, ':', len);
    size_t host = colon ? (size_t)(colon - s) : len;
    size_t port = colon ? len - host - 1 : 0;

    if (host == 0 || s[0] == '.' || s[0] == '-' || !only(s, host, LOWER UPPER DIGITS ".-"))
        return false;
    return !colon || (port > 0 && port <= 5 && only(colon + 1, port, DIGITS));
}

static bool digest_ok(const char *s)
{
    size_t want = strncmp(s, "sha256:", 7) == 0 ? 64 : strncmp(s, "sha512:", 7) == 0 ? 128 : 0;

    return want && strlen(s + 7) == want && only(s + 7, want, DIGITS "abcdef");
}

static bool tag_ok(const char *s, size_t len)
{
    return len > 0 && len <= 128 && s[0] != '.' && s[0] != '-' && only(s, len, LOWER UPPER DIGITS "._-");
}

static bool reference_ok(const char *s)
{
    const char *end = s + strcspn(s, "@");
    const char *slash = memchr(s, '/', (size_t)(end - s));
    const char *colon;

    if ((*end == '@' && !digest_ok(end + 1)) ||
        after(s, other_transports, sizeof other_transports / sizeof *other_transports))
        return false;
    if (slash) {
        size_t first = (size_t)(slash - s);

        if (!component_ok(s, first) && !host_ok(s, first))
            return false;
        s = slash + 1;
    }
    while ((slash = memchr(s, '/', (size_t)(end - s)))) {
        if (!component_ok(s, (size_t)(slash - s)))
            return false;
        s = slash + 1;
    }
    colon = memchr(s, ':', (size_t)(end - s));
    if (colon && !tag_ok(colon + 1, (size_t)(end - colon - 1)))
        return false;
    return component_ok(s, (size_t)((colon ? colon : end) - s));
}

bool name_image_ok(const char *s)
{
    const char *path;

    if (!s || strlen(s) > NAME_IMAGE_MAX || strstr(s, ".."))
        return false;
    path = file_path(s);
    if (path)
        return path[0] == '/' && path[1] != '\0' && only(path, strlen(path), LOWER UPPER DIGITS "/._+=~@%-");
    return reference_ok(s);
}

bool name_colour_ok(const char *s)
{
    return s && strlen(s) == NAME_COLOUR_LEN && s[0] == '#' && only(s + 1, 6, DIGITS "abcdefABCDEF");
}

bool name_term_ok(const char *s)
{
    size_t len = s ? strlen(s) : 0;

    return len > 0 && len <= NAME_TERM_MAX && s[0] != '-' && only(s, len, LOWER UPPER DIGITS "._+-");
}

bool name_type_ok(const char *s)
{
    static const char word[] = LOWER UPPER DIGITS "._+-";
    static const char charset[] = ";charset=";
    size_t kind = s ? strspn(s, word) : 0, sub, end;

    if (kind == 0 || s[kind] != '/' || strlen(s) > NAME_TYPE_MAX)
        return false;
    sub = strspn(s + kind + 1, word);
    end = kind + 1 + sub;
    if (sub == 0 || !s[end])
        return sub > 0;
    if (strncmp(s + end, charset, sizeof charset - 1) != 0)
        return false;
    end += sizeof charset - 1;
    return s[end] && strspn(s + end, word) == strlen(s + end);
}

bool name_sha256_ok(const char *s)
{
    return s && strlen(s) == NAME_SHA256_LEN && only(s, NAME_SHA256_LEN, DIGITS "abcdef");
}

/* Reads a number below 4096; NULL when there is none. */
static const char *core(const char *s, unsigned *out)
{
    size_t len = strspn(s, DIGITS);

    if (len == 0 || len > 4)
        return NULL;
    *out = 0;
    for (size_t i = 0; i < len; i++)
        *out = *out * 10 + (unsigned)(s[i] - '0');
    return *out < 4096 ? s + len : NULL;
}

bool name_cores_ok(const char *s)
{
    if (!s || strlen(s) > NAME_CORES_MAX)
        return false;
    for (;;) {
        unsigned from, to;

        s = core(s, &from);
        if (s && *s == '-') {
            s = core(s + 1, &to);
            if (s && to < from)
                return false;
        }
        if (!s || *s == '\0')
            return s != NULL;
        if (*s++ != ',')
            return false;
    }
}
