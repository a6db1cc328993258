/* SPDX-License-Identifier: MIT
 * Watches a boot from inside: started by the initramfs just before it hands over, in the new root. The same
 * eyes for any PID 1: bay0's control socket, the kernel's own word on whose picture the screen shows, sway's
 * window events. */
#include "../../../tests/vm/unixsock.h"
#include "gauge.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEBUG_AT  "/mnt/debug"
#define DRM_STATE DEBUG_AT "/dri/0/state"
#define CONTROL   "/run/spine/bay0.sock"
#define SWAY      "/run/spine/ui/sway.sock"

enum { LOOK_MS = 10, LIMIT_US = 600000000, I3_SUBSCRIBE = 2, I3_HEAD = 14 };

static FILE *out;

static void say(const char *what)
{
    fprintf(out, "%s %lld\n", what, (long long)now_us());
    fflush(out);
}

/* True once it answers, not only listens. */
static int control_answers(void)
{
    const char hello[] = "{\"id\":1,\"cmd\":\"hello\",\"args\":{}}\n";
    char answer[512];
    int fd = unix_connect(CONTROL);
    size_t n = 0;

    if (fd < 0)
        return 0;
    if (send(fd, hello, sizeof hello - 1, MSG_NOSIGNAL) > 0)
        n = read_some(fd, answer, sizeof answer - 1, 1000);
    answer[n] = '\0';
    close(fd);
    return strstr(answer, "\"ok\":true") != NULL;
}

/* True when the kernel scans out a picture that sway made. */
static int frame_shown(void)
{
    static char state[32768];
    int fd = open(DRM_STATE, O_RDONLY | O_CLOEXEC);
    size_t have = 0;
    ssize_t n;

    if (fd < 0)
        return 0;
    while (have < sizeof state - 1 && (n = read(fd, state + have, sizeof state - 1 - have)) > 0)
        have += (size_t)n;
    close(fd);
    state[have] = '\0';
    return strstr(state, "allocated by = sway") != NULL;
}

int sway_subscribe(void)
{
    const char want[] = "[\"window\"]";
    char message[I3_HEAD + sizeof want] = "i3-ipc";
    uint32_t len = sizeof want - 1, type = I3_SUBSCRIBE;
    int fd = unix_connect(SWAY);

    if (fd < 0)
        return -1;
    memcpy(message + 6, &len, 4);
    memcpy(message + 10, &type, 4);
    memcpy(message + I3_HEAD, want, len);
    if (send(fd, message, sizeof message - 1, MSG_NOSIGNAL) == (ssize_t)sizeof message - 1)
        return fd;
    close(fd);
    return -1;
}

/* How many windows came; an event is small and is read whole. */
int sway_new_windows(int fd, int ms)
{
    static char event[65536];
    size_t n = read_some(fd, event, sizeof event - 1, ms);
    int found = 0;

    for (size_t i = 0; i < n; i++)
        if (event[i] == '\0')
            event[i] = ' ';
    event[n] = '\0';
    for (char *at = event; (at = strstr(at, "\"change\": \"new\"")); at++)
        found++;
    return found;
}

int boot_watch(const char *file, int windows)
{
    int64_t end = now_us() + LIMIT_US;
    int control = 0, frame = 0, seen = 0, sway = -1;

    out = fopen(file, "w");
    if (!out)
        die(file);
    say("handoff");
    mkdir(DEBUG_AT, 0700);
    if (mount("debugfs", DEBUG_AT, "debugfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
        die("debugfs");
    while (now_us() < end && !(frame && seen >= windows && sway >= 0)) {
        if (!control && control_answers()) {
            control = 1;
            say("control");
        }
        if (!frame && frame_shown()) {
            frame = 1;
            say("frame");
        }
        if (sway < 0 && (sway = sway_subscribe()) >= 0)
            say("sway");
        for (int n = sway >= 0 ? sway_new_windows(sway, 0) : 0; n > 0; n--) {
            seen++;
            say("window");
        }
        nap_ms(LOOK_MS);
    }
    umount(DEBUG_AT);
    say("end");
    return 0;
}
