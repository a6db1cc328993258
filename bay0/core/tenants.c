/* SPDX-License-Identifier: MIT
 * Reads and checks the rows of the system tenants. */
#include "core/tenants.h"

#include "core/err.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY_DEFAULT ((uint64_t)8 << 30)

enum { PIDS_DEFAULT = 512, WORDS_MAX = 32, PATH_TEXT_MAX = 96 };

/* One row while it is read; the first mistake is kept in e. */
struct reader {
    struct tenants *t;
    const json_t *o;
    const char *name;
    struct err *e;
};

static const struct tenant ai_core = {
    .name = "ai-core",
    .image = "docker.io/ollama/ollama",
    .socket = TENANT_AI_SOCKET,
    .upstream = "127.0.0.1:11434",
    .models = "ai/models",
    .models_at = "/root/.ollama/models",
    .models_writable = true, /* it makes folders there when it starts, and ends if it cannot */
    .memory = MEMORY_DEFAULT,
    .pids = PIDS_DEFAULT,
    .command_words = 2,
    .command = "/bin/ollama\0serve",
    .env_words = 2,
    .env = "OLLAMA_HOST=127.0.0.1:11434\0OLLAMA_MODELS=/root/.ollama/models",
};

void tenants_default(struct tenants *t)
{
    memset(t, 0, sizeof *t);
    t->row[0] = ai_core;
    t->n = 1;
}

static int wrong(const struct reader *r, const char *field, const char *want)
{
    return err_set(r->e, ERR_BAD_VALUE, "%s: tenant %s: %s must be %s", TENANTS_FILE, r->name, field, want);
}

/* A copy in the table's own text, or NULL when that is full. */
static const char *keep(struct tenants *t, const char *s)
{
    size_t n = strlen(s) + 1;
    char *copy = t->text + t->used;

    if (n > sizeof t->text - t->used)
        return NULL;
    memcpy(copy, s, n);
    t->used += n;
    return copy;
}

/* Below a directory of ours: "ai/models". Parts of a-z, 0-9, '.', '-' and '_', none beginning with '.' or
 * '-'. */
