/* SPDX-License-Identifier: MIT
 * Tests of command lines: the args that they become, and what is said about wrong ones. */
#include "spine-cli/parse.h"
#include "tests/t.h"

#include "core/proto.h"

static struct invocation in;
static struct err e;

/* Splits at spaces; "_" stands for a space inside a word. */
static int parse(const char *text)
{
    static char copy[1024];
    static char *argv[80];
    int argc = 1;

    snprintf(copy, sizeof copy, "%s", text);
    argv[0] = copy;
    for (char *w = strtok(copy, " "); w && argc < 79; w = strtok(NULL, " ")) {
        for (char *c = w; *c; c++)
            *c = *c == '_' ? ' ' : *c;
        argv[argc++] = w;
    }
    memset(&e, 0, sizeof e);
    return parse_line(argc, argv, &in, &e);
}

static void test_good(void)
{
    static const struct {
        const char *line, *words, *args;
    } good[] = {
        {"ps", "ps", "{}"},
        {"ps --json", "ps", "{}"},
        {"--json --socket /x ps", "ps", "{}"},
        {"persona --json list", "persona list", "{}"},
        {"persona add work debian:12", "persona add", "{\"id\":\"work\",\"image\":\"debian:12\"}"},
        {"persona add work x --gpu --audio --ai --autostart --memory 1.5G --cpus=2.5 --pids 300 --cores 0-3 "
         "--colour #112233 "
         "--network none --background throttle --profile dev -- /bin/sh -c a_b --json",
         "persona add",
         "{\"ai\":true,\"audio\":true,\"autostart\":true,\"background\":\"throttle\",\"colour\":\"#112233\","
         "\"command\":[\"/bin/sh\",\"-c\",\"a "
         "b\",\"--json\"],\"cores\":\"0-3\",\"cpus\":2.5,\"gpu\":true,\"id\":\"work\",\"image\":\"x\","
         "\"memory\":1610612736,\"network\":\"none\",\"pids\":300,\"profile\":\"dev\"}"},
        {"persona set work --memory 1G --no-autostart --weight=200", "persona set",
         "{\"autostart\":false,\"id\":\"work\",\"memory\":1073741824,\"weight\":200}"},
        {"persona add work x --", "persona add", "{\"id\":\"work\",\"image\":\"x\"}"},
        {"persona add ../x Y", "persona add", "{\"id\":\"../x\",\"image\":\"Y\"}"}, /* bay0 refuses these */
        {"persona start work", "persona start", "{\"id\":\"work\"}"},
        {"persona rm --wipe=work work", "persona rm", "{\"id\":\"work\",\"wipe\":\"work\"}"},
        {"persona rm work --wipe other", "persona rm", "{\"id\":\"work\",\"wipe\":\"other\"}"},
        {"focus -", "focus", "{\"id\":\"-\"}"},
        {"service status", "service status", "{}"},
        {"service start ai-core", "service start", "{\"name\":\"ai-core\"}"},
        {"run work -- ls -l", "run", "{\"command\":[\"ls\",\"-l\"],\"id\":\"work\"}"},
        {"run -d work -- foot", "run", "{\"command\":[\"foot\"],\"detach\":true,\"id\":\"work\"}"},
        {"run -dt work -- foot", "run",
         "{\"command\":[\"foot\"],\"detach\":true,\"id\":\"work\",\"tty\":true}"},
        {"run --tty work -- top", "run", "{\"command\":[\"top\"],\"id\":\"work\",\"tty\":true}"},
        {"shell work", "shell", "{\"id\":\"work\"}"},
        {"logs", "logs", "{}"},
        {"logs work -n 5", "logs", "{\"id\":\"work\",\"lines\":5}"},
        {"logs -n5", "logs", "{\"lines\":5}"},
        {"help persona add", "help", "{}"},
        {"completion bash", "completion", "{}"},
    };

    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        char *args;

        T_NAMED(parse(good[i].line) == 0, good[i].line);
        args = json_dumps(in.args, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(15));
        T_STR(args, good[i].args);
        T_STR(in.verb->words, good[i].words);
        T_INT(in.json,
              strncmp(good[i].line, "persona add work x --gpu", 24) != 0 && strstr(good[i].line, "--json"));
        free(args);
        invocation_finish(&in);
    }
    T_INT(parse("--socket=/a/b ps"), 0);
    T_STR(in.socket, "/a/b");
    invocation_finish(&in);
    T_INT(parse("run work --help"), 0);
    T(in.help && in.verb->id == VERB_RUN);
    invocation_finish(&in);
    T_INT(parse("--help"), 0);
    T(in.verb->id == VERB_HELP && in.operands == 0);
    invocation_finish(&in);
    T_INT(parse("-h persona"), 0);
    T(in.verb->id == VERB_HELP && in.operands == 1);
    invocation_finish(&in);
}

