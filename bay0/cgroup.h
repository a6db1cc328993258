/* SPDX-License-Identifier: MIT
 * The only place that names cgroup files. A tree is opened once; groups below it are named by relative path
 * ("personas/work"). Kernel: Documentation/admin-guide/cgroup-v2.rst. */
#ifndef BAY0_CGROUP_H
#define BAY0_CGROUP_H

#include "core/err.h"
#include "core/limits.h"
#include "loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A throttled group has 1 % of one CPU. */
enum { CGROUP_THROTTLED_MILLI = 10 };
enum { CGROUP_NAME_MAX = 255, CGROUP_DEPTH_MAX = 16, CGROUP_REMOVE_MAX = 1024 };

struct cgroup_usage {
    uint64_t cpu_usec, memory;
};
/* The files that tell the usage of a group, kept open: opening them costs three times as much as reading. */
struct cgroup_meter {
    int cpu, memory; /* -1: not open */
};

/* Opens the tree (path such as /sys/fs/cgroup/spine, made if missing) and turns on the controllers that are
 * there (cpuset cpu io memory pids) for children. Returns a directory fd or -1 with *e. Missing controllers
 * are logged, not fatal. */
int cgroup_tree_open(const char *path, struct err *e);
/* Makes the group and its parents, controllers on at each level but the last. 0 or -1. */
int cgroup_make(int tree, const char *name, struct err *e);
/* Controllers on in a group that holds groups and no processes, before there is one in it. */
void cgroup_lend(int tree, const char *name);
/* Sub-groups too, at most CGROUP_REMOVE_MAX at one go. A group with processes is ERR_BUSY. Missing: 0. */
int cgroup_remove(int tree, const char *name, struct err *e);
int cgroup_open(int tree, const char *name); /* directory fd for CLONE_INTO_CGROUP, -1 with errno */
int cgroup_enter(int tree, const char *name, struct err *e); /* moves bay0 itself */
/* For the child of a fork, before exec: enters the group that cgroup_open gave. Only async-signal-safe calls.
 * 0, or -1 with errno. */
int cgroup_join(int group);
/* All but io. Controllers that are missing are skipped. */
int cgroup_limit(int tree, const char *name, const struct limits *l, struct err *e);
/* Calls back for each file of which the kernel says something else than cgroup_limit writes. */
typedef void cgroup_differs_fn(void *user, const char *file, const char *kernel, const char *want);
void cgroup_differs(int tree, const char *name, const struct limits *l, cgroup_differs_fn *fn, void *user);
/* io.max of a disk ("8:0"), bytes a second; 0: none. An error where it cannot be had, unless none is asked
 * for. */
int cgroup_limit_io(int tree, const char *name, const char *disk, uint64_t bytes, struct err *e);
/* Bytes that the group cannot give back at once: memory of programs, /tmp, and what waits for the disk. */
uint64_t cgroup_held(int tree, const char *name);
/* The CPUs that the tree may use: "0-3". -1 with errno. */
int cgroup_cores(int tree, char *out, size_t size);
int cgroup_throttle(int tree, const char *name, bool on, uint32_t cpus_milli,
                    struct err *e); /* on: 1 % of one CPU by cpu.max; off: back to cpus_milli. An error
                                       when there is no cpu.max: the caller must know that nothing slowed */
int cgroup_freeze(int tree, const char *name, bool on,
                  struct err *e); /* writes cgroup.freeze; completion comes through the watch */
int cgroup_kill(int tree, const char *name, struct err *e); /* cgroup.kill */
/* The controllers that the tree offers, separated by spaces. -1 with errno. */
int cgroup_controllers(int tree, char *out, size_t size);
/* Those that the group hands on to the groups below it. -1 with errno. */
int cgroup_handed_on(int tree, const char *name, char *out, size_t size);
/* Calls back for each process in the group and in those right below it. */
typedef void cgroup_pid_fn(void *user, int32_t pid);
void cgroup_pids(int tree, const char *name, cgroup_pid_fn *fn, void *user);
/* Calls back for each group right below name. -1 with errno. */
typedef void cgroup_list_fn(void *user, const char *name);
int cgroup_list(int tree, const char *name, cgroup_list_fn *fn, void *user);
struct cgroup_state {
    bool exists, populated, frozen, freeze_asked; /* cgroup.events and cgroup.freeze */
};
void cgroup_state(int tree, const char *name, struct cgroup_state *out);
/* What cannot be opened stays -1. Closed with cgroup_meter_close, which may be called at any time after it.
 */
void cgroup_meter_open(int tree, const char *name, struct cgroup_meter *m);
void cgroup_meter_close(struct cgroup_meter *m);
/* -1, and nothing used, when the group is not there, or not any more. */
int cgroup_meter_read(const struct cgroup_meter *m, struct cgroup_usage *out);

/* Calls fn on every change of cgroup.events (poll POLLPRI, no polling) and once at the next turn. When the
 * group is gone fn hears exists = false, once. Owned by the caller. */
struct cgroup_watch;
typedef void cgroup_watch_fn(void *user, const struct cgroup_state *now);
struct cgroup_watch *cgroup_watch(struct loop *l, int tree, const char *name, cgroup_watch_fn *fn,
                                  void *user); /* NULL with errno */
void cgroup_unwatch(struct cgroup_watch *w);   /* NULL-safe, also from its own callback */

/* Calls fn, without polling, when something of the group is ended for lack of memory; or each time when a
 * pressure trigger ("some 150000 2000000": microseconds of stall in a window) fires, at most once a window.
 * The resource is cpu, memory or io. NULL with errno: a kernel without PSI says ENOENT or EOPNOTSUPP. */
struct cgroup_notice;
typedef void cgroup_notice_fn(void *user);
struct cgroup_notice *cgroup_notice_oom(struct loop *l, int tree, const char *name, cgroup_notice_fn *fn,
                                        void *user);
struct cgroup_notice *cgroup_notice_pressure(struct loop *l, int tree, const char *name, const char *resource,
                                             const char *trigger, cgroup_notice_fn *fn, void *user);
void cgroup_unnotice(struct cgroup_notice *n); /* NULL-safe; not from its own callback */
uint64_t cgroup_oom_kills(int tree, const char *name);
/* The text of the pressure file. -1 with errno. */
int cgroup_pressure(int tree, const char *name, const char *resource, char *out, size_t size);

#endif
