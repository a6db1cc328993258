/* SPDX-License-Identifier: MIT
 * The command line of spine-relay. Pure: no files, no environment. */
#ifndef RELAY_OPTS_H
#define RELAY_OPTS_H

#include <stddef.h>
#include <stdint.h>

enum {
    OPTS_BUFFER_DEFAULT = 8 << 20, /* bytes kept for one client that does not read */
    OPTS_BUFFER_LEAST = 64 << 10,
    OPTS_BUFFER_MOST = 1 << 30,
    OPTS_STALL_DEFAULT = 30, /* seconds */
    OPTS_STALL_MOST = 3600,
    OPTS_MAX_DEFAULT = 128, /* connections at once */
    OPTS_MAX_MOST = 1024,
    OPTS_PROBE = 63, /* longest path to ask for */
    OPTS_ERR = 200,  /* size of an error text */
};

struct opts {
    int listen_fd;              /* -1: the command line names none */
    int control_fd;             /* -1: nobody adds sources */
    uint32_t ip;                /* IPv4, network order, always 127.0.0.0/8 */
    uint16_t port;              /* host order */
    char probe[OPTS_PROBE + 1]; /* path to GET until the answer is not 503; "" when there is nothing to ask */
    size_t buffer;
    unsigned stall, max;
    unsigned each; /* connections of one source; max when the command line does not say */
    char **cmd;    /* into argv, ends with NULL */
};

/* 0, or -1 with a sentence in err. */
int opts_parse(struct opts *o, int argc, char **argv, char err[OPTS_ERR]);

/* First descriptor of socket activation, from the values of LISTEN_FDS and LISTEN_PID (NULL when unset) and
 * the own process id; -1 with a sentence in err when the sockets are not for this process. */
int opts_activation_fd(const char *fds, const char *pid, long self, char err[OPTS_ERR]);

#endif
