/* SPDX-License-Identifier: MIT
 * The duties of PID 1 towards the machine: mounts, devices, entropy, the way out. mount(2), reboot(2),
 * random(4). */
#ifndef BAY0_PID1_H
#define BAY0_PID1_H

#include "bay0.h"

/* Before anything else: /proc, /sys, /dev, /run, cgroup2, /tmp, console, hostname, loopback, Ctrl-Alt-Del.
 * What fails is logged; PID 1 goes on. */
void pid1_early(void);
/* A program of bay0 was here before (see reexec.h): only looks what became of /persist. */
void pid1_again(struct bay0 *b);
/* Checks the file system of /persist and mounts it nodev,nosuid,noexec; done(b) also when it is not to be had
 * (then a tmpfs stands in, said loudly). */
typedef void pid1_done_fn(struct bay0 *b);
void pid1_persist(struct bay0 *b, pid1_done_fn *done);
/* Feeds last boot's seed to the kernel and writes a new one at once. */
void pid1_seed(struct bay0 *b);
/* The render nodes and their group as they are now: on a slow machine udev may still be busy after coldplug.
 */
void pid1_render_nodes(struct bay0 *b);
/* After coldplug: what devices there are (render nodes, the watchdog, which is armed). */
void pid1_devices(struct bay0 *b);
/* Name of the first wired interface that has hardware, brought up. false when there is none. */
bool pid1_interface(char *out, size_t size);
/* SIGKILL to every process but ourselves. */
void pid1_kill_all(void);
/* /persist and what lies on it, then the rest read-only. */
void pid1_unmount(void);
/* From a child, so that PID 1 itself never ends under it. */
void pid1_reboot(struct loop *l, bool off);

#endif
