/* SPDX-License-Identifier: MIT
 * Holds spine-protocol(7) against the tables: every command, field and error is there, and nothing else. */
#include "core/proto.h"
#include "core/version.h"
#include "tests/t.h"

static char manual[65536];

/* The paragraph of a command: from its "*name* (who)" to the next one. */
static bool paragraph(const struct verb *v, char *out, size_t size)
{
    static const char *const who[] = {[VERB_ROOT] = "root", [VERB_ANY] = "any", [VERB_OWN] = "own"};
    char head[80];
    const char *from, *to;

    snprintf(head, sizeof head, "\n*%s* (%s)\n", v->command, who[v->who]);
    from = strstr(manual, head);
    if (!from)
        return false;
    from += strlen(head);
    to = strstr(from, "\n*");
    if (!to || (size_t)(to - from) >= size)
        return false;
    memcpy(out, from, (size_t)(to - from));
    out[to - from] = '\0';
    return true;
}

static void field(const struct verb *v, const char *text, const char *name, bool required)
{
    char mark[60], what[120];

    snprintf(mark, sizeof mark, required ? "*%s*" : "[*%s*]", name);
    snprintf(what, sizeof what, "%s: %s", v->command, mark);
    T_NAMED(strstr(text, mark) != NULL, what);
}

static void test_commands(void)
{
    static char text[8192];
    size_t documented = 0, commands = 0;

    for (size_t i = 0; i < VERB_COUNT; i++) {
        const struct verb *v = &verbs[i];

        if (!*v->command || verb_by_command(v->command) != v)
            continue;
        commands++;
        if (!T_NAMED(paragraph(v, text, sizeof text), v->command))
            continue;
        for (size_t k = 0; k < proto_fields_count; k++)
            if (proto_fields[k].verb == v->id)
                field(v, text, proto_fields[k].name, proto_fields[k].required);
        for (size_t k = 0; v->id == VERB_PERSONA_SET && k < spec_options_count; k++)
            if (spec_can_change(&spec_options[k]))
                field(v, text, spec_options[k].name, false);
        if (v->id != VERB_PERSONA_ADD)
            continue;
        field(v, text, "id", true);
        field(v, text, "image", true);
        field(v, text, "command", false);
        for (size_t k = 0; k < spec_options_count; k++)
            field(v, text, spec_options[k].name, false);
    }
    for (const char *s = manual; (s = strstr(s, "* (")); s++)
        documented += strncmp(s, "* (any)\n", 8) == 0 || strncmp(s, "* (root)\n", 9) == 0 ||
                      strncmp(s, "* (own)\n", 8) == 0;
    T_INT(documented, commands);
}

static void test_errors(void)
{
    const char *s = strstr(manual, "\n# ERRORS\n");

    if (!T(s != NULL))
        return;
    for (unsigned i = ERR_NONE + 1; i < ERR_COUNT; i++) {
        char name[60];
        size_t len;

        s = strstr(s, "\n\n*");
        if (!s)
            break;
        s += 3;
        len = strcspn(s, "*");
        snprintf(name, sizeof name, "%.*s", (int)len, s);
        T_STR(name, err_name((enum err_code)i));
    }
    T(s && (s = strstr(s, "\n\n")) && strncmp(s, "\n\n# ", 4) == 0);
}

static void test_numbers(void)
{
    static const long long numbers[] = {PROTO_LINE_MAX,        PROTO_REPLY_MAX, PROTO_EXEC_WORDS_MAX,
                                        PROTO_EXEC_TEXT_MAX,   PROTO_LOG_LINES, PROTO_LOG_LINES_MAX,
                                        SPEC_MEMORY_MIN,       SPEC_PIDS_MIN,   SPEC_PIDS_MAX,
                                        SPEC_COMMAND_WORDS_MAX};
    char text[40];

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        snprintf(text, sizeof text, "%lld", numbers[i]);
        T_NAMED(strstr(manual, text) != NULL, text);
    }
    T(strstr(manual, "\"Alpine-Spine " SPINE_VERSION "\"") != NULL);
}

int main(void)
{
    FILE *f = fopen("docs/spine-protocol.7.scd", "r");

    if (f) {
        T(fread(manual, 1, sizeof manual - 1, f) > 0);
        fclose(f);
    }
    T(f != NULL);
    test_commands();
    test_errors();
    test_numbers();
    return t_done();
}
