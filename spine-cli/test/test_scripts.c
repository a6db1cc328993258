/* SPDX-License-Identifier: MIT
 * Tests of help, manual and completion: golden texts, and the programs that will read them. */
#include "spine-cli/complete.h"
#include "spine-cli/help.h"
#include "spine-cli/parse.h"
#include "spine-cli/test/golden.h"

#include <sys/wait.h>
#include <unistd.h>

static char *text;
static size_t size;

static FILE *fresh(void)
{
    free(text);
    text = NULL;
    return open_memstream(&text, &size);
}

/* Runs a shell command with the text on its standard input; what it prints is in `out`. */
static int through(const char *command, char *out, size_t room)
{
    char file[] = "/tmp/spine-test-XXXXXX", line[600];
    int fd = mkstemp(file), status;
    size_t n;
    FILE *p;

    if (fd < 0 || write(fd, text, size) != (ssize_t)size)
        abort();
    close(fd);
    snprintf(line, sizeof line, "{ %s; } <%s 2>&1", command, file);
    fflush(NULL);
    p = popen(line, "r");
    n = fread(out, 1, room - 1, p);
    out[n] = '\0';
    status = pclose(p);
    unlink(file);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool has(const char *program)
{
    char line[100];

    snprintf(line, sizeof line, "command -v %s >/dev/null", program);
    fflush(NULL);
    return system(line) == 0;
}

static void test_help(void)
{
    struct err e = {0};
    FILE *f = fresh();

    T_INT(help_print("", "", false, f, &e), 0);
    fclose(f);
    t_golden("help.txt", text);
    f = fresh();
    T_INT(help_print("persona", "add", false, f, &e), 0);
    fclose(f);
    t_golden("help-persona-add.txt", text);
    f = fresh();
    T_INT(help_print("service", "", false, f, &e), 0);
    T_INT(help_print("run", "", false, f, &e), 0);
    fclose(f);
    t_golden("help-service-run.txt", text);
    f = fresh();
    T_INT(help_print("logs", "", true, f, &e), 0);
    T_INT(help_print("nonsense", "", false, f, &e), -1);
    fclose(f);
    T(strncmp(text, "{\"verbs\":[{\"verb\":\"logs\",", 25) == 0);
    T_STR(e.message, "there is no verb `nonsense`");
}

static void test_manual(void)
{
    static char out[65536];
    FILE *f = fresh();

    help_man(f);
    fclose(f);
    for (size_t i = 0; i < VERB_COUNT; i++) {
        struct verb_option o;
        char line[100];

        snprintf(line, sizeof line, "\n*spine %s*", verbs[i].words);
        T_NAMED(!*verbs[i].words || strstr(text, line), line);
        for (size_t k = 0; parse_option(&verbs[i], k, &o); k++) {
            snprintf(line, sizeof line, "*--%s*", o.name);
            if (!strstr(text, line))
                T_NAMED(false, line);
        }
    }
    if (!has("scdoc") || !has("man")) {
        t_skip("the manual is sound", "scdoc or man is not installed");
        return;
    }
    T_INT(through("scdoc | LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l - >/dev/null", out, sizeof out), 0);
    T_STR(out, "");
    T_INT(through("scdoc | LC_ALL=C.UTF-8 MANWIDTH=80 man -l - | col -b", out, sizeof out), 0);
    T(strstr(out, "spine persona add ID IMAGE [-- CMD [ARG...]]") != NULL);
    T(strstr(out, "SPINE_SOCKET") != NULL);
}

static void test_syntax(const char *shell)
{
    char out[2000], command[100];
    struct err e = {0};
    FILE *f = fresh();

    T_INT(complete_print(shell, f, &e), 0);
    fclose(f);
    if (!has(shell)) {
        t_skip(shell, "this shell is not installed");
        return;
    }
    snprintf(command, sizeof command, "%s -n /dev/stdin", shell);
    T_INT(through(command, out, sizeof out), 0);
    T_STR(out, "");
}

/* Asks a shell what it would offer after these words. The script is on standard input; in `frame` the words
 * stand at @; `spine` is played by a function that prints a table. */
static void test_offers(const char *shell, const char *frame, const char *const (*keys)[2])
{
    struct err e = {0};
    FILE *f = fresh();

    complete_print(shell, f, &e);
    fclose(f);
    if (!has(shell)) {
        t_skip(shell, "this shell is not installed");
        return;
    }
    for (; (*keys)[0]; keys++) {
        char out[1000], command[500];
        const char *at = strchr(frame, '@');

        snprintf(command, sizeof command, "%.*s%s%s", (int)(at - frame), frame, (*keys)[0], at + 1);
        T_INT(through(command, out, sizeof out), 0);
        T_STR(out, (*keys)[1]);
    }
}

static void test_bash(void)
{
    static const char frame[] =
        "bash -c 'spine() { printf \"%s\\n\" \"HEAD x\" \"work y\" \"web z\"; }; . /dev/stdin; "
        "COMP_WORDS=(@); "
        "COMP_CWORD=$((${#COMP_WORDS[*]} - 1)); _spine; printf %s \"${COMPREPLY[*]}\"'";
    static const char *const keys[][2] = {{"spine f", "focus"},
                                          {"spine pers", "persona"},
                                          {"spine persona st", "start stop"},
                                          {"spine --json persona li", "list"},
                                          {"spine --socket /x serv", "service"},
                                          {"spine persona add a b --net", "--network"},
                                          {"spine persona add a b --network \"\"", "slirp none"},
                                          {"spine persona rm --w", "--wipe"},
                                          {"spine focus w", "work web"},
                                          {"spine service stop wo", "work"},
                                          {"spine completion z", "zsh"},
                                          {"spine run work -- l", ""},
                                          {NULL, NULL}};

    test_offers("bash", frame, keys);
}

static void test_zsh(void)
{
    static const char frame[] =
        "zsh -f -c 'spine() { printf \"%s\\n\" \"HEAD x\" \"work y\" \"web z\"; }; compdef() { :; }; "
        "compadd() { shift; print -n \"${(P)1} \"; }; _describe() { local -a d=(${(P)2}); print -rn -- "
        "${d%%:*}; }; "
        "_normal() { print -n normal; }; "
        ". /dev/stdin; words=(@); CURRENT=$#words; _spine'";
    static const char *const keys[][2] = {
        {"spine service st", "status start stop"},
        {"spine focus w", "work web --json --socket --help"},
        {"spine persona add a b --network \"\"", "slirp none "},
        {"spine --socket /x completion z", "bash zsh fish --json --socket --help"},
        {"spine run work -- l", "normal"},
        {NULL, NULL}};

    test_offers("zsh", frame, keys);
}

static void test_fish(void)
{
    static const char frame[] =
        "fish --no-config -c 'function spine; printf \"%s\\n\" \"HEAD x\" \"work y\" \"web z\"; end; source "
        "/dev/stdin; "
        "complete -C \"@\" | string replace -r \"\\t.*\" \"\" | string join \" \"; true'";
    static const char *const keys[][2] = {{"spine pers", "persona\n"},
                                          {"spine persona st", "start stop\n"},
                                          {"spine focus w", "web work\n"},
                                          {"spine persona add a b --net", "--network\n"},
                                          {"spine persona add a b --network ", "none slirp\n"},
                                          {"spine completion ", "bash fish zsh\n"},
                                          {NULL, NULL}};

    test_offers("fish", frame, keys);
}

int main(void)
{
    test_help();
    test_manual();
    test_syntax("bash");
    test_syntax("zsh");
    test_syntax("fish");
    test_bash();
    test_zsh();
    test_fish();
    free(text);
    return t_done();
}
