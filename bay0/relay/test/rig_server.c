/* SPDX-License-Identifier: MIT
 * The command that the relay's tests start: a TCP server that does what the first line of a connection says.
 */
#include "relay/test/rig.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void note(const char *file, const char *text)
{
    char temporary[128];
    FILE *f;

    snprintf(temporary, sizeof temporary, "%s.new", file);
    f = fopen(temporary, "we");
    if (!f)
        return;
    fputs(text, f);
    fclose(f);
    rename(temporary, file);
}

/* Sends n bytes of the pattern, at most `part` at a time; false when the other side is gone. */
static bool send_pattern(int fd, uint64_t n, size_t part)
{
    static unsigned char bytes[1 << 16];

    for (uint64_t at = 0; at < n;) {
        size_t want = n - at < part ? (size_t)(n - at) : part;
        ssize_t put;

        rig_pattern(bytes, at, want);
        put = send(fd, bytes, want, MSG_NOSIGNAL);
        if (put < 0)
            return false;
        at += (uint64_t)put;
    }
    return true;
}

static char zeros[1 << 16];
static const char *health = "/nonexistent"; /* there when the server says that it is ready */

static void send_zeros(int fd, uint64_t n)
{
    while (n > 0) {
        ssize_t put = send(fd, zeros, n < sizeof zeros ? (size_t)n : sizeof zeros, MSG_NOSIGNAL);

        if (put < 0)
            return;
        n -= (uint64_t)put;
    }
}

static void echo(int fd)
{
    static char bytes[1 << 16];
    ssize_t n;

    while ((n = read(fd, bytes, sizeof bytes)) > 0)
        rig_put(fd, bytes, (size_t)n);
}

/* Echo of a server that takes its time over every answer. */
static void echo_later(int fd, int ms)
{
    static char bytes[1 << 16];
    ssize_t n;

    while ((n = read(fd, bytes, sizeof bytes)) > 0) {
        rig_sleep(ms);
        rig_put(fd, bytes, (size_t)n);
    }
}

/* Compares what arrives with the pattern; says how much was right. */
static uint64_t swallow(int fd)
{
    static unsigned char got[1 << 16], want[1 << 16];
    uint64_t at = 0;
    ssize_t n;

    while ((n = read(fd, got, sizeof got)) > 0) {
        rig_pattern(want, at, (size_t)n);
        if (memcmp(got, want, (size_t)n) != 0)
            return 0;
        at += (uint64_t)n;
    }
    return at;
}

void rig_serve(int fd)
{
    char line[256], file[128] = "", text[64];
    unsigned long long n = 0;
    size_t len = 0;

    while (len + 1 < sizeof line && read(fd, line + len, 1) == 1 && line[len] != '\n')
        len++;
    line[len] = '\0';
    if (len > 1)
        sscanf(line + 1, " %llu %120s", &n, file);
    switch (line[0]) {
    case 'E': /* echo */
        echo(fd);
        break;
    case 'P': /* echo after n ms */
        echo_later(fd, (int)n);
        break;
    case 'S': /* send n bytes, note when all are out of hand */
        note(file, send_pattern(fd, n, 1 << 16) ? "sent" : "cut");
        break;
    case 'T': /* the same in small pieces, as a model speaks */
        send_pattern(fd, n, 50);
        break;
    case 'Z': /* send n bytes of nothing, as fast as may be */
        send_zeros(fd, n);
        break;
    case 'N': /* swallow without a look, then answer */
        while (read(fd, zeros, sizeof zeros) > 0)
            ;
        rig_put(fd, ".", 1);
        break;
    case 'K': /* swallow to the end, then say how much was right */
        snprintf(text, sizeof text, "%llu", (unsigned long long)swallow(fd));
        rig_put(fd, text, strlen(text));
        break;
    case 'Q': /* end the own half first, note what still comes */
        rig_put(fd, "bye", 3);
        shutdown(fd, SHUT_WR);
        snprintf(text, sizeof text, "%llu", (unsigned long long)swallow(fd));
        note(file, text);
        break;
    case 'W': /* wait for the client to leave */
        note(file, read(fd, text, 1) == 0 ? "left" : "cut");
        break;
    case 'G': /* as HTTP: "not now" until the file is there */
        snprintf(text, sizeof text, "HTTP/1.1 %s\r\n\r\n",
                 access(health, F_OK) == 0 ? "200 OK" : "503 Not now");
        rig_put(fd, text, strlen(text));
        shutdown(fd, SHUT_WR);
        swallow(fd);
        break;
    case 'D': /* send n bytes, then the whole server dies */
        send_pattern(fd, n, 1 << 16);
        kill(getppid(), SIGKILL);
        break;
    default:
        break;
    }
}

static _Noreturn void serve(int port)
{
    struct sockaddr_in a = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&a, sizeof a) < 0 || listen(fd, 256) < 0)
        exit(98);
    signal(SIGCHLD, SIG_IGN);
    for (;;) {
        int c = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

        if (c < 0)
            continue;
        setsockopt(c, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        if (fork() == 0) {
            close(fd);
            rig_serve(c);
            _exit(0);
        }
        close(c);
    }
}

void rig_maybe_serve(int argc, char **argv)
{
    if (argc < 3 || strcmp(argv[1], "serve") != 0)
        return;
    if (argc > 3) /* a model that takes its time to load */
        rig_sleep(atoi(argv[3]));
    if (argc > 4)
        health = argv[4];
    serve(atoi(argv[2]));
}
