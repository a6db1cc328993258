/* SPDX-License-Identifier: MIT
 * The podman command lines for everything but making a container (that is create.c). */
#include "core/podman.h"

#include "core/container.h"
#include "core/err.h"
#include "core/profile.h"

#include <stdio.h>
#include <string.h>

uint32_t range_base(uint32_t n)
{
    return n < RANGE_COUNT ? RANGE_FIRST + n * RANGE_SIZE : 0;
}

int64_t range_of_uid(uint32_t uid)
{
    uint32_t n = (uid - RANGE_FIRST) / RANGE_SIZE;

    return uid >= RANGE_FIRST && n < RANGE_COUNT ? (int64_t)n : -1;
}

bool apparmor_enforced(const char *list)
{
    static const char want[] = APPARMOR_PROFILE " (enforce)\n";
    const char *at = list;

    while ((at = strstr(at, want)) && at != list && at[-1] != '\n')
        at++;
    return at != NULL;
}

void persona_container(const char *id, char out[CONTAINER_NAME_MAX])
{
    snprintf(out, CONTAINER_NAME_MAX, "persona-%.*s", NAME_ID_MAX, id);
}

void tenant_container(const char *name, char out[CONTAINER_NAME_MAX])
{
    snprintf(out, CONTAINER_NAME_MAX, "tenant-%.*s", NAME_ID_MAX, name);
}

void persona_image(const struct persona_spec *s, char out[NAME_IMAGE_MAX + 1])
{
    if (name_image_is_file(s->image))
        snprintf(out, NAME_IMAGE_MAX + 1, "localhost/import-%s:latest", s->id);
    else
        snprintf(out, NAME_IMAGE_MAX + 1, "%s", s->image);
}

static int finish(const struct argv *a, const char *verb, const char *subject, struct err *e)
{
    if (argv_done(a) == 0)
        return 0;
    return err_set(e, ERR_INTERNAL, "podman %s %s: %s", verb, subject,
                   a->refused ? "a word is empty or begins with '-'" : "too many words");
}

static void begin(struct argv *a, const struct paths *p, const char *verb)
{
    argv_init(a);
    argv_push(a, p->podman);
    argv_push(a, verb);
}

static int verb_on(struct argv *a, const struct paths *p, const char *verb, const char *subject,
                   struct err *e)
{
    begin(a, p, verb);
    argv_push_user(a, subject);
    return finish(a, verb, subject, e);
}

int podman_init(struct argv *a, const struct paths *p, const char *container, struct err *e)
{
    return verb_on(a, p, "init", container, e);
}

bool podman_mounts(const struct argv *a)
{
    return a->n > 1 && strcmp(a->word[1], "init") == 0;
}

int podman_start(struct argv *a, const struct paths *p, const char *container, struct err *e)
{
    return verb_on(a, p, "start", container, e);
}

int podman_stop(struct argv *a, const struct paths *p, const char *container, unsigned seconds, struct err *e)
{
    begin(a, p, "stop");
    argv_pushf(a, "--time=%u", seconds);
    argv_push_user(a, container);
    return finish(a, "stop", container, e);
}

int podman_rm(struct argv *a, const struct paths *p, const char *container, struct err *e)
{
    begin(a, p, "rm");
    argv_push(a, "--force");
    argv_push(a, "--time=0");
    argv_push(a, "--ignore");
    argv_push_user(a, container);
    return finish(a, "rm", container, e);
}

int podman_inspect(struct argv *a, const struct paths *p, const char *container, struct err *e)
{
    begin(a, p, "container");
    argv_push(a, "inspect");
    argv_push_user(a, container);
    return finish(a, "container inspect", container, e);
}

int podman_ps(struct argv *a, const struct paths *p, struct err *e)
{
    begin(a, p, "ps");
    argv_push(a, "--all");
    argv_push(a, "--no-trunc");
    argv_push(a, "--filter=label=org.alpinespine");
    argv_push(a, "--format=json");
    return finish(a, "ps", "", e);
}

