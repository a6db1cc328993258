/* SPDX-License-Identifier: MIT
 * Gives up rights: descriptors, memory, time, system calls. */
#include "switcher/icon_cage.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#endif /* another machine needs its line here, from linux/audit.h */

enum { MEMORY_MAX = 96 << 20, SECONDS_MAX = 10 };

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define ALLOW       BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define KILL        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)
#define UNLESS(n)   BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (n), 0, 1)
#define MAY(number) UNLESS(number), ALLOW
/* Arguments are 64 bits wide; the low half comes first on the machines above. */
#define ARGUMENT(n)   LOAD(args[n])
#define HAS_BIT(bits) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (bits), 0, 1)

static int limit(int what, rlim_t most)
{
    return setrlimit(what, &(struct rlimit){.rlim_cur = most, .rlim_max = most});
}

static int filter(void)
{
    static struct sock_filter rules[] = {
        LOAD(arch),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0),
        KILL,
        LOAD(nr),
        MAY(SYS_read),
        MAY(SYS_write),
        MAY(SYS_brk),
        MAY(SYS_munmap),
        MAY(SYS_mremap),
        MAY(SYS_exit),
        MAY(SYS_exit_group),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 1, 0),
        KILL,
        /* Memory that can be run, or that is a file, is not given. */
        ARGUMENT(2),
        HAS_BIT(PROT_EXEC),
        KILL,
        ARGUMENT(3),
        HAS_BIT(MAP_ANONYMOUS),
        ALLOW,
        KILL,
    };
    static const struct sock_fprog program = {.len = sizeof rules / sizeof *rules, .filter = rules};

    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

int icon_cage(void)
{
    void *first;

    if (syscall(SYS_close_range, 3u, ~0u, 0u) || limit(RLIMIT_CORE, 0) || limit(RLIMIT_CPU, SECONDS_MAX) ||
        limit(RLIMIT_FSIZE, 0) || limit(RLIMIT_NOFILE, 0) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return -1;
    if (SANITIZED)
        return 0;
    /* The C library may want more than memory when it gives out its first piece. */
    first = malloc(1);
    free(first);
    return !first || limit(RLIMIT_AS, MEMORY_MAX) || filter() ? -1 : 0;
}
