/* SPDX-License-Identifier: MIT
 * What the files of containers.conf.d promise: the system call filters of every profile, the trust policy. */
#include "core/container.h"
#include "core/profile.h"
#include "sample.h"
#include "tests/t.h"

#define DIR_NAME "containers.conf.d/"

/* Never allowed to a container, with whatever arguments. */
static const char *const closed[] = {
    "mount",
    "umount2",
    "pivot_root",
    "move_mount",
    "open_tree",
    "fsopen",
    "fsmount",
    "mount_setattr",
    "setns",
    "clone3",
    "bpf",
    "perf_event_open",
    "keyctl",
    "add_key",
    "request_key",
    "userfaultfd",
    "init_module",
    "finit_module",
    "delete_module",
    "kexec_load",
    "kexec_file_load",
    "reboot",
    "swapon",
    "swapoff",
    "io_uring_setup",
    "io_uring_enter",
    "open_by_handle_at",
    "fanotify_init",
    "iopl",
    "ioperm",
    "settimeofday",
    "clock_settime",
    "syslog",
    "acct",
    "quotactl",
    "vm86",
    "modify_ldt",
    "uselib",
    "sethostname",
};
static const char *const debuggers[] = {"ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd",
                                        "kcmp"};
/* Without these no program runs at all. */
static const char *const open_to_all[] = {"read",       "execve",     "openat",       "mmap",
                                          "futex",      "exit_group", "rt_sigreturn", "getrandom",
                                          "epoll_wait", "recvmsg",    "memfd_create", "seccomp"};
/* Allowed with conditions on the arguments only. */
static const char *const conditional[] = {"clone", "unshare", "socket", "personality"};

/* 0: never allowed, 1: allowed under conditions, 2: always allowed. */
static int allowed(const json_t *filter, const char *name)
{
    const json_t *rule, *v;
    int best = 0;
    size_t i, k;

    json_array_foreach(json_object_get(filter, "syscalls"), i, rule)
    {
        const char *action = json_string_value(json_object_get(rule, "action"));

        json_array_foreach(json_object_get(rule, "names"), k, v) if (action &&
                                                                     strcmp(action, "SCMP_ACT_ALLOW") == 0 &&
                                                                     strcmp(json_string_value(v), name) == 0)
            best = json_object_get(rule, "args") ? (best ? best : 1) : 2;
    }
    return best;
}

static void test_filter(const char *file, bool strict)
{
    char path[128];
    json_t *filter;
    size_t i;

    snprintf(path, sizeof path, DIR_NAME "%s", file);
    filter = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
    if (!T_NAMED(filter != NULL, path))
        return;
    T_STR(json_string_value(json_object_get(filter, "defaultAction")), "SCMP_ACT_ERRNO");
    T_INT(json_integer_value(json_object_get(filter, "defaultErrnoRet")), 38);
    for (i = 0; i < sizeof closed / sizeof *closed; i++)
        T_NAMED(allowed(filter, closed[i]) == 0, closed[i]);
    for (i = 0; i < sizeof debuggers / sizeof *debuggers; i++)
        T_NAMED(allowed(filter, debuggers[i]) == (strict ? 0 : 2), debuggers[i]);
    for (i = 0; i < sizeof open_to_all / sizeof *open_to_all; i++)
        T_NAMED(allowed(filter, open_to_all[i]) == 2, open_to_all[i]);
    for (i = 0; i < sizeof conditional / sizeof *conditional; i++)
        T_NAMED(allowed(filter, conditional[i]) == 1, conditional[i]);
    json_decref(filter);
}

static void test_profiles(void)
{
    for (int i = 0; i < PROFILE_COUNT; i++) {
        const struct profile *row = profile_get((enum profile_id)i);
        char path[128];
        FILE *f;

        T_STR(row->name, spec_profile_name((enum profile_id)i));
        snprintf(path, sizeof path, DIR_NAME "%s", row->seccomp);
        f = fopen(path, "r");
        T_NAMED(f != NULL, path);
        if (f)
            fclose(f);
        /* Whoever keeps a root writes to it; whoever has no capability gains none. */
        T(!row->root_kept || row->root_writable);
        T(row->caps[0].name != NULL || row->no_new_privileges);
        T(row->memory >= SPEC_MEMORY_MIN && row->pids >= SPEC_PIDS_MIN && row->nofile >= 1024);
    }
}

static void test_policy(void)
{
    json_t *policy = json_load_file(DIR_NAME "policy.json", JSON_REJECT_DUPLICATES, NULL);
    const json_t *first = json_array_get(json_object_get(policy, "default"), 0);

    T_STR(json_string_value(json_object_get(first, "type")), "reject");
    json_decref(policy);
}

int main(void)
{
    test_filter("seccomp-desktop.json", false);
    test_filter("seccomp-strict.json", true);
    test_profiles();
    test_policy();
    return t_done();
}