static bool relative_path_ok(const char *s)
{
    size_t n = strlen(s);

    if (n == 0 || n > PATH_TEXT_MAX || s[n - 1] == '/')
        return false;
    if (strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789.-_/") != n)
        return false;
    for (const char *p = s;; p = strchr(p, '/') + 1) {
        if (*p == '.' || *p == '-' || *p == '/')
            return false;
        if (!strchr(p, '/'))
            return true;
    }
}

/* Of all that lies in bay0's directories only what is a tenant's: never a persona's folder or bay0's socket.
 */
static bool own_path_ok(const char *s)
{
    return relative_path_ok(s) && (strncmp(s, "ai/", 3) == 0 || strncmp(s, "tenant/", 7) == 0);
}

static bool absolute_path_ok(const char *s)
{
    /* What crun and the profile's own mounts use. */
    static const char *const taken[] = {"/proc", "/sys", "/dev", "/run", "/etc", "/usr"};
    size_t i;

    if (s[0] != '/' || strlen(s) > PATH_TEXT_MAX || strchr(s, ':') || strchr(s, ',') || strstr(s, "//") ||
        strstr(s, "/../") || strstr(s, "/./") || s[strlen(s) - 1] == '/' || s[strlen(s) - 1] == '.')
        return false;
    for (const char *p = s; *p; p++)
        if (*p <= ' ' || *p >= 0x7f)
            return false;
    for (i = 0; i < sizeof taken / sizeof *taken; i++) {
        size_t n = strlen(taken[i]);

        if (strncmp(s, taken[i], n) == 0 && (s[n] == '/' || !s[n]))
            return false;
    }
    return true;
}

static bool upstream_ok(const char *s)
{
    static const char host[] = "127.0.0.1:";
    static const char path[] = "/-._0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const char *port = s + sizeof host - 1;
    size_t n;

    if (strncmp(s, host, sizeof host - 1) != 0)
        return false;
    n = strspn(port, "0123456789");
    /* Behind the port may stand a path: the relay asks there whether the server is ready. */
    if (port[n] == '/' && (strlen(port + n) > 63 || strspn(port + n, path) != strlen(port + n)))
        return false;
    return n > 0 && n <= 5 && (!port[n] || port[n] == '/') && port[0] != '0' &&
           strtoul(port, NULL, 10) <= 65535;
}

static bool printable(const char *s)
{
    for (; *s; s++)
        if ((unsigned char)*s < ' ' || *s == 0x7f)
            return false;
    return true;
}

static bool command_word_ok(const char *s)
{
    return printable(s);
}

static bool env_word_ok(const char *s)
{
    size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");

    return n > 0 && s[n] == '=' && printable(s) && strncmp(s, "LISTEN_", 7) != 0 && strncmp(s, "LD_", 3) != 0;
}

static int read_text(const struct reader *r, const char *field, bool (*ok)(const char *), const char *want,
                     const char **out)
{
    const char *s = json_string_value(json_object_get(r->o, field));

    if (!s || !ok(s))
        return wrong(r, field, want);
    *out = keep(r->t, s);
    return *out ? 0 : wrong(r, field, "shorter: the table is full");
}

/* A list of strings, packed one after the other. */
static int read_words(const struct reader *r, const char *field, bool (*ok)(const char *), const char *want,
                      uint32_t *n, const char **out)
{
    const json_t *list = json_object_get(r->o, field), *v;
    size_t i;

    if (!json_is_array(list) || json_array_size(list) > WORDS_MAX)
        return wrong(r, field, want);
    *out = r->t->text + r->t->used;
    json_array_foreach(list, i, v)
    {
        if (!json_is_string(v) || !ok(json_string_value(v)))
            return wrong(r, field, want);
        if (!keep(r->t, json_string_value(v)))
            return wrong(r, field, "shorter: the table is full");
    }
    *n = (uint32_t)json_array_size(list);
    return 0;
}

static int read_limits(const struct reader *r, struct tenant *row)
{
    const json_t *memory = json_object_get(r->o, "memory"), *pids = json_object_get(r->o, "pids");
    const json_t *writable = json_object_get(r->o, "models_writable");

    row->memory = MEMORY_DEFAULT;
    if (json_is_integer(memory) && json_integer_value(memory) > 0)
        row->memory = (uint64_t)json_integer_value(memory);
    else if (memory && (!json_is_string(memory) || spec_parse_size(json_string_value(memory), &row->memory)))
        return wrong(r, "memory", "a size such as 2G");
    if (row->memory < SPEC_MEMORY_MIN || row->memory > SPEC_MEMORY_MAX)
        return wrong(r, "memory", "16M to 1024T");
    row->pids = PIDS_DEFAULT;
    if (pids && (!json_is_integer(pids) || json_integer_value(pids) < SPEC_PIDS_MIN ||
                 json_integer_value(pids) > SPEC_PIDS_MAX))
        return wrong(r, "pids", "16 to 4194304 processes");
    if (pids)
        row->pids = (uint32_t)json_integer_value(pids);
    if (writable && !json_is_boolean(writable))
        return wrong(r, "models_writable", "true or false");
    row->models_writable = json_is_true(writable);
    return 0;
}

static int check_fields(const struct reader *r)
{
    static const char *const known[] = {"name",   "image",     "socket",  "upstream",
                                        "models", "models_at", "command", "models_writable",
                                        "memory", "pids",      "env"};
    const char *key;
    const json_t *v;

    json_object_foreach((json_t *)r->o, key, v)
    {
        size_t i = 0;

        while (i < sizeof known / sizeof *known && strcmp(known[i], key) != 0)
            i++;
        if (i == sizeof known / sizeof *known)
            return err_set(r->e, ERR_UNKNOWN_FIELD, "%s: tenant %s has an unknown field", TENANTS_FILE,
                           r->name);
    }
    return 0;
}

static int read_row(struct reader *r, struct tenant *row)
{
    if (!json_is_object(r->o))
        return wrong(r, "it", "an object");
    if (read_text(r, "name", name_id_ok, "a lower case letter and at most 30 of a-z, 0-9, -", &row->name))
        return -1;
    r->name = row->name;
    if (check_fields(r) || read_text(r, "image", name_image_ok, "an image's name", &row->image) ||
        read_text(r, "socket", own_path_ok, "a path such as ai/ollama.sock", &row->socket) ||
        read_text(r, "upstream", upstream_ok, "127.0.0.1, a port and perhaps a path", &row->upstream) ||
        read_text(r, "models", own_path_ok, "a path such as ai/models", &row->models) ||
        read_text(r, "models_at", absolute_path_ok, "an absolute path that is free", &row->models_at) ||
        read_words(r, "command", command_word_ok, "a list of 1 to 32 words", &row->command_words,
                   &row->command))
        return -1;
    if (row->command_words == 0 || !row->command[0])
        return wrong(r, "command", "a list of 1 to 32 words");
    if (name_image_is_file(row->image))
        return wrong(r, "image", "a name in the store or a registry");
    if (json_object_get(r->o, "env") &&
        read_words(r, "env", env_word_ok, "a list of NAME=value", &row->env_words, &row->env))
        return -1;
    return read_limits(r, row);
}

static bool clash(const struct tenant *a, const struct tenant *b)
{
    if (!a->name || !b->name || !a->socket || !b->socket)
        return true;
    return strcmp(a->name, b->name) == 0 || strcmp(a->socket, b->socket) == 0;
}

static int read_table(const json_t *root, struct tenants *t, struct err *e)
{
    const json_t *list = json_object_get(root, "tenants"), *row;
    size_t i, j;

    if (!json_is_array(list) || json_object_size(root) != 1 || json_array_size(list) > TENANTS_MAX)
        return err_set(e, ERR_BAD_VALUE, "%s must be {\"tenants\": [...]} with at most %d rows", TENANTS_FILE,
                       TENANTS_MAX);
    json_array_foreach(list, i, row)
    {
        struct reader r = {t, row, "without a name", e};

        if (read_row(&r, &t->row[i]))
            return -1;
        for (j = 0; j < i; j++)
            if (clash(&t->row[j], &t->row[i]))
                return wrong(&r, "name and socket", "its own");
        t->n = i + 1;
    }
    return 0;
}

/* The words that follow a row's pointers move with the table. */
static void rebase(const char **p, const struct tenants *from, struct tenants *to)
{
    if (*p)
        *p = to->text + (*p - from->text);
}

static void move(const struct tenants *from, struct tenants *to)
{
    *to = *from;
    for (size_t i = 0; i < to->n; i++) {
        struct tenant *row = &to->row[i];
        const char **const p[] = {&row->name,   &row->image,     &row->socket,  &row->upstream,
                                  &row->models, &row->models_at, &row->command, &row->env};

        for (size_t k = 0; k < sizeof p / sizeof *p; k++)
            rebase(p[k], from, to);
    }
}

int tenants_parse(const char *text, size_t len, struct tenants *t, struct err *e)
{
    struct tenants fresh = {0};
    json_t *root;
    int rc;

    if (len > TENANTS_FILE_MAX)
        return err_set(e, ERR_BAD_VALUE, "%s is longer than %d bytes", TENANTS_FILE, TENANTS_FILE_MAX);
    root = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    if (!root)
        return err_set(e, ERR_BAD_VALUE, "%s is no JSON", TENANTS_FILE);
    rc = read_table(root, &fresh, e);
    json_decref(root);
    if (rc == 0)
        move(&fresh, t);
    return rc;
}

const struct tenant *tenants_find(const struct tenants *t, const char *name)
{
    for (size_t i = 0; i < t->n; i++)
        if (strcmp(t->row[i].name, name) == 0)
            return &t->row[i];
    return NULL;
}
