/* SPDX-License-Identifier: MIT
 * Reads podman's JSON (inspect, ps) and compares an initialised container with what was asked for. */
#ifndef BAY0_CORE_INSPECT_H
#define BAY0_CORE_INSPECT_H

#include "core/podman.h"

#include <sys/types.h>

struct inspect {
    char id[65];
    char status[24];  /* created, initialized, running, exited, stopped, ... */
    char cgroup[256]; /* below the cgroup mount: /spine/personas/work/libpod-... */
    int32_t pid, conmon_pid;
    int32_t exit_code;
};

/* One container from `podman inspect` output. Returns 0 or -1 with *e. Text need not be NUL-terminated. */
int inspect_parse(const char *text, size_t len, struct inspect *out, struct err *e);

/* Compares the same text with the declaration: id maps, privileges, capabilities, namespaces, network mode,
 * cgroup parent, devices, mounts (each source and flag), read-only root, limits. The first difference is told
 * in *e with ERR_CHECK; so is a field that is missing. */
int inspect_check_persona(const char *text, size_t len, const struct paths *p, const struct persona_spec *s,
                          uint32_t base, struct err *e);
int inspect_check_tenant(const char *text, size_t len, const struct paths *p, const struct tenant *t,
                         uint32_t base, struct err *e);

/* The same to its end: calls back for each difference. -1 with the first in *e, also when the text is not a
 * container's (then nothing is called back). */
typedef void inspect_differs_fn(void *user, const char *difference);
int inspect_drift_persona(const char *text, size_t len, const struct paths *p, const struct persona_spec *s,
                          uint32_t base, inspect_differs_fn *fn, void *user, struct err *e);

/* What podman does not tell (id-mapped mounts, flags in force) the kernel does: text is /proc/PID/mountinfo
 * of the initialised container's process. Every mount has to be one that was asked for, or one that every
 * container has. proc_pid_mountinfo(5). ERR_CHECK as above. */
int inspect_check_persona_mounts(const char *text, size_t len, const struct paths *p,
                                 const struct persona_spec *s, struct err *e);
int inspect_check_tenant_mounts(const char *text, size_t len, const struct paths *p, const struct tenant *t,
                                struct err *e);

/* `podman ps --all --format json`: calls back for every container of ours. name is the container's name,
 * status as above. Nothing is called back when the text is not as expected. */
typedef void inspect_ps_fn(void *user, const char *name, const char *status, int32_t pid);
int inspect_ps(const char *text, size_t len, inspect_ps_fn *fn, void *user, struct err *e);

/* The image's id, from the last line of `podman pull`'s standard output. False: there is none. */
bool pull_image_id(const char *text, size_t len, char out[65]);

/* Turns one line of `podman pull` standard error into a progress step, or returns false for a line without
 * news. */
struct pull_progress {
    unsigned blobs_seen;
    char step[24];   /* "resolve", "copy", "config", "store", "retry" */
    char detail[96]; /* printable: no control characters */
};
bool pull_line(struct pull_progress *p, const char *line, size_t len);

/* Why a podman command failed, from its exit status and standard error: ERR_NO_IMAGE, ERR_DISK_FULL,
 * ERR_PULL, ERR_PODMAN ...; what is the sentence's subject ("cannot create persona work"). Always returns -1
 * with *e filled. */
int podman_failure(int status, const char *stderr_text, size_t len, const char *what, struct err *e);

/* Whether `podman init` failed because the container's files are damaged, as a power cut leaves them (empty
 * `lower`, `link`, config.json, a layer that is gone). Anything else must not cost a persona its container.
 */
bool podman_damaged(const char *stderr_text, size_t len);
/* Whether `podman create` failed because there is a container of that name: then it is not this command's to
 * remove. */
bool podman_name_taken(const char *stderr_text, size_t len);
/* Whether it failed because the storage has a container of that name which podman does not know: what a power
 * cut leaves of a `create` or `rm`. `podman rm` takes it away; nobody has ever used it, or it was to go. */
bool podman_name_stray(const char *stderr_text, size_t len);

#endif
