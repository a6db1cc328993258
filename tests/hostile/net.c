/* SPDX-License-Identifier: MIT
 * Attacks over the network: the Spine's loopback and addresses, its LAN, the neighbours. lan.c is what they
 * want to reach: it listens there and takes note. `control` is an address that a persona may reach: it shows
 * that the way is open. */
#include "hostile.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { PORT = 7777, WAIT_MS = 8000, SWEEP_MS = 3000 };

/* Connected within ms, or -1 with errno. */
static int tcp_connect(const char *address, int port, int ms)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), error = ETIMEDOUT;
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    socklen_t len = sizeof error;

    inet_pton(AF_INET, address, &a.sin_addr);
    if (fd < 0)
        return -1;
    if (connect(fd, (const struct sockaddr *)&a, sizeof a) == 0)
        return fd;
    if (errno == EINPROGRESS) {
        if (poll(&p, 1, ms) == 1)
            getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
    } else {
        error = errno;
    }
    if (error == 0)
        return fd;
    close(fd);
    errno = error;
    return -1;
}

/* slirp answers the handshake itself: through is what brings a word of the other side. */
static int try_tcp(const char *address, char what[WHAT_MAX])
{
    char text[64];
    int fd = tcp_connect(address, PORT, WAIT_MS);
    long n;

    if (fd < 0)
        return errno;
    n = read_within(fd, text, sizeof text, WAIT_MS);
    close(fd);
    if (n <= 0)
        return ECONNRESET;
    snprintf(what, WHAT_MAX, "%s:%d says %.40s", address, PORT, text);
    return 0;
}

static int udp(const char *address, int port, char what[WHAT_MAX])
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc = ETIMEDOUT;
    char text[64];

    if (fd < 0)
        return errno;
    inet_pton(AF_INET, address, &a.sin_addr);
    if (connect(fd, (const struct sockaddr *)&a, sizeof a) < 0 || send(fd, "hello", 5, 0) < 0)
        rc = errno;
    else if (read_within(fd, text, sizeof text, SWEEP_MS) > 0)
        rc = 0;
    close(fd);
    if (rc == 0)
        snprintf(what, WHAT_MAX, "%s udp %d says %.40s", address, port, text);
    return rc;
}

static int try_udp(const char *address, char what[WHAT_MAX])
{
    return udp(address, PORT, what);
}

/* A resolver of the LAN's own, past the one that is granted. */
static int try_dns(const char *address, char what[WHAT_MAX])
{
    return udp(address, 53, what);
}

static int try_broadcast(const char *address, char what[WHAT_MAX])
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1, rc = 0;

    if (fd < 0)
        return errno;
    inet_pton(AF_INET, address, &a.sin_addr);
    setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
    if (sendto(fd, "hello", 5, 0, (const struct sockaddr *)&a, sizeof a) < 0)
        rc = errno;
    close(fd);
    if (rc == 0)
        snprintf(what, WHAT_MAX, "%s was sent to", address);
    return rc;
}

/* slirp's own network: whoever answers there is the Spine or a neighbour. */
static int try_sweep(const char *arg, char what[WHAT_MAX])
{
    static const int ports[] = {PORT, 22, 53, 11434};
    char address[32];

    (void)arg;
    for (int host = 1; host < 255; host++)
        for (size_t i = 0; i < sizeof ports / sizeof *ports; i++) {
            int fd;

            snprintf(address, sizeof address, "10.0.2.%d", host);
            if (host == 3 && ports[i] == 53)
                continue; /* granted */
            fd = tcp_connect(address, ports[i], 100);
            if (fd < 0)
                continue;
            close(fd);
            snprintf(what, WHAT_MAX, "%s:%d takes a connection", address, ports[i]);
            return 0;
        }
    return ENETUNREACH;
}

static int try_ipv6(const char *address, char what[WHAT_MAX])
{
    struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_port = htons(PORT)};
    int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc = 0;

    if (fd < 0)
        return errno;
    inet_pton(AF_INET6, address, &a.sin6_addr);
    if (strncmp(address, "f", 1) == 0)
        a.sin6_scope_id = 2; /* tap0, or what comes after lo */
    if (connect(fd, (const struct sockaddr *)&a, sizeof a) < 0 || send(fd, "hello", 5, 0) < 0)
        rc = errno;
    close(fd);
    if (rc == 0)
        snprintf(what, WHAT_MAX, "%s was sent to", address);
    return rc;
}

/* A name without a file: such names belong to a network namespace. */
static int try_abstract(const char *name, char what[WHAT_MAX])
{
    int fd = unix_connect(name);

    if (fd < 0)
        return errno;
    close(fd);
    snprintf(what, WHAT_MAX, "%s takes a connection", name);
    return 0;
}

