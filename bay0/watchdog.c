/* SPDX-License-Identifier: MIT
 * The hardware watchdog: armed once, fed by a timer of the loop, never disarmed. */
#include "watchdog.h"

#include "fsutil.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/watchdog.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DEVICE "/dev/watchdog"

enum { FEEDS_PER_TIMEOUT = 3, LATE_MS = 1000 };

struct watchdog {
    struct bay0 *b;
    int fd, seconds; /* seconds: what the device says, not what it was told */
    bool failing;    /* said once */
    uint64_t due;    /* ms: when it should be fed next; 0: not yet */
    char text[96];
};

static void feed(void *user)
{
    struct watchdog *w = user;
    uint64_t now = loop_now(), each = (uint64_t)w->seconds * 1000 / FEEDS_PER_TIMEOUT;

    if (w->due && now > w->due + LATE_MS)
        log_warn("%s was fed %llu ms late: something has kept bay0 from its loop", DEVICE,
                 (unsigned long long)(now - w->due));
    w->due = now + each;
    if (ioctl(w->fd, WDIOC_KEEPALIVE, 0) == 0) {
        w->failing = false;
    } else if (!w->failing) {
        w->failing = true;
        log_error("%s is not fed: %s; the machine may be reset", DEVICE, strerror(errno));
    }
    if (!loop_timer(w->b->loop, each, feed, w))
        log_error("%s is not fed any more: %s; the machine will be reset", DEVICE, strerror(errno));
}

static void set_timeout(struct watchdog *w, int seconds)
{
    struct watchdog_info info = {.identity = "?"};
    int now = 0;

    if (ioctl(w->fd, WDIOC_SETTIMEOUT, &seconds) < 0)
        log_warn("%s does not take a time-out of %d s: %s", DEVICE, seconds, strerror(errno));
    if (ioctl(w->fd, WDIOC_GETTIMEOUT, &now) < 0 || now < 1)
        now = seconds;
    w->seconds = now;
    (void)ioctl(w->fd, WDIOC_GETSUPPORT, &info);
    snprintf(w->text, sizeof w->text, "armed: %.*s, %d s", (int)sizeof info.identity,
             (const char *)info.identity, now);
}

void watchdog_start(struct bay0 *b, int fd)
{
    struct watchdog *w = b->watchdog;

    if (!b->opt.init || b->opt.watchdog_s == 0 || (w && w->fd >= 0)) {
        fs_close(&fd);
        return;
    }
    if (!w)
        w = b->watchdog = calloc(1, sizeof *w);
    if (!w) {
        log_error("no memory for the watchdog");
        fs_close(&fd);
        return;
    }
    w->b = b;
    w->fd = fd >= 0 ? fd : fs_open(AT_FDCWD, DEVICE, O_WRONLY, 0);
    if (w->fd < 0) {
        snprintf(w->text, sizeof w->text, "%s cannot be opened: %s", DEVICE, strerror(errno));
        return;
    }
    set_timeout(w, (int)b->opt.watchdog_s);
    log_info("%s %s", DEVICE, w->text);
    feed(w);
}

void watchdog_go_down(struct bay0 *b)
{
    struct watchdog *w = b->watchdog;

    if (!watchdog_armed(b))
        return;
    if (w->seconds < WATCHDOG_DOWN_S)
        set_timeout(w, WATCHDOG_DOWN_S);
    (void)ioctl(w->fd, WDIOC_KEEPALIVE, 0);
}

bool watchdog_armed(const struct bay0 *b)
{
    return b->watchdog && b->watchdog->fd >= 0;
}

const char *watchdog_state(const struct bay0 *b)
{
    if (!b->opt.init || b->opt.watchdog_s == 0)
        return "not wanted";
    return b->watchdog ? b->watchdog->text : DEVICE " was not looked for yet";
}

int watchdog_fd(const struct bay0 *b)
{
    return b->watchdog ? b->watchdog->fd : -1;
}
