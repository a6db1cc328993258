/* SPDX-License-Identifier: MIT
 * The duties of PID 1 towards the machine: mounts, devices, entropy, the way out. */
#include "pid1.h"

#include "fsutil.h"
#include "log.h"
#include "watchdog.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/random.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { FSCK_MS = 120000, SEED_BYTES = 512, MOUNTS_MAX = 64, RENDER_MAX = 8 };

#define PERSIST_DEVICE "/dev/spine/persist"
/* The blocks that ext4 keeps are for who has CAP_SYS_RESOURCE, and not for all that runs as root: nobody has
 * this number. See child.h, no_reserve. */
#define PERSIST_RESERVE "resuid=899"
#define LOCKED          (MS_NODEV | MS_NOSUID | MS_NOEXEC)

static const struct {
    const char *type, *at, *data;
    unsigned long flags;
} mounts[] = {
    {"proc", "/proc", NULL, LOCKED},
    {"sysfs", "/sys", NULL, LOCKED},
    {"devtmpfs", "/dev", "mode=0755", MS_NOSUID},
    {"devpts", "/dev/pts", "mode=0620,ptmxmode=0666", MS_NOSUID | MS_NOEXEC},
    {"tmpfs", "/dev/shm", "mode=1777", MS_NODEV | MS_NOSUID | MS_NOEXEC},
    {"tmpfs", "/run", "mode=0755", MS_NODEV | MS_NOSUID},
    {"tmpfs", "/tmp", "mode=1777,size=64m", LOCKED},
    {"cgroup2", "/sys/fs/cgroup", "nsdelegate,memory_recursiveprot", LOCKED},
    {"bpf", "/sys/fs/bpf", "mode=0700", LOCKED},
    {"securityfs", "/sys/kernel/security", NULL, LOCKED},
};

static void mount_all(void)
{
    for (size_t i = 0; i < sizeof mounts / sizeof mounts[0]; i++) {
        if (mkdir(mounts[i].at, 0755) < 0 && errno != EEXIST && errno != EROFS)
            log_warn("cannot make %s: %s", mounts[i].at, strerror(errno));
        /* EBUSY: the initramfs has mounted it already */
        if (mount(mounts[i].type, mounts[i].at, mounts[i].type, mounts[i].flags, mounts[i].data) < 0 &&
            errno != EBUSY)
            log_warn("cannot mount %s: %s", mounts[i].at, strerror(errno));
    }
}

/* Tables of the whole machine that one persona could fill: what is in them is paid for out of its memory.max,
 * so that is the ceiling. The others are what distributions set, which a kernel may not. Kernel:
 * Documentation/admin-guide/sysctl. */
static const struct {
    const char *path, *value;
} sysctls[] = {
    {"/proc/sys/fs/file-max", "9223372036854775807"}, {"/proc/sys/kernel/pty/max", "1048576"},
    {"/proc/sys/kernel/kptr_restrict", "1"},          {"/proc/sys/kernel/dmesg_restrict", "1"},
    {"/proc/sys/fs/protected_symlinks", "1"},         {"/proc/sys/fs/protected_hardlinks", "1"},
    {"/proc/sys/dev/tty/legacy_tiocsti", "0"},
};

static void set_sysctls(void)
{
    for (size_t i = 0; i < sizeof sysctls / sizeof sysctls[0]; i++)
        if (fs_write(AT_FDCWD, sysctls[i].path, sysctls[i].value) < 0 && errno != ENOENT)
            log_warn("cannot set %s: %s", sysctls[i].path, strerror(errno));
}

