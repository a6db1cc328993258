/* SPDX-License-Identifier: MIT
 * What bay0 tells a running relay. */
#include "relay/control.h"

#include <string.h>

enum { VERB_LEN = 4 };

static const struct {
    const char *word; /* VERB_LEN bytes */
    unsigned descriptors;
} verbs[] = {[CONTROL_ADD] = {"add ", 1}, [CONTROL_DEL] = {"del ", 0}};

/* Not only a persona's name: bay0 may want one that no persona can have. */
static bool name_ok(const char *s, size_t len)
{
    static const char good[] = "-0123456789abcdefghijklmnopqrstuvwxyz";

    if (len == 0 || len > SOURCE_NAME_MAX)
        return false;
    for (size_t i = 0; i < len; i++)
        if (!memchr(good, s[i], sizeof good - 1))
            return false;
    return true;
}

const char *control_parse(struct control *c, const char *text, size_t len, unsigned descriptors)
{
    unsigned v = 0;

    while (v < sizeof verbs / sizeof verbs[0] &&
           (len < VERB_LEN || memcmp(text, verbs[v].word, VERB_LEN) != 0))
        v++;
    if (v == sizeof verbs / sizeof verbs[0])
        return "neither 'add NAME' nor 'del NAME'";
    if (!name_ok(text + VERB_LEN, len - VERB_LEN))
        return "a name is 1 to 31 of a-z, 0-9 and '-'";
    if (descriptors != verbs[v].descriptors)
        return "'add' comes with one descriptor, 'del' with none";
    *c = (struct control){.verb = (enum control_verb)v};
    memcpy(c->name, text + VERB_LEN, len - VERB_LEN);
    return NULL;
}
