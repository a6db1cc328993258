/* SPDX-License-Identifier: MIT
 * What the doctor sees without waiting: mounts, nodes, limits, space, registry, clock, services. */
#include "doctor_visit.h"

#include "accounts.h"
#include "apparmor.h"
#include "core/profile.h"
#include "core/services.h"
#include "core/version.h"
#include "fsutil.h"
#include "job.h"
#include "persona.h"
#include "service.h"
#include "sound.h"
#include "tenant.h"
#include "watchdog.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

enum { MOUNTINFO_MAX = 256 * 1024, GPU_MAX = 16, DIR_MODE = 0700 };

static int64_t clock_ms(clockid_t which)
{
    struct timespec t = {0};

    (void)clock_gettime(which, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t doctor_clock_offset(void)
{
    return clock_ms(CLOCK_REALTIME) - clock_ms(CLOCK_BOOTTIME);
}

static void see_mounts(struct visit *v)
{
    char *text = malloc(MOUNTINFO_MAX);
    bool read =
        text && (fs_read(AT_FDCWD, "/proc/self/mountinfo", text, MOUNTINFO_MAX) >= 0 || errno == EFBIG);

    health_mounts(&v->to, read ? text : NULL, v->b->paths.persist, strerror(errno));
    free(text);
    health_tell(&v->to, strcmp(v->b->persist_state, "ok") == 0 ? HEALTH_OK : HEALTH_WRONG, "persist",
                "give the machine a disk labelled spine-persist", "%s", v->b->persist_state);
}

static void see_node(struct visit *v, const char *name, const char *path, char type, int mode, uint32_t uid,
                     uint32_t gid, const char *advice)
{
    struct health_node n = {
        .name = name, .path = path, .advice = advice, .uid = uid, .gid = gid, .mode = mode, .type = type};
    struct stat st;

    if (lstat(path, &st) < 0) {
        n.error = strerror(errno);
    } else {
        n.is_type = S_ISSOCK(st.st_mode) ? 's' : S_ISDIR(st.st_mode) ? 'd' : S_ISCHR(st.st_mode) ? 'c' : '?';
        n.is_uid = st.st_uid;
        n.is_gid = st.st_gid;
        n.is_mode = st.st_mode & 07777;
    }
    health_node(&v->to, &n);
}

static void see_ui_sockets(struct visit *v)
{
    static const char advice[] = "somebody has changed it by hand: reboot";
    struct bay0 *b = v->b;
    bool own = b->opt.init;
    uint32_t ui = own ? UID_UI : geteuid(), audio = own ? UID_AUDIO : geteuid();
    char path[PATH_MAX];

    if (strcmp(service_state(b, SERVICE_SWAY), "up") == 0) {
        snprintf(path, sizeof path, "%s/ui", b->paths.run);
        see_node(v, "compositor's directory", path, 'd', DIR_MODE, ui, own ? ui : getegid(), advice);
        snprintf(path, sizeof path, "%s/ui/sway.sock", b->paths.run);
        see_node(v, "sway's socket", path, 's', -1, ui, own ? ui : getegid(), advice);
        snprintf(path, sizeof path, "%s/ui/wayland-1", b->paths.run);
        see_node(v, "compositor's socket", path, 's', -1, ui, own ? ui : getegid(), advice);
    }
    if (strcmp(service_state(b, SERVICE_PIPEWIRE), "up") == 0) {
        snprintf(path, sizeof path, "%s/audio", b->paths.run);
        see_node(v, "sound server's directory", path, 'd', DIR_MODE, audio, own ? audio : getegid(), advice);
        snprintf(path, sizeof path, "%s/audio/pipewire-0", b->paths.run);
        see_node(v, "sound server's socket", path, 's', -1, audio, own ? audio : getegid(), advice);
    }
    if (strcmp(service_state(b, SERVICE_SEATD), "up") == 0)
        see_node(v, "seat's socket", "/run/seatd.sock", 's', 0770, 0, GID_SEAT, advice);
}

static void see_persona_sockets(struct visit *v, const struct persona *p)
{
    static const char advice[] = "stop this persona and start it: it gets new sockets";
    static const char *const names[] = {"bay0.sock", "wayland-0", "pipewire-0", "ai.sock"};
    uint32_t owner = persona_owner(p);

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char name[NAME_ID_MAX + 32], path[PATH_MAX];

        snprintf(name, sizeof name, "%s: %s", p->spec.id, names[i]);
        snprintf(path, sizeof path, "%s/persona/%s/%s", v->b->paths.run, p->spec.id, names[i]);
        see_node(v, name, path, 's', 0600, owner, owner, advice);
    }
}

static void see_sockets(struct visit *v)
{
    struct bay0 *b = v->b;
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/bay0.sock", b->paths.run);
    see_node(v, "control socket", path, 's', 0660, geteuid(), b->opt.init ? GID_SPINE : getegid(),
             "somebody has changed it by hand: reboot");
    if (b->opt.ui && b->services)
        see_ui_sockets(v);
    for (size_t i = 0; i < PERSONAS_MAX; i++)
        if (b->persona[i].used && b->persona[i].life == LIFE_RUNNING)
            see_persona_sockets(v, &b->persona[i]);
}

static void see_gpu(struct visit *v)
{
    struct health_gpu node[GPU_MAX];
    char path[GPU_MAX][64];
    DIR *dir = opendir("/dev/dri");
    const struct dirent *d;
    size_t n = 0;

    while (dir && n < GPU_MAX && (d = readdir(dir))) {
        struct stat st;

        if (strncmp(d->d_name, "card", 4) != 0 && strncmp(d->d_name, "renderD", 7) != 0)
            continue;
        snprintf(path[n], sizeof path[n], "/dev/dri/%.32s", d->d_name);
        if (stat(path[n], &st) < 0)
            continue;
        node[n] = (struct health_gpu){path[n], st.st_mode & 07777, st.st_gid};
        n++;
    }
    if (dir)
        closedir(dir);
    health_gpu(&v->to, node, n, account_group("render"));
}

static void see_kernel(struct visit *v)
{
    static const char *const names[] = {"max_user_namespaces",  "max_mnt_namespaces", "max_pid_namespaces",
                                        "max_net_namespaces",   "max_ipc_namespaces", "max_uts_namespaces",
                                        "max_cgroup_namespaces"};
    struct health_limit limit[sizeof names / sizeof names[0]];
    struct utsname u = {.release = ""};
    char offered[256], personas[256];
    bool tree = v->b->cgroups >= 0 && cgroup_controllers(v->b->cgroups, offered, sizeof offered) == 0;
    bool below = tree && cgroup_handed_on(v->b->cgroups, "personas", personas, sizeof personas) == 0;

    if (uname(&u) == 0)
        health_version(&v->to, "kernel", u.release, NULL);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[96], text[32] = "";

        snprintf(path, sizeof path, "/proc/sys/user/%s", names[i]);
        limit[i] = (struct health_limit){
            names[i], fs_read(AT_FDCWD, path, text, sizeof text) > 0 ? strtoll(text, NULL, 10) : -1};
    }
    health_namespaces(&v->to, limit, sizeof names / sizeof names[0]);
    health_cgroups(&v->to, v->b->opt.cgroup, tree ? offered : NULL, below ? personas : NULL);
}

