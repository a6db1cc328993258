/* SPDX-License-Identifier: MIT
 * Tests of requests: what is taken, and how each wrong one is refused. */
#include "core/proto.h"
#include "tests/t.h"

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define CARRY                                                                                                \
    "\"from\":\"work\",\"to\":\"web\",\"type\":\"text/plain;charset=utf-8\",\"bytes\":5,\"sha256\":\"" HASH  \
    "\""

static struct request r;
static struct err e;

static int parse(const char *line)
{
    memset(&e, 0, sizeof e);
    return proto_parse(line, strlen(line), &r, &e);
}

static void test_every_command(void)
{
    T_INT(parse("{\"id\":1,\"cmd\":\"hello\"}"), 0);
    T(r.id == 1 && r.verb == &verbs[VERB_HELLO]);
    T_INT(parse(" { \"cmd\" : \"subscribe\" , \"args\" : { } } "), 0);
    T(r.id == 0 && r.verb == &verbs[VERB_SUBSCRIBE]);
    T(!r.keys);
    T_INT(parse("{\"cmd\":\"persona.list\"}"), 0);
    T(!r.brief);
    T_INT(parse("{\"cmd\":\"persona.list\",\"args\":{\"brief\":true}}"), 0);
    T(r.brief);
    T_INT(parse("{\"cmd\":\"subscribe\",\"args\":{\"keys\":true}}"), 0);
    T(r.keys);
    T_INT(parse("{\"cmd\":\"clipboard.carried\",\"args\":{" CARRY "}}"), 0);
    T_STR(r.carry.from, "work");
    T_STR(r.carry.to, "web");
    T_STR(r.carry.type, "text/plain;charset=utf-8");
    T_INT(r.carry.bytes, 5);
    T_INT(strlen(r.carry.sha256), NAME_SHA256_LEN);
    T_INT(parse("{\"id\":-9223372036854775808,\"cmd\":\"persona.list\",\"args\":{}}"), 0);
    T(r.id == INT64_MIN && r.target[0] == '\0');
    T_INT(parse("{\"id\":9223372036854775807,\"cmd\":\"persona.start\",\"args\":{\"id\":\"work\"}}"), 0);
    T(r.id == INT64_MAX);
    T_STR(r.target, "work");
    T_INT(parse("{\"cmd\":\"persona.add\",\"args\":{\"id\":\"web\",\"image\":\"x\",\"memory\":1073741824,"
                "\"command\":[\"sh\"]}}"),
          0);
    T_STR(r.target, "web");
    T_STR(r.spec.command, "sh");
    T_INT(r.spec.memory, 1 << 30);
    T_INT(parse("{\"cmd\":\"persona.rm\",\"args\":{\"id\":\"web\"}}"), 0);
    T(!r.wipe);
    T_INT(parse("{\"cmd\":\"persona.rm\",\"args\":{\"wipe\":\"web\",\"id\":\"web\"}}"), 0);
    T(r.wipe);
    T_INT(parse("{\"cmd\":\"service.status\"}"), 0);
    T_INT(parse("{\"cmd\":\"service.status\",\"args\":{\"name\":\"ai-core\"}}"), 0);
    T_STR(r.target, "ai-core");
    T_INT(parse("{\"cmd\":\"doctor\"}"), 0);
    T_INT(parse("{\"cmd\":\"power.off\"}"), 0);
    T_INT(parse("{\"cmd\":\"logs\"}"), 0);
    T(r.lines == PROTO_LOG_LINES);
    T_INT(parse("{\"cmd\":\"logs\",\"args\":{\"id\":\"web\",\"lines\":0}}"), 0);
    T(r.lines == 0);
}

static void test_exec(void)
{
    T_INT(parse("{\"cmd\":\"persona.exec\",\"args\":{\"id\":\"a\"}}"), 0);
    T_INT(r.exec_words, 0);
    T_INT(
        parse(
            "{\"cmd\":\"persona.exec\",\"args\":{\"id\":\"a\",\"command\":[\"sh\",\"-c\",\"\"],\"tty\":true,"
            "\"interactive\":true,\"detach\":false,\"term\":\"xterm-256color\"}}"),
        0);
    T_INT(r.exec_words, 3);
    T(memcmp(r.exec_text, "sh\0-c\0", 7) == 0);
    T(r.tty && r.interactive && !r.detach);
    T_STR(r.term, "xterm-256color");
    T_INT(parse("{\"cmd\":\"persona.exec\",\"args\":{\"id\":\"a\",\"command\":[\"foot\"],\"detach\":true}}"),
          0);
    T(r.detach && !r.tty);
}

