/* SPDX-License-Identifier: MIT
 * Measures the relay beside a direct Unix socket and socat, in turn: bench RUNS. No test; prints a line
 * `WHAT PATH MS` for each sample. Run by scripts/lib/bench/relay. */
#include "relay/test/rig.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SMALL = 1024, SMALL_EACH = 50, WARM_UP = 5, WORKED_EACH = 5, LARGE = 64 << 20, BLOCK = 1 << 16 };

static char block[BLOCK];

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void say(const char *what, const char *path, double began)
{
    printf("%s %s %.6f\n", what, path, now() - began);
}

static int dial(const char *path)
{
    struct sockaddr_un u = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(u.sun_path, sizeof u.sun_path, "%s", path);
    for (int n = 0; n < 200; n++) {
        if (connect(fd, (struct sockaddr *)&u, sizeof u) == 0)
            return fd;
        rig_sleep(10);
    }
    perror(path);
    exit(EXIT_FAILURE);
}

static void swap_small(int fd)
{
    rig_put(fd, block, SMALL);
    if (rig_get(fd, block, SMALL) != SMALL)
        exit(EXIT_FAILURE);
}

/* A small body there and back, over a connection that stays. */
static void small(const char *name, const char *path, const char *line, const char *what, int times)
{
    int fd = dial(path);

    rig_put(fd, line, strlen(line));
    for (int i = 0; i < times + WARM_UP; i++) {
        double began = now();

        swap_small(fd);
        if (i >= WARM_UP)
            say(what, name, began);
    }
    close(fd);
}

/* The same with a connection of its own. */
static void connected(const char *name, const char *path)
{
    for (int i = 0; i < SMALL_EACH; i++) {
        double began = now();
        int fd = dial(path);

        rig_put(fd, "E\n", 2);
        swap_small(fd);
        close(fd);
        say("connect", name, began);
    }
}

static void down(const char *name, const char *path)
{
    char line[64];
    double began = now();
    long long n = 0;
    ssize_t got;
    int fd = dial(path);

    snprintf(line, sizeof line, "Z %d\n", (int)LARGE);
    rig_put(fd, line, strlen(line));
    while ((got = read(fd, block, sizeof block)) > 0)
        n += got;
    close(fd);
    if (n != LARGE)
        exit(EXIT_FAILURE);
    say("down", name, began);
}

static void up(const char *name, const char *path)
{
    double began = now();
    int fd = dial(path);
    char got[1];

    rig_put(fd, "N\n", 2);
    for (int i = 0; i < LARGE / BLOCK; i++)
        rig_put(fd, block, sizeof block);
    shutdown(fd, SHUT_WR);
    if (rig_get(fd, got, 1) != 1)
        exit(EXIT_FAILURE);
    close(fd);
    say("up", name, began);
}

static void all(const char *name, const char *path)
{
    small(name, path, "E\n", "small", SMALL_EACH);
    small(name, path, "P 5\n", "worked", WORKED_EACH);
    connected(name, path);
    down(name, path);
    up(name, path);
    fflush(stdout);
}

static pid_t serve_unix(const struct rig *r)
{
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    signal(SIGCHLD, SIG_IGN);
    for (;;) {
        int c = accept(r->listen_fd, NULL, NULL);

        if (c >= 0 && fork() == 0) {
            rig_serve(c);
            _exit(0);
        }
        close(c);
    }
}

int main(int argc, char **argv)
{
    static const char *const fd3[] = {"--listen-fd", "3", NULL};
    int runs = argc == 2 ? atoi(argv[1]) : 10;
    char from[128], to[64];
    struct rig r, direct;
    pid_t unix_server, socat;

    rig_maybe_serve(argc, argv);
    rig_init(&r);
    rig_init(&direct);
    unix_server = serve_unix(&direct);
    rig_start(&r, fd3, NULL);
    snprintf(from, sizeof from, "UNIX-LISTEN:%s/socat,fork", r.dir);
    snprintf(to, sizeof to, "TCP:127.0.0.1:%d,nodelay", r.port);
    socat = fork();
    if (socat == 0) {
        execlp("socat", "socat", "-b", "65536", from, to, (char *)NULL);
        _exit(127);
    }
    snprintf(from, sizeof from, "%s/socat", r.dir);
    close(dial(r.socket));
    close(dial(from));
    for (int i = 0; i < runs; i++) {
        all("unix", direct.socket);
        all("relay", r.socket);
        all("socat", from);
    }
    kill(unix_server, SIGKILL);
    kill(socat, SIGTERM);
    unlink(from);
    rig_finish(&r);
    rig_finish(&direct);
    return 0;
}
