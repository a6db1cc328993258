/* SPDX-License-Identifier: MIT
 * Tests of the lines of the protocol, there and back. */
#include "core/proto.h"
#include "tests/t.h"

static struct reply reply;
static struct err e;

static int back(const char *line)
{
    memset(&e, 0, sizeof e);
    return proto_reply_parse(line, strlen(line), &reply, &e);
}

static void golden(char *line, const char *want)
{
    T_STR(line, want);
    T_INT(line ? back(line) : -2, 0);
    free(line);
}

static void test_answers(void)
{
    json_t *result = json_pack("{s:f, s:s}", "cpus", 1.1, "name", "\xc3\xa4\x1b");
    struct err fail = {0};

    golden(proto_ok(7, result),
           "{\"id\":7,\"ok\":true,\"result\":{\"cpus\":1.1,\"name\":\"\xc3\xa4\\u001B\"}}\n");
    T(reply.kind == PROTO_KIND_OK && reply.id == 7 && json_equal(reply.body, result));
    proto_reply_finish(&reply);
    json_decref(result);
    golden(proto_ok(INT64_MIN, NULL), "{\"id\":-9223372036854775808,\"ok\":true,\"result\":{}}\n");
    proto_reply_finish(&reply);

    err_set(&fail, ERR_NO_PERSONA, "there is no `%s`", "work");
    golden(
        proto_fail(7, &fail),
        "{\"id\":7,\"ok\":false,\"error\":{\"code\":\"no-such-persona\",\"message\":\"there is no `work`\","
        "\"hint\":\"`spine persona list` shows the personas\"}}\n");
    T(reply.kind == PROTO_KIND_FAIL && reply.err.code == ERR_NO_PERSONA);
    T_STR(reply.err.message, fail.message);
    T_STR(reply.err.hint, fail.hint);
    proto_reply_finish(&reply);
    T(reply.body == NULL);

    /* What podman prints need not be UTF-8. */
    err_set(&fail, ERR_PODMAN, "bad \xff byte");
    err_hint(&fail, "%s", "");
    golden(proto_fail(0, &fail), "{\"id\":0,\"ok\":false,\"error\":{\"code\":\"podman-failed\",\"message\":"
                                 "\"bad ? byte\",\"hint\":\"\"}}\n");
    proto_reply_finish(&reply);
    fail.code = ERR_NONE;
    golden(proto_fail(0, &fail), "{\"id\":0,\"ok\":false,\"error\":{\"code\":\"internal\",\"message\":\"bad "
                                 "? byte\",\"hint\":\"\"}}\n");
    proto_reply_finish(&reply);
}

static void test_progress(void)
{
    json_t *event = json_pack("{s:s, s:s}", "event", "persona", "id", "work");

    golden(proto_progress(7, "pull", 40, NULL),
           "{\"id\":7,\"progress\":{\"step\":\"pull\",\"percent\":40}}\n");
    T(reply.kind == PROTO_KIND_PROGRESS && reply.id == 7);
    T_STR(json_string_value(json_object_get(reply.body, "step")), "pull");
    proto_reply_finish(&reply);
    golden(proto_progress(7, "log", -1, "a\tb\xfe"),
           "{\"id\":7,\"progress\":{\"step\":\"log\",\"detail\":\"a?b?\"}}\n");
    proto_reply_finish(&reply);
    golden(proto_progress(7, "log", 400, "a\tb"),
           "{\"id\":7,\"progress\":{\"step\":\"log\",\"percent\":100,\"detail\":\"a\\tb\"}}\n");
    proto_reply_finish(&reply);

    golden(proto_event(event), "{\"event\":\"persona\",\"id\":\"work\"}\n");
    T(reply.kind == PROTO_KIND_EVENT && json_equal(reply.body, event));
    proto_reply_finish(&reply);
    json_object_del(event, "event");
    T(proto_event(event) == NULL);
    T(proto_event(NULL) == NULL);
    json_decref(event);
}

static void test_request(void)
{
    json_t *args = json_pack("{s:s}", "id", "work"), *big;
    char *line = proto_request(3, "persona.start", args), *text;
    static struct request r;

    T_STR(line, "{\"id\":3,\"cmd\":\"persona.start\",\"args\":{\"id\":\"work\"}}\n");
    T_INT(proto_parse(line, strlen(line) - 1, &r, &e), 0);
    T(r.id == 3 && r.verb->id == VERB_PERSONA_START);
    free(line);
    json_decref(args);
    line = proto_request(0, "hello", NULL);
    T_STR(line, "{\"id\":0,\"cmd\":\"hello\",\"args\":{}}\n");
    free(line);

    text = malloc(PROTO_REPLY_MAX);
    memset(text, 'x', PROTO_REPLY_MAX - 1);
    text[PROTO_REPLY_MAX - 1] = '\0';
    big = json_pack("{s:s}", "text", text);
    T(proto_request(0, "hello", big) == NULL);
    T(proto_ok(0, big) == NULL);
    T_INT(back(text), -1);
    text[PROTO_LINE_MAX] = '\0'; /* too long for a request, not for an answer */
    json_object_set_new(big, "text", json_string(text));
    T(proto_request(0, "hello", big) == NULL);
    line = proto_ok(0, big);
    T(line && back(line) == 0);
    proto_reply_finish(&reply);
    free(line);
    free(text);
    json_decref(big);
}

static void test_bad_replies(void)
{
    static const char *const bad[] = {"",
                                      "[]",
                                      "{}",
                                      "{\"id\":1}",
                                      "{\"ok\":true,\"result\":{}}",
                                      "{\"id\":1,\"ok\":true}",
                                      "{\"id\":1,\"ok\":true,\"result\":[]}",
                                      "{\"id\":1,\"ok\":1,\"result\":{}}",
                                      "{\"id\":1,\"ok\":1,\"progress\":{\"step\":\"x\"}}",
                                      "{\"id\":1,\"ok\":false,\"error\":{}}",
                                      "{\"id\":1,\"ok\":false,\"error\":{\"code\":\"busy\"}}",
                                      "{\"id\":1,\"progress\":{}}",
                                      "{\"id\":1,\"progress\":{\"step\":1}}",
                                      "{\"event\":1}",
                                      "{\"id\":1,\"ok\":true,\"result\":{\"a\":[[[[[[[]]]]]]]}}",
                                      "{\"id\":1,\"ok\":true,\"result\":{}}{}"};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        T_NAMED(back(bad[i]) == -1 && reply.body == NULL && *e.message, bad[i]);
        proto_reply_finish(&reply);
    }
    /* A newer bay0 may say more. */
    T_INT(back("{\"id\":1,\"ok\":false,\"new\":1,\"error\":{\"code\":\"new-code\",\"message\":\"m\",\"more\":"
               "[]}}"),
          0);
    T_INT(reply.err.code, ERR_INTERNAL);
    T_STR(reply.err.message, "m");
    T_STR(reply.err.hint, "");
    proto_reply_finish(&reply);
}

int main(void)
{
    test_answers();
    test_progress();
    test_request();
    test_bad_replies();
    return t_done();
}