static const struct {
    const char *line;
    enum err_code code;
    const char *message;
} bad[] = {
    {"", ERR_BAD_REQUEST, "not JSON: '[' or '{' expected near end of file"},
    {"{", ERR_BAD_REQUEST, NULL},
    {"hello", ERR_BAD_REQUEST, NULL},
    {"{\"id\":7,\"cmd\":\"hello\"} x", ERR_BAD_REQUEST, NULL},
    {"{\"cmd\":\"hello\",\"cmd\":\"doctor\"}", ERR_BAD_REQUEST, NULL},
    {"{\"cmd\":\"hel\xfflo\"}", ERR_BAD_REQUEST, NULL},
    {"{\"cmd\":\"hel\\u0000lo\"}", ERR_BAD_REQUEST, NULL},
    {"{\"cmd\":\"\xc0\x80\"}", ERR_BAD_REQUEST, NULL},
    {"[[[[[[[[[]]]]]]]]]", ERR_BAD_REQUEST, "nested deeper than 8"},
    {"[]", ERR_BAD_REQUEST, "a request must be an object"},
    {"{}", ERR_BAD_REQUEST, "`cmd` must name a command"},
    {"{\"id\":\"7\",\"cmd\":\"hello\"}", ERR_BAD_REQUEST, "`id` must be a whole number"},
    {"{\"id\":1.5,\"cmd\":\"hello\"}", ERR_BAD_REQUEST, "`id` must be a whole number"},
    {"{\"id\":null,\"cmd\":\"hello\"}", ERR_BAD_REQUEST, "`id` must be a whole number"},
    {"{\"id\":99999999999999999999,\"cmd\":\"hello\"}", ERR_BAD_REQUEST, NULL},
    {"{\"cmd\":7}", ERR_BAD_REQUEST, "`cmd` must name a command"},
    {"{\"cmd\":\"hello\",\"arg\":{}}", ERR_UNKNOWN_FIELD, "a request has no field `arg`"},
    {"{\"cmd\":\"hello\",\"args\":[]}", ERR_BAD_REQUEST, "`args` must be an object"},
    {"{\"cmd\":\"hello\",\"args\":null}", ERR_BAD_REQUEST, "`args` must be an object"},
    {"{\"cmd\":\"\"}", ERR_UNKNOWN_COMMAND, "there is no command ``"},
    {"{\"cmd\":\"persona.nuke\\n\"}", ERR_UNKNOWN_COMMAND, "there is no command `persona.nuke?`"},
    {"{\"cmd\":\"hello\",\"args\":{\"x\":1}}", ERR_UNKNOWN_FIELD, "hello has no field `x`"},
    {"{\"cmd\":\"persona.start\"}", ERR_BAD_REQUEST, "persona.start needs `id`"},
    {"{\"cmd\":\"persona.start\",\"args\":{\"id\":\"../etc\"}}", ERR_BAD_ID, "`../etc` is not an id"},
    {"{\"cmd\":\"persona.start\",\"args\":{\"id\":7}}", ERR_BAD_ID, "`` is not an id"},
    {"{\"cmd\":\"persona.start\",\"args\":{\"id\":\"a\",\"name\":\"a\"}}", ERR_UNKNOWN_FIELD,
     "persona.start has no field `name`"},
    {"{\"cmd\":\"persona.add\",\"args\":{\"id\":\"a\"}}", ERR_BAD_REQUEST, "`image` is missing"},
    {"{\"cmd\":\"persona.rm\",\"args\":{\"id\":\"a\",\"wipe\":\"b\"}}", ERR_CONFIRM,
     "`wipe` does not repeat the id `a`; nothing was removed"},
    {"{\"cmd\":\"persona.rm\",\"args\":{\"id\":\"a\",\"wipe\":true}}", ERR_BAD_VALUE,
     "`wipe` must repeat the id"},
    {"{\"cmd\":\"service.start\",\"args\":{\"name\":\"a b\"}}", ERR_BAD_VALUE,
     "`a b` is not the name of a service"},
    {"{\"cmd\":\"persona.list\",\"args\":{\"brief\":\"yes\"}}", ERR_BAD_VALUE,
     "`brief` must be true or false"},
    {"{\"cmd\":\"subscribe\",\"args\":{\"keys\":1}}", ERR_BAD_VALUE, "`keys` must be true or false"},
    {"{\"cmd\":\"clipboard.carried\",\"args\":{\"from\":\"a\"}}", ERR_BAD_REQUEST,
     "clipboard.carried needs `to`"},
    {"{\"cmd\":\"clipboard.carried\",\"args\":{\"from\":\"A\"}}", ERR_BAD_ID,
     "`from` is not what it should be"},
    {"{\"cmd\":\"clipboard.carried\",\"args\":{\"from\":\"a\",\"to\":\"b\",\"type\":\"text\"}}",
     ERR_BAD_VALUE, "`type` is not what it should be"},
    {"{\"cmd\":\"clipboard.carried\",\"args\":{\"from\":\"a\",\"to\":\"b\",\"type\":\"text/"
     "plain\",\"bytes\":-1}}",
     ERR_BAD_VALUE, "`bytes` must be 0 to 1073741824"},
    {"{\"cmd\":\"clipboard.carried\",\"args\":{\"from\":\"a\",\"to\":\"b\",\"type\":\"text/"
     "plain\",\"bytes\":1,"
     "\"sha256\":\"ABC\"}}",
     ERR_BAD_VALUE, "`sha256` is not what it should be"},
    {"{\"cmd\":\"clipboard.carried\",\"args\":{" CARRY ",\"text\":\"x\"}}", ERR_UNKNOWN_FIELD,
     "clipboard.carried has no field `text`"},
    {"{\"cmd\":\"logs\",\"args\":{\"lines\":10001}}", ERR_BAD_VALUE, "`lines` must be 0 to 10000"},
    {"{\"cmd\":\"logs\",\"args\":{\"lines\":-1}}", ERR_BAD_VALUE, "`lines` must be 0 to 10000"},
    {"{\"cmd\":\"persona.exec\",\"args\":{\"id\":\"a\",\"detach\":true}}", ERR_BAD_REQUEST,
     "persona.exec with `detach` needs `command`"},
    {"{\"cmd\":\"persona.exec\",\"args\":{\"id\":\"a\",\"command\":[\"x\"],\"detach\":true,\"tty\":true}}",
     ERR_BAD_VALUE, "`detach` excludes `tty` and `interactive`"},
    {"{\"cmd\":\"persona.exec\",\"args\":{\"id\":\"a\",\"command\":[\"-x\"]}}", ERR_BAD_VALUE,
     "the first word of `command` must name a program"},
    {"{\"cmd\":\"persona.exec\",\"args\":{\"id\":\"a\",\"term\":\"x y\"}}", ERR_BAD_VALUE,
     "`term` must be a terminal's name such as xterm-256color"},
    {"{\"cmd\":\"persona.exec\",\"args\":{\"id\":\"a\",\"term\":\"\"}}", ERR_BAD_VALUE,
     "`term` must be a terminal's name such as xterm-256color"},
};

