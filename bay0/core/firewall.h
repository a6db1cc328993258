/* SPDX-License-Identifier: MIT
 * The nftables ruleset for a persona's own network namespace, loaded after `podman init` and before `podman
 * start`. */
#ifndef BAY0_CORE_FIREWALL_H
#define BAY0_CORE_FIREWALL_H

#include "core/spec.h"

struct buf;

/* Text for `nft -f -`. slirp: output is open but for private, link-local, loopback-of-the-host and multicast
 * ranges (DNS of slirp stays open, 10.0.2.3:53 only); input only answers. none: everything but lo dropped. */
int firewall_text(const struct persona_spec *s, struct buf *out);

/* Whether what `nft list table inet spine` says (len bytes) are these rules: none more, none less.
 * nft(8), 1.0.6 to 1.1.7. */
enum { FIREWALL_MAX = 8192 };
bool firewall_in_force(const struct persona_spec *s, const char *listing, size_t len);

#endif
