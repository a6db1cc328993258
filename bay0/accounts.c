/* SPDX-License-Identifier: MIT
 * The Spine's own users. */
#include "accounts.h"

#include <grp.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>

#define CAP_BIT(cap) (UINT64_C(1) << (cap))

static const struct {
    uid_t uid;
    const char *groups[5];
    uint64_t caps;
    bool realtime;
} rows[ACCOUNT_COUNT] = {
    [ACCOUNT_UI] = {UID_UI, {"video", "input", "render", "seat", NULL}, 0, false},
    [ACCOUNT_AUDIO] = {UID_AUDIO, {"audio", NULL}, 0, true}, /* sound is late or it is not */
    /* udhcpc opens a raw socket and sets addresses and routes. */
    [ACCOUNT_NET] = {UID_NET,
                     {NULL},
                     CAP_BIT(CAP_NET_ADMIN) | CAP_BIT(CAP_NET_RAW) | CAP_BIT(CAP_NET_BIND_SERVICE),
                     false},
    /* The compositor's user without its devices; the group opens bay0's socket. */
    [ACCOUNT_SWITCHER] = {UID_UI, {"spine", NULL}, 0, false},
};

uid_t account_uid(enum account a)
{
    return rows[a].uid;
}

/* fgetgrent reads the file itself: nothing of NSS is linked into the static program. */
gid_t account_group(const char *name)
{
    FILE *f = fopen("/etc/group", "re");
    gid_t gid = (gid_t)-1;
    const struct group *g;

    if (!f)
        return gid;
    while ((g = fgetgrent(f)))
        if (strcmp(g->gr_name, name) == 0) {
            gid = g->gr_gid;
            break;
        }
    fclose(f);
    return gid;
}

void account_apply(enum account a, struct child_options *o)
{
    if (a == ACCOUNT_ROOT)
        return;
    o->drop = true;
    o->uid = rows[a].uid;
    o->gid = (gid_t)rows[a].uid;
    o->ambient_caps = rows[a].caps;
    o->realtime = rows[a].realtime;
    for (size_t i = 0; rows[a].groups[i] && o->groups_n < CHILD_GROUPS_MAX; i++) {
        gid_t gid = account_group(rows[a].groups[i]);

        if (gid != (gid_t)-1)
            o->groups[o->groups_n++] = gid;
    }
}
