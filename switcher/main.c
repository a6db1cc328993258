/* SPDX-License-Identifier: MIT
 * spine-switcher: the overlay, the strip, and what goes with them. Ends when the compositor does; bay0 starts
 * it again. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "switcher/apps.h"
#include "switcher/capture.h"
#include "switcher/carry.h"
#include "switcher/state.h"

struct modules {
    struct capture *capture;
    struct carry *carry;
    struct apps *apps;
};

static void complain(void *data, unsigned line, const char *sentence)
{
    if (line)
        client_log("%s, line %u: %s", (const char *)data, line, sentence);
    else
        client_log("%s: %s", (const char *)data, sentence);
}

/* A file that is not there changes nothing; one that cannot be read or is too long is said and changes
 * nothing. */
static void read_config(struct config *c, const char *path)
{
    char text[CONFIG_BYTES + 1];
    size_t have = 0;
    ssize_t n = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0) {
        if (errno != ENOENT)
            client_log("cannot open %s: %m", path);
        return;
    }
    while (have < sizeof(text) && (n = read(fd, text + have, sizeof(text) - have)) > 0)
        have += (size_t)n;
    if (n < 0)
        client_log("cannot read %s: %m", path);
    else if (have == sizeof(text))
        client_log("%s is longer than %d bytes and is not used", path, CONFIG_BYTES);
    else
        config_parse(c, text, have, complain, (void *)(uintptr_t)path);
    close(fd);
}

static void on_signal(void *data, int fd, uint32_t events)
{
    struct client *c = data;
    struct signalfd_siginfo info;

    (void)events;
    if (read(fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
        c->stop = true;
}

static int watch_signals(struct client *c)
{
    sigset_t set;
    int fd;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd >= 0 && client_watch_add(c, fd, EPOLLIN, on_signal, c) ? 0 : -1;
}

static const char *setting(const char *name, const char *otherwise)
{
    const char *v = getenv(name);

    return v && *v ? v : otherwise;
}

static int start(struct client *c, struct modules *m)
{
    const char *share = setting("SPINE_SHARE", "/usr/share/spine"),
               *runtime = setting("XDG_RUNTIME_DIR", "/run/spine/ui");
    char path[512];

    config_default(&c->config);
    snprintf(path, sizeof(path), "%s/switcher.conf", share);
    read_config(&c->config, path);
    read_config(&c->config, setting("SPINE_SWITCHER_CONFIG", "/persist/switcher.conf"));
    c->fonts = fonts_new(&c->config);
    if (!c->fonts) {
        client_log("there is no font: neither %s nor another sans", c->config.font);
        return -1;
    }
    m->capture = capture_new(c);
    m->carry = carry_new(c);
    m->apps = apps_new(c);
    if (!m->capture || !m->carry || !m->apps || input_init(c) < 0 || wayland_connect(c) < 0)
        return -1;
    snprintf(path, sizeof(path), "%s/sway.sock", runtime);
    sway_start(c, setting("SWAYSOCK", path));
    return bay0_start(c, setting("SPINE_SOCKET", "/run/spine/bay0.sock"));
}

int main(int argc, char **argv)
{
    static struct client c = {.epoll = -1};
    struct modules m = {.capture = NULL};

    (void)argv;
    if (argc > 1) {
        dprintf(STDERR_FILENO, "usage: spine-switcher\nSee docs/switcher.md; bay0 starts it.\n");
        return 2;
    }
    c.trace = getenv("SPINE_SWITCHER_TRACE") != NULL;
    model_init(&c.model);
    if (loop_init(&c) < 0 || watch_signals(&c) < 0) {
        client_log("cannot make a loop: %m");
        return 1;
    }
    if (start(&c, &m) < 0)
        c.status = 1;
    else
        loop_run(&c);
    bay0_finish(&c);
    apps_free(m.apps);
    carry_free(m.carry);
    capture_free(m.capture);
    sway_finish(&c);
    wayland_finish(&c);
    input_finish(&c);
    pictures_finish(&c.pictures);
    fonts_free(c.fonts);
    loop_finish(&c);
    return c.status;
}