static void test_bad(void)
{
    static const struct {
        const char *line, *message, *hint;
    } bad[] = {
        {"", "a verb is missing", "`spine help` lists the verbs"},
        {"sp", "there is no verb `sp`", "did you mean `spine ps`?"},
        {"focsu work", "there is no verb `focsu`", "did you mean `spine focus`?"},
        {"start work", "there is no verb `start`", "did you mean `spine persona start`?"},
        {"frobnicate", "there is no verb `frobnicate`", "`spine help` lists the verbs"},
        {"a\033[2Jb", "there is no verb `a?[2Jb`", "`spine help` lists the verbs"},
        {"persona", "`persona` needs a second word", "`spine help` lists the verbs"},
        {"persona ad x", "there is no verb `persona ad`", "did you mean `spine persona add`?"},
        {"persona list work", "`spine persona list` has too many words", "spine persona list"},
        {"persona add work", "`spine persona add` has too few words",
         "spine persona add ID IMAGE [-- CMD [ARG...]]"},
        {"persona add a b c", "`spine persona add` needs -- before the command",
         "spine persona add ID IMAGE [-- CMD [ARG...]]"},
        {"persona add a b --memroy 1G", "spine persona add has no option `--memroy`",
         "did you mean `--memory`?"},
        {"persona add a b --memory lots", "`--memory` takes a size such as 512M or 4G, not `lots`", ""},
        {"persona add a b --cpus x", "`--cpus` takes a number such as 0.5 or 2, not `x`", ""},
        {"persona add a b --pids -1", "`--pids` takes a whole number, not `-1`", ""},
        {"persona set a --tmpfs 1G", "`tmpfs` cannot be changed: it is a part of the persona's container",
         "`spine persona rm ID` and `spine persona add ID` with the new value; the home stays"},
        {"persona set a --no-gpu", "`gpu` cannot be changed: it is a part of the persona's container",
         "`spine persona rm ID` and `spine persona add ID` with the new value; the home stays"},
        {"persona add a b --memory", "`--memory` needs a value: SIZE", "most memory it may use: 512M, 4G"},
        {"persona add a b --gpu=1", "`--gpu` takes no value", ""},
        {"persona add a b --colour \xff", "`colour` is not UTF-8 text", ""},
        {"persona start \xff", "`id` is not UTF-8 text", ""},
        {"run work", "`spine run` needs a command after --", "spine run ID -- CMD [ARG...]"},
        {"run work --", "`spine run` needs a command after --", "spine run ID -- CMD [ARG...]"},
        {"run work ls", "`spine run` needs -- before the command", "spine run ID -- CMD [ARG...]"},
        {"run work -- \xff", "word 1 of the command is not UTF-8 text", ""},
        {"run -x work -- ls", "spine run has no option `-x`", "`spine help run` lists the options"},
        {"ps -- x", "`spine ps` takes no command after --", "spine ps"},
        {"ps --jsno", "spine ps has no option `--jsno`", "did you mean `--json`?"},
        {"--version", "spine has no option `--version`", "did you mean `spine version`?"},
        {"--wipe x persona rm x", "spine has no option `--wipe`", "`spine help` lists the options"},
        {"pull x", "`spine pull` takes a whole number", "spine pull [N]"},
        {"transfer accept", "`spine transfer accept` has too few words", "spine transfer accept N"},
        {"logs -n x", "`--lines` takes a whole number, not `x`", ""},
        {"logs -n", "`--lines` needs a value: N", "how many lines from the end (default 100)"},
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        T_INT(parse(bad[i].line), -1);
        T_STR(e.message, bad[i].message);
        T_STR(e.hint, bad[i].hint);
        invocation_finish(&in);
    }
    T_INT(parse("ps --bogus --json"), -1);
    T(in.json);
    invocation_finish(&in);
    T_INT(parse("run a b -- --json"), -1);
    T(!in.json);
    invocation_finish(&in);
}

/* Every verb that asks bay0, with as many words as it takes, must make a request that bay0 can read. */
static void test_requests(void)
{
    static struct request r;

    for (size_t i = 0; i < VERB_COUNT; i++) {
        const struct verb *v = &verbs[i];
        bool numbered = strcmp(v->operands, "N") == 0 || strcmp(v->operands, "[N]") == 0;
        const char *word = numbered ? " 7" : v->max > 0 ? " web" : "";
        char line[200], *request;

        if (!*v->words || !*v->command)
            continue;
        snprintf(line, sizeof line, "%s%s%s%s%s", v->words, word, v->max > 1 ? " x" : "",
                 v->id == VERB_PERSONA_SET ? " --pids 99" : "",
                 v->tail == TAIL_MUST ? " -- ls"
                 : i == VERB_SEND     ? " --to web"
                                      : "");
        T_INT(parse(line), 0);
        request = proto_request(1, v->command, in.args);
        T_NAMED(proto_parse(request, strlen(request) - 1, &r, &e) == 0, line);
        T_STR(r.target, v->max > 0 && !numbered ? "web" : "");
        T_INT(r.number, numbered ? 7 : 0);
        free(request);
        invocation_finish(&in);
    }
}

int main(void)
{
    test_good();
    test_bad();
    test_requests();
    return t_done();
}
