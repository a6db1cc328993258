/* SPDX-License-Identifier: MIT
 * nft in the network namespace of another process. */
#include "nft.h"

#include <stdio.h>

enum { NFT_MS = 20000 };

static struct child *run(struct bay0 *b, int32_t pid, char *const *words, const char *input, size_t len,
                         child_done_fn *done, void *user)
{
    char ns[64];
    char *argv[8] = {"nsenter", ns, "nft"};
    struct child_options o;

    snprintf(ns, sizeof ns, "--net=/proc/%d/ns/net", pid);
    for (size_t n = 3; *words; words++)
        argv[n++] = *words;
    child_options_init(&o);
    o.argv = argv;
    o.env = b->podman_env.word;
    o.input = input;
    o.input_len = len;
    o.timeout_ms = NFT_MS;
    o.done = done;
    o.user = user;
    return child_spawn(b->loop, &o);
}

struct child *nft_load(struct bay0 *b, int32_t pid, const char *rules, size_t len, child_done_fn *done,
                       void *user)
{
    char *words[] = {"-f", "-", NULL};

    return run(b, pid, words, rules, len, done, user);
}

struct child *nft_list(struct bay0 *b, int32_t pid, child_done_fn *done, void *user)
{
    char *words[] = {"list", "table", "inet", "spine", NULL};

    return run(b, pid, words, NULL, 0, done, user);
}