static void console(void)
{
    int fd = open("/dev/console", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        return;
    for (int i = 0; i < 3; i++)
        dup2(fd, i);
    if (fd > 2)
        close(fd);
}

static int interface_up(const char *name)
{
    struct ifreq r = {0};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc = -1;

    if (fd < 0)
        return -1;
    snprintf(r.ifr_name, sizeof r.ifr_name, "%s", name);
    if (ioctl(fd, SIOCGIFFLAGS, &r) == 0) {
        r.ifr_flags |= IFF_UP;
        rc = ioctl(fd, SIOCSIFFLAGS, &r);
    }
    close(fd);
    return rc;
}

void pid1_early(void)
{
    umask(022);
    if (chdir("/") < 0)
        log_warn("cannot go to /: %s", strerror(errno));
    mount_all();
    set_sysctls();
    console();
    if (reboot(RB_DISABLE_CAD) < 0) /* Ctrl-Alt-Del becomes SIGINT to us */
        log_warn("Ctrl-Alt-Del stays with the kernel: %s", strerror(errno));
    if (sethostname("spine", 5) < 0)
        log_warn("cannot set the host name: %s", strerror(errno));
    if (interface_up("lo") < 0)
        log_warn("cannot bring up lo: %s", strerror(errno));
}

#define PERSIST_LOST "no disk: what is written is lost at the next reboot"

void pid1_again(struct bay0 *b)
{
    struct statfs fs;

    if (statfs(b->paths.persist, &fs) == 0 && fs.f_type == TMPFS_MAGIC)
        b->persist_state = PERSIST_LOST;
}

struct persist_job {
    struct bay0 *b;
    pid1_done_fn *done;
};

static void mount_persist(struct bay0 *b)
{
    const char *at = b->paths.persist;
    static const unsigned long flags = LOCKED | MS_NOATIME;

    if (mount(PERSIST_DEVICE, at, "ext4", flags, "errors=remount-ro," PERSIST_RESERVE) == 0) {
        b->persist_state = "ok";
        return;
    }
    log_error("%s cannot be mounted on %s: %s; nothing will be kept over a reboot", PERSIST_DEVICE, at,
              strerror(errno));
    b->persist_state = PERSIST_LOST;
    if (mount("tmpfs", at, "tmpfs", LOCKED, "mode=0755") < 0)
        log_error("not even a tmpfs could be mounted on %s: %s", at, strerror(errno));
}

static void on_fsck(void *user, const struct child_result *r)
{
    struct persist_job *j = user;
    struct bay0 *b = j->b;
    pid1_done_fn *done = j->done;

    /* e2fsck(8): 0 clean, 1 repaired, 2 repaired and a reboot is advised (not for a file system that is not
     * mounted). */
    if (r->status > 2)
        log_error("e2fsck of %s: status %d: %.300s", PERSIST_DEVICE, r->status, r->out);
    else if (r->status)
        log_warn("e2fsck repaired %s", PERSIST_DEVICE);
    free(j);
    mount_persist(b);
    done(b);
}

void pid1_persist(struct bay0 *b, pid1_done_fn *done)
{
    char *argv[] = {"e2fsck", "-p", PERSIST_DEVICE, NULL};
    char *env[] = {"PATH=/usr/sbin:/sbin:/usr/bin:/bin", NULL};
    struct persist_job *j = malloc(sizeof *j);
    struct child_options o;

    child_options_init(&o);
    o.argv = argv;
    o.env = env;
    o.timeout_ms = FSCK_MS;
    o.done = on_fsck;
    o.user = j;
    if (j) {
        j->b = b;
        j->done = done;
        if (access(PERSIST_DEVICE, F_OK) == 0 && child_spawn(b->loop, &o))
            return;
        free(j);
    }
    mount_persist(b);
    done(b);
}

void pid1_seed(struct bay0 *b)
{
    union {
        struct rand_pool_info info; /* ends in a flexible array */
        unsigned char room[sizeof(struct rand_pool_info) + SEED_BYTES];
    } seed = {.room = {0}};
    unsigned char fresh[SEED_BYTES];
    char path[PATH_MAX];
    int fd, pool = open("/dev/urandom", O_RDWR | O_CLOEXEC);
    ssize_t n = -1;

    snprintf(path, sizeof path, "%s/seed", b->paths.persist);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd >= 0) {
        n = read(fd, seed.info.buf, SEED_BYTES);
        close(fd);
    }
    if (pool >= 0) {
        if (n > 0) {
            seed.info.entropy_count = (int)n * 8;
            seed.info.buf_size = (int)n;
            if (ioctl(pool, RNDADDENTROPY, &seed.info) < 0)
                log_warn("the seed was not taken: %s", strerror(errno));
        }
        close(pool);
    }
    /* Used once: a new one takes its place before anything else happens. */
    if (getrandom(fresh, sizeof fresh, GRND_NONBLOCK) != (ssize_t)sizeof fresh ||
        fs_replace(path, fresh, sizeof fresh, 0600) < 0)
        log_warn("no new seed was written: %s", strerror(errno));
}

