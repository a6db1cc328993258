/* SPDX-License-Identifier: MIT
 * Tests of the verb table: every row is whole, no two collide. */
#include "core/verbs.h"
#include "tests/t.h"

static void test_rows(void)
{
    for (size_t i = 0; i < VERB_COUNT; i++) {
        const struct verb *v = &verbs[i];

        T_NAMED(v->id == (enum verb_id)i && v->words && v->command && v->operands && *v->help, v->help);
        T_NAMED(v->min <= v->max && (v->max > 0) == (v->operands[0] != '\0'), v->help);
        T_NAMED((v->tail == TAIL_NONE) == !strstr(v->operands, "--"), v->help);
        T_NAMED(*v->words || *v->command, v->help);
        for (size_t k = 0; k < i; k++)
            if (*v->words && strcmp(v->words, verbs[k].words) == 0)
                T_NAMED(false, v->words);
    }
}

static void test_lookup(void)
{
    T(verb_by_command("persona.list") == &verbs[VERB_PERSONA_LIST]);
    T(verb_by_command("persona.exec") == &verbs[VERB_RUN]);
    T(verb_by_command("hello") == &verbs[VERB_HELLO]);
    T(verb_by_command("") == NULL);
    T(verb_by_command(NULL) == NULL);
    T(verb_by_command("persona") == NULL);
    T(verb_by_command("Persona.add") == NULL);
}

/* What a persona may ask of bay0 is a short list, and is meant to stay one. */
static void test_who(void)
{
    char text[200] = "";

    for (size_t i = 0; i < VERB_COUNT; i++)
        if (verbs[i].who != VERB_ROOT && verbs[i].command[0] &&
            verb_by_command(verbs[i].command) == &verbs[i])
            strcat(strcat(text, verbs[i].command), " ");
    T_STR(text, "hello persona.list service.status transfer.send transfer.pull ");
}

static void test_options(void)
{
    for (size_t i = 0; i < verb_options_count; i++) {
        const struct verb_option *o = &verb_options[i];

        T_NAMED(o->verb <= VERB_COUNT && *o->name && o->value && *o->help, o->name);
        for (size_t k = 0; k < i; k++) {
            const struct verb_option *p = &verb_options[k];
            bool together = o->verb == p->verb || o->verb == VERB_COUNT || p->verb == VERB_COUNT;

            if (together && (strcmp(o->name, p->name) == 0 || (o->letter && o->letter == p->letter)))
                T_NAMED(false, o->name);
        }
    }
}

int main(void)
{
    test_rows();
    test_lookup();
    test_who();
    test_options();
    return t_done();
}
