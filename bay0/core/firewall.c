/* SPDX-License-Identifier: MIT
 * The nftables text for each network mode. */
#include "core/firewall.h"

#include "core/buf.h"

/* Our own table is emptied first, so that loading the text twice is the same as loading it once. */
static const char empty[] = "add table inet spine\n"
                            "delete table inet spine\n";
static const char head[] = "table inet spine {\n";

/* slirp's network is 10.0.2.0/24: .2 stands for the Spine itself, .3 is its resolver. Private, shared,
 * benchmark, documentation, link-local, multicast and reserved ranges are where the Spine's neighbours live;
 * RFC 6890. slirp has no IPv6 (enable_ipv6=false): what tries it is told at once. */
static const char near[] =
    "  set near {\n"
    "    type ipv4_addr\n"
    "    flags interval\n"
    "    elements = { 0.0.0.0/8, 10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, 172.16.0.0/12,\n"
    "                 192.0.0.0/24, 192.0.2.0/24, 192.88.99.0/24, 192.168.0.0/16, 198.18.0.0/15,\n"
    "                 198.51.100.0/24, 203.0.113.0/24, 224.0.0.0/3 }\n"
    "  }\n";
/* Open are the three private ranges of RFC 1918, but not slirp's own network. Link-local stays closed: the
 * keys of a machine in somebody's cloud are to be had there. */
static const char near_but_lan[] =
    "  set near {\n"
    "    type ipv4_addr\n"
    "    flags interval\n"
    "    elements = { 0.0.0.0/8, 10.0.2.0/24, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, 192.0.0.0/24,\n"
    "                 192.0.2.0/24, 192.88.99.0/24, 198.18.0.0/15, 198.51.100.0/24, 203.0.113.0/24,\n"
    "                 224.0.0.0/3 }\n"
    "  }\n";
static const char slirp[] = "  chain output {\n"
                            "    type filter hook output priority filter; policy drop;\n"
                            "    oifname \"lo\" accept\n"
                            "    reject with icmpv6 admin-prohibited\n"
                            "    ip daddr 10.0.2.3 udp dport 53 accept\n"
                            "    ip daddr 10.0.2.3 tcp dport 53 accept\n"
                            "    ip daddr @near reject with icmp admin-prohibited\n"
                            "    oifname \"tap0\" accept\n"
                            "  }\n"
                            "  chain input {\n"
                            "    type filter hook input priority filter; policy drop;\n"
                            "    iifname \"lo\" accept\n"
                            "    ct state established,related accept\n"
                            "  }\n"
                            "  chain forward {\n"
                            "    type filter hook forward priority filter; policy drop;\n"
                            "  }\n"
                            "}\n";

static const char none[] = "  chain output {\n"
                           "    type filter hook output priority filter; policy drop;\n"
                           "    oifname \"lo\" accept\n"
                           "  }\n"
                           "  chain input {\n"
                           "    type filter hook input priority filter; policy drop;\n"
                           "    iifname \"lo\" accept\n"
                           "  }\n"
                           "  chain forward {\n"
                           "    type filter hook forward priority filter; policy drop;\n"
                           "  }\n"
                           "}\n";

static void rules(const struct persona_spec *s, struct buf *out)
{
    buf_add(out, head);
    /* A mode that is not known gets the closed rules. */
    if (s->network == NETWORK_SLIRP)
        buf_add(out, s->lan ? near_but_lan : near);
    buf_add(out, s->network == NETWORK_SLIRP ? slirp : none);
}

int firewall_text(const struct persona_spec *s, struct buf *out)
{
    buf_add(out, empty);
    rules(s, out);
    return buf_done(out);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

/* The texts are written as nft prints them, but for the white space. */
bool firewall_in_force(const struct persona_spec *s, const char *listing, size_t len)
{
    char want[FIREWALL_MAX];
    const char *w = want, *end = listing + len;
    struct buf b;

    buf_init(&b, want, sizeof want);
    rules(s, &b);
    if (buf_done(&b) < 0)
        return false;
    for (;; w++, listing++) {
        while (is_space(*w))
            w++;
        while (listing < end && is_space(*listing))
            listing++;
        if (!*w || listing == end)
            return !*w && listing == end;
        if (*w != *listing)
            return false;
    }
}
