/* SPDX-License-Identifier: MIT
 * The little that the switcher asks of sway itself: its hotkeys, and that nothing else takes keys while the
 * overlay is open. See sway-ipc(7). Without sway's socket the switcher works, with the hotkeys of sway.conf.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "switcher/state.h"

enum { RUN_COMMAND = 0, COMMAND = 4096 };

struct sway {
    int fd;
    struct client_watch *watch;
};

static void lose(struct sway *s)
{
    client_watch_remove(s->watch);
    s->watch = NULL;
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
}

/* Answers are read and thrown away: sway drops who does not read. What went wrong shows in sway's log. */
static void on_ready(void *data, int fd, uint32_t events)
{
    struct sway *s = data;
    char junk[4096];
    ssize_t n = recv(fd, junk, sizeof(junk), MSG_DONTWAIT);

    (void)events;
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        lose(s);
}

static void run(struct client *c, const char *command)
{
    struct sway *s = c->sway;
    struct {
        char magic[6];
        uint32_t len, kind;
    } __attribute__((packed)) head = {{'i', '3', '-', 'i', 'p', 'c'}, (uint32_t)strlen(command), RUN_COMMAND};
    char text[sizeof(head) + COMMAND];

    if (!s || s->fd < 0 || head.len >= COMMAND)
        return;
    memcpy(text, &head, sizeof(head));
    memcpy(text + sizeof(head), command, head.len);
    /* A few bytes into an empty socket: if they do not fit, sway has not read for very long. */
    if (send(s->fd, text, sizeof(head) + head.len, MSG_NOSIGNAL | MSG_DONTWAIT) !=
        (ssize_t)(sizeof(head) + head.len)) {
        client_log("sway does not take commands: %m");
        lose(s);
    }
}

void sway_mode(struct client *c, bool overlay)
{
    run(c, overlay ? "mode spine" : "mode default");
}

/* The hotkeys that differ from those in sway.conf, in both modes; config.c has checked every word of them. */
static void hotkeys(struct client *c)
{
    static const char *const modes[] = {"spine", "default"};
    struct config shipped;
    char text[COMMAND];
    size_t at = 0;
    bool differ = false;

    config_default(&shipped);
    for (int m = 0; m < 2; m++) {
        at += (size_t)snprintf(text + at, sizeof(text) - at, "mode %s;", modes[m]);
        for (int pass = 0; pass < 2; pass++)
            for (int k = 0; k < HOTKEY_COUNT; k++) {
                if (strcmp(c->config.modifier, shipped.modifier) == 0 &&
                    strcmp(c->config.keys[k], shipped.keys[k]) == 0)
                    continue;
                /* A letter with the modifier held filters. */
                if (m == 0 && k == HOTKEY_LAUNCHER)
                    continue;
                differ = true;
                at += (size_t)(pass == 0
                                   ? snprintf(text + at, sizeof(text) - at,
                                              "unbindsym --inhibited --locked --no-repeat %s+%s;",
                                              shipped.modifier, shipped.keys[k])
                                   : snprintf(text + at, sizeof(text) - at,
                                              "bindsym --inhibited --locked --no-repeat %s+%s nop spine %s;",
                                              c->config.modifier, c->config.keys[k], config_key_words[k]));
            }
    }
    run(c, differ ? text : "mode default");
}

void sway_start(struct client *c, const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    struct sway *s = calloc(1, sizeof(*s));

    if (!s)
        return;
    c->sway = s;
    s->fd = strlen(path) < sizeof(a.sun_path) ? socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)
                                              : -1;
    if (s->fd >= 0) {
        memcpy(a.sun_path, path, strlen(path));
        if (connect(s->fd, (struct sockaddr *)&a, sizeof(a)) == 0)
            s->watch = client_watch_add(c, s->fd, EPOLLIN, on_ready, s);
    }
    if (!s->watch) {
        client_log("no way to sway's socket %s: %m; hotkeys stay as in sway.conf", path);
        lose(s);
        return;
    }
    hotkeys(c);
}

void sway_finish(struct client *c)
{
    if (!c->sway)
        return;
    sway_mode(c, false);
    lose(c->sway);
    free(c->sway);
    c->sway = NULL;
}
