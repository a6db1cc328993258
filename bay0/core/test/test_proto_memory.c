/* SPDX-License-Identifier: MIT
 * The protocol when memory is short: the n-th allocation fails, for every n. Nothing may crash, leak or lie.
 */
#include "core/proto.h"
#include "tests/t.h"

static unsigned allowed; /* allocations that still succeed */
static unsigned failed;

static void *scarce(size_t size)
{
    if (allowed == 0) {
        failed++;
        return NULL;
    }
    allowed--;
    return malloc(size);
}

static struct request r;
static struct err e;

static bool parses(const char *line)
{
    memset(&e, 0, sizeof e);
    return proto_parse(line, strlen(line), &r, &e) == 0;
}

static bool add(void)
{
    return parses("{\"id\":7,\"cmd\":\"persona.add\",\"args\":{\"id\":\"web\",\"image\":\"x\",\"cpus\":1.5,"
                  "\"command\":[\"sh\",\"-c\",\"x\"]}}");
}

static bool hello(void)
{
    return parses("{\"cmd\":\"hello\"}");
}

static bool sent(char *line)
{
    bool whole = line && line[strlen(line) - 1] == '\n';

    free(line);
    return whole;
}

static bool refusal(void)
{
    struct err why = {.code = ERR_PODMAN, .message = "bad \xff byte", .hint = "h"};

    return sent(proto_fail(7, &why));
}

static bool progress(void)
{
    return sent(proto_progress(7, "pull", 40, "layer"));
}

static bool result(void)
{
    return sent(proto_ok(7, NULL));
}

static bool request(void)
{
    return sent(proto_request(7, "hello", NULL));
}

static bool reply(void)
{
    static const char line[] =
        "{\"id\":1,\"ok\":false,\"error\":{\"code\":\"busy\",\"message\":\"m\",\"hint\":\"h\"}}";
    struct reply got;
    bool whole = proto_reply_parse(line, strlen(line), &got, &e) == 0;

    whole = whole && got.err.code == ERR_BUSY && strcmp(got.err.message, "m") == 0 &&
            strcmp(got.err.hint, "h") == 0;
    proto_reply_finish(&got);
    return whole;
}

static bool declaration(void)
{
    static const struct persona_spec s = {
        .id = "a", .image = "x", .colour = "#000000", .command_words = 2, .command = "sh\0-c"};
    json_t *j = spec_to_json(&s);
    struct persona_spec again;
    bool whole = j && spec_from_json(j, &again, &e) == 0 && again.command_words == 2;

    json_decref(j);
    return whole;
}

/* A call in which an allocation failed must say that it failed; the first one without must be whole. */
static void starve(bool (*fn)(void), const char *name)
{
    unsigned n = 0, lies = 0;
    bool whole;

    for (;; n++) {
        allowed = n;
        failed = 0;
        whole = fn();
        if (failed == 0 || n == 1000)
            break;
        lies += whole;
    }
    T_NAMED(n > 0 && whole && lies == 0, name);
}

int main(void)
{
    json_set_alloc_funcs(scarce, free);
    starve(add, "persona.add");
    starve(hello, "hello");
    starve(refusal, "refusal");
    starve(progress, "progress");
    starve(result, "result");
    starve(request, "request");
    starve(reply, "reply");
    starve(declaration, "declaration");
    return t_done();
}
