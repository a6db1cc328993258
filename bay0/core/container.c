/* SPDX-License-Identifier: MIT
 * The common description of personas and tenants. */
#include "core/container.h"

#include "core/profile.h"

#include <stdio.h>
#include <string.h>

struct subject persona_subject(const struct persona_spec *s, uint32_t base)
{
    const struct profile *row = profile_get(s->profile);

    return (struct subject){.kind = "persona",
                            .id = s->id,
                            .runtime = row->runtime,
                            .seccomp = row->seccomp,
                            .caps = row->caps,
                            .tmpfs = row->tmpfs,
                            .tmp_bytes = s->tmpfs,
                            .nofile = s->nofile ? s->nofile : row->nofile,
                            .user = row->user,
                            .base = base,
                            .no_new_privileges = row->no_new_privileges,
                            .root_writable = row->root_writable};
}

bool subject_tmpfs(const struct subject *c, size_t n, char out[TMPFS_TEXT])
{
    const char *row = c->tmpfs[n], *size = row ? strstr(row, "size=") : NULL;

    if (!row)
        return false;
    if (c->tmp_bytes && size && strncmp(row, "/tmp:", 5) == 0)
        snprintf(out, TMPFS_TEXT, "%.*ssize=%llu%s", (int)(size - row), row, (unsigned long long)c->tmp_bytes,
                 size + strcspn(size, ","));
    else
        snprintf(out, TMPFS_TEXT, "%s", row);
    return true;
}

struct subject tenant_subject(const struct tenant *t, uint32_t base)
{
    static const struct cap no_caps[] = {{NULL, NULL}};
    static const char *const tmpfs[] = {
        "/run:rw,nosuid,nodev,noexec,size=16m,mode=755",
        "/tmp:rw,nosuid,nodev,noexec,size=256m,mode=1777",
        "/dev/shm:rw,nosuid,nodev,noexec,size=64m,mode=1777",
        NULL,
    };

    return (struct subject){.kind = "tenant",
                            .id = t->name,
                            .runtime = "crun",
                            .seccomp = "seccomp-strict.json",
                            .caps = no_caps,
                            .tmpfs = tmpfs,
                            .nofile = 8192,
                            .base = base,
                            .no_new_privileges = true};
}

/* `ro` does not hinder connect(), and keeps a socket's mode and owner out of reach. */
#define SOCKET "ro,nosuid,nodev,noexec"
/* /persist is noexec; exec comes back on the home alone. idmap keeps the ids on disk at 0..65535. */
#define HOME    "rw,idmap,exec,nosuid,nodev"
#define PROGRAM "ro,exec,nosuid,nodev"
#define TEXT    "ro,nosuid,nodev,noexec"

const struct persona_file persona_files[PERSONA_FILES] = {
    {.name = "hosts",
     .target = "/etc/hosts",
     .text = "::1\tlocalhost\n127.0.0.1\tlocalhost ",
     .why = "its own name; podman's file would be on the Spine's /run, and writable",
     .own_name = true},
    /* Podman's own would have the Spine's resolvers too, which the firewall refuses. */
    {.name = "resolv.conf",
     .target = "/etc/resolv.conf",
     .text = "nameserver " SLIRP_DNS,
     .why = "the one resolver that its firewall lets through",
     .slirp = true},
    {.name = "containerenv",
     .target = "/run/.containerenv",
     .text = "",
     .why = "programs look for it to know that they are in a container"},
};

void persona_file_text(const struct persona_file *f, const struct persona_spec *s, char out[PERSONA_FILE_MAX])
{
    snprintf(out, PERSONA_FILE_MAX, "%s%s\n", f->text, f->own_name ? s->id : "");
}

/* Adds the source, given in up to four pieces with their own slashes, on target. */
static void bind_add(struct binds *b, const char *const part[4], const char *target, const char *options,
                     const char *why)
{
    struct bind *row;
    int n, m;

    if (b->n == BINDS_MAX) {
        b->overflow = true;
        return;
    }
    row = &b->row[b->n++];
    n = snprintf(row->source, sizeof row->source, "%s%s%s%s", part[0], part[1], part[2], part[3]);
    m = snprintf(row->target, sizeof row->target, "%s", target);
    if (n < 0 || m < 0 || (size_t)n >= sizeof row->source || (size_t)m >= sizeof row->target)
        b->overflow = true;
    row->options = options;
    row->why = why;
}