static void test_bad(void)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        T_INT(parse(bad[i].line), -1);
        T_STR(err_name(e.code), err_name(bad[i].code));
        if (bad[i].message)
            T_STR(e.message, bad[i].message);
    }
    /* The refusal names the request that it refuses, as far as it could be read. */
    T_INT(parse("{\"x\":1,\"id\":42,\"cmd\":\"hello\"}"), -1);
    T_INT(r.id, 42);
    T_INT(parse("{\"id\":43,\"cmd\":\"persona.start\",\"args\":{\"id\":\"A\"}}"), -1);
    T_INT(r.id, 43);
    T_INT(proto_parse("{\"cmd\":\"hello\"}\0", 16, &r, &e), -1);
    T_STR(e.message, "the line has a NUL byte");
}

static void test_limits(void)
{
    static char line[PROTO_LINE_MAX + 8];
    char many[1200] = "{\"cmd\":\"persona.exec\",\"args\":{\"id\":\"a\",\"command\":[\"w\"";
    int head;

    /* Brackets inside text do not count; eight levels are possible (and then refused for other reasons). */
    T_INT(parse("{\"cmd\":\"[[[[[[[[[[\\\"[[[[[[[[\"}"), -1);
    T_INT(e.code, ERR_UNKNOWN_COMMAND);
    T_INT(parse("[[[[[[[[]]]]]]]]"), -1);
    T_STR(e.message, "a request must be an object");

    head = snprintf(line, sizeof line, "{\"cmd\":\"hello\"}");
    memset(line + head, ' ', sizeof line - (size_t)head);
    T_INT(proto_parse(line, PROTO_LINE_MAX - 1, &r, &e), 0);
    T_INT(proto_parse(line, PROTO_LINE_MAX, &r, &e), -1);
    T_INT(e.code, ERR_TOO_LONG);

    for (int i = 1; i < PROTO_EXEC_WORDS_MAX; i++)
        strcat(many, ",\"w\"");
    strcat(many, "]}}");
    T_INT(parse(many), 0);
    T_INT(r.exec_words, PROTO_EXEC_WORDS_MAX);
    strcpy(many + strlen(many) - 3, ",\"w\"]}}");
    T_INT(parse(many), -1);
    T_INT(e.code, ERR_LIMIT);
    for (int extra = 0; extra < 2; extra++) {
        snprintf(line, sizeof line,
                 "{\"cmd\":\"persona.exec\",\"args\":{\"id\":\"a\",\"command\":[\"%0*d\"]}}",
                 PROTO_EXEC_TEXT_MAX - 1 + extra, 7);
        T_INT(parse(line), -extra);
    }
    T_INT(e.code, ERR_LIMIT);
}

/* The table must name only commands that are asked of bay0, and the required id before what depends on it. */
static void test_table(void)
{
    for (size_t i = 0; i < proto_fields_count; i++) {
        const struct proto_field *f = &proto_fields[i];

        T_NAMED(f->verb < VERB_COUNT && verb_by_command(verbs[f->verb].command) == &verbs[f->verb], f->name);
        for (size_t k = 0; k < i; k++)
            if (proto_fields[k].verb == f->verb && strcmp(proto_fields[k].name, f->name) == 0)
                T_NAMED(false, f->name);
    }
}

int main(void)
{
    test_every_command();
    test_exec();
    test_bad();
    test_limits();
    test_table();
    return t_done();
}
