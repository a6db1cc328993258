/* SPDX-License-Identifier: MIT
 * Input devices as the guest's kernel has them, for what QEMU's own cannot do. uinput(4), kernel
 * Documentation/input/multi-touch-protocol.rst.
 *   input watch          says `key CODE MICROSECONDS` (CLOCK_MONOTONIC, as the kernel got it) for each press
 *   input touch          a touchscreen: taps at each `X Y` (thousandths of the screen) that it reads, says
 * `tapped` */
#include <fcntl.h>
#include <linux/uinput.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { DEVICES = 32, RANGE = 32767, DOWN_MS = 80 };

static int watch(void)
{
    struct pollfd p[DEVICES];
    int n = 0, clock = CLOCK_MONOTONIC;

    for (int i = 0; i < DEVICES; i++) {
        char path[64];

        snprintf(path, sizeof path, "/dev/input/event%d", i);
        p[n].fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        p[n].events = POLLIN;
        if (p[n].fd >= 0 && ioctl(p[n].fd, EVIOCSCLOCKID, &clock) == 0)
            n++;
    }
    puts("watching");
    fflush(stdout);
    while (n > 0 && poll(p, (nfds_t)n, -1) >= 0)
        for (int i = 0; i < n; i++) {
            struct input_event e;

            while (p[i].revents & POLLIN && read(p[i].fd, &e, sizeof e) == (ssize_t)sizeof e)
                if (e.type == EV_KEY && e.value == 1)
                    printf("key %d %lld\n", e.code,
                           (long long)e.input_event_sec * 1000000 + e.input_event_usec);
            fflush(stdout);
        }
    return 1;
}

static int fd = -1;

static void say(int type, int code, int value)
{
    struct input_event e = {.type = (unsigned short)type, .code = (unsigned short)code, .value = value};

    if (write(fd, &e, sizeof e) != (ssize_t)sizeof e) {
        perror("input: uinput");
        exit(1);
    }
}

static void axis(int code, int most)
{
    struct uinput_abs_setup a = {.code = (unsigned short)code,
                                 .absinfo = {.maximum = most, .resolution = 100}};

    if (ioctl(fd, UI_SET_ABSBIT, code) < 0 || ioctl(fd, UI_ABS_SETUP, &a) < 0) {
        perror("input: axis");
        exit(1);
    }
}

static void tap(int x, int y, int id)
{
    const struct timespec down = {.tv_nsec = DOWN_MS * 1000000L};

    say(EV_ABS, ABS_MT_SLOT, 0);
    say(EV_ABS, ABS_MT_TRACKING_ID, id);
    say(EV_ABS, ABS_MT_POSITION_X, x);
    say(EV_ABS, ABS_MT_POSITION_Y, y);
    say(EV_KEY, BTN_TOUCH, 1);
    say(EV_ABS, ABS_X, x);
    say(EV_ABS, ABS_Y, y);
    say(EV_SYN, SYN_REPORT, 0);
    nanosleep(&down, NULL);
    say(EV_ABS, ABS_MT_TRACKING_ID, -1);
    say(EV_KEY, BTN_TOUCH, 0);
    say(EV_SYN, SYN_REPORT, 0);
}

static int touch(void)
{
    struct uinput_setup s = {.id = {.bustype = BUS_VIRTUAL, .vendor = 1, .product = 1},
                             .name = "test touchscreen"};
    int x, y;

    fd = open("/dev/uinput", O_RDWR | O_CLOEXEC);
    if (fd < 0 || ioctl(fd, UI_SET_EVBIT, EV_KEY) < 0 || ioctl(fd, UI_SET_KEYBIT, BTN_TOUCH) < 0 ||
        ioctl(fd, UI_SET_EVBIT, EV_ABS) < 0 || ioctl(fd, UI_SET_PROPBIT, INPUT_PROP_DIRECT) < 0) {
        perror("input: /dev/uinput");
        return 1;
    }
    axis(ABS_X, RANGE);
    axis(ABS_Y, RANGE);
    axis(ABS_MT_SLOT, 4);
    axis(ABS_MT_TRACKING_ID, 65535);
    axis(ABS_MT_POSITION_X, RANGE);
    axis(ABS_MT_POSITION_Y, RANGE);
    if (ioctl(fd, UI_DEV_SETUP, &s) < 0 || ioctl(fd, UI_DEV_CREATE) < 0) {
        perror("input: the device");
        return 1;
    }
    puts("there");
    fflush(stdout);
    for (int id = 1; scanf("%d %d", &x, &y) == 2; id++) {
        tap(x * RANGE / 1000, y * RANGE / 1000, id);
        puts("tapped");
        fflush(stdout);
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "watch") == 0)
        return watch();
    if (argc == 2 && strcmp(argv[1], "touch") == 0)
        return touch();
    return 2;
}
