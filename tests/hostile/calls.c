/* SPDX-License-Identifier: MIT
 * Attacks by system call on what is the machine's: modules, keys, clocks, memory of others, scheduling.
 * Arguments are such that a call which is let through fails for another reason or is harmless. */
#include "hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/io.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/uio.h>
#include <unistd.h>

/* Numbers that the headers of Debian 12 may not have. */
#ifndef SYS_userfaultfd
#define SYS_userfaultfd 323
#endif

/* The plain ones: number and six arguments. */
static const struct plain {
    const char *name;
    long number;
    long arg[4];
} plain[] = {
    {"kexec-load", SYS_kexec_load, {0, 0, 0, 0}},
    {"kexec-file-load", SYS_kexec_file_load, {-1, -1, 0, 0}},
    {"init-module", SYS_init_module, {0, 0, 0, 0}},
    {"finit-module", SYS_finit_module, {-1, 0, 0, 0}},
    {"delete-module", SYS_delete_module, {0, 0, 0, 0}},
    {"bpf", SYS_bpf, {0, 0, 0, 0}},
    {"perf-event", SYS_perf_event_open, {0, 0, -1, -1}},
    {"keyctl", SYS_keyctl, {KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0, 0}},
    {"add-key", SYS_add_key, {0, 0, 0, 0}},
    {"request-key", SYS_request_key, {0, 0, 0, 0}},
    {"userfaultfd", SYS_userfaultfd, {1, 0, 0, 0}},
    {"io-uring", SYS_io_uring_setup, {1, 0, 0, 0}},
    {"reboot", SYS_reboot, {0, 0, 0, 0}},
    {"swapon", SYS_swapon, {0, 0, 0, 0}},
    {"acct", SYS_acct, {0, 0, 0, 0}},
    {"quotactl", SYS_quotactl, {0, 0, 0, 0}},
    {"open-by-handle", SYS_open_by_handle_at, {-1, 0, 0, 0}},
    {"vhangup", SYS_vhangup, {0, 0, 0, 0}},
    {"iopl", SYS_iopl, {3, 0, 0, 0}},
    {"ioperm", SYS_ioperm, {0, 1, 1, 0}},
    {"modify-ldt", SYS_modify_ldt, {0, 0, 0, 0}},
    {"set-clock", SYS_clock_settime, {0, 0, 0, 0}},
    {"set-time", SYS_settimeofday, {0, 0, 0, 0}},
    {"set-hostname", SYS_sethostname, {0, 0, 0, 0}},
    {"fanotify", SYS_fanotify_init, {0, O_RDONLY, 0, 0}},
    {"migrate-pages", SYS_migrate_pages, {1, 0, 0, 0}},
    {"move-pages", SYS_move_pages, {1, 0, 0, 0}},
    {"kernel-log", SYS_syslog, {10, 0, 0, 0}},
    {"pidfd-getfd", SYS_pidfd_getfd, {-1, 0, 0, 0}},
    {"process-madvise", SYS_process_madvise, {-1, 0, 0, 0}},
    {NULL, 0, {0}},
};

static int try_plain(const char *name, char what[WHAT_MAX])
{
    const struct plain *p = plain;

    while (p->name && strcmp(p->name, name) != 0)
        p++;
    return judge(syscall(p->number, p->arg[0], p->arg[1], p->arg[2], p->arg[3], 0L, 0L), what);
}

static int try_adjust(const char *arg, char what[WHAT_MAX])
{
    struct timex t = {.modes = ADJ_TICK, .tick = 1};

    (void)arg;
    return judge(adjtimex(&t), what);
}

/* The test gives the number of a process of the victim or of the Spine: here it must name nobody. */
static int try_trace(const char *who, char what[WHAT_MAX])
{
    pid_t pid = (pid_t)given(who);

    if (pid <= 0)
        return EINVAL;
    if (ptrace(PTRACE_SEIZE, pid, 0, 0) < 0)
        return errno;
    snprintf(what, WHAT_MAX, "process %d is traced", (int)pid);
    return 0;
}

static int try_memory(const char *who, char what[WHAT_MAX])
{
    char byte;
    struct iovec mine = {&byte, 1}, theirs = {(void *)0x400000, 1};
    pid_t pid = (pid_t)given(who);

    if (pid <= 0)
        return EINVAL;
    if (process_vm_readv(pid, &mine, 1, &theirs, 1, 0) < 0 && errno != EFAULT)
        return errno;
    snprintf(what, WHAT_MAX, "memory of process %d is in reach", (int)pid);
    return 0;
}

static int try_kill(const char *who, char what[WHAT_MAX])
{
    pid_t pid = (pid_t)given(who);

    if (pid <= 0)
        return EINVAL;
    if (kill(pid, SIGKILL) < 0)
        return errno;
    snprintf(what, WHAT_MAX, "process %d was killed", (int)pid);
    return 0;
}

