/* SPDX-License-Identifier: MIT
 * Measures the relay against a direct Unix socket, direct TCP and socat: bench [MIB]. No test; prints a
 * table. */
#include "relay/test/rig.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 20000, CONNECTIONS = 1000, BLOCK = 1 << 16 };

static char block[BLOCK];

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int dial(const char *path, int port)
{
    struct sockaddr_un u = {.sun_family = AF_UNIX};
    struct sockaddr_in in = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(path ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (path)
        snprintf(u.sun_path, sizeof u.sun_path, "%s", path);
    for (int n = 0; n < 200; n++) {
        if (connect(fd, path ? (struct sockaddr *)&u : (struct sockaddr *)&in, path ? sizeof u : sizeof in) ==
            0)
            return fd;
        rig_sleep(10);
    }
    perror(path ? path : "TCP");
    exit(EXIT_FAILURE);
}

static double down(const char *path, int port, long mib)
{
    char line[64];
    double start = now();
    long long n = 0;
    ssize_t got;
    int fd = dial(path, port);

    snprintf(line, sizeof line, "Z %lld\n", (long long)mib << 20);
    rig_put(fd, line, strlen(line));
    while ((got = read(fd, block, sizeof block)) > 0)
        n += got;
    close(fd);
    return (double)n / (1 << 20) / (now() - start);
}

static double up(const char *path, int port, long mib)
{
    double start = now();
    int fd = dial(path, port);
    char got[1];

    rig_put(fd, "N\n", 2);
    for (long i = 0; i < mib << 4; i++)
        rig_put(fd, block, sizeof block);
    shutdown(fd, SHUT_WR);
    rig_get(fd, got, 1);
    close(fd);
    return (double)mib / (now() - start);
}

/* Microseconds for 64 bytes there and back. */
static double round_trip(const char *path, int port)
{
    int fd = dial(path, port);
    double start;

    rig_put(fd, "E\n", 2);
    start = now();
    for (int i = 0; i < ROUNDS; i++) {
        rig_put(fd, block, 64);
        if (rig_get(fd, block, 64) != 64)
            exit(EXIT_FAILURE);
    }
    close(fd);
    return (now() - start) * 1e6 / ROUNDS;
}

/* Microseconds for a connection with one short exchange. */
static double connection(const char *path, int port)
{
    double start = now();

    for (int i = 0; i < CONNECTIONS; i++) {
        int fd = dial(path, port);

        rig_put(fd, "E\nhello", 7);
        if (rig_get(fd, block, 5) != 5)
            exit(EXIT_FAILURE);
        close(fd);
    }
    return (now() - start) * 1e6 / CONNECTIONS;
}

static void row(const char *name, const char *path, int port, long mib)
{
    close(dial(path, port));
    printf("%-12s %10.0f %10.0f %12.1f %12.1f\n", name, down(path, port, mib), up(path, port, mib),
           round_trip(path, port), connection(path, port));
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
    long mib = argc == 2 ? atol(argv[1]) : 2048;
    char from[128], to[64];
    struct rig r, direct;
    pid_t pid;

    rig_maybe_serve(argc, argv);
    rig_init(&r);
    rig_init(&direct);
    printf("%-12s %10s %10s %12s %12s\n", "path", "down MiB/s", "up MiB/s", "64 B trip us", "connect us");
    pid = serve_unix(&direct);
    row("unix", direct.socket, 0, mib);
    kill(pid, SIGKILL);
    rig_start(&r, fd3, NULL);
    row("tcp", NULL, r.port, mib);
    row("spine-relay", r.socket, 0, mib);
    snprintf(from, sizeof from, "UNIX-LISTEN:%s/socat,fork", r.dir);
    snprintf(to, sizeof to, "TCP:127.0.0.1:%d,nodelay", r.port);
    pid = fork();
    if (pid == 0) {
        execlp("socat", "socat", "-b", "65536", from, to, (char *)NULL);
        _exit(127);
    }
    snprintf(from, sizeof from, "%s/socat", r.dir);
    row("socat", from, 0, mib);
    kill(pid, SIGTERM);
    unlink(from);
    rig_finish(&r);
    rig_finish(&direct);
    return 0;
}
