/* SPDX-License-Identifier: MIT
 * Results for people. What bay0 left out, or gave another type than promised, is shown as "-". */
#include "spine-cli/show.h"

#include "core/buf.h"
#include "spine-cli/io.h"
#include "spine-cli/table.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 512 };

typedef int show_fn(const json_t *result, FILE *out);

static const char *text_of(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));

    return s && *s ? s : "-";
}

static bool flag(const json_t *o, const char *key)
{
    return json_is_true(json_object_get(o, key));
}

static const char *yes(const json_t *o, const char *key)
{
    return flag(o, key) ? "yes" : "-";
}

const char *show_size(json_int_t bytes, char out[SHOW_SIZE_MAX])
{
    static const char units[] = "BKMGTPE";
    double n = (double)bytes;
    size_t u = 0;

    while (n >= 1023.95 && units[u + 1]) {
        n /= 1024;
        u++;
    }
    if (bytes <= 0)
        return "-";
    snprintf(out, SHOW_SIZE_MAX, "%.*f%c", u == 0 || n >= 99.95 ? 0 : 1, n, units[u]);
    return out;
}

static const char *size_of(const json_t *o, const char *key, char out[SHOW_SIZE_MAX])
{
    return show_size(json_integer_value(json_object_get(o, key)), out);
}

static const char *state_of(const json_t *p)
{
    return flag(p, "frozen") ? "frozen" : flag(p, "throttled") ? "throttled" : text_of(p, "state");
}

static int end_table(struct table *t, FILE *out)
{
    int rc = table_print(t, out) ? 1 : 0;

    table_finish(t);
    return rc;
}

static int show_ps(const json_t *result, FILE *out)
{
    static const char *const titles[] = {"",        "ID",      "IMAGE", "STATE", ">CPU",
                                         ">MEMORY", "NETWORK", "GPU",   "AUDIO", "BACKGROUND"};
    struct table t;
    json_t *p;
    size_t i;

    table_init(&t, titles, sizeof titles / sizeof *titles);
    json_array_foreach(json_object_get(result, "personas"), i, p)
    {
        char size[SHOW_SIZE_MAX], cpu[32];

        snprintf(cpu, sizeof cpu, "%.1fs", (double)json_integer_value(json_object_get(p, "cpu_usec")) / 1e6);
        table_add(&t, flag(p, "focus") ? "*" : "");
        table_add(&t, text_of(p, "id"));
        table_add(&t, text_of(p, "image"));
        table_add(&t, state_of(p));
        table_add(&t, cpu);
        table_add(&t, size_of(p, "memory", size));
        table_add(&t, text_of(p, "network"));
        table_add(&t, yes(p, "gpu"));
        table_add(&t, yes(p, "audio"));
        table_add(&t, text_of(p, "background"));
    }
    return end_table(&t, out);
}

/* The switches that are on: "gpu,ai". */
static void grants(const json_t *d, char *text, size_t size)
{
    static const char *const names[] = {"lan", "gpu", "audio", "microphone", "ai", "autostart"};
    struct buf b;

    buf_init(&b, text, size);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (flag(d, names[i]))
            buf_addf(&b, "%s%s", b.len ? "," : "", names[i]);
    if (b.len == 0)
        buf_add(&b, "-");
}

static int show_list(const json_t *result, FILE *out)
{
    static const char *const titles[] = {"ID",      "IMAGE", "PROFILE", "NETWORK", "BACKGROUND",
                                         ">MEMORY", ">CPUS", "CORES",   "COLOUR",  "GRANTS"};
    struct table t;
    json_t *p;
    size_t i;

    table_init(&t, titles, sizeof titles / sizeof *titles);
    json_array_foreach(json_object_get(result, "personas"), i, p)
    {
        const json_t *d = json_object_get(p, "declaration");
        double cpus = json_number_value(json_object_get(d, "cpus"));
        char size[SHOW_SIZE_MAX], number[32], list[64];

        snprintf(number, sizeof number, cpus > 0 ? "%g" : "-", cpus);
        grants(d, list, sizeof list);
        table_add(&t, text_of(p, "id"));
        table_add(&t, text_of(p, "image"));
        table_add(&t, text_of(d, "profile"));
        table_add(&t, text_of(d, "network"));
        table_add(&t, text_of(d, "background"));
        table_add(&t, size_of(d, "memory", size));
        table_add(&t, number);
        table_add(&t, text_of(d, "cores"));
        table_add(&t, text_of(d, "colour"));
        table_add(&t, list);
    }
    return end_table(&t, out);
}

