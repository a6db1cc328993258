/* SPDX-License-Identifier: MIT
 * Keeps a Unix socket's server busy: load SOCKET CLIENTS REQUESTS REQUEST line|http. That many clients send
 * the request, wait for its answer and send it again, REQUESTS times in all. An answer ends with its line, or
 * as HTTP says. Prints the microseconds of each answer, one a line, and at last `seconds S`. */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { CLIENTS_MAX = 64, ANSWER_MAX = 1 << 20 };

struct client {
    double began;
    size_t len;
    char text[ANSWER_MAX];
};

static struct client client[CLIENTS_MAX];
static struct pollfd polled[CLIENTS_MAX];
static const char *request;
static bool http;

static void die(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int dial(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
    if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof at) < 0)
        die(path);
    return fd;
}

static void ask(int i)
{
    size_t n = strlen(request);

    client[i].len = 0;
    client[i].began = now();
    if (send(polled[i].fd, request, n, MSG_NOSIGNAL) != (ssize_t)n)
        die("send");
}

/* The text ends with a zero byte. */
static bool whole(const struct client *c)
{
    const char *body, *length;

    if (!http)
        return c->len > 0 && c->text[c->len - 1] == '\n';
    body = strstr(c->text, "\r\n\r\n");
    if (!body)
        return false;
    length = strstr(c->text, "Content-Length: ");
    if (length && length < body)
        return c->len >= (size_t)(body + 4 - c->text) + strtoul(length + 16, NULL, 10);
    return c->len > 7 && strcmp(c->text + c->len - 7, "\r\n0\r\n\r\n") == 0;
}

/* True when an answer is complete; it must be a good one. */
static bool take(int i)
{
    struct client *c = &client[i];
    ssize_t n = recv(polled[i].fd, c->text + c->len, sizeof c->text - 1 - c->len, MSG_DONTWAIT);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (n <= 0)
        die("the server ended the connection");
    c->len += (size_t)n;
    c->text[c->len] = '\0';
    if (!whole(c))
        return false;
    if (!strstr(c->text, http ? "HTTP/1.1 200" : "\"ok\":true"))
        die(c->text);
    return true;
}

int main(int argc, char **argv)
{
    int clients = argc == 6 ? atoi(argv[2]) : 0;
    long left = argc == 6 ? atol(argv[3]) : 0, asked = 0;
    double began;

    if (clients < 1 || clients > CLIENTS_MAX || left < clients)
        return 2;
    request = argv[4];
    http = strcmp(argv[5], "http") == 0;
    for (int i = 0; i < clients; i++)
        polled[i] = (struct pollfd){.fd = dial(argv[1]), .events = POLLIN};
    began = now();
    for (int i = 0; i < clients; i++, asked++)
        ask(i);
    for (long answered = 0; answered < left;) {
        if (poll(polled, (nfds_t)clients, 60000) <= 0)
            die("no answer");
        for (int i = 0; i < clients; i++) {
            if (!polled[i].revents || !take(i))
                continue;
            printf("%.1f\n", now() - client[i].began);
            answered++;
            if (asked++ < left)
                ask(i);
        }
    }
    printf("seconds %.6f\n", (now() - began) / 1e6);
    return 0;
}
