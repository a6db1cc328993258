/* SPDX-License-Identifier: MIT
 * The stopwatch inside the guest: one static program, so that the clock of every figure is the guest's own
 * CLOCK_MONOTONIC and no agent or shell lies between the deed and its time. Prints microseconds, a line each.
 *
 *   gauge now                           the clock
 *   gauge run N CMD ARG...              CMD from spawn to end, N times
 *   gauge ask SOCKET N PAUSE LINE...    request to answer of bay0, the lines in turn, PAUSE ms between two
 *   gauge http SOCKET N PATH            the same of an HTTP server, on one connection
 *   gauge freeze DIR N                  a write to DIR/cgroup.freeze until `frozen 1`, then until `frozen 0`
 *   gauge until DIR VALUE CMD ARG...    CMD from spawn until `frozen VALUE` of DIR, and until its end
 *   gauge stamp FILE                    writes the clock to FILE and stays: the first program of a persona
 *   gauge first FILE CMD ARG...         CMD from spawn until that program began, and until its own end
 *   gauge window CMD ARG...             CMD from spawn until sway shows a new window
 *   gauge boot FILE WINDOWS             see gauge_boot.c
 *   gauge stay N                        N processes that do nothing */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../../tests/vm/unixsock.h"
#include "gauge.h"

extern char **environ;

enum { ANSWER_MS = 60000, TEXT = 1 << 20 };

static char text[TEXT];

void die(const char *what)
{
    fprintf(stderr, "gauge: %s: %s\n", what, strerror(errno));
    exit(1);
}

int64_t now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void nap_ms(long ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

    nanosleep(&t, NULL);
}

static void print(int64_t us)
{
    printf("%lld\n", (long long)us);
    fflush(stdout);
}

/* What is there within MS, never more than SIZE; 0 when nothing came or the other side closed. */
size_t read_some(int fd, char *to, size_t size, int ms)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    ssize_t n = poll(&p, 1, ms) == 1 ? read(fd, to, size) : 0;

    return n > 0 ? (size_t)n : 0;
}

static void put(int fd, const char *what, size_t len)
{
    if (send(fd, what, len, MSG_NOSIGNAL) != (ssize_t)len)
        die("send");
}

static pid_t start(char **argv)
{
    posix_spawn_file_actions_t quiet;
    pid_t pid;

    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    errno = posix_spawnp(&pid, argv[0], &quiet, NULL, argv, environ);
    if (errno)
        die(argv[0]);
    posix_spawn_file_actions_destroy(&quiet);
    return pid;
}

static void finish(pid_t pid, const char *what)
{
    int status;

    if (waitpid(pid, &status, 0) != pid || status != 0) {
        fprintf(stderr, "gauge: %s ended with status %d\n", what, status);
        exit(1);
    }
}

static int run(int n, char **argv)
{
    for (; n > 0; n--) {
        int64_t began = now_us();

        finish(start(argv), argv[0]);
        print(now_us() - began);
    }
    return 0;
}

/* From the request until whole() says that so many bytes of text are an answer. */
static int64_t exchange(int fd, const char *request, int len, int (*whole)(size_t have))
{
    int64_t began = now_us();
    size_t have = 0;

    put(fd, request, (size_t)len);
    do {
        size_t n = read_some(fd, text + have, sizeof text - 1 - have, ANSWER_MS);

        if (n == 0)
            die("no answer");
        have += n;
        text[have] = '\0';
    } while (!whole(have));
    return now_us() - began;
}

static int line_whole(size_t have)
{
    return text[have - 1] == '\n';
}

static int64_t ask_line(int fd, const char *line)
{
    static char request[8192];
    int64_t took = exchange(fd, request, snprintf(request, sizeof request, "%s\n", line), line_whole);

    if (!strstr(text, "\"ok\":true")) {
        fprintf(stderr, "gauge: %s: %s", line, text);
        exit(1);
    }
    return took;
}

static int ask(const char *path, int n, long pause_ms, char **lines, int count)
{
    int fd = unix_connect(path);

    if (fd < 0)
        die(path);
    for (int i = 0; i < n; i++) {
        print(ask_line(fd, lines[i % count]));
        if (pause_ms > 0)
            nap_ms(pause_ms);
    }
    return 0;
}

/* True when an answer is complete, by its length or by its last chunk. */
static int http_whole(size_t have)
{
    const char last[] = "0\r\n\r\n", *body = strstr(text, last + 1),
               *length = strstr(text, "Content-Length: ");

    if (!body || have < sizeof last)
        return 0;
    body += 4;
    if (length && length < body)
        return have - (size_t)(body - text) >= strtoul(length + 16, NULL, 10);
    return strcmp(text + have - sizeof last + 1, last) == 0;
}

static int http(const char *path, int n, const char *what)
{
    static char request[512];
    int len = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: d\r\n\r\n", what);
    int fd = unix_connect(path);

    if (fd < 0)
        die(path);
    for (; n > 0; n--) {
        print(exchange(fd, request, len, http_whole));
        if (strncmp(text, "HTTP/1.1 200", 12) != 0) {
            fprintf(stderr, "gauge: %.300s\n", text);
            return 1;
        }
    }
    return 0;
}

