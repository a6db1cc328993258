/* SPDX-License-Identifier: MIT
 * `podman create` for personas and tenants. */
#include "core/container.h"
#include "core/err.h"
#include "core/podman.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { MEMLOCK = 8 << 20 }; /* bytes, the kernel's own default */

/* The same for everything that bay0 runs. */
static const char *const always[] = {
    "--pull=never",
    "--cgroups=no-conmon",
    "--cgroupns=private",
    "--ipc=private",
    "--pid=private",
    "--uts=private",
    "--cap-drop=all",
    "--security-opt=label=disable",
    "--systemd=false",
    "--http-proxy=false",
    "--image-volume=ignore",
    "--no-hosts",
    "--no-hostname",
    "--init",
    "--no-healthcheck",
    "--sdnotify=ignore",
    "--restart=no",
    "--pids-limit=0", /* the limit is on the directory above */
    "--stop-signal=SIGTERM",
    "--stop-timeout=10",
    "--log-driver=k8s-file",
    "--log-opt=max-size=1m",
    NULL,
};

static void push_all(struct argv *a, const char *const *word)
{
    for (; *word; word++)
        argv_push(a, *word);
}

static void push_caps(struct argv *a, const struct cap *cap)
{
    for (; cap->name; cap++)
        argv_pushf(a, "--cap-add=%s", cap->name);
}

static void push_packed(struct argv *a, const char *prefix, const char *text, uint32_t words)
{
    for (; words; words--, text += strlen(text) + 1)
        argv_pushf(a, "%s%s", prefix, text);
}

static void push_binds(struct argv *a, const struct binds *b)
{
    for (size_t i = 0; i < b->n; i++)
        argv_pushf(a, "--volume=%s:%s:%s", b->row[i].source, b->row[i].target, b->row[i].options);
}

static void push_common(struct argv *a, const struct paths *p, const struct subject *c)
{
    char tmpfs[TMPFS_TEXT];

    argv_init(a);
    argv_push(a, p->podman);
    argv_pushf(a, "--runtime=%s", c->runtime);
    argv_push(a, "create");
    argv_pushf(a, "--name=%s-%s", c->kind, c->id);
    argv_pushf(a, "--hostname=%s", c->id);
    argv_pushf(a, "--label=org.alpinespine=%s", c->kind);
    argv_pushf(a, "--label=org.alpinespine.id=%s", c->id);
    argv_pushf(a, "--cgroup-parent=%s/%ss/%s", p->cgroup, c->kind, c->id);
    argv_pushf(a, "--uidmap=0:%u:%u", c->base, (unsigned)RANGE_SIZE);
    argv_pushf(a, "--gidmap=0:%u:%u", c->base, (unsigned)RANGE_SIZE);
    argv_pushf(a, "--user=%u:%u", c->user, c->user);
    push_all(a, always);
    argv_pushf(a, "--log-opt=path=%s/log/%s-%s.log", p->persist, c->kind, c->id);
    argv_pushf(a, "--security-opt=seccomp=%s/containers/%s", p->share, c->seccomp);
    if (p->apparmor)
        argv_pushf(a, "--security-opt=apparmor=%s", p->apparmor);
    if (c->no_new_privileges)
        argv_push(a, "--security-opt=no-new-privileges");
    if (!c->root_writable) {
        argv_push(a, "--read-only");
        argv_push(a, "--read-only-tmpfs=false");
    }
    push_caps(a, c->caps);
    for (size_t i = 0; subject_tmpfs(c, i, tmpfs); i++)
        argv_pushf(a, "--tmpfs=%s", tmpfs);
    argv_pushf(a, "--ulimit=nofile=%u:%u", c->nofile, c->nofile);
    argv_pushf(a, "--ulimit=memlock=%u:%u", (unsigned)MEMLOCK, (unsigned)MEMLOCK);
}

static int finish(const struct argv *a, const struct binds *b, const struct subject *c, struct err *e)
{
    if (argv_done(a) == 0 && !b->overflow)
        return 0;
    return err_set(e, ERR_INTERNAL, "podman create for %s %s: %s", c->kind, c->id,
                   a->refused ? "the image's name is empty or begins with '-'"
                              : "the command line is too long");
}

