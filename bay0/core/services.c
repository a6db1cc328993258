/* SPDX-License-Identifier: MIT
 * The Spine's own services as rows of data. */
#include "core/services.h"

#include "core/buf.h"

const struct service_row service_rows_table[SERVICE_COUNT] = {
    /* Nothing asks for this one by itself: slirp4netns opens /dev/net/tun, which comes with the module. */
    [SERVICE_MODULES] = {.name = "modules",
                         .argv = {"modprobe", "tun"},
                         .ready = READY_EXIT,
                         .after = SERVICE_MODULES,
                         .spine_only = true},
    [SERVICE_UDEVD] = {.name = "udevd",
                       .argv = {"udevd"},
                       .account = SERVICE_ROOT,
                       .ready = READY_PATH,
                       .path = "/run/udev/control",
                       .dir = NULL,
                       .after = SERVICE_UDEVD,
                       .spine_only = true},
    [SERVICE_TRIGGER_SUBSYSTEMS] = {.name = "coldplug-subsystems",
                                    .argv = {"udevadm", "trigger", "--type=subsystems", "--action=add"},
                                    .ready = READY_EXIT,
                                    .after = SERVICE_UDEVD,
                                    .spine_only = true},
    /* A hundred terminals and memory blocks that no rule of ours is about: a quarter of the work at boot. */
    [SERVICE_TRIGGER_DEVICES] = {.name = "coldplug-devices",
                                 .argv = {"udevadm", "trigger", "--type=devices", "--action=add",
                                          "--subsystem-nomatch=tty", "--subsystem-nomatch=memory"},
                                 .ready = READY_EXIT,
                                 .after = SERVICE_TRIGGER_SUBSYSTEMS,
                                 .spine_only = true},
    [SERVICE_SETTLE] = {.name = "coldplug-settle",
                        .argv = {"udevadm", "settle", "--timeout=25"},
                        .ready = READY_EXIT,
                        .may_fail = true,
                        .after = SERVICE_TRIGGER_DEVICES,
                        .spine_only = true},
    [SERVICE_SEATD] = {.name = "seatd",
                       .argv = {"seatd", "-g", "seat", "-n", "3"},
                       .ready = READY_FD,
                       .after = SERVICE_SETTLE,
                       .spine_only = true,
                       .env = {"SEATD_VTBOUND=0"}},
    [SERVICE_SWAY] = {.name = "sway",
                      .argv = {"sway", "-c", "%s/sway.conf"},
                      .account = SERVICE_UI,
                      .ready = READY_PATH,
                      .path = "%r/ui/sway.sock",
                      .dir = "%r/ui",
                      .after = SERVICE_SEATD,
                      .env = {"XDG_RUNTIME_DIR=%r/ui", "SWAYSOCK=%r/ui/sway.sock", "LIBSEAT_BACKEND=seatd",
                              "SEATD_VTBOUND=0", "WLR_RENDERER=pixman", "XDG_CACHE_HOME=%r/ui", "HOME=%r/ui",
                              "WLR_LIBINPUT_NO_DEVICES=1"}},
    /* It lives on sway's own socket, and is of no use without it. */
    [SERVICE_SWITCHER] = {.name = "switcher",
                          .argv = {"%l/spine-switcher"},
                          .account = SERVICE_SHOW,
                          .ready = READY_SPAWNED,
                          .after = SERVICE_SWAY,
                          .follows = true,
                          .may_be_absent = true,
                          .env = {"XDG_RUNTIME_DIR=%r/ui", "WAYLAND_DISPLAY=wayland-1", "HOME=%r/ui",
                                  "XDG_CACHE_HOME=%r/ui", "SPINE_SOCKET=%r/bay0.sock",
                                  "SWAYSOCK=%r/ui/sway.sock"}},
    [SERVICE_PIPEWIRE] = {.name = "pipewire",
                          .argv = {"pipewire"},
                          .account = SERVICE_AUDIO,
                          .ready = READY_PATH,
                          .path = "%r/audio/pipewire-0",
                          .dir = "%r/audio",
                          .after = SERVICE_SETTLE,
                          .env = {"XDG_RUNTIME_DIR=%r/audio", "PIPEWIRE_RUNTIME_DIR=%r/audio",
                                  "HOME=%r/audio"}},
    [SERVICE_WIREPLUMBER] = {.name = "wireplumber",
                             .argv = {"wireplumber", "-p", "main-systemwide"},
                             .account = SERVICE_AUDIO,
                             .ready = READY_SPAWNED,
                             .after = SERVICE_PIPEWIRE,
                             .env = {"XDG_RUNTIME_DIR=%r/audio", "PIPEWIRE_RUNTIME_DIR=%r/audio",
                                     "HOME=%r/audio", "XDG_STATE_HOME=%r/audio", "XDG_CONFIG_HOME=%r/audio"}},
    [SERVICE_UDHCPC] = {.name = "udhcpc",
                        .argv = {"busybox", "udhcpc", "-f", "-i", "%i", "-s", "%l/udhcpc.script", "-x",
                                 "hostname:spine"},
                        .account = SERVICE_NET,
                        .ready = READY_SPAWNED,
                        .dir = "%r/net",
                        .after = SERVICE_SETTLE,
                        .spine_only = true,
                        .needs_interface = true,
                        .env = {"SPINE_NET=%r/net"}},
    [SERVICE_FIREWALL] = {.name = "firewall",
                          .argv = {"nft", "-f", "%s/firewall.nft"},
                          .ready = READY_EXIT,
                          .after = SERVICE_MODULES,
                          .spine_only = true},
};

int service_expand(const char *text, const struct service_words *w, struct buf *out)
{
    for (const char *c = text; *c; c++) {
        if (*c != '%') {
            buf_add_mem(out, c, 1);
            continue;
        }
        c++;
        switch (*c) {
        case 'r':
            buf_add(out, w->run);
            break;
        case 's':
            buf_add(out, w->share);
            break;
        case 'l':
            buf_add(out, w->libexec);
            break;
        case 'i':
            buf_add(out, w->interface);
            break;
        case '%':
            buf_add_mem(out, c, 1);
            break;
        default:
            return -1;
        }
    }
    return buf_done(out);
}