static void socket_add(struct binds *b, const char *const part[4], const char *target, const char *why)
{
    size_t n = b->n;

    bind_add(b, part, target, SOCKET, why);
    if (b->n > n)
        b->row[n].socket = true;
}

#define SOURCE(...) ((const char *const[4]){__VA_ARGS__})

bool persona_has_file(const struct persona_spec *s, const struct persona_file *f)
{
    return !f->slirp || s->network == NETWORK_SLIRP;
}

static void file_add(struct binds *b, const struct paths *p, const struct persona_spec *s,
                     const struct persona_file *f)
{
    char tail[32];

    snprintf(tail, sizeof tail, "/%s", f->name);
    bind_add(b, SOURCE(p->run, "/persona/", s->id, tail), f->target, TEXT, f->why);
}

void persona_binds(struct binds *b, const struct paths *p, const struct persona_spec *s)
{
    *b = (struct binds){0};
    bind_add(b, SOURCE(p->persist, "/home/", s->id, ""), PERSONA_HOME, HOME,
             "its home: it stays when the persona is removed");
    bind_add(b, SOURCE(p->spine, "", "", ""), "/usr/local/bin/spine", PROGRAM, "the command spine");
    socket_add(b, SOURCE(p->run, "/persona/", s->id, "/bay0.sock"), "/run/spine/bay0.sock",
               "its own way to bay0: verbs that read, and its end of the umbilical");
    if (profile_get(s->profile)->wayland)
        socket_add(b, SOURCE(p->run, "/persona/", s->id, "/wayland-0"), "/run/wayland-0",
                   "its windows; a security context says whose they are");
    /* There without the grant too, so that a grant can be given and taken while it runs. */
    socket_add(b, SOURCE(p->run, "/persona/", s->id, "/ai.sock"), "/run/ai.sock",
               s->ai ? "granted: the local AI, by a queue of its own" : "not granted: nobody listens there");
    socket_add(b, SOURCE(p->run, "/persona/", s->id, "/pipewire-0"), "/run/pipewire-0",
               spec_sounds(s) ? "granted: sound, by a sink or a source of its own"
                              : "not granted: nobody listens there");
    for (size_t i = 0; i < PERSONA_FILES; i++)
        if (persona_has_file(s, &persona_files[i]))
            file_add(b, p, s, &persona_files[i]);
}

void tenant_binds(struct binds *b, const struct paths *p, const struct tenant *t)
{
    *b = (struct binds){0};
    bind_add(b, SOURCE(p->persist, "/", t->models, ""), t->models_at,
             t->models_writable ? "rw,idmap,nosuid,nodev,noexec" : "ro,idmap,nosuid,nodev,noexec",
             "its models");
    bind_add(b, SOURCE(p->libexec, "/spine-relay", "", ""), TENANT_RELAY, PROGRAM,
             "hands its socket to its port");
}

const char *persona_network(const struct persona_spec *s)
{
    return s->network == NETWORK_SLIRP
               ? "slirp4netns:allow_host_loopback=false,enable_ipv6=false,cidr=10.0.2.0/24"
               : "none";
}

bool render_node_ok(const char *path)
{
    static const char stem[] = "/dev/dri/renderD";
    size_t n = sizeof stem - 1, digits;

    if (strncmp(path, stem, n) != 0)
        return false;
    digits = strspn(path + n, "0123456789");
    return digits > 0 && !path[n + digits];
}

void persona_environment(struct argv *a, const struct persona_spec *s)
{
    argv_push(a, "--env=HOME=" PERSONA_HOME);
    argv_push(a, "--env=LANG=C.UTF-8");
    argv_pushf(a, "--env=SPINE_PERSONA=%s", s->id);
    argv_push(a, "--env=XDG_RUNTIME_DIR=/run");
    if (profile_get(s->profile)->wayland)
        argv_push(a, "--env=WAYLAND_DISPLAY=wayland-0");
    argv_push(a, "--env=PIPEWIRE_REMOTE=/run/pipewire-0");
}
