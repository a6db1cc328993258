/* SPDX-License-Identifier: MIT
 * Help texts from the verb table. */
#include "spine-cli/help.h"

#include "core/buf.h"
#include "spine-cli/io.h"
#include "spine-cli/parse.h"

#include <ctype.h>
#include <string.h>

enum { VERB_WIDTH = 40, OPTION_WIDTH = 40 };

static void line(FILE *out, const char *left, int width, const char *help)
{
    if ((int)strlen(left) < width)
        fprintf(out, "  %-*s%s\n", width, left, help);
    else
        fprintf(out, "  %s\n  %*s%s\n", left, width, "", help);
}

static void verb_line(FILE *out, const struct verb *v)
{
    char left[128];

    snprintf(left, sizeof left, "%s%s%s", v->words, *v->operands ? " " : "", v->operands);
    line(out, left, VERB_WIDTH, v->help);
}

static void options(FILE *out, const struct verb *v)
{
    struct verb_option o;

    for (size_t i = 0; parse_option(v, i, &o); i++) {
        char left[128], letter[8] = "    ";

        if (o.letter)
            snprintf(letter, sizeof letter, "-%c, ", o.letter);
        snprintf(left, sizeof left, "%s--%s%s%s", letter, o.name, *o.value ? " " : "", o.value);
        line(out, left, OPTION_WIDTH, o.help);
    }
}

void help_verb(const struct verb *v, FILE *out)
{
    fprintf(out, "Usage: spine %s [OPTION...]%s%s\n\n%c%s.\n\nOptions:\n", v->words, *v->operands ? " " : "",
            v->operands, toupper((unsigned char)*v->help), v->help + 1);
    options(out, v);
}

static void help_all(FILE *out, const char *group)
{
    size_t len = strlen(group);

    fprintf(out, "Usage: spine [OPTION...] %s%sVERB [WORD...]\n\nVerbs:\n", group, len ? " " : "");
    for (size_t i = 0; i < VERB_COUNT; i++)
        if (*verbs[i].words &&
            (!len || (strncmp(verbs[i].words, group, len) == 0 && verbs[i].words[len] == ' ')))
            verb_line(out, &verbs[i]);
    fputs("\nOptions of every verb:\n", out);
    options(out, NULL);
    fputs("\nExit status: 0 done, 1 refused or failed, 2 wrong use, 3 bay0 is not there.\n", out);
}

static json_t *verb_json(const struct verb *v)
{
    json_t *list = json_array();
    struct verb_option o;

    for (size_t i = 0; parse_option(v, i, &o); i++)
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:s}", "name", o.name, "value", o.value, "help", o.help));
    return json_pack("{s:s, s:s, s:s, s:o}", "verb", v->words, "operands", v->operands, "help", v->help,
                     "options", list);
}

static void help_json(FILE *out, const struct verb *only)
{
    json_t *list = json_array(), *all;

    for (size_t i = 0; i < VERB_COUNT; i++)
        if (*verbs[i].words && (!only || only == &verbs[i]))
            json_array_append_new(list, verb_json(&verbs[i]));
    all = json_pack("{s:o}", "verbs", list);
    io_json(out, all);
    json_decref(all);
}

int help_print(const char *first, const char *second, bool json, FILE *out, struct err *e)
{
    const struct verb *v = parse_verb(first, second);
    bool group = !*second && parse_group(first);
    char shown[64];

    if (*first && !v && !group) {
        err_set(e, ERR_BAD_REQUEST, "there is no verb `%s`", buf_printable(shown, sizeof shown, first));
        return err_hint(e, "`spine help` lists the verbs");
    }
    if (json)
        help_json(out, v);
    else if (v)
        help_verb(v, out);
    else
        help_all(out, first);
    return 0;
}
