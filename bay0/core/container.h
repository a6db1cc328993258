/* SPDX-License-Identifier: MIT
 * What a container of either kind is and sees of the Spine: one description for the command line and the
 * check. */
#ifndef BAY0_CORE_CONTAINER_H
#define BAY0_CORE_CONTAINER_H

#include "core/podman.h"
#include "core/profile.h"

/* What a persona's profile and a tenant have in common. Strings are borrowed from the declaration. */
struct subject {
    const char *kind; /* "persona" or "tenant" */
    const char *id;
    const char *runtime;
    const char *seccomp; /* file name below /usr/share/spine/containers */
    const struct cap *caps;
    const char *const *tmpfs; /* NULL-terminated, "DIR:OPTIONS"; read with subject_tmpfs */
    uint64_t tmp_bytes;       /* size of /tmp in place of the one in tmpfs, 0: that one */
    uint32_t nofile;
    uint32_t user; /* inside */
    uint32_t base; /* first host id */
    bool no_new_privileges, root_writable;
};
struct subject persona_subject(const struct persona_spec *s, uint32_t base);
struct subject tenant_subject(const struct tenant *t, uint32_t base);
/* The n-th of its tmpfs, with the size that it gets; false: there are not so many. */
enum { TMPFS_TEXT = 128 };
bool subject_tmpfs(const struct subject *c, size_t n, char out[TMPFS_TEXT]);

enum { BIND_SOURCE_MAX = 256, BINDS_MAX = 12 };

struct bind {
    char source[BIND_SOURCE_MAX];
    char target[BIND_SOURCE_MAX];
    const char *why;
    bool socket;
    const char *options; /* as in --volume; always ro or rw, exec or noexec, nosuid and nodev */
};

struct binds {
    struct bind row[BINDS_MAX];
    size_t n;
    bool overflow; /* a path was too long */
};

/* Where a persona's home is inside. */
#define PERSONA_HOME "/home/persona"
/* Where a tenant finds the relay. */
#define TENANT_RELAY "/usr/local/bin/spine-relay"

/* Files that bay0 writes for a persona, in its directory below /run/spine, and binds read-only: podman's own
 * lie on the Spine's /run too, and the root of a persona whose root is writable could fill it through them.
 */
struct persona_file {
    const char *name, *target;
    const char *text;
    const char *why;
    bool own_name; /* the persona's id comes behind the text */
    bool slirp;    /* only where there is a network */
};
enum { PERSONA_FILES = 3, PERSONA_FILE_MAX = 128 };
extern const struct persona_file persona_files[PERSONA_FILES];
bool persona_has_file(const struct persona_spec *s, const struct persona_file *f);
/* What it is to hold. */
void persona_file_text(const struct persona_file *f, const struct persona_spec *s,
                       char out[PERSONA_FILE_MAX]);

void persona_binds(struct binds *b, const struct paths *p, const struct persona_spec *s);
void tenant_binds(struct binds *b, const struct paths *p, const struct tenant *t);

/* slirp4netns with its options, or none. */
const char *persona_network(const struct persona_spec *s);
#define SLIRP_DNS "10.0.2.3"

/* "/dev/dri/renderD" and a number: the only device a container is ever given. */
bool render_node_ok(const char *path);

/* Adds the persona's --env words; for `create` and `exec` alike. */
void persona_environment(struct argv *a, const struct persona_spec *s);

#endif
