/* SPDX-License-Identifier: MIT
 * Completion scripts: a fixed frame for each shell, filled by walks over the verb table. The table holds no
 * quote, colon or backslash in names; help texts are quoted on the way out. */
#include "spine-cli/complete.h"

#include "core/buf.h"
#include "core/verbs.h"
#include "spine-cli/parse.h"

#include <stdbool.h>
#include <string.h>

/* Help text inside single quotes; zsh takes a colon for a separator. */
static void quoted(FILE *out, const char *text, bool colon)
{
    for (; *text; text++)
        if (*text == '\'')
            fputs("'\\''", out);
        else if (colon && *text == ':')
            fputs("\\:", out);
        else
            fputc(*text, out);
}

/* "a|b|c" -> "a b c" */
static void choices(FILE *out, const char *value)
{
    for (; *value; value++)
        fputc(*value == '|' ? ' ' : *value, out);
}

/* Row i is the first of its group of two-word verbs; *len is the length of the group's name. */
static bool opens_group(size_t i, size_t *len)
{
    const char *space = strchr(verbs[i].words, ' ');

    if (!space)
        return false;
    *len = (size_t)(space - verbs[i].words) + 1;
    for (size_t k = 0; k < i; k++)
        if (strncmp(verbs[k].words, verbs[i].words, *len) == 0)
            return false;
    (*len)--;
    return true;
}

/* Where the words of a verb come from, by the first of its operands. */
static const char *source(const struct verb *v, const char *id, const char *name, const char *file)
{
    if (strncmp(v->operands, "FILE", 4) == 0)
        return file;
    if (strncmp(v->operands, "ID IMAGE", 8) == 0)
        return "";
    if (strncmp(v->operands, "ID", 2) == 0 || strncmp(v->operands, "[ID", 3) == 0)
        return id;
    return strncmp(v->operands, "NAME", 4) == 0 || strncmp(v->operands, "[NAME", 5) == 0 ? name : "";
}

static void bash_words(FILE *out, const struct verb *v)
{
    struct verb_option o;

    for (size_t i = 0; parse_option(v, i, &o); i++)
        fprintf(out, " --%s", o.name);
    if (v && strchr(v->operands, '|')) {
        fputc(' ', out);
        choices(out, v->operands);
    }
    if (v)
        fputs(source(v, " $(_spine_first persona list)", " $(_spine_first service status)",
                     " $(compgen -f -- \"$cur\")"),
              out);
}

static void bash_group(FILE *out, const char *group, size_t len)
{
    fprintf(out, "    '%.*s') words='", (int)len, group);
    for (size_t i = 0; i < VERB_COUNT; i++)
        if (strncmp(verbs[i].words, group, len + 1) == 0)
            fprintf(out, "%s ", verbs[i].words + len + 1);
    fputs("';;\n", out);
}

/* Options that take the next word: --wipe|--lines|-n ... */
static void valued(FILE *out)
{
    const char *bar = "";
    struct verb_option o;

    for (size_t i = 0; parse_option(&verbs[VERB_PERSONA_ADD], i, &o); i++)
        if (*o.value && o.verb == VERB_PERSONA_ADD) {
            fprintf(out, "%s--%s", bar, o.name);
            bar = "|";
        }
    for (size_t i = 0; i < verb_options_count; i++)
        if (*verb_options[i].value) {
            fprintf(out, "|--%s", verb_options[i].name);
            if (verb_options[i].letter)
                fprintf(out, "|-%c", verb_options[i].letter);
        }
}

static void option_choices(FILE *out, const char *open, const char *close)
{
    struct verb_option o;

    for (size_t i = 0; parse_option(&verbs[VERB_PERSONA_ADD], i, &o); i++)
        if (strchr(o.value, '|')) {
            fprintf(out, "    --%s) %s", o.name, open);
            choices(out, o.value);
            fprintf(out, "%s;;\n", close);
        }
}

static void top_words(FILE *out)
{
    size_t len;

    for (size_t i = 0; i < VERB_COUNT; i++)
        if (opens_group(i, &len))
            fprintf(out, "%.*s ", (int)len, verbs[i].words);
        else if (*verbs[i].words && !strchr(verbs[i].words, ' '))
            fprintf(out, "%s ", verbs[i].words);
}