static int show_services(const json_t *result, FILE *out)
{
    static const char *const titles[] = {"NAME", "STATE", ">RESTARTS", "SOCKET"};
    struct table t;
    json_t *s;
    size_t i;

    table_init(&t, titles, sizeof titles / sizeof *titles);
    json_array_foreach(json_object_get(result, "services"), i, s)
    {
        const char *path = text_of(s, "socket"), *state = text_of(s, "state");
        char restarts[32], socket[TEXT_MAX];

        snprintf(restarts, sizeof restarts, "%lld",
                 (long long)json_integer_value(json_object_get(s, "restarts")));
        snprintf(socket, sizeof socket, "%s%s", path,
                 strcmp(path, "-") != 0 && !flag(s, "socket_exists") ? " (missing)" : "");
        table_add(&t, text_of(s, "name"));
        table_add(&t, strcmp(state, "-") != 0 ? state : flag(s, "up") ? "up" : "down");
        table_add(&t, restarts);
        table_add(&t, socket);
    }
    return end_table(&t, out);
}

static bool healthy(const json_t *result)
{
    bool well = json_array_size(json_object_get(result, "checks")) > 0;
    json_t *c;
    size_t i;

    json_array_foreach(json_object_get(result, "checks"), i, c) well = well && flag(c, "ok");
    return well;
}

static int show_doctor(const json_t *result, FILE *out)
{
    char clean[TEXT_MAX];
    json_t *c;
    size_t i;

    json_array_foreach(json_object_get(result, "checks"), i, c)
    {
        const char *word = !flag(c, "ok")                             ? "FAIL"
                           : strcmp(text_of(c, "level"), "note") == 0 ? "note"
                                                                      : "ok  ";

        fprintf(out, "%s  %s", word, buf_printable(clean, sizeof clean, text_of(c, "name")));
        fprintf(out, ": %s\n", buf_printable(clean, sizeof clean, text_of(c, "detail")));
        if (!flag(c, "ok") && strcmp(text_of(c, "advice"), "-") != 0)
            fprintf(out, "      -> %s\n", buf_printable(clean, sizeof clean, text_of(c, "advice")));
    }
    return healthy(result) ? 0 : 1;
}

/* Status 1: what runs is not what was declared. */
static int show_explain(const json_t *result, FILE *out)
{
    static const char *const titles[] = {"ABOUT", "WHAT", "IS", "WHY"};
    const json_t *drift = json_object_get(result, "drift");
    char clean[TEXT_MAX];
    struct table t;
    json_t *r;
    size_t i;

    table_init(&t, titles, sizeof titles / sizeof *titles);
    json_array_foreach(json_object_get(result, "rows"), i, r)
    {
        table_add(&t, text_of(r, "about"));
        table_add(&t, text_of(r, "what"));
        table_add(&t, text_of(r, "is"));
        table_add(&t, text_of(r, "why"));
    }
    if (end_table(&t, out))
        return 1;
    fputc('\n', out);
    json_array_foreach(drift, i, r)
    {
        fprintf(out, "differs: %s\n",
                buf_printable(clean, sizeof clean, json_is_string(r) ? json_string_value(r) : ""));
    }
    if (json_array_size(drift))
        return 1;
    fputs(flag(result, "compared") ? "What runs is as declared.\n"
                                   : "It does not run: nothing was compared.\n",
          out);
    return 0;
}

void show_log(const json_t *line, bool json, FILE *out)
{
    static const char *const fields[] = {"time", "level", "source", "message"};
    json_t *shown = json_object();

    for (size_t i = 0; json && i < sizeof fields / sizeof *fields; i++)
        json_object_set(shown, fields[i], json_object_get(line, fields[i]));
    if (json) {
        io_json(out, shown);
    } else {
        const char *time = json_string_value(json_object_get(line, "time"));
        const char *message = json_string_value(json_object_get(line, "message"));

        io_text(out, time ? time : "");
        fputs(time && *time ? " " : "", out);
        io_text(out, text_of(line, "level"));
        fputs(": ", out);
        io_text(out, message ? message : "");
        fputc('\n', out);
    }
    json_decref(shown);
}

static int show_logs(const json_t *result, FILE *out)
{
    json_t *line;
    size_t i;

    json_array_foreach(json_object_get(result, "lines"), i, line)
    {
        show_log(line, false, out);
    }
    return 0;
}

static int exec_status(const json_t *result)
{
    json_int_t n = json_integer_value(json_object_get(result, "status"));

    return n >= 0 && n <= 255 ? (int)n : 1;
}

static int show_exec(const json_t *result, FILE *out)
{
    (void)out; /* the program has had it */
    return exec_status(result);
}

