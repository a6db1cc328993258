/* SPDX-License-Identifier: MIT
 * nft in the network namespace of another process: loads rules, lists them. nft(8), nsenter(1). */
#ifndef BAY0_NFT_H
#define BAY0_NFT_H

#include "bay0.h"

/* rules: text for `nft -f -`, copied. pid: any process of the namespace. NULL with errno. */
struct child *nft_load(struct bay0 *b, int32_t pid, const char *rules, size_t len, child_done_fn *done,
                       void *user);
/* `nft list table inet spine`: for firewall_in_force. */
struct child *nft_list(struct bay0 *b, int32_t pid, child_done_fn *done, void *user);

#endif