static int open_in(const char *dir, const char *file, int how)
{
    char path[512];
    int fd;

    snprintf(path, sizeof path, "%s/%s", dir, file);
    fd = open(path, how | O_CLOEXEC);
    if (fd < 0)
        die(path);
    return fd;
}

/* Until the kernel says `frozen VALUE`; the event, or a look each millisecond should one be missed. */
static int64_t until_frozen(int events, char value)
{
    const char word[] = "frozen ";

    for (;;) {
        struct pollfd p = {.fd = events, .events = POLLPRI};
        char now[128];
        ssize_t n = pread(events, now, sizeof now - 1, 0);
        char *at;

        if (n <= 0)
            die("cgroup.events");
        now[n] = '\0';
        at = strstr(now, word);
        if (at && at[sizeof word - 1] == value)
            return now_us();
        poll(&p, 1, 1);
    }
}

static int freeze(const char *dir, int n)
{
    int file = open_in(dir, "cgroup.freeze", O_WRONLY), events = open_in(dir, "cgroup.events", O_RDONLY);

    for (; n > 0; n--)
        for (const char *value = "10"; *value; value++) {
            int64_t began = now_us();

            if (pwrite(file, value, 1, 0) != 1)
                die("cgroup.freeze");
            print(until_frozen(events, *value) - began);
            nap_ms(20);
        }
    return 0;
}

static int until(const char *dir, char value, char **argv)
{
    int events = open_in(dir, "cgroup.events", O_RDONLY);
    int64_t began = now_us();
    pid_t pid = start(argv);

    print(until_frozen(events, value) - began);
    finish(pid, argv[0]);
    print(now_us() - began);
    return 0;
}

/* The first program of a persona left its time in FILE. */
static int first(const char *file, char **argv)
{
    int64_t began, ended;
    FILE *f = NULL;
    long long at = 0;

    unlink(file);
    began = now_us();
    finish(start(argv), argv[0]);
    ended = now_us();
    for (int i = 0; at == 0 && i < ANSWER_MS / 10; i++) {
        f = fopen(file, "r");
        if (f && fgets(text, sizeof text, f))
            at = strtoll(text, NULL, 10);
        else
            nap_ms(10);
        if (f)
            fclose(f);
    }
    if (at == 0)
        die(file);
    print(at - began);
    print(ended - began);
    return 0;
}

static int window(char **argv)
{
    int sway = sway_subscribe();
    int64_t began = now_us(), end = began + ANSWER_MS * 1000LL;
    pid_t pid = start(argv);

    if (sway < 0)
        die("sway");
    while (sway_new_windows(sway, 100) == 0)
        if (now_us() > end)
            die("no window");
    print(now_us() - began);
    finish(pid, argv[0]);
    return 0;
}

static _Noreturn void stamp(const char *path)
{
    FILE *f = fopen(path, "w");

    if (!f || fprintf(f, "%lld\n", (long long)now_us()) < 0 || fclose(f) != 0)
        die(path);
    for (;;)
        pause();
}

static _Noreturn void stay(int n)
{
    while (--n > 0)
        if (fork() == 0)
            break;
    for (;;)
        pause();
}

static int number(const char *word)
{
    char *end;
    long n = strtol(word, &end, 10);

    if (*end || n < 0 || n > 1000000) {
        fprintf(stderr, "gauge: %s is no number\n", word);
        exit(2);
    }
    return (int)n;
}

int main(int argc, char **argv)
{
    const char *verb = argc > 1 ? argv[1] : "";

    if (strcmp(verb, "now") == 0 && argc == 2)
        print(now_us());
    else if (strcmp(verb, "run") == 0 && argc > 3)
        return run(number(argv[2]), argv + 3);
    else if (strcmp(verb, "ask") == 0 && argc > 5)
        return ask(argv[2], number(argv[3]), number(argv[4]), argv + 5, argc - 5);
    else if (strcmp(verb, "http") == 0 && argc == 5)
        return http(argv[2], number(argv[3]), argv[4]);
    else if (strcmp(verb, "freeze") == 0 && argc == 4)
        return freeze(argv[2], number(argv[3]));
    else if (strcmp(verb, "until") == 0 && argc > 4)
        return until(argv[2], argv[3][0], argv + 4);
    else if (strcmp(verb, "first") == 0 && argc > 3)
        return first(argv[2], argv + 3);
    else if (strcmp(verb, "window") == 0 && argc > 2)
        return window(argv + 2);
    else if (strcmp(verb, "stamp") == 0 && argc == 3)
        stamp(argv[2]);
    else if (strcmp(verb, "stay") == 0 && argc == 3)
        stay(number(argv[2]));
    else if (strcmp(verb, "boot") == 0 && argc == 4)
        return boot_watch(argv[2], number(argv[3]));
    else
        return 2;
    return 0;
}
