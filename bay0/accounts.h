/* SPDX-License-Identifier: MIT
 * The Spine's own users. Their numbers are fixed (docs/contracts.md); those of the base's device groups are
 * read from /etc/group. */
#ifndef BAY0_ACCOUNTS_H
#define BAY0_ACCOUNTS_H

#include "child.h"

enum account { ACCOUNT_ROOT, ACCOUNT_UI, ACCOUNT_AUDIO, ACCOUNT_NET, ACCOUNT_SWITCHER, ACCOUNT_COUNT };
enum { GID_SPINE = 900, UID_UI = 901, UID_AUDIO = 902, UID_NET = 903, GID_SEAT = 904 };

/* Fills uid, gid, groups and capabilities of o. ACCOUNT_ROOT leaves it alone. */
void account_apply(enum account a, struct child_options *o);
uid_t account_uid(enum account a);
/* Number of a group in /etc/group, or (gid_t)-1. */
gid_t account_group(const char *name);

#endif