int podman_images(struct argv *a, const struct paths *p, struct err *e)
{
    begin(a, p, "image");
    argv_push(a, "ls");
    argv_push(a, "--format=json");
    return finish(a, "image ls", "", e);
}

int podman_image_exists(struct argv *a, const struct paths *p, const char *image, struct err *e)
{
    begin(a, p, "image");
    argv_push(a, "exists");
    argv_push_user(a, image);
    return finish(a, "image exists", image, e);
}

/* With a registry in front: a host name with a dot or a port. "localhost/" means what was made here; podman
 * would ask this machine for it. A shorter name it would look for in files that it wants to write outside
 * /persist. */
static bool is_full_name(const char *image)
{
    size_t n = strcspn(image, "/");

    return image[n] == '/' && (memchr(image, '.', n) || memchr(image, ':', n));
}

int podman_pull(struct argv *a, const struct paths *p, const char *image, struct err *e)
{
    if (!name_image_is_file(image) && !is_full_name(image))
        return err_set(e, ERR_NO_IMAGE, "%s is not in the store, and its name says no registry to ask",
                       image);
    begin(a, p, "pull");
    argv_push(a, "--policy=always");
    argv_push(a, "--retry=2");
    argv_push(a, "--retry-delay=2s");
    argv_pushf(a, "--signature-policy=%s/containers/policy.json", p->share);
    argv_push_user(a, image);
    return finish(a, "pull", image, e);
}

int podman_tag(struct argv *a, const struct paths *p, const char *image_id, const struct persona_spec *s,
               struct err *e)
{
    char name[NAME_IMAGE_MAX + 1];

    persona_image(s, name);
    begin(a, p, "tag");
    argv_push_user(a, image_id);
    argv_push_user(a, name);
    return finish(a, "tag", image_id, e);
}

int podman_exec(struct argv *a, const struct paths *p, const struct persona_spec *s,
                const struct exec_request *r, struct err *e)
{
    static const char *const shell[] = {"/bin/sh", "-l", NULL};
    const char *const *word = r->words && r->words[0] ? r->words : shell;
    uint32_t user = profile_get(s->profile)->user;
    char container[CONTAINER_NAME_MAX];

    persona_container(s->id, container);
    begin(a, p, "exec");
    if (r->detach)
        argv_push(a, "--detach");
    if (r->interactive)
        argv_push(a, "--interactive");
    if (r->tty) {
        argv_push(a, "--tty");
        /* ctrl-p belongs to the program, not to podman. */
        argv_push(a, "--detach-keys=");
    }
    argv_pushf(a, "--user=%u:%u", user, user);
    argv_push(a, "--workdir=" PERSONA_HOME);
    persona_environment(a, s);
    if (r->term)
        argv_pushf(a, "--env=TERM=%s", r->term);
    if (r->mark)
        argv_pushf(a, "--env=" EXEC_MARK "=%llu", (unsigned long long)r->mark);
    argv_push_user(a, container);
    /* Podman reads no options behind the container's name. */
    for (; *word; word++)
        argv_push(a, *word);
    return finish(a, "exec", container, e);
}

int podman_environment(struct argv *env, const struct paths *p, const char *scratch)
{
    argv_init(env);
    argv_push(env, "PATH=/usr/sbin:/usr/bin:/sbin:/bin");
    /* root's own configuration must not matter: an empty directory that bay0 makes. */
    argv_pushf(env, "HOME=%s/podman", p->run);
    argv_push(env, "LANG=C.UTF-8");
    /* Commands are short: the collector costs them more time than it saves memory. */
    argv_push(env, "GOGC=800");
    argv_pushf(env, "CONTAINERS_CONF=%s/containers/containers.conf", p->share);
    argv_pushf(env, "CONTAINERS_STORAGE_CONF=%s/containers/storage.conf", p->share);
    argv_pushf(env, "CONTAINERS_REGISTRIES_CONF=%s/containers/registries.conf", p->share);
    /* Pulls unpack here; /tmp would be memory. */
    argv_pushf(env, "TMPDIR=%s/tmp%s%s", p->persist, scratch ? "/" : "", scratch ? scratch : "");
    return argv_done(env);
}
