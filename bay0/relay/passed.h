/* SPDX-License-Identifier: MIT
 * Sockets that bay0 hands over: inherited, or in a packet of the control socket. */
#ifndef RELAY_PASSED_H
#define RELAY_PASSED_H

#include "relay/control.h"

enum passed {
    PASSED_NOTHING, /* no packet now */
    PASSED_ORDER,
    PASSED_WRONG, /* a packet that means nothing; what came with it is closed */
    PASSED_END,   /* there will be none any more */
};

/* Makes a listening Unix stream socket fit for the loop: close-on-exec, non-blocking. 0, or -1 with errno
 * when it is none. */
int passed_listener(int fd);

/* The same for the control socket: Unix, SOCK_SEQPACKET, connected. */
int passed_control(int fd);

/* Reads one packet. *listener belongs to the caller with CONTROL_ADD and is -1 otherwise; *wrong says what is
 * wrong with PASSED_WRONG. */
enum passed passed_receive(int fd, struct control *c, int *listener, const char **wrong);

#endif
