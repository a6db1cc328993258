/* SPDX-License-Identifier: MIT
 * The mounts of personas and tenants. */
#include "core/binds.h"

#include "core/profile.h"

#include <stdio.h>

/* `ro` does not hinder connect(), and keeps a socket's mode and owner out of reach. */
#define SOCKET "ro,nosuid,nodev,noexec"
/* /persist is noexec; exec comes back on the home alone. idmap keeps the ids on disk at 0..65535. */
#define HOME    "rw,idmap,exec,nosuid,nodev"
#define PROGRAM "ro,exec,nosuid,nodev"

/* Adds DIR MIDDLE NAME TAIL -> target; middle and tail carry their own slashes. */
static void bind_add(struct binds *b, const char *const part[4], const char *target, const char *options)
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
}

#define SOURCE(...) ((const char *const[4]){__VA_ARGS__})

void persona_binds(struct binds *b, const struct paths *p, const struct persona_spec *s)
{
    *b = (struct binds){0};
    bind_add(b, SOURCE(p->persist, "/home/", s->id, ""), PERSONA_HOME, HOME);
    bind_add(b, SOURCE(p->spine, "", "", ""), "/usr/local/bin/spine", PROGRAM);
    bind_add(b, SOURCE(p->run, "/persona/", s->id, "/bay0.sock"), "/run/spine/bay0.sock", SOCKET);
    if (profile_get(s->profile)->wayland)
        bind_add(b, SOURCE(p->run, "/persona/", s->id, "/wayland-0"), "/run/wayland-0", SOCKET);
    if (s->ai)
        bind_add(b, SOURCE(p->run, "/ai/ollama.sock", "", ""), "/run/ai.sock", SOCKET);
    if (s->audio)
        bind_add(b, SOURCE(p->pipewire, "", "", ""), "/run/pipewire-0", SOCKET);
}

void tenant_binds(struct binds *b, const struct paths *p, const struct tenant *t)
{
    *b = (struct binds){0};
    bind_add(b, SOURCE(p->persist, "/", t->models, ""), t->models_at,
             t->models_writable ? "rw,idmap,nosuid,nodev,noexec" : "ro,idmap,nosuid,nodev,noexec");
    bind_add(b, SOURCE(p->libexec, "/spine-relay", "", ""), TENANT_RELAY, PROGRAM);
}
