/* SPDX-License-Identifier: MIT
 * Attacks on the screen through the persona's own Wayland socket, without a library: what is offered, and
 * what is there but not offered, asked for by its number. */
#include "hostile.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ANSWER_MS = 20000, NAMES = 90, ROOM = 65536, DISPLAY = 1, REGISTRY = 2, SYNC = 3, THING = 4 };

static const char *const socket_path = "/run/wayland-0";

static int send_words(int fd, const uint32_t *word, size_t bytes)
{
    return send(fd, word, bytes, MSG_NOSIGNAL) == (ssize_t)bytes ? 0 : -1;
}

static uint32_t head(size_t bytes, unsigned opcode)
{
    return (uint32_t)(bytes << 16 | opcode);
}

static int get_registry(int fd)
{
    const uint32_t m[] = {DISPLAY, head(12, 1), REGISTRY};

    return send_words(fd, m, sizeof m);
}

static int sync_now(int fd)
{
    const uint32_t m[] = {DISPLAY, head(12, 0), SYNC};

    return send_words(fd, m, sizeof m);
}

static int bind_name(int fd, uint32_t name, const char *interface)
{
    uint32_t m[32] = {REGISTRY};
    size_t len = strlen(interface) + 1, words = (len + 3) / 4, n = 4 + words;

    m[2] = name;
    m[3] = (uint32_t)len;
    memcpy(&m[4], interface, len);
    m[n++] = 1;
    m[n++] = THING;
    m[1] = head(n * 4, 0);
    return send_words(fd, m, n * 4);
}

typedef int event_fn(const uint32_t *m, size_t bytes, void *user);

/* Hands each event to fn until it returns something else than 0, which is returned; -1: the connection ended.
 */
static int events(int fd, event_fn *fn, void *user)
{
    static char text[ROOM];
    size_t have = 0;

    for (;;) {
        long n = read_within(fd, text + have, sizeof text - have, ANSWER_MS);
        size_t at = 0;

        if (n <= 0)
            return -1;
        have += (size_t)n;
        while (have - at >= 8) {
            uint32_t m[1024];
            size_t bytes;
            int rc;

            memcpy(m, text + at, 8);
            bytes = m[1] >> 16;
            if (bytes < 8 || bytes > sizeof m || have - at < bytes)
                break;
            memcpy(m, text + at, bytes);
            at += bytes;
            rc = fn(m, bytes, user);
            if (rc)
                return rc;
        }
        memmove(text, text + at, have - at);
        have -= at;
    }
}

struct seen {
    const char *wanted;
    uint32_t name[NAMES];
    size_t n;
    int found;
};

/* 1: that was all, 2: an error. */
static int on_event(const uint32_t *m, size_t bytes, void *user)
{
    struct seen *s = user;

    if (m[0] == SYNC)
        return 1;
    if (m[0] == DISPLAY && (m[1] & 0xffff) == 0)
        return 2;
    if (m[0] == REGISTRY && (m[1] & 0xffff) == 0 && bytes > 20) {
        if (s->n < NAMES)
            s->name[s->n++] = m[2];
        s->found |= s->wanted && strcmp((const char *)&m[4], s->wanted) == 0;
    }
    return 0;
}

static int look(struct seen *s)
{
    int fd = unix_connect(socket_path), rc = errno;

    if (fd < 0)
        return rc;
    rc = get_registry(fd) || sync_now(fd) || events(fd, on_event, s) != 1 ? EIO : 0;
    close(fd);
    return rc;
}

static int try_offered(const char *interface, char what[WHAT_MAX])
{
    struct seen s = {.wanted = interface};
    int rc = look(&s);

    if (rc)
        return rc;
    if (!s.found)
        return ENOENT;
    snprintf(what, WHAT_MAX, "%s is offered", interface);
    return 0;
}

static int is_offered(const struct seen *s, uint32_t name)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->name[i] == name)
            return 1;
    return 0;
}