static void see_disk(struct visit *v, const char *name, const char *path)
{
    struct health_disk d = {.name = name, .path = path};
    struct statvfs fs;

    if (statvfs(path, &fs) < 0)
        d.error = strerror(errno);
    else
        d = (struct health_disk){.name = name,
                                 .path = path,
                                 .blocks = fs.f_blocks,
                                 .blocks_free = fs.f_bavail,
                                 .block_size = fs.f_frsize,
                                 .files = fs.f_files,
                                 .files_free = fs.f_favail,
                                 .writable = !(fs.f_flag & ST_RDONLY)};
    health_disk(&v->to, &d);
}

static void on_entry(void *user, int64_t entry, enum operation op, const char *id, const char *detail)
{
    struct health_journal *j = user;

    (void)entry, (void)op, (void)detail;
    j->known++;
    j->running += name_id_reserved(id); /* the throw-away persona's, this visit's or another's */
}

static void see_registry(struct visit *v)
{
    struct bay0 *b = v->b;
    struct health_journal j = {
        .open = b->store != NULL, .salvaged = b->salvaged, .reconciled = b->reconciled};
    struct err e, unsound;

    if (b->store && store_check(b->store, &unsound) < 0)
        j.unsound = unsound.message;
    if (b->store) {
        j.entries = store_journal_size(b->store, &e);
        if (j.entries < 0 || store_staged(b->store, on_entry, &j, &e) < 0)
            j.error = e.message;
        if (!b->trial)
            j.running = 0; /* what was left of one is not under way */
    }
    for (size_t i = 0; i < PERSONAS_MAX; i++)
        j.running += b->persona[i].used && b->persona[i].job && b->persona[i].job->journal;
    j.running += (int64_t)tenants_unfinished(b);
    health_registry(&v->to, &j);
}

