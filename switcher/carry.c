/* SPDX-License-Identifier: MIT
 * Clears the clipboard at each switch, and carries its contents over when the user says so. */
#include "switcher/carry.h"

#include "core/name.h"
#include "switcher/carry_device.h"
#include "switcher/carry_pipe.h"
#include "switcher/client.h"
#include "switcher/core/carry_type.h"
#include "switcher/ext-data-control-v1-client.h"

#include <fcntl.h>
#include <sha2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OUTLETS_MAX = 8, SAID_MAX = 200, DIGEST_TEXT = 65 };

struct carry {
    struct client *client;
    struct carry_device device;
    /* Copied and not yet pasted. */
    char from[NAME_ID_MAX + 1];
    enum carry_type type; /* CARRY_NONE: nothing */
    struct goods copy;
    struct client_timer keep;
    struct intake *intake;        /* the copy is under way */
    char target[NAME_ID_MAX + 1]; /* a switch to this one is under way; "": none */
    /* The key came before bay0's word that the one to paste into is in front. */
    char soon[NAME_ID_MAX + 1];
    struct client_timer soon_timer;
    char asked[NAME_ID_MAX + 1]; /* bay0 is recording the carry to this one; "": no */
    unsigned serial, recorded;   /* of the copy, and of the one that is being recorded */
    /* Ours is the selection of the one in front. */
    struct ext_data_control_source_v1 *source;
    char to[NAME_ID_MAX + 1];
    enum carry_type given_type;
    struct goods given;
    struct outlet *outlet[OUTLETS_MAX];
};

__attribute__((format(printf, 2, 3))) static void say(const struct carry *k, const char *fmt, ...)
{
    char text[SAID_MAX];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    client_say(k->client, text);
    client_log("clipboard: %s", text);
}

/* --- copy --------------------------------------------------------------------------------------------- */

static void wipe_copy(struct carry *k)
{
    goods_wipe(&k->copy);
    k->type = CARRY_NONE;
    k->serial++;
    client_timer_stop(k->client, &k->keep);
}

static void on_keep_over(void *data)
{
    struct carry *k = data;

    wipe_copy(k);
    client_log("what was copied from %s was not pasted in time and is forgotten", k->from);
}

static void on_copied(void *data, enum intake_end end, struct goods *goods)
{
    struct carry *k = data;
    enum carry_type type = k->type;
    const char *word = carry_word(type), *wrong;

    k->intake = NULL;
    k->type = CARRY_NONE;
    if (end == INTAKE_LATE) {
        say(k, "Not copied: %s did not give its %s in %d s", k->from, word, CARRY_READ_MS / 1000);
    } else if (end == INTAKE_LONG) {
        say(k, "Not copied: the %s of %s is larger than %zu KiB", word, k->from, carry_max(type) / 1024);
    } else if (end == INTAKE_FAILED) {
        say(k, "Not copied: the %s of %s could not be read", word, k->from);
    } else if ((wrong = carry_wrong(type, goods->data, goods->len))) {
        say(k, "Not copied: the %s of %s %s", word, k->from, wrong);
    } else {
        k->copy = *goods;
        *goods = (struct goods){.data = NULL};
        k->type = type;
        client_timer_start(k->client, &k->keep, CARRY_KEEP_MS);
        say(k, "Copied from %s: %zu bytes of %s; Super+Shift+V pastes", k->from, k->copy.len, word);
    }
}

static void copy(struct carry *k, const char *front)
{
    int ends[2];

    intake_cancel(k->intake);
    k->intake = NULL;
    wipe_copy(k);
    if (!name_id_ok(front)) {
        say(k, "Not copied: no persona is in front");
        return;
    }
    snprintf(k->from, sizeof k->from, "%s", front);
    if (!carry_device_there(&k->device) || !k->device.selection) {
        say(k, "Not copied: nothing is copied in %s", front);
        return;
    }
    if (k->device.selection->choice.type == CARRY_NONE) {
        say(k, "Not copied: %s has neither text nor a PNG picture to carry", front);
        return;
    }
    if (pipe2(ends, O_CLOEXEC)) {
        say(k, "Not copied: no pipe to be had");
        return;
    }
    k->type = k->device.selection->choice.type;
    ext_data_control_offer_v1_receive(k->device.selection->offer, k->device.selection->choice.mime, ends[1]);
    close(ends[1]);
    k->intake = intake_start(k->client, ends[0], carry_max(k->type), CARRY_READ_MS, on_copied, k);
    if (!k->intake) {
        k->type = CARRY_NONE;
        say(k, "Not copied: out of memory");
    }
}

