/* SPDX-License-Identifier: MIT
 * The command line of spine-relay. */
#include "relay/opts.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { FIRST_PASSED_FD = 3 };

/* Decimal digits only: no sign, no space, no suffix. */
static bool number(const char *text, unsigned long least, unsigned long most, unsigned long *out)
{
    unsigned long n = 0;
    size_t len = strlen(text);

    if (len == 0 || len > 10)
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return false;
        n = n * 10 + (unsigned long)(*text - '0');
    }
    *out = n;
    return n >= least && n <= most;
}

/* What stands in a request line as it is. */
static bool path(const char *text)
{
    static const char good[] = "/-._0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    size_t len = strlen(text);

    return text[0] == '/' && len <= OPTS_PROBE && strspn(text, good) == len;
}

static bool address(struct opts *o, const char *text)
{
    char ip[INET_ADDRSTRLEN], digits[8];
    const char *colon = strchr(text, ':'), *slash;
    unsigned long port;
    struct in_addr in;
    size_t len;

    if (!colon || (size_t)(colon - text) >= sizeof ip)
        return false;
    slash = strchr(colon, '/');
    len = slash ? (size_t)(slash - colon - 1) : strlen(colon + 1);
    if (len >= sizeof digits || (slash && !path(slash)))
        return false;
    memcpy(digits, colon + 1, len);
    digits[len] = '\0';
    if (!number(digits, 1, 65535, &port))
        return false;
    snprintf(o->probe, sizeof o->probe, "%s", slash ? slash : "");
    memcpy(ip, text, (size_t)(colon - text));
    ip[colon - text] = '\0';
    if (inet_pton(AF_INET, ip, &in) != 1 || ntohl(in.s_addr) >> 24 != 127)
        return false;
    o->ip = in.s_addr;
    o->port = (uint16_t)port;
    return true;
}

enum word { LISTEN_FD, CONTROL, CONNECT, BUFFER, STALL, MAX, EACH, WORDS };

static const struct {
    const char *name, *wants;
    unsigned long least, most;
} words[WORDS] = {
    [LISTEN_FD] = {"--listen-fd", "a descriptor from 3 to 1023", FIRST_PASSED_FD, 1023},
    [CONTROL] = {"--control", "a descriptor from 3 to 1023", FIRST_PASSED_FD, 1023},
    [CONNECT] = {"--connect", "a loopback address such as 127.0.0.1:8080 or 127.0.0.1:8080/health", 0, 0},
    [BUFFER] = {"--buffer", "bytes from 65536 to 1073741824", OPTS_BUFFER_LEAST, OPTS_BUFFER_MOST},
    [STALL] = {"--stall", "seconds from 1 to 3600", 1, OPTS_STALL_MOST},
    [MAX] = {"--max", "connections from 1 to 1024", 1, OPTS_MAX_MOST},
    [EACH] = {"--each", "connections from 1 to 1024", 1, OPTS_MAX_MOST},
};

static bool apply(struct opts *o, enum word w, const char *value)
{
    unsigned long n = 0;

    if (w == CONNECT)
        return address(o, value);
    if (!number(value, words[w].least, words[w].most, &n))
        return false;
    if (w == LISTEN_FD)
        o->listen_fd = (int)n;
    else if (w == CONTROL)
        o->control_fd = (int)n;
    else if (w == BUFFER)
        o->buffer = n;
    else if (w == STALL)
        o->stall = (unsigned)n;
    else if (w == MAX)
        o->max = (unsigned)n;
    else
        o->each = (unsigned)n;
    return true;
}

static enum word lookup(const char *name)
{
    unsigned w = 0;

    while (w < WORDS && strcmp(name, words[w].name) != 0)
        w++;
    return (enum word)w;
}

int opts_parse(struct opts *o, int argc, char **argv, char err[OPTS_ERR])
{
    int i = 1;

    *o = (struct opts){.listen_fd = -1,
                       .control_fd = -1,
                       .buffer = OPTS_BUFFER_DEFAULT,
                       .stall = OPTS_STALL_DEFAULT,
                       .max = OPTS_MAX_DEFAULT};
    for (; i < argc && strcmp(argv[i], "--") != 0; i += 2) {
        enum word w = lookup(argv[i]);

        if (w == WORDS) {
            snprintf(err, OPTS_ERR, "unknown option '%.60s'; the command goes behind '--'", argv[i]);
            return -1;
        }
        if (i + 1 >= argc || !apply(o, w, argv[i + 1])) {
            snprintf(err, OPTS_ERR, "%s wants %s, not '%.60s'", words[w].name, words[w].wants,
                     i + 1 < argc ? argv[i + 1] : "");
            return -1;
        }
    }
    if (o->port == 0) {
        snprintf(err, OPTS_ERR, "--connect is missing: say where the command listens, as 127.0.0.1:PORT");
        return -1;
    }
    if (i + 1 >= argc || !argv[i + 1][0]) {
        snprintf(err, OPTS_ERR, "no command: put it behind '--'");
        return -1;
    }
    if (o->each == 0)
        o->each = o->max;
    o->cmd = argv + i + 1;
    return 0;
}

int opts_activation_fd(const char *fds, const char *pid, long self, char err[OPTS_ERR])
{
    unsigned long n;

    if (!fds || !number(fds, 1, 1000, &n)) {
        snprintf(err, OPTS_ERR, "no listening socket: give --listen-fd, or LISTEN_FDS with 1 or more");
        return -1;
    }
    if (pid && (!number(pid, 1, 4194304, &n) || n != (unsigned long)self)) {
        snprintf(err, OPTS_ERR, "LISTEN_PID is '%.20s' and this is process %ld: give --listen-fd instead",
                 pid, self);
        return -1;
    }
    return FIRST_PASSED_FD;
}
