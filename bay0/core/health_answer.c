/* SPDX-License-Identifier: MIT
 * Do those who listen answer? The shortest question of each protocol, and what its answer says. Also the
 * report of the throw-away persona. */
#include "core/health.h"

#include "core/buf.h"
#include "core/name.h"
#include "core/proto.h"
#include "core/swayhead.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t put(unsigned char *out, const void *data, size_t len)
{
    memcpy(out, data, len);
    return len;
}

static size_t sway_question(unsigned char *out, uint32_t type)
{
    sway_head_write(out, 0, type);
    return SWAY_HEAD;
}

size_t health_question(enum health_ask ask, unsigned char out[HEALTH_QUESTION_MAX])
{
    static const char hello[] = "{\"id\":1,\"cmd\":\"hello\"}\n";
    static const char get[] = "GET /v1/models HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    /* wl_display.sync: object 1, length 12 and opcode 0, new object 2. */
    static const uint32_t wl_sync[] = {1, 12U << 16, 2};
    /* Core.Hello(3): object 0, opcode 1 and length, sequence, no fds; then a struct with one number. */
    static const uint32_t pw_hello[] = {0, 1U << 24 | 24, 0, 0, 16, 14, 4, 4, 3, 0};
    /* CLIENT_PING of seatd: opcode 7, no payload. */
    static const uint16_t seat_ping[] = {7, 0};

    switch (ask) {
    case ASK_BAY0:
        return put(out, hello, sizeof hello - 1);
    case ASK_WAYLAND:
        return put(out, wl_sync, sizeof wl_sync);
    case ASK_SWAY:
        return sway_question(out, SWAY_GET_VERSION);
    case ASK_OUTPUTS:
        return sway_question(out, SWAY_GET_OUTPUTS);
    case ASK_PIPEWIRE:
        return put(out, pw_hello, sizeof pw_hello);
    case ASK_SEAT:
        return put(out, seat_ping, sizeof seat_ping);
    case ASK_HTTP:
        return put(out, get, sizeof get - 1);
    case ASK_COUNT:
        break;
    }
    return 0;
}

static size_t sway_length(const unsigned char *data, size_t len)
{
    uint32_t n, type;

    if (len < SWAY_HEAD || !sway_head_read(data, &n, &type))
        return 0;
    return n <= HEALTH_ANSWER_MAX - SWAY_HEAD ? n : 0;
}

bool health_answered(enum health_ask ask, const unsigned char *data, size_t len)
{
    switch (ask) {
    case ASK_BAY0:
        return memchr(data, '\n', len) != NULL;
    case ASK_HTTP:
        return memchr(data, '\n', len) != NULL;
    case ASK_WAYLAND:
        return len >= 12;
    case ASK_PIPEWIRE:
        return len >= 16;
    case ASK_SEAT:
        return len >= 4;
    case ASK_SWAY:
    case ASK_OUTPUTS: /* what is no answer of sway's needs no waiting */
        return len >= SWAY_HEAD && (sway_length(data, len) == 0 || len >= SWAY_HEAD + sway_length(data, len));
    case ASK_COUNT:
        break;
    }
    return true;
}

static void judge_http(const struct health_to *to, const char *name, const char *text, size_t len)
{
    char line[80], shown[80];
    const char *advice = "`spine logs` has what it said; `spine service stop` and `start` begin it anew";

    (void)snprintf(line, sizeof line, "%.*s", (int)(len < sizeof line ? len : sizeof line - 1), text);
    line[strcspn(line, "\r\n")] = '\0';
    buf_printable(shown, sizeof shown, line);
    if (strncmp(line, "HTTP/1.", 7) == 0 && strncmp(line + 8, " 2", 2) == 0)
        health_tell(to, HEALTH_OK, name, "", "%s", shown);
    else if (strncmp(line, "HTTP/1.", 7) == 0 && strncmp(line + 8, " 503", 4) == 0)
        health_tell(to, HEALTH_WRONG, name, "wait until its model is loaded, then ask again", "%s", shown);
    else
        health_tell(to, HEALTH_WRONG, name, advice, "it answers, but not as it should: %s", shown);
}

static void judge_sway(const struct health_to *to, enum health_ask ask, const char *name,
                       const unsigned char *data, size_t len)
{
    size_t n = sway_length(data, len), active = 0, i;
    json_t *root =
        n > 0 && len >= SWAY_HEAD + n ? json_loadb((const char *)data + SWAY_HEAD, n, 0, NULL) : NULL;
    const char *words = json_string_value(json_object_get(root, "human_readable"));
    json_t *output;

    json_array_foreach(root, i, output) active += json_is_true(json_object_get(output, "active"));
    if (!root)
        health_tell(to, HEALTH_WRONG, name, "see `spine logs`; a reboot starts it afresh",
                    "what listens there does not speak as sway does");
    else if (ask == ASK_SWAY)
        health_tell(to, words ? HEALTH_OK : HEALTH_WRONG, name, "see `spine logs`; a reboot starts it afresh",
                    "%s", words ? words : "no version in its answer");
    else
        health_tell(to, active ? HEALTH_OK : HEALTH_WRONG, name,
                    "is a screen connected, and its driver loaded?", "%zu in use", active);
    json_decref(root);
}

