/* SPDX-License-Identifier: MIT
 * Golden tests: golden/X.txt holds a declaration and, below "---", the words that come of it, one a line.
 * `test_golden --print FILE` writes what the file should hold now. */
#include "core/buf.h"
#include "core/explain.h"
#include "core/firewall.h"
#include "core/sound.h"
#include "core/tenants.h"
#include "sample.h"
#include "tests/t.h"

#include <dirent.h>

#define DIR_NAME "bay0/core/test/golden"

static struct argv words;
static struct err e;

static int exec_words(const char *text)
{
    json_t *j = json_loads(text, 0, NULL), *list = json_object_get(j, "words");
    const char *word[16] = {NULL};
    struct exec_request r = {.words = word};
    struct persona_spec s;
    int rc;

    for (size_t i = 0; i < json_array_size(list) && i < 15; i++)
        word[i] = json_string_value(json_array_get(list, i));
    r.tty = json_is_true(json_object_get(j, "tty"));
    r.interactive = json_is_true(json_object_get(j, "interactive"));
    r.detach = json_is_true(json_object_get(j, "detach"));
    r.mark = (uint64_t)json_integer_value(json_object_get(j, "mark"));
    r.term = json_string_value(json_object_get(j, "term"));
    rc = spec_from_json(json_object_get(j, "spec"), &s, &e);
    if (rc == 0)
        rc = podman_exec(&words, &sample_paths, &s, &r, &e);
    json_decref(j);
    return rc;
}

static int verb_words(const char *text)
{
    char verb[16], subject[300] = "";
    struct persona_spec s = {.id = "work", .image = "oci-archive:/persist/transfer/a.tar"};

    if (sscanf(text, "%15s %299s", verb, subject) < 1)
        return -1;
    if (strcmp(verb, "init") == 0)
        return podman_init(&words, &sample_paths, subject, &e);
    if (strcmp(verb, "start") == 0)
        return podman_start(&words, &sample_paths, subject, &e);
    if (strcmp(verb, "stop") == 0)
        return podman_stop(&words, &sample_paths, subject, 10, &e);
    if (strcmp(verb, "rm") == 0)
        return podman_rm(&words, &sample_paths, subject, &e);
    if (strcmp(verb, "inspect") == 0)
        return podman_inspect(&words, &sample_paths, subject, &e);
    if (strcmp(verb, "ps") == 0)
        return podman_ps(&words, &sample_paths, &e);
    if (strcmp(verb, "exists") == 0)
        return podman_image_exists(&words, &sample_paths, subject, &e);
    if (strcmp(verb, "pull") == 0)
        return podman_pull(&words, &sample_paths, subject, &e);
    if (strcmp(verb, "tag") == 0)
        return podman_tag(&words, &sample_paths, subject, &s, &e);
    return strcmp(verb, "environment") == 0 ? podman_environment(&words, &sample_paths, NULL) : -1;
}

static int explain(const struct persona_spec *s, unsigned range, struct buf *out)
{
    static const struct machine machine = {.memory = UINT64_C(8) << 30, .cores = "0-3"};
    json_t *rows = explain_rows(&sample_paths, s, range_base(range), &machine), *r;
    size_t i;

    json_array_foreach(rows, i, r)
    {
        buf_addf(out, "%s | %s | %s | %s\n", json_string_value(json_object_get(r, "about")),
                 json_string_value(json_object_get(r, "what")), json_string_value(json_object_get(r, "is")),
                 json_string_value(json_object_get(r, "why")));
    }
    json_decref(rows);
    return buf_done(out);
}

/* in: "KIND RANGE TEXT". Fills out with the words or the text. */
static int produce(const char *in, struct buf *out)
{
    struct persona_spec s;
    static struct tenants table;
    char kind[16];
    unsigned range;
    int at = 0, rc = -1;

    if (sscanf(in, "%15s %u %n", kind, &range, &at) != 2)
        return -1;
    argv_init(&words);
    if (strcmp(kind, "create") == 0)
        rc = sample_spec(in + at, &s) ? -1 : podman_create(&words, &sample_paths, &s, range_base(range), &e);
    else if (strcmp(kind, "tenant") == 0)
        rc = tenants_parse(in + at, strlen(in + at), &table, &e)
                 ? -1
                 : tenant_create(&words, &sample_paths, &table.row[0], range_base(range), &e);
    else if (strcmp(kind, "ai-core") == 0) {
        tenants_default(&table);
        rc = tenant_create(&words, &sample_paths, tenants_find(&table, "ai-core"), range_base(range), &e);
    } else if (strcmp(kind, "exec") == 0)
        rc = exec_words(in + at);
    else if (strcmp(kind, "verb") == 0)
        rc = verb_words(in + at);
    else if (strcmp(kind, "sound") == 0)
        rc = sample_spec(in + at, &s) ? -1 : sound_argv(&words, &sample_paths, &s, &e);
    else if (strcmp(kind, "explain") == 0)
        return sample_spec(in + at, &s) ? -1 : explain(&s, range, out);
    else if (strcmp(kind, "firewall") == 0)
        return sample_spec(in + at, &s) ? -1 : firewall_text(&s, out);
    argv_print(&words, out);
    return rc || buf_done(out);
}

static void golden(const char *path, bool print)
{
    static char file[32768], memory[32768];
    struct buf out;
    char *want;
    int rc;

    buf_init(&out, memory, sizeof memory);
    want = sample_read(path, file, sizeof file) > 0 ? strstr(file, "\n---\n") : NULL;
    if (want)
        *want = '\0';
    memset(&e, 0, sizeof e);
    rc = want ? produce(file, &out) : -1;
    if (rc)
        printf("# %s\n", e.message);
    if (print)
        printf("%s\n---\n%s", file, memory);
    else
        T_NAMED(want && rc == 0 && t_str(memory, want + 5, __FILE__, __LINE__, path), path);
}

int main(int argc, char **argv)
{
    struct dirent **list = NULL;
    char path[512];
    int n, run = 0;

    if (argc == 3 && strcmp(argv[1], "--print") == 0) {
        golden(argv[2], true);
        return 0;
    }
    n = scandir(DIR_NAME, &list, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        if (list[i]->d_name[0] != '.') {
            snprintf(path, sizeof path, DIR_NAME "/%s", list[i]->d_name);
            golden(path, false);
            run++;
        }
        free(list[i]);
    }
    free(list);
    T(run >= 20);
    return t_done();
}
