/* SPDX-License-Identifier: MIT
 * What nft prints of our rules is known again, and nothing else is. recorded/nft-*.txt: nft 1.0.6 and 1.1.7,
 * which agree. */
#include "core/buf.h"
#include "core/firewall.h"
#include "sample.h"
#include "tests/t.h"

static char listing[16384];
static struct persona_spec s;

static size_t load(const char *name)
{
    char path[128];
    long n;

    snprintf(path, sizeof path, "bay0/core/test/recorded/nft-%s.txt", name);
    n = sample_read(path, listing, sizeof listing);
    T_NAMED(n > 0, path);
    return n > 0 ? (size_t)n : 0;
}

static void test_listings(void)
{
    static const struct {
        const char *spec, *own;
    } rows[] = {
        {"{\"id\":\"a\",\"image\":\"x\"}", "slirp"},
        {"{\"id\":\"a\",\"image\":\"x\",\"lan\":true}", "lan"},
        {"{\"id\":\"a\",\"image\":\"x\",\"network\":\"none\"}", "none"},
    };

    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < 3; k++) {
            size_t n = load(rows[k].own);

            T_INT(sample_spec(rows[i].spec, &s), 0);
            T_NAMED(firewall_in_force(&s, listing, n) == (i == k), rows[k].own);
        }
}

/* A rule, a letter or the end that is missing, or is too much. */
static void test_changed(void)
{
    size_t n = load("slirp"), bad = 0;
    char *rule = strstr(listing, "policy drop"), more[sizeof listing + 32];

    T_INT(sample_spec("{\"id\":\"a\",\"image\":\"x\"}", &s), 0);
    for (size_t cut = 0; cut + 1 < n; cut++) /* the last byte is the end of the line */
        bad += firewall_in_force(&s, listing, cut);
    T_INT(bad, 0);
    T(!firewall_in_force(&s, "", 0));
    snprintf(more, sizeof more, "%s}", listing);
    T(!firewall_in_force(&s, more, strlen(more)));
    snprintf(more, sizeof more, "%stable inet x {}", listing);
    T(!firewall_in_force(&s, more, strlen(more)));
    memcpy(rule, "policy acce", 11);
    T(!firewall_in_force(&s, listing, n));
}

int main(void)
{
    test_listings();
    test_changed();
    return t_done();
}
