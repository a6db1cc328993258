/* SPDX-License-Identifier: MIT
 * Fuzz target: a line of the protocol, read as a request and as an answer. */
#include "core/proto.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static void words_end(const struct request *r)
{
    const char *word = r->exec_text;

    for (uint32_t i = 0; i < r->exec_words; i++) {
        must(word < r->exec_text + sizeof r->exec_text);
        word += strlen(word) + 1;
    }
    must(word <= r->exec_text + sizeof r->exec_text);
}

/* Whatever a refusal repeats of the input, the line that carries it must be a sound answer. */
static void refusal(int64_t id, const struct err *e)
{
    struct err again = {0};
    struct reply reply;
    char *line = proto_fail(id, e);

    must(e->code != ERR_NONE && e->message[0] && line);
    must(proto_reply_parse(line, strlen(line), &reply, &again) == 0);
    must(reply.kind == PROTO_KIND_FAIL && reply.id == id && reply.err.code == e->code);
    proto_reply_finish(&reply);
    free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct request r;
    struct err e = {0};
    struct reply reply;
    char *text = malloc(size ? size : 1); /* exact, so that a read past the end is seen */

    if (!text)
        return 0;
    memcpy(text, data, size);
    if (proto_parse(text, size, &r, &e) == 0) {
        must(r.verb && (r.target[0] == '\0' || name_id_ok(r.target)));
        words_end(&r);
    } else {
        refusal(r.id, &e);
    }
    memset(&e, 0, sizeof e);
    if (proto_reply_parse(text, size, &reply, &e) == 0)
        must(json_is_object(reply.body));
    else
        must(reply.body == NULL && e.message[0]);
    proto_reply_finish(&reply);
    free(text);
    return 0;
}