void health_answer(const struct health_to *to, enum health_ask ask, const char *name, const char *error,
                   const unsigned char *data, size_t len)
{
    static const char *const advice[ASK_COUNT] = {
        [ASK_BAY0] = "close connections that are not needed; if that does not help, reboot",
        [ASK_WAYLAND] =
            "see `spine logs`: does sway run? A persona gets a new socket when it is started again",
        [ASK_SWAY] = "see `spine logs`: is there a screen, and a seat?",
        [ASK_OUTPUTS] = "see `spine logs`: is there a screen, and a seat?",
        [ASK_PIPEWIRE] = "see `spine logs`; `spine service status pipewire` shows whether it comes back",
        [ASK_SEAT] = "see `spine logs`; `spine service status seatd` shows whether it comes back",
        [ASK_HTTP] = "`spine logs` has what it said; `spine service stop` and `start` begin it anew",
    };
    uint32_t id = 0;

    if (error) {
        health_tell(to, HEALTH_WRONG, name, advice[ask], "%s", error);
        return;
    }
    switch (ask) {
    case ASK_HTTP:
        judge_http(to, name, (const char *)data, len);
        return;
    case ASK_SWAY:
    case ASK_OUTPUTS:
        judge_sway(to, ask, name, data, len);
        return;
    case ASK_WAYLAND: /* wl_callback.done for object 2; an error would come from object 1 */
        memcpy(&id, data, sizeof id);
        health_tell(to, id == 2 ? HEALTH_OK : HEALTH_WRONG, name, advice[ask],
                    id == 2 ? "yes" : "with an error of the protocol");
        return;
    case ASK_BAY0:
    case ASK_PIPEWIRE:
    case ASK_SEAT:
    case ASK_COUNT:
        break;
    }
    health_tell(to, HEALTH_OK, name, "", "yes");
}

static void one_attempt(const struct health_to *to, const json_t *line, const char *attempt)
{
    bool through = !json_is_false(json_object_get(line, "got_through"));
    const char *detail = json_string_value(json_object_get(line, "detail"));
    char name[HEALTH_NAME_MAX];

    (void)snprintf(name, sizeof name, "a persona cannot %.90s", attempt);
    health_tell(
        to, through ? HEALTH_WRONG : HEALTH_OK, name,
        "run nothing in a persona that you do not trust; boot an unchanged Spine image, and report it",
        "%s%s", through ? "it can: " : "refused: ", detail ? detail : "");
}

void health_probe(const struct health_to *to, const char *text, size_t len)
{
    json_int_t attempts = 0, said = -1;

    while (len > 0) {
        const char *end = memchr(text, '\n', len);
        size_t n = end ? (size_t)(end - text) : len;
        json_t *line = NULL;
        struct err e;

        if (n > 0 && n < PROTO_LINE_MAX && proto_load(text, n, &line, &e) == 0) {
            const char *attempt = json_string_value(json_object_get(line, "attempt"));

            if (attempt) {
                one_attempt(to, line, attempt);
                attempts++;
            } else if (json_is_integer(json_object_get(line, "attempts"))) {
                said = json_integer_value(json_object_get(line, "attempts"));
            }
        }
        json_decref(line);
        n += end != NULL;
        text += n;
        len -= n;
    }
    if (attempts == 0 || said != attempts)
        health_tell(to, HEALTH_WRONG, "throw-away persona", "see `spine logs`, and ask again",
                    "its report is not whole: %lld attempts, and it should be %lld", (long long)attempts,
                    (long long)said);
    else
        health_tell(to, HEALTH_OK, "throw-away persona", "", "%lld attempts", (long long)attempts);
}

bool health_smallest_image(const char *text, size_t len, char *out, size_t size)
{
    json_t *root = NULL, *image;
    json_int_t least = -1;
    struct err e;
    size_t i;

    if (proto_load(text, len, &root, &e))
        return false;
    json_array_foreach(root, i, image)
    {
        json_int_t bytes = json_integer_value(json_object_get(image, "Size"));
        const char *name = json_string_value(json_array_get(json_object_get(image, "Names"), 0));

        if (!name || !name_image_ok(name) || name_image_is_file(name) || bytes <= 0 || strlen(name) >= size ||
            (least >= 0 && bytes >= least))
            continue;
        least = bytes;
        (void)snprintf(out, size, "%s", name);
    }
    json_decref(root);
    return least >= 0;
}
