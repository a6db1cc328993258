/* SPDX-License-Identifier: MIT
 * The rows of the profiles. */
#include "core/profile.h"

#define GIB(n) ((uint64_t)(n) << 30)

/* What apt, dnf, pacman and apk need to install packages as root of their own user namespace, and what their
 * services are used to. All of them count in that namespace alone. Podman's own default also has SETPCAP.
 * capabilities(7). */
static const struct cap caps_of_an_own_root[] = {
    {"CHOWN", "files of packages have owners"},
    {"DAC_OVERRIDE", "packages write to directories that their root may not write to by mode alone"},
    {"FOWNER", "modes and times of a package's files are set after their owners"},
    {"FSETID", "setuid and setgid bits stay when a package's files are written"},
    {"KILL", "a service is restarted whoever it runs as"},
    {"NET_BIND_SERVICE", "a service listens below 1024, in its own network"},
    {"SETFCAP", "rpm and dpkg give files capabilities (ping)"},
    {"SETGID", "services, su, sudo and apt's own sandbox become another group"},
    {"SETUID", "services, su, sudo and apt's own sandbox become another user"},
    {"SYS_CHROOT", "scripts of pacman and apk run below a root"},
    {NULL, NULL},
};
static const struct cap no_caps[] = {{NULL, NULL}};

/* /tmp is executable where people build programs: configure, cargo and Java run files from there. */
static const char *const tmpfs_open[] = {
    "/run:rw,nosuid,nodev,noexec,size=64m,mode=755",
    "/tmp:rw,nosuid,nodev,size=1g,mode=1777",
    "/dev/shm:rw,nosuid,nodev,noexec,size=512m,mode=1777",
    NULL,
};
static const char *const tmpfs_closed[] = {
    "/run:rw,nosuid,nodev,noexec,size=16m,mode=1777",
    "/tmp:rw,nosuid,nodev,noexec,size=256m,mode=1777",
    "/var/tmp:rw,nosuid,nodev,noexec,size=64m,mode=1777",
    "/dev/shm:rw,nosuid,nodev,noexec,size=256m,mode=1777",
    NULL,
};

static const struct profile rows[PROFILE_COUNT] = {
    /* The only one without no-new-privileges: its user installs sudo, and has a root of its own to use it in.
     */
    [PROFILE_DESKTOP] = {.name = "desktop",
                         .wayland = true,
                         .root_writable = true,
                         .root_kept = true,
                         .user = 0,
                         .caps = caps_of_an_own_root,
                         .seccomp = "seccomp-desktop.json",
                         .runtime = "crun",
                         .memory = GIB(4),
                         .weight = 100,
                         .pids = 4096,
                         .nofile = 65536,
                         .tmpfs = tmpfs_open},
    [PROFILE_SEALED] = {.name = "sealed",
                        .wayland = true,
                        .no_new_privileges = true,
                        .user = 1000,
                        .caps = no_caps,
                        .seccomp = "seccomp-strict.json",
                        .runtime = "crun",
                        .memory = GIB(2),
                        .weight = 100,
                        .pids = 1024,
                        .nofile = 8192,
                        .tmpfs = tmpfs_closed},
    [PROFILE_AGENT] = {.name = "agent",
                       .root_writable = true,
                       .no_new_privileges = true,
                       .user = 1000,
                       .caps = no_caps,
                       .seccomp = "seccomp-strict.json",
                       .runtime = "crun",
                       .memory = GIB(2),
                       .cpus_percent = 50,
                       .weight = 50,
                       .pids = 512,
                       .nofile = 8192,
                       .tmpfs = tmpfs_closed},
    [PROFILE_DEV] = {.name = "dev",
                     .no_new_privileges = true,
                     .user = 1000,
                     .caps = no_caps,
                     .seccomp = "seccomp-desktop.json",
                     .runtime = "crun",
                     .memory = GIB(4),
                     .weight = 100,
                     .pids = 2048,
                     .nofile = 65536,
                     .tmpfs = tmpfs_open},
};

const struct profile *profile_get(enum profile_id id)
{
    return &rows[(unsigned)id < PROFILE_COUNT ? id : PROFILE_SEALED];
}
