/* SPDX-License-Identifier: MIT
 * The source of spine(1), from the verb table. scdoc(5). */
#include "core/version.h"
#include "spine-cli/help.h"
#include "spine-cli/parse.h"

#include <ctype.h>
#include <string.h>

/* Text with the marks of scdoc made harmless. */
static void plain(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (strchr("\\*_<>#[]~", *text))
            fputc('\\', out);
        fputc(*text, out);
    }
}

static void option(FILE *out, const struct verb_option *o, const char *indent)
{
    fputs(indent, out);
    if (o->letter)
        fprintf(out, "*-%c*, ", o->letter);
    fprintf(out, "*--%s*", o->name);
    if (*o->value)
        fputc(' ', out);
    plain(out, o->value);
    fprintf(out, "\n%s\t", indent);
    plain(out, o->help);
    fputs("\n\n", out);
}

static void verb(FILE *out, const struct verb *v)
{
    struct verb_option o;

    fprintf(out, "*spine %s*", v->words);
    if (*v->operands)
        fputc(' ', out);
    plain(out, v->operands);
    fprintf(out, "\n\t%c", toupper((unsigned char)*v->help));
    plain(out, v->help + 1);
    fputs(".\n\n", out);
    for (size_t i = 0; parse_option(v, i, &o); i++)
        if (o.verb != VERB_COUNT)
            option(out, &o, "\t");
}

static const char before[] =
    "spine(1) \"Alpine-Spine " SPINE_VERSION "\" \"User Commands\"\n"
    "\n# NAME\n\nspine - run personas on the Spine, switch between them, and look after the services they "
    "share\n"
    "\n# SYNOPSIS\n\n*spine* [OPTION...] VERB [WORD...]\n"
    "\n# DESCRIPTION\n\n"
    "*spine* asks *bay0*(8) through its socket and shows the answer. Inside a persona it reaches the "
    "persona's own\n"
    "socket, which answers only questions: *spine ps*, *spine persona list*, *spine service status*.\n"
    "\nOptions may stand anywhere before \"\\--\"; what follows \"\\--\" is a command line and is passed on "
    "word by word.\n"
    "\n# VERBS\n\n";

static const char after[] =
    "# OUTPUT\n\n"
    "Tables and messages are for people and may change. With *--json* standard output is one JSON document, "
    "or for\n"
    "*events* and *logs* one a line; a refusal is {\"error\":{\"code\",\"message\",\"hint\"}}; "
    "progress goes to\n"
    "standard error, one {\"progress\":{...}} a line. *spine-protocol*(7) has the shapes and the error "
    "codes.\n"
    "\n*spine logs* prints a line for each line of the log, with its time in UTC and its level; with "
    "*--json* one object "
    "a line:\n"
    "*time*, *level*, *source*, *message*. With *--follow* it goes on until it is ended, also when the log "
    "is begun "
    "anew; where\n"
    "it reads too slowly a line says that lines are left out.\n"
    "\n*spine doctor* makes a persona for some seconds, to show that it cannot reach what it must not, and "
    "removes it; "
    "*--quick*\n"
    "leaves that out. It takes at most two minutes, with *--quick* 20 seconds.\n"
    "\nA verb that changes something says nothing when it worked. Control characters in what is shown become "
    "\"?\".\n"
    "\n# PROGRAMS INSIDE A PERSONA\n\n"
    "*spine run* and *spine shell* lend their standard input, output and error to the program, wait for its "
    "end, and\n"
    "exit with its status. With *--tty*, and for *spine shell* on a terminal, keys such as Ctrl-C go to the "
    "program,\n"
    "and the terminal's settings are put back afterwards. With *--detach* the program runs on by itself, and "
    "nothing\n"
    "is printed. With *--json* the last line of standard output is {\"status\":N}.\n"
    "\n# EXIT STATUS\n\n"
    "*0*\n\tDone. For *doctor*: everything is well.\n\n"
    "*1*\n\tbay0 refused, or something failed. For *doctor*: something is wrong.\n\n"
    "*2*\n\tWrong use; bay0 was not asked.\n\n"
    "*3*\n\tbay0 is not there, or went away before it had answered.\n\n"
    "*run* and *shell* exit with the status of the program; 125 to 127 mean that it could not be run.\n"
    "\n# ENVIRONMENT\n\n*SPINE\\_SOCKET*\n\tPath of bay0's socket, when *--socket* is not given.\n\n"
    "*TERM*\n\tPassed on to a program that is given a terminal.\n"
    "\n# FILES\n\n_/run/spine/bay0.sock_\n\tbay0's socket: root and members of the group *spine*. Inside a "
    "persona: its own.\n"
    "\n# EXAMPLES\n\n"
    "Declare a persona with access to ai-core, start it, bring it to the front:\n\n"
    "```\nspine persona add work docker.io/library/debian:12 --ai --memory 2G\nspine persona start "
    "work\nspine focus work\n"
    "```\n\nRun a program in it, without quoting anything twice:\n\n"
    "```\nspine run work -- sh -c 'ls -l \"$HOME\"'\n```\n\n"
    "Remove it together with its home:\n\n"
    "```\nspine persona stop work\nspine persona rm work --wipe work\n```\n"
    "\n# SEE ALSO\n\n*bay0*(8), *spine-protocol*(7)\n";

void help_man(FILE *out)
{
    struct verb_option o;

    fputs(before, out);
    for (size_t i = 0; i < VERB_COUNT; i++)
        if (*verbs[i].words)
            verb(out, &verbs[i]);
    fputs("# OPTIONS OF EVERY VERB\n\n", out);
    for (size_t i = 0; parse_option(NULL, i, &o); i++)
        option(out, &o, "");
    fputs(after, out);
}