static void bash(FILE *out)
{
    size_t len;

    fputs("# bash completion for spine, printed by `spine completion bash`\n"
          "_spine_first() { spine \"$@\" 2>/dev/null | { read -r _; while read -r word _; do printf '%s\\n' "
          "\"$word\"; done; }; }\n"
          "_spine() {\n    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb='' "
          "words='' i\n"
          "    COMPREPLY=()\n    for ((i = 1; i < COMP_CWORD; i++)); do\n        case ${COMP_WORDS[i]} in\n"
          "        --) return;;\n        ",
          out);
    valued(out);
    fputs(") ((i++));;\n        -*) ;;\n        *) case $verb in\n           '') verb=${COMP_WORDS[i]};;\n   "
          "        ",
          out);
    for (size_t i = 0; i < VERB_COUNT; i++)
        if (opens_group(i, &len))
            fprintf(out, "%s%.*s", i > 1 ? "|" : "", (int)len, verbs[i].words);
    fputs(") verb+=\" ${COMP_WORDS[i]}\";;\n           esac;;\n        esac\n    done\n    case $prev in\n"
          "    --socket) mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); return;;\n",
          out);
    option_choices(out, "words='", "'");
    fputs("    esac\n    [[ -n $words ]] || case $verb in\n    '') words='", out);
    top_words(out);
    bash_words(out, NULL);
    fputs("';;\n", out);
    for (size_t i = 0; i < VERB_COUNT; i++) {
        if (opens_group(i, &len))
            bash_group(out, verbs[i].words, len);
        if (!*verbs[i].words)
            continue;
        fprintf(out, "    '%s') words=\"", verbs[i].words);
        bash_words(out, &verbs[i]);
        fputs("\";;\n", out);
    }
    fputs("    esac\n    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n}\ncomplete -F _spine "
          "spine\n",
          out);
}

static void zsh_verbs(FILE *out, const char *group, size_t len)
{
    size_t sub;

    for (size_t i = 0; i < VERB_COUNT; i++) {
        const char *words = verbs[i].words;

        if (len == 0 && opens_group(i, &sub)) {
            fprintf(out, " '%.*s'", (int)sub, words);
        } else if (*words && (len ? strncmp(words, group, len + 1) == 0 : !strchr(words, ' '))) {
            fprintf(out, " '%s:", words + (len ? len + 1 : 0));
            quoted(out, verbs[i].help, true);
            fputc('\'', out);
        }
    }
}

static void zsh_options(FILE *out, const struct verb *v)
{
    struct verb_option o;

    for (size_t i = 0; parse_option(v, i, &o); i++) {
        fprintf(out, " '--%s:", o.name);
        quoted(out, o.help, true);
        fputc('\'', out);
    }
}

static void zsh(FILE *out)
{
    size_t len;

    fputs("#compdef spine\n# zsh completion for spine, printed by `spine completion zsh`\n"
          "_spine_first() { spine \"$@\" 2>/dev/null | { read -r _; while read -r word _; do print -r -- "
          "\"$word\"; done; }; }\n"
          "_spine() {\n    local verb='' i prev=${words[CURRENT-1]}\n    local -a list more\n"
          "    for ((i = 2; i < CURRENT; i++)); do\n        case ${words[i]} in\n        --) _normal; "
          "return;;\n        ",
          out);
    valued(out);
    fputs(") ((i++));;\n        -*) ;;\n        *) case $verb in\n           '') verb=${words[i]};;\n        "
          "   ",
          out);
    for (size_t i = 0; i < VERB_COUNT; i++)
        if (opens_group(i, &len))
            fprintf(out, "%s%.*s", i > 1 ? "|" : "", (int)len, verbs[i].words);
    fputs(") verb+=\" ${words[i]}\";;\n           esac;;\n        esac\n    done\n    case $prev in\n"
          "    --socket) _files; return;;\n",
          out);
    option_choices(out, "more=(", ")");
    fputs(
        "    esac\n    if (( $#more )); then compadd -a more; return; fi\n    case $verb in\n    '') list=(",
        out);
    zsh_verbs(out, "", 0);
    zsh_options(out, NULL);
    fputs(");;\n", out);
    for (size_t i = 0; i < VERB_COUNT; i++) {
        if (opens_group(i, &len)) {
            fprintf(out, "    '%.*s') list=(", (int)len, verbs[i].words);
            zsh_verbs(out, verbs[i].words, len);
            fputs(");;\n", out);
        }
        if (!*verbs[i].words)
            continue;
        fprintf(out, "    '%s') list=(", verbs[i].words);
        zsh_options(out, &verbs[i]);
        fprintf(out, "); more=(%s",
                source(&verbs[i], "${(f)\"$(_spine_first persona list)\"}",
                       "${(f)\"$(_spine_first service status)\"}", "*(N)"));
        if (strchr(verbs[i].operands, '|'))
            choices(out, verbs[i].operands);
        fputs(");;\n", out);
    }
    fputs("    esac\n    (( $#more )) && compadd -a more\n    _describe 'spine' list\n}\n"
          "if [[ $funcstack[1] == _spine ]]; then _spine \"$@\"; else compdef _spine spine; fi\n",
          out);
}