static void see_clock(struct visit *v)
{
    static const char *const files[] = {"/personas.db", "/personas.db-wal", "/log", "/home"};
    struct health_clock c = {.now = clock_ms(CLOCK_REALTIME) / 1000,
                             .released = SPINE_RELEASED,
                             .drift_ms = doctor_clock_offset() - v->b->clock_offset,
                             .rtc = -1};
    char text[32];

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char path[PATH_MAX];
        struct stat st;

        snprintf(path, sizeof path, "%s%s", v->b->paths.persist, files[i]);
        if (stat(path, &st) == 0 && st.st_mtime > c.newest_file)
            c.newest_file = st.st_mtime;
    }
    if (fs_read(AT_FDCWD, "/sys/class/rtc/rtc0/since_epoch", text, sizeof text) > 0)
        c.rtc = strtoll(text, NULL, 10);
    health_clock(&v->to, &c);
}

static void see_services(struct visit *v)
{
    struct bay0 *b = v->b;

    for (size_t i = 0; b->services && i < SERVICE_COUNT; i++)
        if (service_wanted(b, i))
            health_service(&v->to, service_rows_table[i].name, service_state(b, i), 0, "", false);
    if (b->sound_server)
        health_tell(&v->to, sound_ok(b) ? HEALTH_OK : HEALTH_WRONG, "places at the sound server",
                    "stop the persona that is silent and start it; `spine logs` has what went wrong", "%s",
                    sound_ok(b) ? "every persona with sound has its own" : "a persona with sound has none");
}

static void see_tenants(struct visit *v)
{
    static const char advice[] = "reboot: bay0 makes it at its start, and keeps it";
    json_t *rows = json_array();
    json_t *row;
    size_t i;

    tenant_rows(v->b, "", rows);
    json_array_foreach(rows, i, row)
    {
        const char *name = json_string_value(json_object_get(row, "name"));
        const char *error = json_string_value(json_object_get(row, "error"));
        const char *path = json_string_value(json_object_get(row, "socket"));
        char label[NAME_ID_MAX + 32];

        health_service(&v->to, name, json_string_value(json_object_get(row, "state")),
                       (uint32_t)json_integer_value(json_object_get(row, "restarts")), error ? error : "",
                       true);
        snprintf(label, sizeof label, "%s: socket", name);
        see_node(v, label, path, 's', 0666, geteuid(), getegid(), advice);
    }
    json_decref(rows);
}

void doctor_facts(struct visit *v)
{
    struct bay0 *b = v->b;

    if (b->opt.init)
        see_mounts(v);
    see_disk(v, "disk space", b->paths.persist);
    see_disk(v, "space in memory", b->paths.run);
    see_kernel(v);
    see_registry(v);
    see_clock(v);
    see_sockets(v);
    see_services(v);
    if (b->opt.tenants && b->tenants)
        see_tenants(v);
    if (b->opt.init) {
        see_gpu(v);
        apparmor_health(&v->to, b);
        health_watchdog(&v->to, watchdog_armed(b), access("/dev/watchdog", F_OK) == 0, watchdog_state(b));
    }
}
