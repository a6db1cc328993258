/* SPDX-License-Identifier: MIT
 * Declaration in, podman command line out. Pure: what runs is decided here and printed in the golden tests.
 * Every call needs podman_environment() and runs in a cgroup that is neither the root nor a container's.
 */
#ifndef BAY0_CORE_PODMAN_H
#define BAY0_CORE_PODMAN_H

#include "core/argv.h"
#include "core/spec.h"

struct err;

#define RANGE_FIRST UINT32_C(0x20000000)
enum { RANGE_SIZE = 65536, RANGE_COUNT = 4096 };

/* First host id of range n (personas and tenants alike); n < RANGE_COUNT. 0 for a number that is no range: no
 * function here accepts it. */
uint32_t range_base(uint32_t n);
/* The range that a host uid belongs to, or -1. */
int64_t range_of_uid(uint32_t uid);

/* Where things are; filled once at start, all strings owned by the caller and valid as long as the struct. */
struct paths {
    const char *run;                 /* /run/spine */
    const char *persist;             /* /persist */
    const char *share;               /* /usr/share/spine */
    const char *libexec;             /* /usr/lib/spine */
    const char *spine;               /* /usr/bin/spine */
    const char *podman;              /* podman */
    const char *cgroup;              /* the tree's name below the mount point: /spine */
    const char *const *render_nodes; /* NULL-terminated: /dev/dri/renderD128 ... */
    uint32_t render_gid;
    const char *apparmor; /* APPARMOR_PROFILE, or NULL: the kernel has it not */
};

/* containers.conf.d/apparmor */
#define APPARMOR_PROFILE "spine-guest"
/* Whether the kernel's list of profiles has it, and means it. */
bool apparmor_enforced(const char *list);

/* Container names: "persona-<id>" and "tenant-<name>". */
enum { CONTAINER_NAME_MAX = 48 };
void persona_container(const char *id, char out[CONTAINER_NAME_MAX]);
void tenant_container(const char *name, char out[CONTAINER_NAME_MAX]);

/* The name under which the persona's image lies in the store: the reference itself, or, for an image that
 * came from a file, "localhost/import-<id>:latest". */
void persona_image(const struct persona_spec *s, char out[NAME_IMAGE_MAX + 1]);

/* Each builder empties *a first. 0, or -1 with *e: ERR_INTERNAL for a word that the caller should have
 * refused (base of no range, bad container name, too many words). Limits on memory, CPU and pids are not in
 * the command line: bay0 writes them on the persona's own cgroup directory, above the container's (see
 * core/limits.h). */
int podman_create(struct argv *a, const struct paths *p, const struct persona_spec *s, uint32_t base,
                  struct err *e);
/* The same, but entrypoint (a path inside) is run with the declaration's command, whatever the image says. */
int podman_create_probe(struct argv *a, const struct paths *p, const struct persona_spec *s, uint32_t base,
                        const char *entrypoint, struct err *e);
/* Every image that is here, as JSON. */
int podman_images(struct argv *a, const struct paths *p, struct err *e);
int podman_init(struct argv *a, const struct paths *p, const char *container, struct err *e);
/* Whether a command mounts a container's root and starts what runs in it: that is not to have what the file
 * system of /persist keeps for the Spine, or a persona could write into it through its root (overlayfs writes
 * as its mounter). */
bool podman_mounts(const struct argv *a);
int podman_start(struct argv *a, const struct paths *p, const char *container, struct err *e);
int podman_stop(struct argv *a, const struct paths *p, const char *container, unsigned seconds,
                struct err *e);
/* rm --force --time 0 --ignore: also an unknown container gives exit status 0. */
int podman_rm(struct argv *a, const struct paths *p, const char *container, struct err *e);
int podman_inspect(struct argv *a, const struct paths *p, const char *container, struct err *e);
/* Every container with the label org.alpinespine, as JSON: for putting things right at start. */
int podman_ps(struct argv *a, const struct paths *p, struct err *e);
/* Exit status 0: it is in the store, 1: it is not. image as persona_image() or struct tenant gives it. */
int podman_image_exists(struct argv *a, const struct paths *p, const char *image, struct err *e);
/* image as declared; ERR_NO_IMAGE for a name without a registry. Progress goes to standard error (pull_line),
 * the image's id to standard output (pull_image_id). An image from a file has then to be given its name with
 * podman_tag. */
int podman_pull(struct argv *a, const struct paths *p, const char *image, struct err *e);
int podman_tag(struct argv *a, const struct paths *p, const char *image_id, const struct persona_spec *s,
               struct err *e);

struct exec_request {
    bool tty, interactive, detach;
    const char *const *words; /* NULL-terminated; NULL or empty: a login shell */
    const char *term;         /* value of TERM, or NULL */
    uint64_t mark;            /* EXEC_MARK=mark in its environment, so that bay0 finds it again; 0: none */
};
#define EXEC_MARK "SPINE_EXEC"
int podman_exec(struct argv *a, const struct paths *p, const struct persona_spec *s,
                const struct exec_request *r, struct err *e);

/* The tenant with this socket is the one whom the grant `ai` is for. Each persona has a socket of its own to
 * it, which the relay learns of by its channel, fd 4, and serves TENANT_EACH connections at a time. */
#define TENANT_AI_SOCKET "ai/ollama.sock"
enum { TENANT_EACH = 8, TENANT_CONNECTIONS = 512 };

/* A system tenant is a row too; see core/tenants.h for where rows come from. */
struct tenant {
    const char *name; /* ai-core */
    const char *image;
    const char *socket; /* below run: ai/ollama.sock; bay0 makes it and passes it to `podman init` as fd 3 */
    const char *upstream;  /* address inside its empty network: 127.0.0.1:11434[/PATH] */
    const char *models;    /* below persist: ai/models */
    const char *models_at; /* where the tenant sees it */
    bool models_writable;
    uint64_t memory; /* bytes; for its cgroup */
    uint32_t pids;
    uint32_t command_words; /* what the relay starts; like persona_spec.command */
    const char *command;
    uint32_t env_words; /* "NAME=value" strings, packed in the same way */
    const char *env;
};
/* Fields of the environment that every podman call gets, and nothing else: "NAME=value" words. scratch names
 * a directory below persist/tmp to unpack in; NULL: persist/tmp itself. */
int podman_environment(struct argv *env, const struct paths *p, const char *scratch);
/* LISTEN_FDS is read by `podman init`, not by `create`: give the socket to init. */
int tenant_create(struct argv *a, const struct paths *p, const struct tenant *t, uint32_t base,
                  struct err *e);

#endif
