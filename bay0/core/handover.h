/* SPDX-License-Identifier: MIT
 * What bay0 hands over to itself when it is re-executed in place: which file descriptors mean what, which
 * processes are whose. One JSON object; what is read is believed only as a whole. */
#ifndef BAY0_CORE_HANDOVER_H
#define BAY0_CORE_HANDOVER_H

#include "core/err.h"
#include "core/focus.h"
#include "core/life.h"
#include "core/pressure.h"
#include "core/sound.h"
#include "core/supervise.h"
#include "core/tenants.h"

#include <stddef.h>
#include <stdint.h>

enum {
    HANDOVER_VERSION = 3, /* another one is refused: then bay0 goes on as it is */
    HANDOVER_MAX = 1 << 20,
    HANDOVER_FD_MIN = 3,
    HANDOVER_FD_MAX = 1 << 20,
    HANDOVER_SERVICES_MAX = 32,
    HANDOVER_CLIENTS_MAX = 640,
    HANDOVER_SESSIONS_MAX = 256
};

/* A child that goes on. pid 0: there is none. start (clock ticks since boot, proc(5)) tells it from another
 * process that got its number. */
struct handover_child {
    int32_t pid;
    uint64_t start;
    int out, err; /* read ends of its output, -1: it writes elsewhere */
};
struct handover_service {
    char name[NAME_ID_MAX + 1];
    bool wanted, done;
    struct supervisor sup; /* of its states: down, up, back-off, given up */
    struct handover_child child;
};
struct handover_tenant {
    char name[NAME_ID_MAX + 1];
    int listen, channel;
    bool container, may_pull;
    struct supervisor sup;
    char error[ERR_MESSAGE_MAX];
};
/* A persona's program at the sound server. */
struct handover_sound {
    bool there;
    struct supervisor sup;
    struct sound_state state;
    int words; /* write end of its standard input, -1 */
    struct handover_child child;
};
struct handover_persona {
    char id[NAME_ID_MAX + 1];
    enum life_state life; /* stopped, ready, running or failed */
    int32_t pid;
    bool container, watched, attention;
    int control, wayland, wayland_close, pipewire, ai; /* -1: not open */
    struct handover_sound sound;
    char error[ERR_MESSAGE_MAX];
    uint64_t oom_kills;
    struct pressure pressure;
    struct focus_persona focus; /* fz: awake, frozen or throttled; see focus_restore */
};
struct handover_client {
    int fd;
    uint64_t ref;
    uint32_t uid;
    char persona[NAME_ID_MAX + 1]; /* "": the Spine's own socket */
    bool subscribed, keys;         /* keys: it is the switcher */
    uint32_t pending;
};
struct handover_session {
    char persona[NAME_ID_MAX + 1];
    uint64_t client;
    int64_t request;
    uint64_t mark;
    bool entering, background;
    struct handover_child child;
};
struct handover {
    uint32_t version;
    int32_t pid;    /* whose it is: must be the reader's own */
    uint64_t begun; /* ms, monotonic: when the old program ended */
    uint64_t asker; /* client that waits for the answer, 0: none */
    int64_t asked;  /* its request */
    uint64_t last_client, last_ticket, last_mark;
    bool salvaged;
    char interface[32];
    char front_before[NAME_ID_MAX + 1];
    int control, watchdog;
    struct {
        char front[NAME_ID_MAX + 1], seen[NAME_ID_MAX + 1];
        uint64_t turn;
    } focus;
    bool ui_up;
    struct handover_child ui_events;
    size_t services_n, tenants_n, personas_n, clients_n, sessions_n;
    struct handover_service service[HANDOVER_SERVICES_MAX];
    struct handover_tenant tenant[TENANTS_MAX];
    struct handover_persona persona[FOCUS_PERSONAS_MAX];
    struct handover_client client[HANDOVER_CLIENTS_MAX];
    struct handover_session session[HANDOVER_SESSIONS_MAX];
};

/* A malloc'ed text (caller frees), or NULL with *e when memory is short or it would be too long. */
char *handover_write(const struct handover *h, struct err *e);
/* Everything is checked: the form, each value, and what must fit together; no descriptor and no process may
 * be named twice. 0, or -1 with *e and *out undefined. */
int handover_read(const char *text, size_t len, struct handover *out, struct err *e);
/* Calls back for each descriptor that is named. */
typedef void handover_fd_fn(void *user, int fd);
void handover_fds(const struct handover *h, handover_fd_fn *fn, void *user);
const struct handover_service *handover_service(const struct handover *h, const char *name); /* or NULL */

/* From the text of /proc/PID/stat: parent and start time. 0 or -1. */
int handover_stat(const char *text, int32_t *parent, uint64_t *start);

#endif