static int try_kill_init(const char *arg, char what[WHAT_MAX])
{
    (void)arg;
    if (kill(1, SIGKILL) < 0)
        return errno;
    usleep(300000);
    if (access("/proc/1/stat", F_OK) == 0)
        return EPERM; /* the kernel keeps a signal from inside from its init */
    snprintf(what, WHAT_MAX, "its init is gone");
    return 0;
}

static int try_realtime(const char *arg, char what[WHAT_MAX])
{
    struct sched_param p = {.sched_priority = 1};

    (void)arg;
    return judge(sched_setscheduler(0, SCHED_FIFO, &p), what);
}

static int try_nice(const char *arg, char what[WHAT_MAX])
{
    (void)arg;
    return judge(setpriority(PRIO_PROCESS, 0, -20), what);
}

static int try_limits(const char *arg, char what[WHAT_MAX])
{
    struct rlimit l;

    (void)arg;
    if (getrlimit(RLIMIT_NOFILE, &l) < 0)
        return errno;
    l.rlim_cur = l.rlim_max += 1;
    return judge(setrlimit(RLIMIT_NOFILE, &l), what);
}

/* Capabilities that reach beyond a persona, in the bounding set of whoever this is. */
static int try_capabilities(const char *arg, char what[WHAT_MAX])
{
    static const int fine[] = {0, 1, 3, 4, 5, 6, 7, 10, 18, 31}; /* core/profile.c, desktop */
    size_t i;

    (void)arg;
    for (int cap = 0; cap < 64; cap++) {
        for (i = 0; i < sizeof fine / sizeof *fine && fine[i] != cap; i++)
            ;
        if (i == sizeof fine / sizeof *fine && prctl(PR_CAPBSET_READ, cap) == 1) {
            snprintf(what, WHAT_MAX, "capability %d is in reach", cap);
            return 0;
        }
    }
    return EPERM;
}

/* The filter knows the numbers of 64-bit calls. unshare(CLONE_NEWUSER) by the two other doors. */
static int try_int80(const char *arg, char what[WHAT_MAX])
{
    long rc = -ENOSYS;

    (void)arg;
#ifdef __x86_64__
    __asm__ volatile("int $0x80"
                     : "=a"(rc)
                     : "a"(310L), "b"(0x10000000L)
                     : "memory", "r8", "r9", "r10", "r11");
#endif
    errno = rc < 0 ? (int)-rc : 0;
    return judge(rc < 0 ? -1 : 0, what);
}

static int try_x32(const char *arg, char what[WHAT_MAX])
{
    (void)arg;
    return judge(syscall(SYS_unshare | 0x40000000L, 0x10000000L), what);
}

#define PLAIN(name)                                                                                          \
    {                                                                                                        \
        name, try_plain, name                                                                                \
    }

const struct attack attacks_calls[] = {
    PLAIN("kexec-load"),
    PLAIN("kexec-file-load"),
    PLAIN("init-module"),
    PLAIN("finit-module"),
    PLAIN("delete-module"),
    PLAIN("bpf"),
    PLAIN("perf-event"),
    PLAIN("keyctl"),
    PLAIN("add-key"),
    PLAIN("request-key"),
    PLAIN("userfaultfd"),
    PLAIN("io-uring"),
    PLAIN("reboot"),
    PLAIN("swapon"),
    PLAIN("acct"),
    PLAIN("quotactl"),
    PLAIN("open-by-handle"),
    PLAIN("vhangup"),
    PLAIN("iopl"),
    PLAIN("ioperm"),
    PLAIN("modify-ldt"),
    PLAIN("set-clock"),
    PLAIN("set-time"),
    PLAIN("set-hostname"),
    PLAIN("fanotify"),
    PLAIN("migrate-pages"),
    PLAIN("move-pages"),
    PLAIN("kernel-log"),
    PLAIN("pidfd-getfd"),
    PLAIN("process-madvise"),
    {"adjust-clock", try_adjust, ""},
    {"trace-victim", try_trace, "VICTIM"},
    {"trace-conmon", try_trace, "CONMON"},
    {"read-victim", try_memory, "VICTIM"},
    {"kill-victim", try_kill, "VICTIM"},
    {"kill-conmon", try_kill, "CONMON"},
    {"kill-init", try_kill_init, ""},
    {"realtime", try_realtime, ""},
    {"nice", try_nice, ""},
    {"raise-limits", try_limits, ""},
    {"capabilities", try_capabilities, ""},
    {"filter-32bit", try_int80, ""},
    {"filter-x32", try_x32, ""},
    {NULL, NULL, NULL},
};