/* --- paste -------------------------------------------------------------------------------------------- */

static void drop_given(struct carry *k)
{
    for (size_t i = 0; i < OUTLETS_MAX; i++)
        outlet_cancel(k->outlet[i]);
    if (k->source)
        ext_data_control_source_v1_destroy(k->source);
    k->source = NULL;
    k->to[0] = '\0';
    goods_wipe(&k->given);
}

static void on_send(void *data, struct ext_data_control_source_v1 *source, const char *mime, int32_t fd)
{
    struct carry *k = data;
    bool known = false;

    (void)source;
    for (size_t i = 0; carry_mime(k->given_type, i); i++)
        known = known || strcmp(carry_mime(k->given_type, i), mime) == 0;
    for (size_t i = 0; known && i < OUTLETS_MAX; i++)
        if (!k->outlet[i]) {
            outlet_start(k->client, fd, k->given.data, k->given.len, CARRY_SEND_MS, &k->outlet[i]);
            return;
        }
    close(fd);
}

static void on_cancelled(void *data, struct ext_data_control_source_v1 *source)
{
    struct carry *k = data;

    (void)source; /* there is one at most: an older one is destroyed before */
    drop_given(k);
}

static const struct ext_data_control_source_v1_listener source_listener = {
    .send = on_send,
    .cancelled = on_cancelled,
};

/* It stands in the ledger: now the persona may have it, if it is still in front. */
static void offer_copy(struct carry *k, const char *to)
{
    if (strcmp(client_front(k->client), to) != 0 || !carry_device_there(&k->device)) {
        say(k, "Not pasted: %s is no longer in front", to);
        return;
    }
    drop_given(k);
    k->given = k->copy;
    k->given_type = k->type;
    k->copy = (struct goods){.data = NULL};
    wipe_copy(k);
    snprintf(k->to, sizeof k->to, "%s", to);
    k->source = ext_data_control_manager_v1_create_data_source(k->device.manager);
    ext_data_control_source_v1_add_listener(k->source, &source_listener, k);
    for (size_t i = 0; carry_mime(k->given_type, i); i++)
        ext_data_control_source_v1_offer(k->source, carry_mime(k->given_type, i));
    ext_data_control_device_v1_set_selection(k->device.device, k->source);
    say(k, "Carried from %s to %s: %zu bytes of %s, ready to paste", k->from, to, k->given.len,
        carry_word(k->given_type));
}

static void on_recorded(void *data, bool ok, const json_t *result)
{
    struct carry *k = data;
    const char *why = json_string_value(json_object_get(result, "message"));
    char to[NAME_ID_MAX + 1];

    memcpy(to, k->asked, sizeof to);
    k->asked[0] = '\0';
    if (k->serial != k->recorded)
        return; /* forgotten meanwhile, or another one: that has no record yet */
    if (ok)
        offer_copy(k, to);
    else
        say(k, "Not pasted: it could not be recorded%s%s", why ? ": " : "", why ? why : "");
}

static void digest(const struct goods *g, char out[DIGEST_TEXT])
{
    uint8_t sum[SHA256_DIGEST_LENGTH];
    SHA2_CTX context;

    SHA256Init(&context);
    SHA256Update(&context, (const uint8_t *)g->data, g->len);
    SHA256Final(sum, &context);
    for (size_t i = 0; i < sizeof sum; i++)
        snprintf(out + 2 * i, 3, "%02x", sum[i]);
}

