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
    snprintf(command, sizeof command,
             strcmp(shell, "fish") == 0 ? "cat >/tmp/spine-$$.fish; fish -n /tmp/spine-$$.fish; "
                                          "rc=$?; rm /tmp/spine-$$.fish; exit $rc"
                                        : "%s -n /dev/stdin",
             shell);
    T_INT(through(command, out, sizeof out), 0);
    T_STR(out, "");
}

/* Presses the key, as far as a program can: sets what bash sets, calls the function, prints what it offers.
 */
static void test_bash(void)
{
    static const struct {
        const char *words, *want;
    } keys[] = {
        {"spine f", "focus"},
        {"spine pers", "persona"},
        {"spine persona st", "start stop"},
        {"spine --json persona li", "list"},
        {"spine --socket /x serv", "service"},
        {"spine persona add a b --net", "--network"},
        {"spine persona add a b --network \"\"", "slirp none"},
        {"spine persona rm --w", "--wipe"},
        {"spine focus w", "work web"},
        {"spine service stop a", "ai-core"},
        {"spine completion z", "zsh"},
        {"spine run work -- l", ""},
    };
    struct err e = {0};
    FILE *f = fresh();

    complete_print("bash", f, &e);
    fclose(f);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        char out[1000], command[500];

        snprintf(command, sizeof command,
                 "cat >/tmp/spine-$$.bash; bash -c 'spine() { printf \"%%s\\n\" \"HEAD x\" \"work y\" \"web "
                 "z\" \"ai-core k\"; }; . "
                 "/tmp/spine-'$$'.bash; COMP_WORDS=(%s); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _spine; "
                 "printf %%s \"${COMPREPLY[*]}\"'; "
                 "rm /tmp/spine-$$.bash",
                 keys[i].words);
        T_INT(through(command, out, sizeof out), 0);
        T_STR(out, keys[i].want);
    }
}

int main(void)
{
    test_help();
    test_manual();
    test_syntax("bash");
    test_syntax("zsh");
    test_syntax("fish");
    test_bash();
    free(text);
    return t_done();
}