static void fish_options(FILE *out, const struct verb *v, const char *at)
{
    struct verb_option o;

    for (size_t i = 0; parse_option(v, i, &o); i++) {
        if (v && o.verb == VERB_COUNT)
            continue;
        fprintf(out, "complete -c spine%s%s%s -l %s", v ? " -n '__spine_in " : "", at, v ? "'" : "", o.name);
        if (o.letter)
            fprintf(out, " -s %c", o.letter);
        if (strchr(o.value, '|')) {
            fputs(" -x -a '", out);
            choices(out, o.value);
            fputc('\'', out);
        } else if (*o.value) {
            fputs(strcmp(o.value, "PATH") == 0 ? " -r -F" : " -x", out);
        }
        fputs(" -d '", out);
        quoted(out, o.help, false);
        fputs("'\n", out);
    }
}

static void fish(FILE *out)
{
    size_t len;

    fputs(
        "# fish completion for spine, printed by `spine completion fish`\n"
        "function __spine_at\n    set -l said\n    for word in (commandline -opc)[2..]\n"
        "        string match -q -- '-*' $word; or set -a said $word\n    end\n"
        "    string match -q -- \"$argv\" \"$said\"\nend\n"
        "function __spine_in\n    __spine_at $argv; or __spine_at \"$argv *\"\nend\n"
        "function __spine_first\n    spine $argv 2>/dev/null | tail -n +2 | string replace -r ' .*' ''\nend\n"
        "complete -c spine -f\n",
        out);
    for (size_t i = 0; i < VERB_COUNT; i++) {
        const struct verb *v = &verbs[i];
        const char *space = strchr(v->words, ' '), *from;

        if (opens_group(i, &len))
            fprintf(out, "complete -c spine -n '__spine_at' -a %.*s\n", (int)len, v->words);
        if (!*v->words)
            continue;
        fprintf(out, "complete -c spine -n '__spine_at%s%.*s' -a %s -d '", space ? " " : "",
                space ? (int)(space - v->words) : 0, v->words, space ? space + 1 : v->words);
        quoted(out, v->help, false);
        fputs("'\n", out);
        fish_options(out, v, v->words);
        from = source(v, "(__spine_first persona list)", "(__spine_first service status)",
                      "(__fish_complete_path)");
        if (*from)
            fprintf(out, "complete -c spine -n '__spine_at %s' -a '%s'\n", v->words, from);
        if (strchr(v->operands, '|')) {
            fprintf(out, "complete -c spine -n '__spine_at %s' -a '", v->words);
            choices(out, v->operands);
            fputs("'\n", out);
        }
    }
    fish_options(out, NULL, "");
}

int complete_print(const char *shell, FILE *out, struct err *e)
{
    static const struct {
        const char *name;
        void (*print)(FILE *);
    } shells[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};
    char shown[32];

    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
        if (strcmp(shells[i].name, shell) == 0) {
            shells[i].print(out);
            return 0;
        }
    err_set(e, ERR_BAD_VALUE, "there is no completion for `%s`", buf_printable(shown, sizeof shown, shell));
    return err_hint(e, "there is one for bash, zsh and fish");
}
