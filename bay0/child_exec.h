/* SPDX-License-Identifier: MIT
 * The fork itself and what the new process does until it executes its program. Used by child only. */
#ifndef BAY0_CHILD_EXEC_H
#define BAY0_CHILD_EXEC_H

#include "child.h"

struct child_exec {
    const struct child_options *o;
    const char *program; /* path that was found for argv[0]; NULL: nowhere in PATH */
    char *const *env;
    char *listen_pid; /* text inside env that the child fills with its own pid; NULL: none */
    size_t listen_pid_size;
    int stdio[3];        /* borrowed; any number */
    int (*call)(void *); /* instead of a program */
    void *call_arg;
};

/* Forks. In the parent: the pid, and *pidfd (-1 when the kernel has none). -1 with errno. */
pid_t child_exec(const struct child_exec *x, int *pidfd);
/* Looks name up in PATH of env (name itself when it has a '/'). false: not there. */
bool child_exec_find(const char *name, char *const *env, char *out, size_t size);

#endif
