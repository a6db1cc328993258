/* SPDX-License-Identifier: MIT
 * The Spine's own users: the numbers of docs/contracts.md, and what a child gets of them. */
#include "tests/t.h"

#include "accounts.h"
#include "core/services.h"

#include <linux/capability.h>
#include <stdio.h>

static void numbers(void)
{
    T_INT(account_uid(ACCOUNT_ROOT), 0);
    T_INT(account_uid(ACCOUNT_UI), 901);
    T_INT(account_uid(ACCOUNT_AUDIO), 902);
    T_INT(account_uid(ACCOUNT_NET), 903);
    T_INT(GID_SPINE, 900);
    T_INT(GID_SEAT, 904);
    /* service.c turns one into the other. */
    T_INT(SERVICE_ROOT, ACCOUNT_ROOT);
    T_INT(SERVICE_UI, ACCOUNT_UI);
    T_INT(SERVICE_AUDIO, ACCOUNT_AUDIO);
    T_INT(SERVICE_NET, ACCOUNT_NET);
    T_INT(SERVICE_SHOW, ACCOUNT_SWITCHER);
    T_INT(account_uid(ACCOUNT_SWITCHER), account_uid(ACCOUNT_UI));
}

static void groups(void)
{
    T_INT(account_group("root"), 0);
    T_INT(account_group("no-such-group-anywhere"), (gid_t)-1);
    T_INT(account_group(""), (gid_t)-1);
    T_INT(account_group("roo"), (gid_t)-1);
}

static void applied(void)
{
    struct child_options o;

    child_options_init(&o);
    account_apply(ACCOUNT_ROOT, &o);
    T(!o.drop && o.groups_n == 0 && o.ambient_caps == 0);

    for (int a = ACCOUNT_UI; a < ACCOUNT_COUNT; a++) {
        child_options_init(&o);
        account_apply((enum account)a, &o);
        T(o.drop);
        T_INT(o.uid, account_uid((enum account)a));
        T_INT(o.gid, o.uid);
        T(o.groups_n <= 4);
        for (size_t i = 0; i < o.groups_n; i++)
            T(o.groups[i] != (gid_t)-1 && o.groups[i] != 0);
        if (a == ACCOUNT_NET)
            T_INT(o.ambient_caps, 1u << CAP_NET_ADMIN | 1u << CAP_NET_RAW | 1u << CAP_NET_BIND_SERVICE);
        else
            T_INT(o.ambient_caps, 0);
        T(o.realtime == (a == ACCOUNT_AUDIO));
    }

    /* Groups are added to those that are there, never past the end. */
    child_options_init(&o);
    o.groups_n = CHILD_GROUPS_MAX;
    account_apply(ACCOUNT_UI, &o);
    T_INT(o.groups_n, CHILD_GROUPS_MAX);
    child_options_init(&o);
    account_apply(ACCOUNT_AUDIO, &o);
    T_INT(o.groups_n, account_group("audio") == (gid_t)-1 ? 0 : 1);
    T(o.groups_n == 0 || o.groups[0] == account_group("audio"));
}

int main(void)
{
    numbers();
    groups();
    applied();
    return t_done();
}
