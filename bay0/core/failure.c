/* SPDX-License-Identifier: MIT
 * What podman says on standard error, turned into progress and into errors of the closed list. */
#include "core/err.h"
#include "core/inspect.h"

#include <stdio.h>
#include <string.h>

/* Like strstr in a text with a length. */
static bool has(const char *text, size_t len, const char *needle)
{
    return memmem(text, len, needle, strlen(needle)) != NULL;
}

static bool begins(const char *text, size_t len, const char *start)
{
    return len >= strlen(start) && memcmp(text, start, strlen(start)) == 0;
}

/* Copies what fits, with everything that is not printable ASCII as '?': the text came from a registry. */
static void copy_plain(char *out, size_t size, const char *text, size_t len)
{
    size_t n = len < size - 1 ? len : size - 1;

    for (size_t i = 0; i < n; i++)
        out[i] = text[i] >= 0x20 && text[i] < 0x7f ? text[i] : '?';
    out[n] = '\0';
}

/* As above; of a text that is too long the start and, since that is where the cause stands, the end. */
static void copy_ends(char *out, size_t size, const char *text, size_t len)
{
    size_t start = size / 3;

    if (len < size) {
        copy_plain(out, size, text, len);
        return;
    }
    copy_plain(out, start + 1, text, start);
    copy_plain(out + start, 6, " ... ", 5);
    copy_plain(out + start + 5, size - start - 5, text + len - (size - start - 6), size - start - 6);
}

bool pull_line(struct pull_progress *p, const char *line, size_t len)
{
    static const struct {
        const char *start, *step;
        bool blob;
    } news[] = {
        {"Trying to pull ", "resolve", false},
        {"Getting image source signatures", "resolve", false},
        {"Copying blob ", "copy", true},
        {"Copying config ", "config", false},
        {"Writing manifest to image destination", "store", false},
        {"Storing signatures", "store", false},
    };

    for (size_t i = 0; i < sizeof news / sizeof *news; i++)
        if (begins(line, len, news[i].start)) {
            p->blobs_seen += news[i].blob;
            snprintf(p->step, sizeof p->step, "%s", news[i].step);
            copy_plain(p->detail, sizeof p->detail, line, len);
            return true;
        }
    if (begins(line, len, "time=") && has(line, len, "ailed, retrying in ")) {
        const char *from = memmem(line, len, "ailed, retrying in ", 19);

        snprintf(p->step, sizeof p->step, "retry");
        copy_plain(p->detail, sizeof p->detail, from - 1, len - (size_t)(from - 1 - line));
        return true;
    }
    return false;
}

/* The first match wins: a full disk is told as such even in the middle of a transfer. Texts recorded from
 * podman 5.8.6 but for those marked. */
static const struct cause {
    const char *needle;
    enum err_code code;
    const char *hint; /* NULL: the code's own */
} causes[] = {
    {"no space left on device", ERR_DISK_FULL, NULL},
    {"No space left on device", ERR_DISK_FULL, NULL}, /* crun: strerror(ENOSPC) */
    {"database or disk is full", ERR_DISK_FULL, NULL},
    {"disk quota exceeded", ERR_DISK_FULL, NULL}, /* strerror(EDQUOT) */
    {"manifest unknown", ERR_NO_IMAGE, NULL},
    {"image not known", ERR_NO_IMAGE, NULL},
    {"repository name not known to registry", ERR_NO_IMAGE, NULL}, /* distribution specification */
    {"requested access to the resource is denied", ERR_NO_IMAGE,
     "there is no such image, or its registry wants a login"}, /* docker.io */
    {"archive file not found", ERR_NO_IMAGE, "no such file on the Spine"},
    {"manifest.json: no such file or directory", ERR_NO_IMAGE, "no such image folder on the Spine"},
    {"manifest.json\": file does not exist", ERR_NO_IMAGE, "the file is no container image"},
    {"index.json: no such file or directory", ERR_NO_IMAGE, "the file is no container image"},
    {"is rejected by policy", ERR_NOT_ALLOWED, "the Spine's policy.json does not trust this source"},
    {"connection refused", ERR_PULL, "is the registry up, and is the network there?"},
    {"no such host", ERR_PULL, "check the registry's name"},
    {"network is unreachable", ERR_PULL, "there is no network: see `spine doctor`"},
    {"no route to host", ERR_PULL, "nobody answers at that address: check the registry's name"},
    {"i/o timeout", ERR_PULL, "the registry does not answer; try again"},
    {"connection reset by peer", ERR_PULL, "the transfer broke off; try again"},
    {"unexpected EOF", ERR_PULL, "the transfer broke off; try again"},
    {"Digest did not match", ERR_PULL, "what came is not what the registry announced; try again"},
    {"x509: ", ERR_PULL, "the registry's certificate is not trusted"},
    {"unauthorized", ERR_PULL, "the registry wants a login"},
    {"toomanyrequests", ERR_PULL, "the registry asks to try again later"},
};

/* The last line that begins with "Error: ", or else the last line that is not empty. */
static void last_words(const char *text, size_t len, const char **line, size_t *n)
{
    bool found = false;

    *line = text;
    *n = 0;
    while (len > 0) {
        const char *end = memchr(text, '\n', len);
        size_t m = end ? (size_t)(end - text) : len, step = end ? m + 1 : m;
        bool error = begins(text, m, "Error: ");

        if (error || (!found && m > 0)) {
            *line = error ? text + 7 : text;
            *n = error ? m - 7 : m;
            found = found || error;
        }
        text += step;
        len -= step;
    }
}

int podman_failure(int status, const char *stderr_text, size_t len, const char *what, struct err *e)
{
    char words[200];
    const char *line;
    size_t n;

    if (status == 127 && (len == 0 || begins(stderr_text, len, "cannot execute ")))
        return err_set(e, ERR_NO_PODMAN, "%s: podman could not be executed", what);
    last_words(stderr_text, len, &line, &n);
    if (n == 0)
        return err_set(e, ERR_PODMAN, "%s: podman ended with status %d and said nothing", what, status);
    copy_ends(words, sizeof words, line, n);
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
        if (has(line, n, causes[i].needle)) {
            err_set(e, causes[i].code, "%s: %s", what, words);
            return causes[i].hint ? err_hint(e, "%s", causes[i].hint) : -1;
        }
    return err_set(e, ERR_PODMAN, "%s: podman: %s", what, words);
}

bool podman_name_taken(const char *stderr_text, size_t len)
{
    return has(stderr_text, len, "that name is already in use") && !podman_name_stray(stderr_text, len);
}

bool podman_name_stray(const char *stderr_text, size_t len)
{
    return has(stderr_text, len, "that name is already in use by an external entity");
}

bool podman_damaged(const char *stderr_text, size_t len)
{
    static const char *const signs[] = {
        "layer not known",
        "no such container in storage",
        "unexpected end of JSON input",
        "invalid character",
        "readlink ",
        "lower: ",
        "/link: ",
        "config.json",
        "getting graph driver info",
        "mounting storage for container",
    };

    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (has(stderr_text, len, signs[i]))
            return true;
    return false;
}
