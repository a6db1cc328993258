/* SPDX-License-Identifier: MIT
 * The rows of the Spine's own services make sense, and their %-words are replaced. */
#include "tests/t.h"

#include "core/buf.h"
#include "core/services.h"

static const struct service_words words = {"/r", "/s", "/l", "eth0"};
static char text[512];

static int expand(const char *from, size_t size)
{
    struct buf out;

    memset(text, 'x', sizeof text);
    buf_init(&out, text, size);
    return service_expand(from, &words, &out);
}

static void replacing(void)
{
    T_INT(expand("%r/a%s%l-%i%%", sizeof text), 0);
    T_STR(text, "/r/a/s/l-eth0%");
    T_INT(expand("", sizeof text), 0);
    T_STR(text, "");
    T_INT(expand("plain", sizeof text), 0);
    T_STR(text, "plain");
    T(expand("%", sizeof text) < 0);
    T(expand("a%", sizeof text) < 0);
    T(expand("%x", sizeof text) < 0);
    T(expand("%R", sizeof text) < 0);
    T_INT(expand("%r", 3), 0);
    T(expand("%r", 2) < 0);
    T(expand("%rrr", 4) < 0);
}

/* Every text of a row has only words that are known, and fits. */
static bool expands(const char *from)
{
    return !from || expand(from, sizeof text) == 0;
}

static bool has_interface(const char *from)
{
    return from && strstr(from, "%i") != NULL;
}

static void row(size_t i)
{
    const struct service_row *r = &service_rows_table[i];
    bool interface = false, texts = expands(r->path) && expands(r->dir);
    size_t n;

    T_NAMED(r->name && strspn(r->name, "abcdefghijklmnopqrstuvwxyz-") == strlen(r->name) && r->name[0],
            "its name is a word");
    for (size_t k = 0; k < i; k++)
        T_NAMED(strcmp(service_rows_table[k].name, r->name) != 0, "its name is its own");
    for (n = 0; n < SERVICE_WORDS_MAX && r->argv[n]; n++) {
        texts = texts && expands(r->argv[n]);
        interface = interface || has_interface(r->argv[n]);
    }
    T_NAMED(n > 0, "it has a program");
    T_NAMED(!strpbrk(r->argv[0] + 3 * (strncmp(r->argv[0], "%l/", 3) == 0), "% "),
            "that is a plain word, or one of ours");
    T_NAMED(!r->may_be_absent || strncmp(r->argv[0], "%l/", 3) == 0, "only one of ours may be absent");
    T_NAMED(!r->follows || (size_t)r->after < i, "it follows another");
    for (n = 0; n < SERVICE_ENV_MAX && r->env[n]; n++) {
        texts = texts && expands(r->env[n]);
        T_NAMED(strchr(r->env[n], '=') > r->env[n], "its environment is NAME=value");
    }
    T_NAMED(texts, "its texts can be expanded");
    T_NAMED(!interface || r->needs_interface, "it needs the interface that it names");
    T_NAMED((r->ready == READY_PATH) == (r->path != NULL), "it has a path where it waits for one");
    T_NAMED(!r->path || (expand(r->path, sizeof text) == 0 && text[0] == '/'), "which is absolute");
    T_NAMED((unsigned)r->account <= SERVICE_SHOW, "it has an account");
    /* The rows are ended from the last to the first, so what comes after another stands below it; and no
     * cycle is possible. */
    T_NAMED((size_t)r->after <= i, "what it comes after stands above it");
}

int main(void)
{
    replacing();
    for (size_t i = 0; i < SERVICE_COUNT; i++) {
        printf("# %s\n", service_rows_table[i].name ? service_rows_table[i].name : "(none)");
        row(i);
    }
    return t_done();
}
