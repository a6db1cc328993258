/* SPDX-License-Identifier: MIT
 * Attacks from inside a persona. Each is made for real, by name, in a process of its own, and judged by what
 * the attacker has at the end, not by what it was told. attacks.txt says where each is made. */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <stddef.h>
#include <stdio.h>

enum { WHAT_MAX = 200 };

struct attack {
    const char *name;
    /* 0: it got through, and what says how far; else the errno that stopped it. */
    int (*try)(const char *arg, char what[WHAT_MAX]);
    const char *arg;
};

/* Each ends with a row without a name. */
extern const struct attack attacks_files[], attacks_devices[], attacks_calls[], attacks_namespaces[],
    attacks_net[], attacks_wayland[], attacks_control[], attacks_transfer[], attacks_load[];

/* A call that was refused says so; any other error comes from behind the gate, and counts as through. */
int judge(long rc, char what[WHAT_MAX]);
/* Connected to a Unix stream socket, or -1 with errno; a name that begins with '@' is an abstract one. */
int unix_connect(const char *path);
/* Bytes read from fd within ms, -1: none came. The text ends with NUL. */
long read_within(int fd, char *out, size_t size, int ms);
/* A number that the test gives in the environment (the victim's process, a port ...), 0 without it. */
long given(const char *name);
/* Holds the load until the test says stop (SIGTERM or SIGKILL), having said that it is there. */
void hold(const char *said);

#endif