static const struct {
    const char *name;
    int family, type, protocol;
} sockets[] = {
    {"packet", AF_PACKET, SOCK_RAW, 0},
    {"raw", AF_INET, SOCK_RAW, IPPROTO_ICMP},
    {"ping", AF_INET, SOCK_DGRAM, IPPROTO_ICMP},
    {"alg", AF_ALG, SOCK_SEQPACKET, 0},
    {"vsock", AF_VSOCK, SOCK_STREAM, 0},
    {"bluetooth", 31, SOCK_RAW, 1},
    {"can", 29, SOCK_RAW, 1},
    {"xdp", 44, SOCK_RAW, 0},
    {"kcm", 41, SOCK_DGRAM, 0},
    {"tipc", 30, SOCK_RDM, 0},
    {"rds", 21, SOCK_SEQPACKET, 0},
    {"smc", 43, SOCK_STREAM, 0},
};

static int try_family(const char *name, char what[WHAT_MAX])
{
    size_t i = 0;
    int fd;

    while (strcmp(sockets[i].name, name) != 0)
        i++;
    fd = socket(sockets[i].family, sockets[i].type | SOCK_CLOEXEC, sockets[i].protocol);
    if (fd < 0)
        return errno;
    close(fd);
    snprintf(what, WHAT_MAX, "a socket of family %d was made", sockets[i].family);
    return 0;
}

/* Asks the kernel for a change by netlink and reads its answer; loopback is taken down, so it is its own
 * network at most. */
static int try_netlink(const char *arg, char what[WHAT_MAX])
{
    struct {
        struct nlmsghdr head;
        struct ifinfomsg link;
    } m = {{sizeof m, RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK, 1, 0}, {.ifi_index = 1, .ifi_change = 1}};
    struct {
        struct nlmsghdr head;
        struct nlmsgerr error;
        char more[256];
    } answer = {0};
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

    (void)arg;
    if (fd < 0)
        return errno;
    if (send(fd, &m, sizeof m, 0) < 0 || recv(fd, &answer, sizeof answer, 0) < (ssize_t)sizeof answer.head) {
        close(fd);
        return EIO;
    }
    close(fd);
    errno = -answer.error.error;
    return judge(answer.error.error ? -1 : 0, what);
}

/* A device event that udevd of the Spine would believe. */
static int try_uevent(const char *arg, char what[WHAT_MAX])
{
    struct sockaddr_nl a = {.nl_family = AF_NETLINK, .nl_groups = 1};
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT), rc;

    (void)arg;
    if (fd < 0)
        return errno;
    rc = sendto(fd, "add@/hostile", 13, 0, (const struct sockaddr *)&a, sizeof a) < 0 ? errno : 0;
    close(fd);
    if (rc == 0)
        snprintf(what, WHAT_MAX, "a device event was sent");
    return rc;
}

const struct attack attacks_net[] = {
    {"host-loopback-tcp", try_tcp, "10.0.2.2"},
    {"host-loopback-udp", try_udp, "10.0.2.2"},
    {"host-address", try_tcp, "192.168.77.1"},
    {"host-address-udp", try_udp, "192.168.77.1"},
    {"host-public-address", try_tcp, "9.9.77.1"},
    {"lan-192", try_tcp, "192.168.77.2"},
    {"lan-192-udp", try_udp, "192.168.77.2"},
    {"lan-10", try_tcp, "10.77.0.2"},
    {"lan-172", try_tcp, "172.20.0.2"},
    {"lan-100", try_tcp, "100.64.0.2"},
    {"lan-169", try_tcp, "169.254.77.2"},
    {"lan-dns", try_dns, "192.168.77.2"},
    {"lan-multicast", try_broadcast, "239.77.0.1"},
    {"lan-mdns", try_broadcast, "224.0.0.251"},
    {"lan-broadcast", try_broadcast, "255.255.255.255"},
    {"control", try_tcp, "9.9.77.2"},
    {"neighbours", try_sweep, ""},
    {"ipv6-world", try_ipv6, "2001:db8::1"},
    {"ipv6-link", try_ipv6, "fe80::1"},
    {"ipv6-multicast", try_ipv6, "ff02::1"},
    {"abstract-spine", try_abstract, "@hostile-spine"},
    {"abstract-victim", try_abstract, "@hostile-victim"},
    {"family-packet", try_family, "packet"},
    {"family-raw", try_family, "raw"},
    {"family-ping", try_family, "ping"},
    {"family-alg", try_family, "alg"},
    {"family-vsock", try_family, "vsock"},
    {"family-bluetooth", try_family, "bluetooth"},
    {"family-can", try_family, "can"},
    {"family-xdp", try_family, "xdp"},
    {"family-kcm", try_family, "kcm"},
    {"family-tipc", try_family, "tipc"},
    {"family-rds", try_family, "rds"},
    {"family-smc", try_family, "smc"},
    {"netlink-link", try_netlink, ""},
    {"netlink-uevent", try_uevent, ""},
    {NULL, NULL, NULL},
};