/* Success is silent, unless bay0 has something to say about it. */
static int show_note(const json_t *result, FILE *out)
{
    const char *note = json_string_value(json_object_get(result, "note"));

    if (note && *note) {
        io_text(out, note);
        fputc('\n', out);
    }
    return 0;
}

static const char *left_of(const json_t *o, char *text, size_t size)
{
    json_int_t s = json_integer_value(json_object_get(o, "left"));

    snprintf(text, size, s >= 3600 ? "%lldh" : "%lldm", (long long)(s >= 3600 ? s / 3600 : s / 60));
    return text;
}

static int show_transfers(const json_t *result, FILE *out)
{
    static const char *const titles[] = {">NUMBER", "FROM", "TO", ">SIZE", ">LEFT", "NAME"};
    struct table t;
    json_t *f;
    size_t i;

    table_init(&t, titles, sizeof titles / sizeof *titles);
    json_array_foreach(json_object_get(result, "transfers"), i, f)
    {
        char number[32], size[SHOW_SIZE_MAX], left[32];

        snprintf(number, sizeof number, "%lld", (long long)json_integer_value(json_object_get(f, "number")));
        table_add(&t, number);
        table_add(&t, text_of(f, "from"));
        table_add(&t, text_of(f, "to"));
        table_add(&t, size_of(f, "bytes", size));
        table_add(&t, left_of(f, left, sizeof left));
        table_add(&t, text_of(f, "name"));
    }
    return end_table(&t, out);
}

/* What was sent, pulled or accepted; or what can be. */
static int show_crossing(const json_t *result, FILE *out)
{
    const char *path = json_string_value(json_object_get(result, "path"));
    char clean[TEXT_MAX];

    if (json_object_get(result, "transfers"))
        return show_transfers(result, out);
    if (!path)
        fprintf(out, "%lld ", (long long)json_integer_value(json_object_get(result, "number")));
    fprintf(out, "%s\n", buf_printable(clean, sizeof clean, path ? path : text_of(result, "name")));
    return 0;
}

static show_fn *const shows[VERB_COUNT] = {
    [VERB_PS] = show_ps,
    [VERB_PERSONA_LIST] = show_list,
    [VERB_SERVICE_STATUS] = show_services,
    [VERB_DOCTOR] = show_doctor,
    [VERB_PERSONA_EXPLAIN] = show_explain,
    [VERB_LOGS] = show_logs,
    [VERB_RUN] = show_exec,
    [VERB_SHELL] = show_exec,
    [VERB_SEND] = show_crossing,
    [VERB_PULL] = show_crossing,
    [VERB_TRANSFER_LIST] = show_crossing,
    [VERB_TRANSFER_ACCEPT] = show_crossing,
};

int show_result(const struct verb *v, const json_t *result, FILE *out)
{
    return (shows[v->id] ? shows[v->id] : show_note)(result, out);
}

/* persona.list answers two verbs: `ps` shows what runs, `persona list` what was declared. */
static json_t *declarations(const json_t *result)
{
    json_t *list = json_array(), *p;
    size_t i;

    json_array_foreach(json_object_get(result, "personas"), i, p)
    {
        json_array_append(list, json_object_get(p, "declaration"));
    }
    return json_pack("{s:o}", "personas", list);
}

int show_json(const struct verb *v, const json_t *result, FILE *out)
{
    json_t *shown =
        v->id == VERB_PERSONA_LIST ? declarations(result) : json_incref((json_t *)(uintptr_t)result);

    if (v->id == VERB_LOGS) {
        json_t *line;
        size_t i;

        json_array_foreach(json_object_get(result, "lines"), i, line)
        {
            show_log(line, true, out);
        }
    } else {
        io_json(out, shown);
    }
    json_decref(shown);
    if (v->id == VERB_DOCTOR)
        return healthy(result) ? 0 : 1;
    return shows[v->id] == show_exec ? exec_status(result) : 0;
}

void show_event(const json_t *event, FILE *out)
{
    char clean[TEXT_MAX];
    const char *key;
    json_t *v;

    fputs(buf_printable(clean, sizeof clean, text_of(event, "event")), out);
    json_object_foreach((json_t *)(uintptr_t)event, key, v)
    {
        char *other = NULL;

        if (strcmp(key, "event") == 0)
            continue;
        fprintf(out, " %s=", buf_printable(clean, sizeof clean, key));
        if (!json_is_string(v))
            other = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
        fputs(buf_printable(clean, sizeof clean,
                            other               ? other
                            : json_is_string(v) ? json_string_value(v)
                                                : ""),
              out);
        free(other);
    }
    fputc('\n', out);
    fflush(out);
}