static int subject_check(const struct subject *c, struct err *e)
{
    if (!name_id_ok(c->id))
        return err_set(e, ERR_INTERNAL, "podman create: a %s with a bad id", c->kind);
    /* Anything else could be the Spine's own users. */
    if (range_of_uid(c->base) < 0 || (c->base - RANGE_FIRST) % RANGE_SIZE != 0)
        return err_set(e, ERR_INTERNAL, "podman create for %s %s: %u begins no range of ids", c->kind, c->id,
                       c->base);
    return 0;
}

/* The registry can be built again from this label. */
static int push_spec_label(struct argv *a, const struct persona_spec *s, struct err *e)
{
    json_t *json = spec_to_json(s);
    char *text = json ? json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS) : NULL;

    json_decref(json);
    if (!text)
        return err_set(e, ERR_NO_MEMORY, "podman create for persona %s: no memory for its label", s->id);
    argv_pushf(a, "--label=org.alpinespine.spec=%s", text);
    free(text);
    return 0;
}

/* Render nodes only: a card node would be DRM master's. */
static int push_gpu(struct argv *a, const struct paths *p, const struct persona_spec *s, struct err *e)
{
    if (!s->gpu || !p->render_nodes || !p->render_nodes[0])
        return 0;
    for (const char *const *node = p->render_nodes; *node; node++) {
        if (!render_node_ok(*node))
            return err_set(e, ERR_INTERNAL, "podman create for persona %s: %s is no render node", s->id,
                           *node);
        argv_pushf(a, "--device=%s:%s:rw", *node, *node);
    }
    argv_pushf(a, "--group-add=%u", p->render_gid);
    return 0;
}

static int create(struct argv *a, const struct paths *p, const struct persona_spec *s, uint32_t base,
                  const char *entrypoint, struct err *e)
{
    const struct subject c = persona_subject(s, base);
    char image[NAME_IMAGE_MAX + 1];
    struct binds b;

    if (subject_check(&c, e))
        return -1;
    push_common(a, p, &c);
    /* An image whose command is a shell ends at once without a terminal. */
    argv_push(a, "--tty");
    argv_pushf(a, "--network=%s", persona_network(s));
    /* Else podman adds the Spine's own resolvers, which the firewall refuses. */
    if (s->network == NETWORK_SLIRP)
        argv_push(a, "--dns=" SLIRP_DNS);
    if (push_gpu(a, p, s, e) || push_spec_label(a, s, e))
        return -1;
    persona_binds(&b, p, s);
    push_binds(a, &b);
    persona_environment(a, s);
    argv_push(a, "--env=TERM=xterm-256color");
    argv_push(a, "--workdir=" PERSONA_HOME);
    if (entrypoint)
        argv_pushf(a, "--entrypoint=%s", entrypoint);
    persona_image(s, image);
    argv_push_user(a, image);
    push_packed(a, "", s->command, s->command_words);
    return finish(a, &b, &c, e);
}

int podman_create(struct argv *a, const struct paths *p, const struct persona_spec *s, uint32_t base,
                  struct err *e)
{
    return create(a, p, s, base, NULL, e);
}

int podman_create_probe(struct argv *a, const struct paths *p, const struct persona_spec *s, uint32_t base,
                        const char *entrypoint, struct err *e)
{
    return create(a, p, s, base, entrypoint, e);
}

int tenant_create(struct argv *a, const struct paths *p, const struct tenant *t, uint32_t base, struct err *e)
{
    const struct subject c = tenant_subject(t, base);
    struct binds b;

    if (subject_check(&c, e))
        return -1;
    push_common(a, p, &c);
    argv_push(a, "--network=none");
    tenant_binds(&b, p, t);
    push_binds(a, &b);
    argv_push(a, "--env=HOME=/tmp");
    push_packed(a, "--env=", t->env, t->env_words);
    argv_push(a, "--workdir=/");
    argv_push(a, "--entrypoint=" TENANT_RELAY);
    argv_push_user(a, t->image);
    argv_push(a, "--listen-fd");
    argv_push(a, "3");
    argv_push(a, "--control");
    argv_push(a, "4");
    argv_push(a, "--each");
    argv_pushf(a, "%d", TENANT_EACH);
    argv_push(a, "--max");
    argv_pushf(a, "%d", TENANT_CONNECTIONS);
    argv_push(a, "--connect");
    argv_push(a, t->upstream);
    argv_push(a, "--");
    push_packed(a, "", t->command, t->command_words);
    return finish(a, &b, &c, e);
}
