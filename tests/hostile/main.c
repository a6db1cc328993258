/* SPDX-License-Identifier: MIT
 * hostile list | hostile NAME...: makes the attacks and prints `refused NAME: why` or `got through NAME:
 * what` for each. Ends with 0 when all were made, whatever came of them. */
#include "hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_S = 150, GROUPS = 9 };

static const struct attack *const groups[GROUPS] = {attacks_files,      attacks_devices,  attacks_calls,
                                                    attacks_namespaces, attacks_net,      attacks_wayland,
                                                    attacks_control,    attacks_transfer, attacks_load};

int judge(long rc, char what[WHAT_MAX])
{
    int why = rc < 0 ? errno : 0;

    if (why == EPERM || why == EACCES || why == ENOSYS || why == EROFS)
        return why;
    snprintf(what, WHAT_MAX, "%s", why ? strerror(why) : "it was done");
    return 0;
}

int unix_connect(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), saved;
    size_t n = strlen(path);

    if (fd < 0 || n >= sizeof a.sun_path) {
        errno = fd < 0 ? errno : ENAMETOOLONG;
        return -1;
    }
    memcpy(a.sun_path, path, n);
    if (path[0] == '@')
        a.sun_path[0] = '\0';
    if (connect(fd, (const struct sockaddr *)&a, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) ==
        0)
        return fd;
    saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

long read_within(int fd, char *out, size_t size, int ms)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    ssize_t n = -1;

    if (poll(&p, 1, ms) == 1)
        n = read(fd, out, size - 1);
    out[n > 0 ? n : 0] = '\0';
    return n;
}

long given(const char *name)
{
    const char *text = getenv(name);

    return text ? strtol(text, NULL, 10) : 0;
}

void hold(const char *said)
{
    printf("holds %s\n", said);
    fflush(stdout);
    for (;;)
        pause();
}

static const struct attack *find(const char *name)
{
    for (size_t g = 0; g < GROUPS; g++)
        for (const struct attack *a = groups[g]; a->name; a++)
            if (strcmp(a->name, name) == 0)
                return a;
    return NULL;
}

/* In a child, which may be killed for what it does: that too is a refusal. */
static int attack(const struct attack *a)
{
    char what[WHAT_MAX] = "";
    int told[2], status, rc;
    pid_t pid;

    if (pipe2(told, O_CLOEXEC) < 0 || (pid = fork()) < 0)
        return -1;
    if (pid == 0) {
        alarm(PATIENCE_S);
        rc = a->try(a->arg, what);
        if (rc)
            snprintf(what, sizeof what, "%s", strerror(rc));
        if (write(told[1], &rc, sizeof rc) != sizeof rc || write(told[1], what, sizeof what) != sizeof what)
            _exit(1);
        _exit(0);
    }
    close(told[1]);
    rc = 0;
    if (read(told[0], &rc, sizeof rc) == sizeof rc && read(told[0], what, sizeof what) == sizeof what) {
        what[WHAT_MAX - 1] = '\0';
        printf("%s %s: %s\n", rc ? "refused" : "got through", a->name, what);
        waitpid(pid, &status, 0);
    } else {
        waitpid(pid, &status, 0);
        printf("%s %s: ended by signal %d\n",
               WIFSIGNALED(status) && WTERMSIG(status) != SIGALRM ? "refused" : "unclear", a->name,
               WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    }
    close(told[0]);
    return fflush(stdout);
}

/* For the test, on the Spine: how many ms a command takes. */
static int timed(char **argv)
{
    struct timespec a, b;
    int status = 1;
    pid_t pid;

    clock_gettime(CLOCK_MONOTONIC, &a);
    pid = fork();
    if (pid == 0) {
        if (!freopen("/dev/null", "w", stdout))
            _exit(127);
        execvp(argv[0], argv);
        _exit(127);
    }
    waitpid(pid, &status, 0);
    clock_gettime(CLOCK_MONOTONIC, &b);
    printf("%ld\n", (long)(b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000);
    return status != 0;
}

int main(int argc, char **argv)
{
    int bad = argc < 2;

    if (argc == 2 && strcmp(argv[1], "list") == 0) {
        for (size_t g = 0; g < GROUPS; g++)
            for (const struct attack *a = groups[g]; a->name; a++)
                puts(a->name);
        return 0;
    }
    if (argc > 2 && strcmp(argv[1], "time") == 0)
        return timed(argv + 2);
    /* Started as a setuid program: says what it has become. */
    if (argc == 2 && strcmp(argv[1], "whoami") == 0) {
        printf("%d\n", (int)geteuid());
        return 0;
    }
    signal(SIGPIPE, SIG_IGN);
    for (int i = 1; i < argc; i++) {
        const struct attack *a = find(argv[i]);

        if (!a || attack(a))
            bad = 1;
        if (!a)
            printf("unclear %s: no such attack\n", argv[i]);
    }
    return bad;
}
