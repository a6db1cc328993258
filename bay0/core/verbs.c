/* SPDX-License-Identifier: MIT
 * The verb table and the options that verbs take. */
#include "core/verbs.h"

#include <string.h>

const struct verb verbs[VERB_COUNT] = {
#define V(symbol, text, cmd, may, least, most, rest, words_after, line)                                      \
    [symbol] = {.id = (symbol),                                                                              \
                .words = (text),                                                                             \
                .command = (cmd),                                                                            \
                .who = VERB_##may,                                                                           \
                .min = (least),                                                                              \
                .max = (most),                                                                               \
                .tail = TAIL_##rest,                                                                         \
                .operands = (words_after),                                                                   \
                .help = (line)},
#include "core/verbs.def"
#undef V
};

const struct verb_option verb_options[] = {
    {VERB_PERSONA_RM, 0, "wipe", "ID", "remove the home too; repeat the persona's id"},
    {VERB_RUN, 'd', "detach", "", "do not wait for the program, and give it no terminal"},
    {VERB_RUN, 't', "tty", "", "give the program a terminal of its own"},
    {VERB_SEND, 0, "to", "ID", "the persona it is for"},
    {VERB_AUDIT, 0, "verify", "", "print only whether the chain is whole"},
    {VERB_AUDIT, 0, "since", "TIME",
     "from then on: 2026-11-22, 2026-11-22T05:41, or 90s, 30m, 2h, 7d before now"},
    {VERB_AUDIT, 0, "persona", "ID", "only what concerns this persona"},
    {VERB_AUDIT, 'n', "lines", "N", "only the last N records"},
    {VERB_AUDIT, 0, "ledger", "DIR", "where the ledger lies (default /persist/audit)"},
    {VERB_DOCTOR, 'q', "quick", "", "leave out the throw-away persona, which takes some seconds"},
    {VERB_LOGS, 'f', "follow", "", "go on printing what comes, until you end it"},
    {VERB_LOGS, 'n', "lines", "N", "how many lines from the end (default 100)"},
    {VERB_COUNT, 0, "json", "", "print JSON for programs instead of text for people"},
    {VERB_COUNT, 0, "socket", "PATH", "bay0's socket (default $SPINE_SOCKET or /run/spine/bay0.sock)"},
    {VERB_COUNT, 'h', "help", "", "explain the verb"},
};
const size_t verb_options_count = sizeof verb_options / sizeof *verb_options;

const struct verb *verb_by_command(const char *command)
{
    if (!command || !*command)
        return NULL;
    for (size_t i = 0; i < VERB_COUNT; i++)
        if (strcmp(verbs[i].command, command) == 0)
            return &verbs[i];
    return NULL;
}
