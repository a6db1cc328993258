/* SPDX-License-Identifier: MIT
 * What the keys of sway.conf lead to: some go to the switcher, the rest is done here. */
#include "hotkey.h"

#include "focus_run.h"
#include "log.h"
#include "power.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const char prefix[] = "nop spine ", by_number[] = "focus ";

/* These the switcher answers as long as it is there: it shows what the user chooses from. */
static bool is_for_switcher(const char *key)
{
    static const char *const keys[] = {"next", "previous", "launcher", "carry-copy", "carry-paste"};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(key, keys[i]) == 0)
            return true;
    return false;
}

static bool give_away(struct bay0 *b, const char *key)
{
    json_t *event = json_pack("{s:s, s:s, s:s}", "event", "key", "key", key, "front", b->focus.front);
    bool taken = event && server_publish_key(event);

    json_decref(event);
    return taken;
}

static const struct focus_persona *chosen(const struct focus *f, const char *key)
{
    if (strcmp(key, "next") == 0)
        return focus_pick(f, PICK_NEXT, 0);
    if (strcmp(key, "previous") == 0)
        return focus_pick(f, PICK_PREVIOUS, 0);
    if (strcmp(key, "last") == 0)
        return focus_pick(f, PICK_LAST, 0);
    if (strncmp(key, by_number, sizeof by_number - 1) == 0)
        return focus_pick(f, PICK_NUMBER, (unsigned)strtoul(key + sizeof by_number - 1, NULL, 10));
    return NULL;
}

void hotkey(struct bay0 *b, const char *command)
{
    const char *key = command + sizeof prefix - 1;
    const struct focus_persona *pick;

    if (strncmp(command, prefix, sizeof prefix - 1) != 0)
        return;
    if (strcmp(key, "poweroff") == 0) {
        power_down(b, POWER_OFF);
        return;
    }
    if (strcmp(key, "reboot") == 0) {
        power_down(b, POWER_REBOOT);
        return;
    }
    if (is_for_switcher(key) && give_away(b, key))
        return;
    pick = chosen(&b->focus, key);
    if (pick)
        focus_run_request(b, 0, 0, pick->id);
    else if (is_for_switcher(key))
        log_info("key %s: nothing to do without the switcher", key);
}
