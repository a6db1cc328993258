/* SPDX-License-Identifier: MIT
 * The Spine's own services as rows of data: what is run, as whom, after what, and how its readiness shows. */
#ifndef BAY0_CORE_SERVICES_H
#define BAY0_CORE_SERVICES_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

enum service_ready {
    READY_SPAWNED, /* as soon as it runs */
    READY_FD,      /* it writes a newline to fd 3 */
    READY_PATH,    /* a file appears */
    READY_EXIT     /* it runs once and ends with status 0 */
};
enum service_account { SERVICE_ROOT, SERVICE_UI, SERVICE_AUDIO, SERVICE_NET, SERVICE_SHOW };
enum service_id {
    SERVICE_MODULES,
    SERVICE_UDEVD,
    SERVICE_TRIGGER_SUBSYSTEMS,
    SERVICE_TRIGGER_DEVICES,
    SERVICE_SETTLE,
    SERVICE_SEATD,
    SERVICE_SWAY,
    SERVICE_SWITCHER,
    SERVICE_PIPEWIRE,
    SERVICE_WIREPLUMBER,
    SERVICE_UDHCPC,
    SERVICE_FIREWALL,
    SERVICE_COUNT
};

enum { SERVICE_WORDS_MAX = 12, SERVICE_ENV_MAX = 10 };

/* Texts may hold %r (run directory), %s (share), %l (libexec), %i (the wired interface) and %% . */
struct service_row {
    const char *name;
    const char *argv[SERVICE_WORDS_MAX];
    const char *env[SERVICE_ENV_MAX]; /* besides PATH and LANG */
    enum service_account account;
    enum service_ready ready;
    const char *path;      /* READY_PATH; removed before each start */
    const char *dir;       /* made before each start, 0700, owned by the account; NULL: none */
    enum service_id after; /* must be up first; itself: nothing */
    bool may_fail;         /* READY_EXIT: what comes after goes on also when it failed or took too long */
    bool follows;          /* ends with what it comes after, and starts with it again */
    bool may_be_absent;    /* left out when its program is not there */
    bool spine_only;       /* only when bay0 is PID 1 */
    bool needs_interface;  /* not started without a wired interface */
};
extern const struct service_row service_rows_table[SERVICE_COUNT];

struct service_words {
    const char *run, *share, *libexec, *interface;
};
/* Replaces the %-words. -1 when it does not fit or the text has an unknown one. */
int service_expand(const char *text, const struct service_words *w, struct buf *out);

#endif
