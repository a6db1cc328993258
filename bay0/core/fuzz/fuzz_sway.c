/* SPDX-License-Identifier: MIT
 * Fuzz target: what comes from sway, read as an event, as a tree and as what came of a command. Names that
 * get through must be sound. */
#include "core/buf.h"
#include "core/err.h"
#include "core/swaytext.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static void window(void *user, const char *instance, const char *workspace, int64_t con_id, bool visible,
                   bool fullscreen)
{
    char text[SWAY_TEXT_MAX];
    struct buf b;

    (void)user;
    (void)visible;
    must(name_id_ok(instance));
    must(strlen(workspace) < 64);
    buf_init(&b, text, sizeof text);
    must((sway_return_text(con_id, instance, fullscreen, &b) == 0) == (con_id > 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sway_event event;
    struct err e = {0}, e2 = {0}, e3 = {0};

    must((sway_event_parse((const char *)data, size, &event, &e) < 0) == (e.code != ERR_NONE));
    must(event.instance[0] == '\0' || name_id_ok(event.instance));
    must(memchr(event.workspace, 0, sizeof event.workspace) &&
         memchr(event.binding, 0, sizeof event.binding));
    must((sway_tree_parse((const char *)data, size, window, NULL, &e2) < 0) == (e2.code != ERR_NONE));
    must((sway_result_parse((const char *)data, size, &e3) < 0) == (e3.code != ERR_NONE));
    return 0;
}