static void paste(struct carry *k, const char *to)
{
    char sum[DIGEST_TEXT];

    if (k->type == CARRY_NONE || k->intake) {
        say(k, "Nothing to paste%s", k->intake ? " yet" : ": Super+Shift+C copies first");
        return;
    }
    if (k->asked[0])
        return; /* the key was pressed twice */
    digest(&k->copy, sum);
    snprintf(k->asked, sizeof k->asked, "%s", to);
    k->recorded = k->serial;
    if (client_ask(k->client, "clipboard.carried",
                   json_pack("{s:s, s:s, s:s, s:I, s:s}", "from", k->from, "to", to, "type",
                             carry_mime(k->type, 0), "bytes", (json_int_t)k->copy.len, "sha256", sum),
                   on_recorded, k)) {
        k->asked[0] = '\0';
        say(k, "Not pasted: it could not be recorded, bay0 is away");
    }
}

static void on_soon_over(void *data)
{
    struct carry *k = data;

    say(k, "Not pasted: %s is not in front", k->soon);
    k->soon[0] = '\0';
}

/* During a switch the user means the one that comes: it may be on the screen already. */
static void paste_key(struct carry *k, const char *front)
{
    if (k->target[0])
        front = k->target;
    if (!name_id_ok(front)) {
        say(k, "Not pasted: no persona is in front");
    } else if (!k->target[0] && strcmp(client_front(k->client), front) == 0) {
        paste(k, front);
    } else {
        memmove(k->soon, front, strlen(front) + 1);
        client_timer_start(k->client, &k->soon_timer, CARRY_FRONT_MS);
    }
}

/* --- switches ----------------------------------------------------------------------------------------- */

/* What was carried to this one stays its own. */
static void clear_for(struct carry *k, const char *id)
{
    if ((k->source && strcmp(k->to, id) == 0) || !carry_device_there(&k->device))
        return;
    drop_given(k);
    carry_device_clear(&k->device);
}

static void on_leaving(struct carry *k, const char *to)
{
    snprintf(k->target, sizeof k->target, "%s", name_id_ok(to) ? to : "");
    clear_for(k, to);
}

static void on_front(struct carry *k, const char *id)
{
    k->target[0] = '\0';
    clear_for(k, id);
    if (!k->soon[0] || strcmp(k->soon, id) != 0)
        return;
    client_timer_stop(k->client, &k->soon_timer);
    k->soon[0] = '\0';
    paste(k, id);
}

static void on_event(void *data, const char *event, const json_t *line)
{
    struct carry *k = data;
    const char *id = json_string_value(json_object_get(line, "id"));
    const char *to = json_string_value(json_object_get(line, "to"));
    const char *key = json_string_value(json_object_get(line, "key"));
    const char *front = json_string_value(json_object_get(line, "front"));

    if (!event)
        return;
    if (strcmp(event, "leaving") == 0)
        on_leaving(k, to ? to : "");
    else if (strcmp(event, "front") == 0)
        on_front(k, id ? id : "");
    else if (strcmp(event, "key") == 0 && key && strcmp(key, "carry-copy") == 0)
        copy(k, front ? front : "");
    else if (strcmp(event, "key") == 0 && key && strcmp(key, "carry-paste") == 0)
        paste_key(k, front ? front : "");
}

struct carry *carry_new(struct client *c)
{
    struct carry *k = calloc(1, sizeof *k);

    if (!k)
        return NULL;
    k->client = c;
    k->keep.fn = on_keep_over;
    k->soon_timer.fn = on_soon_over;
    k->keep.data = k->soon_timer.data = k;
    if (carry_device_init(&k->device, c) || client_on_event(c, on_event, k)) {
        free(k);
        return NULL;
    }
    return k;
}

void carry_free(struct carry *k)
{
    if (!k)
        return;
    intake_cancel(k->intake);
    wipe_copy(k);
    client_timer_stop(k->client, &k->soon_timer);
    drop_given(k);
    carry_device_finish(&k->device);
    free(k);
}