/* What is hidden still has a number, and numbers are small. */
static int try_hidden(const char *interface, char what[WHAT_MAX])
{
    struct seen s = {0};
    int rc = look(&s);

    for (uint32_t name = 1; rc == 0 && name <= NAMES; name++) {
        struct seen none = {0};
        int fd;

        if (is_offered(&s, name))
            continue;
        fd = unix_connect(socket_path);
        if (fd < 0)
            return errno;
        if (get_registry(fd) == 0 && bind_name(fd, name, interface) == 0 && sync_now(fd) == 0 &&
            events(fd, on_event, &none) == 1) {
            snprintf(what, WHAT_MAX, "%s was bound by number %u", interface, name);
            close(fd);
            return 0;
        }
        close(fd);
    }
    return rc ? rc : EPERM;
}

/* Another compositor's socket, or this one's without the context, wherever sockets are usually looked for. */
static int try_real(const char *path, char what[WHAT_MAX])
{
    int fd = unix_connect(path);

    if (fd < 0)
        return errno;
    close(fd);
    snprintf(what, WHAT_MAX, "%s takes a connection", path);
    return 0;
}

/* Messages that are none: the compositor must live on, which the next look shows. */
static int try_nonsense(const char *arg, char what[WHAT_MAX])
{
    struct seen s = {0};
    uint32_t m[256];

    (void)arg;
    srandom(7);
    for (int round = 0; round < 64; round++) {
        int fd = unix_connect(socket_path);

        if (fd < 0)
            return errno;
        for (size_t i = 0; i < sizeof m / sizeof *m; i++)
            m[i] = (uint32_t)random();
        m[0] = round & 1 ? DISPLAY : m[0];
        m[1] = round & 2 ? head(sizeof m, 1) : m[1];
        (void)send_words(fd, m, sizeof m);
        close(fd);
    }
    if (look(&s) == 0)
        return EPROTO;
    snprintf(what, WHAT_MAX, "the compositor does not answer any more");
    return 0;
}

const struct attack attacks_wayland[] = {
    {"offered-screencopy", try_offered, "zwlr_screencopy_manager_v1"},
    {"offered-image-copy", try_offered, "ext_image_copy_capture_manager_v1"},
    {"offered-dmabuf-export", try_offered, "zwlr_export_dmabuf_manager_v1"},
    {"offered-virtual-keyboard", try_offered, "zwp_virtual_keyboard_manager_v1"},
    {"offered-virtual-pointer", try_offered, "zwlr_virtual_pointer_manager_v1"},
    {"offered-input-method", try_offered, "zwp_input_method_manager_v2"},
    {"offered-data-control", try_offered, "zwlr_data_control_manager_v1"},
    {"offered-ext-data-control", try_offered, "ext_data_control_manager_v1"},
    {"offered-layer-shell", try_offered, "zwlr_layer_shell_v1"},
    {"offered-session-lock", try_offered, "ext_session_lock_manager_v1"},
    {"offered-toplevels", try_offered, "zwlr_foreign_toplevel_manager_v1"},
    {"offered-output-control", try_offered, "zwlr_output_manager_v1"},
    {"offered-gamma", try_offered, "zwlr_gamma_control_manager_v1"},
    {"offered-security-context", try_offered, "wp_security_context_manager_v1"},
    {"hidden-screencopy", try_hidden, "zwlr_screencopy_manager_v1"},
    {"hidden-image-copy", try_hidden, "ext_image_copy_capture_manager_v1"},
    {"hidden-virtual-keyboard", try_hidden, "zwp_virtual_keyboard_manager_v1"},
    {"hidden-data-control", try_hidden, "ext_data_control_manager_v1"},
    {"hidden-layer-shell", try_hidden, "zwlr_layer_shell_v1"},
    {"hidden-security-context", try_hidden, "wp_security_context_manager_v1"},
    {"real-wayland", try_real, "/run/spine/ui/wayland-1"},
    {"real-sway", try_real, "/run/spine/ui/sway.sock"},
    {"real-seat", try_real, "/run/seatd.sock"},
    {"real-pipewire", try_real, "/run/spine/audio/pipewire-0"},
    {"real-pipewire-manager", try_real, "/run/spine/audio/pipewire-0-manager"},
    {"sound-without-grant", try_real, "/run/pipewire-0"},
    {"victim-wayland", try_real, "/run/spine/persona/victim/wayland-0"},
    {"victim-control", try_real, "/run/spine/persona/victim/bay0.sock"},
    {"ai-itself", try_real, "/run/spine/ai/ollama.sock"},
    {"wayland-nonsense", try_nonsense, ""},
    {NULL, NULL, NULL},
};