void pid1_render_nodes(struct bay0 *b)
{
    struct stat st;
    size_t n = 0;

    for (int minor = 128; minor < 128 + RENDER_MAX; minor++) {
        snprintf(b->render_text[n], sizeof b->render_text[n], "/dev/dri/renderD%d", minor);
        if (stat(b->render_text[n], &st) < 0)
            continue;
        b->paths.render_gid = st.st_gid;
        b->render_nodes[n] = b->render_text[n];
        n++;
    }
    b->render_nodes[n] = NULL;
}

void pid1_devices(struct bay0 *b)
{
    pid1_render_nodes(b);
    /* The module of a watchdog has come by now, where there is one. */
    watchdog_start(b, -1);
    if (!watchdog_armed(b) && b->opt.watchdog_s)
        log_warn("no watchdog: a bay0 that is stuck does not reset this machine; %s", watchdog_state(b));
}

static bool wired(const char *name)
{
    char path[PATH_MAX];

    snprintf(path, sizeof path, "/sys/class/net/%s/device", name);
    if (access(path, F_OK) < 0)
        return false;
    snprintf(path, sizeof path, "/sys/class/net/%s/wireless", name);
    return access(path, F_OK) < 0;
}

bool pid1_interface(char *out, size_t size)
{
    DIR *d = opendir("/sys/class/net");
    const struct dirent *e;
    bool found = false;

    if (!d)
        return false;
    while (!found && (e = readdir(d))) {
        if (e->d_name[0] == '.' || !wired(e->d_name) || strlen(e->d_name) >= size)
            continue;
        snprintf(out, size, "%s", e->d_name);
        found = interface_up(out) == 0;
    }
    closedir(d);
    if (!found)
        out[0] = '\0';
    return found;
}

void pid1_kill_all(void)
{
    kill(-1, SIGKILL);
}

/* Mount points in /proc/self/mounts, so that the innermost is taken first. */
static size_t mount_points(char list[MOUNTS_MAX][256])
{
    FILE *f = fopen("/proc/self/mounts", "re");
    char line[2048];
    size_t n = 0;

    while (f && n < MOUNTS_MAX && fgets(line, sizeof line, f))
        if (sscanf(line, "%*s %255s", list[n]) == 1)
            n++;
    if (f)
        fclose(f);
    return n;
}

void pid1_unmount(void)
{
    static char list[MOUNTS_MAX][256];
    size_t n = mount_points(list);

    sync();
    while (n-- > 0) {
        const char *at = list[n];

        if (strncmp(at, "/persist", 8) != 0)
            continue;
        if (mount(NULL, at, NULL, MS_REMOUNT | MS_RDONLY, NULL) < 0)
            log_debug("%s could not be made read-only: %s", at, strerror(errno));
        if (umount2(at, 0) == 0)
            continue;
        log_warn("%s could not be unmounted: %s", at, strerror(errno));
        (void)umount2(at, MNT_DETACH);
    }
    sync();
}

static int reboot_now(void *arg)
{
    const bool *off = arg;

    reboot(*off ? RB_POWER_OFF : RB_AUTOBOOT);
    return 1;
}

static void on_reboot_failed(void *user, const struct child_result *r)
{
    (void)user, (void)r;
    log_error("the kernel refused to end; the machine stays up without services");
}

void pid1_reboot(struct loop *l, bool off)
{
    static bool how;

    how = off;
    if (!child_call(l, reboot_now, &how, on_reboot_failed, NULL))
        log_error("no process could be made to end the machine: %s", strerror(errno));
}
