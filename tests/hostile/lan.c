/* SPDX-License-Identifier: MIT
 * What a persona must not reach, made by the test on the Spine: a network with one neighbour, in a namespace
 * of its own. Run as root: makes veth `lan0` (the Spine's side, x.x.x.1) and its peer (x.x.x.2), listens on
 * both and on the Spine's loopback, TCP and UDP, and on the abstract socket @hostile-spine; greets whoever
 * comes, and writes a line for each. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { PORT = 7777, LISTENERS = 4 };

/* The last number is left out: .1 is the Spine, .2 the neighbour. 9.9.77 stands for the world. */
static const char *const nets[] = {"192.168.77", "10.77.0", "172.20.0", "100.64.0", "169.254.77", "9.9.77"};

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void attribute(struct nlmsghdr *h, int type, const void *data, size_t len)
{
    struct rtattr *a = (struct rtattr *)((char *)h + NLMSG_ALIGN(h->nlmsg_len));

    a->rta_type = (unsigned short)type;
    a->rta_len = (unsigned short)RTA_LENGTH(len);
    if (len)
        memcpy(RTA_DATA(a), data, len);
    h->nlmsg_len = (unsigned)(NLMSG_ALIGN(h->nlmsg_len) + RTA_ALIGN(a->rta_len));
}

static struct rtattr *end_of(struct nlmsghdr *h)
{
    return (struct rtattr *)((char *)h + NLMSG_ALIGN(h->nlmsg_len));
}

static void close_nest(struct nlmsghdr *h, struct rtattr *nest)
{
    nest->rta_len = (unsigned short)((char *)end_of(h) - (char *)nest);
}

/* lan0 here, eth0 in the namespace of that process. */
static void make_pair(pid_t there)
{
    union {
        struct nlmsghdr head;
        char room[1024];
    } m = {.head = {NLMSG_LENGTH(sizeof(struct ifinfomsg)), RTM_NEWLINK,
                    NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, 1, 0}};
    struct {
        struct nlmsghdr head;
        struct nlmsgerr error;
        char more[1024];
    } answer = {0};
    struct rtattr *info, *data, *peer;
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), pid = (int)there;

    attribute(&m.head, IFLA_IFNAME, "lan0", 5);
    info = end_of(&m.head);
    attribute(&m.head, IFLA_LINKINFO, NULL, 0);
    attribute(&m.head, IFLA_INFO_KIND, "veth", 4);
    data = end_of(&m.head);
    attribute(&m.head, IFLA_INFO_DATA, NULL, 0);
    peer = end_of(&m.head);
    attribute(&m.head, VETH_INFO_PEER, NULL, 0);
    m.head.nlmsg_len += (unsigned)sizeof(struct ifinfomsg);
    attribute(&m.head, IFLA_IFNAME, "eth0", 5);
    attribute(&m.head, IFLA_NET_NS_PID, &pid, sizeof pid);
    close_nest(&m.head, peer);
    close_nest(&m.head, data);
    close_nest(&m.head, info);
    if (fd < 0 || send(fd, &m, m.head.nlmsg_len, 0) < 0 || recv(fd, &answer, sizeof answer, 0) < 0)
        die("netlink");
    errno = -answer.error.error;
    if (answer.error.error)
        die("veth");
    close(fd);
}

static void address(const char *name, const char *net, int host, size_t i)
{
    struct ifreq r = {0};
    struct sockaddr_in *a = (struct sockaddr_in *)&r.ifr_addr;
    char text[32];
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    snprintf(r.ifr_name, sizeof r.ifr_name, i ? "%s:%zu" : "%s", name, i);
    snprintf(text, sizeof text, "%s.%d", net, host);
    a->sin_family = AF_INET;
    inet_pton(AF_INET, text, &a->sin_addr);
    if (ioctl(fd, SIOCSIFADDR, &r) < 0)
        die(text);
    inet_pton(AF_INET, "255.255.255.0", &a->sin_addr);
    if (ioctl(fd, SIOCSIFNETMASK, &r) < 0)
        die("netmask");
    r.ifr_flags = IFF_UP | IFF_RUNNING;
    if (i == 0 && ioctl(fd, SIOCSIFFLAGS, &r) < 0)
        die("up");
    close(fd);
}

static int listen_at(int type, int port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0), on = 1;

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&a, sizeof a) < 0 ||
        (type == SOCK_STREAM && listen(fd, 64) < 0))
        die("listen");
    return fd;
}

static void greet(int fd, int type, const char *who)
{
    char text[64] = "";
    struct sockaddr_in from = {0};
    socklen_t len = sizeof from;
    int c = fd;

    if (type == SOCK_STREAM) {
        c = accept(fd, NULL, NULL);
        if (c < 0)
            return;
        (void)!write(c, "reached\n", 8);
        close(c);
    } else {
        if (recvfrom(fd, text, sizeof text - 1, 0, (struct sockaddr *)&from, &len) < 0)
            return;
        (void)sendto(fd, "reached\n", 8, 0, (struct sockaddr *)&from, len);
    }
    printf("%s %s\n", who, type == SOCK_STREAM ? "tcp" : "udp");
    fflush(stdout);
}

static void serve(const char *who)
{
    struct pollfd p[LISTENERS] = {{listen_at(SOCK_STREAM, PORT), POLLIN, 0},
                                  {listen_at(SOCK_DGRAM, PORT), POLLIN, 0},
                                  {listen_at(SOCK_DGRAM, 53), POLLIN, 0}};
    struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "\0hostile-spine"};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (const struct sockaddr *)&a, (socklen_t)(sizeof a.sun_family + 14)) < 0 ||
        listen(fd, 8) < 0)
        die("abstract socket");
    p[3] = (struct pollfd){fd, POLLIN, 0};
    printf("%s listens\n", who);
    fflush(stdout);
    while (poll(p, LISTENERS, -1) > 0)
        for (int i = 0; i < LISTENERS; i++)
            if (p[i].revents)
                greet(p[i].fd, i == 0 || i == 3 ? SOCK_STREAM : SOCK_DGRAM, who);
}

int main(void)
{
    int ready[2], go[2];
    char c;
    pid_t pid;

    if (pipe(ready) < 0 || pipe(go) < 0 || (pid = fork()) < 0)
        die("fork");
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (unshare(CLONE_NEWNET) < 0 || write(ready[1], "x", 1) != 1 || read(go[0], &c, 1) != 1)
            die("namespace");
        for (size_t i = 0; i < sizeof nets / sizeof *nets; i++)
            address("eth0", nets[i], 2, i);
        serve("neighbour");
        return 0;
    }
    if (read(ready[0], &c, 1) != 1)
        die("namespace");
    make_pair(pid);
    for (size_t i = 0; i < sizeof nets / sizeof *nets; i++)
        address("lan0", nets[i], 1, i);
    if (write(go[1], "x", 1) != 1)
        die("pipe");
    serve("spine");
    return 0;
}
