/* SPDX-License-Identifier: MIT
 * Attempts by system call. Each is made so that it fails for another reason where it is not refused, or is
 * taken back at once. capabilities(7). */
#include "spine-cli/probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/capability.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <unistd.h>

/* What is refused says so; any other error comes from behind the gate. */
static int judge(long rc, char what[PROBE_WHAT_MAX])
{
    int why = rc < 0 ? errno : 0;

    if (why == EPERM || why == EACCES || why == ENOSYS)
        return why;
    snprintf(what, PROBE_WHAT_MAX, "%s", why ? strerror(why) : "it was done");
    return 0;
}

static int try_mount(const char *at, char what[PROBE_WHAT_MAX])
{
    int rc = mount("none", at, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=4k");
    int refused = judge(rc, what);

    if (rc == 0)
        umount2(at, MNT_DETACH);
    return refused;
}

static int try_unmount(const char *at, char what[PROBE_WHAT_MAX])
{
    return judge(umount2(at, MNT_EXPIRE), what); /* the first such call only marks it */
}

static int try_module(const char *arg, char what[PROBE_WHAT_MAX])
{
    return judge(syscall(SYS_init_module, NULL, 0UL, arg), what);
}

static int try_reboot(const char *arg, char what[PROBE_WHAT_MAX])
{
    (void)arg;
    return judge(syscall(SYS_reboot, 0, 0, 0, NULL), what); /* no magic: EINVAL at most */
}

static int try_clock(const char *arg, char what[PROBE_WHAT_MAX])
{
    struct timex t = {.modes = ADJ_TICK, .tick = 1}; /* out of range: EINVAL at most */

    (void)arg;
    return judge(adjtimex(&t), what);
}

static int try_keys(const char *arg, char what[PROBE_WHAT_MAX])
{
    (void)arg;
    return judge(syscall(SYS_keyctl, 0, -3, 0), what); /* KEYCTL_GET_KEYRING_ID of the session */
}

static int try_bpf(const char *arg, char what[PROBE_WHAT_MAX])
{
    (void)arg;
    return judge(syscall(SYS_bpf, 0, NULL, 0), what);
}

static int try_perf(const char *arg, char what[PROBE_WHAT_MAX])
{
    (void)arg;
    return judge(syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0UL), what);
}

static int try_packets(const char *arg, char what[PROBE_WHAT_MAX])
{
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), refused;

    (void)arg;
    if (fd < 0 && errno == EAFNOSUPPORT) /* what the filter says of families that are not on its list */
        return errno;
    refused = judge(fd, what);
    if (fd >= 0)
        close(fd);
    return refused;
}

static int try_capabilities(const char *arg, char what[PROBE_WHAT_MAX])
{
    static const int never[] = {CAP_SYS_ADMIN, CAP_NET_ADMIN,      CAP_NET_RAW,  CAP_SYS_MODULE,
                                CAP_SYS_RAWIO, CAP_SYS_BOOT,       CAP_SYS_TIME, CAP_SYS_PTRACE,
                                CAP_MKNOD,     CAP_DAC_READ_SEARCH};

    (void)arg;
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
        if (prctl(PR_CAPBSET_READ, never[i]) == 1) {
            snprintf(what, PROBE_WHAT_MAX, "capability %d is in its bounding set", never[i]);
            return 0;
        }
    return EPERM;
}

static int try_interfaces(const char *arg, char what[PROBE_WHAT_MAX])
{
    struct if_nameindex *all = if_nameindex();
    int rc = all ? ENODEV : errno;

    (void)arg;
    for (struct if_nameindex *i = all; i && i->if_name; i++)
        if (strcmp(i->if_name, "lo") != 0) {
            snprintf(what, PROBE_WHAT_MAX, "there is an interface %s", i->if_name);
            rc = 0;
        }
    if (all)
        if_freenameindex(all);
    return rc;
}

/* connect(2) of a datagram socket asks for a route and sends nothing. */
static int try_route(const char *address, char what[PROBE_WHAT_MAX])
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(9)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc;

    if (fd < 0)
        return errno;
    inet_pton(AF_INET, address, &a.sin_addr);
    rc = connect(fd, (const struct sockaddr *)&a, sizeof a) < 0 ? errno : 0;
    close(fd);
    if (rc == 0)
        snprintf(what, PROBE_WHAT_MAX, "there is a way to %s", address);
    return rc;
}

/* The last ones: where they are not refused this process is in other namespaces afterwards. */
static int try_mounts_of_its_own(const char *arg, char what[PROBE_WHAT_MAX])
{
    (void)arg;
    return judge(unshare(CLONE_NEWNS), what);
}

static int try_users_of_its_own(const char *arg, char what[PROBE_WHAT_MAX])
{
    (void)arg;
    return judge(unshare(CLONE_NEWUSER), what);
}

const struct probe probe_calls[] = {
    {"have capabilities that reach beyond it", try_capabilities, ""},
    {"mount a file system", try_mount, "/dev/shm"},
    {"uncover what is hidden in /proc", try_unmount, "/proc/sys"},
    {"load a kernel module", try_module, ""},
    {"reboot the machine", try_reboot, ""},
    {"set the clock", try_clock, ""},
    {"use the kernel's key rings", try_keys, ""},
    {"load a BPF program", try_bpf, ""},
    {"count the machine's events", try_perf, ""},
    {"send raw packets", try_packets, ""},
    {"see the Spine's network", try_interfaces, ""},
    {"reach the world outside", try_route, "192.0.2.1"},
    {"reach the Spine's uplink", try_route, "10.0.2.2"},
    {"make a mount namespace", try_mounts_of_its_own, ""},
    {"make a user namespace", try_users_of_its_own, ""},
    {NULL, NULL, NULL},
};
