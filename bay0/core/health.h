/* SPDX-License-Identifier: MIT
 * What `spine doctor` thinks of what it was told: facts in, checks out, each with what is wrong and what to
 * do. Times are in seconds since 1970, but for those that say otherwise. */
#ifndef BAY0_CORE_HEALTH_H
#define BAY0_CORE_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum health_level {
    HEALTH_OK,
    HEALTH_NOTE, /* worth knowing, nothing to repair */
    HEALTH_WRONG
};
enum { HEALTH_NAME_MAX = 112, HEALTH_DETAIL_MAX = 400, HEALTH_ADVICE_MAX = 200 };

struct health {
    enum health_level level;
    char name[HEALTH_NAME_MAX];
    char detail[HEALTH_DETAIL_MAX]; /* printable */
    char advice[HEALTH_ADVICE_MAX]; /* "" unless something is wrong */
};
typedef void health_fn(void *user, const struct health *h);
/* Where the checks go. Every function below tells at least one. */
struct health_to {
    health_fn *fn;
    void *user;
};
const char *health_level_name(enum health_level l); /* ok note wrong */
/* A check that was decided elsewhere. advice counts for HEALTH_WRONG alone. */
void health_tell(const struct health_to *to, enum health_level level, const char *name, const char *advice,
                 const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* The Spine's mounts, from the text of /proc/self/mountinfo (NULL: why says why not). persist is the mount
 * point of what is kept. */
void health_mounts(const struct health_to *to, const char *mountinfo, const char *persist, const char *why);

/* A socket or another node in the file system. */
struct health_node {
    const char *name; /* of the check */
    const char *path;
    const char *advice;
    uint32_t uid, gid; /* as it should be */
    int mode;          /* permission bits as they should be; -1: any */
    char type;         /* 's' socket, 'd' directory, 'c' character device */
    const char *error; /* NULL, or why it could not be looked at */
    char is_type;      /* as it is */
    uint32_t is_uid, is_gid, is_mode;
};
void health_node(const struct health_to *to, const struct health_node *n);

/* A program's own words about its version; error: why there are none. */
void health_version(const struct health_to *to, const char *program, const char *text, const char *error);

/* /dev/dri. */
struct health_gpu {
    const char *path;
    uint32_t mode, gid;
};
void health_gpu(const struct health_to *to, const struct health_gpu *node, size_t n, uint32_t render_gid);

/* Controllers offered to the tree and handed on to the personas, separated by spaces; NULL: no tree. */
void health_cgroups(const struct health_to *to, const char *path, const char *offered, const char *personas);

/* Limits in /proc/sys/user; -1: not there. */
struct health_limit {
    const char *name; /* "max_user_namespaces" */
    int64_t value;
};
void health_namespaces(const struct health_to *to, const struct health_limit *limit, size_t n);

/* A file system: what is free for those who are not root. */
struct health_disk {
    const char *name; /* "disk space" */
    const char *path;
    const char *error; /* NULL, or why it could not be looked at */
    uint64_t blocks, blocks_free, block_size, files, files_free;
    bool writable;
};
void health_disk(const struct health_to *to, const struct health_disk *d);

struct health_journal {
    const char *error;   /* NULL, or why it could not be read */
    bool open;           /* there is a registry */
    bool salvaged;       /* a new one was begun at start */
    bool reconciled;     /* podman has said what it has */
    const char *unsound; /* NULL, or what quick_check said */
    int64_t entries;     /* in the journal */
    int64_t known;       /* of them those that bay0 understands */
    int64_t running;     /* operations under way that have one */
};
void health_registry(const struct health_to *to, const struct health_journal *j);

struct health_clock {
    int64_t now;
    int64_t released;    /* of this program: no clock is right that is earlier */
    int64_t drift_ms;    /* how far the clock has moved against the machine's own time since bay0 started */
    int64_t newest_file; /* newest change of what bay0 writes on /persist, 0: unknown */
    int64_t rtc;         /* hardware clock, -1: none */
};
void health_clock(const struct health_to *to, const struct health_clock *c);

/* Whether the kernel has AppArmor, and whether containers get their profile of it. */
void health_apparmor(const struct health_to *to, bool kernel, bool loaded);
/* The hardware watchdog: device says whether there is one, text is for people. */
void health_watchdog(const struct health_to *to, bool armed, bool device, const char *text);

/* A service or tenant: state as sup_state_name() gives it; error "" or why it is not up. */
void health_service(const struct health_to *to, const char *name, const char *state, uint32_t restarts,
                    const char *error, bool tenant);

/* Asking what listens on a socket whether it answers. */
enum health_ask { ASK_BAY0, ASK_WAYLAND, ASK_SWAY, ASK_OUTPUTS, ASK_PIPEWIRE, ASK_SEAT, ASK_HTTP, ASK_COUNT };
enum { HEALTH_QUESTION_MAX = 160, HEALTH_ANSWER_MAX = 65536 };
/* The bytes to send. Returns their number. */
size_t health_question(enum health_ask ask, unsigned char out[HEALTH_QUESTION_MAX]);
/* Has all come that is needed to judge? */
bool health_answered(enum health_ask ask, const unsigned char *data, size_t len);
/* error: NULL, or why no answer came. */
void health_answer(const struct health_to *to, enum health_ask ask, const char *name, const char *error,
                   const unsigned char *data, size_t len);

/* The throw-away persona. The output of `spine probe` in it: one JSON object a line,
 * {"attempt":"...","got_through":bool,"detail":"..."}, and at last {"attempts":N}. */
void health_probe(const struct health_to *to, const char *text, size_t len);

/* From `podman image ls --format json`: the name of the smallest image that has one. false: there is none, or
 * the text is no answer. */
bool health_smallest_image(const char *text, size_t len, char *out, size_t size);

#endif
