/* SPDX-License-Identifier: MIT
 * What the relay's tests share: starting the relay on a socket of their own, and a server that does what its
 * client asks. */
#ifndef RELAY_TEST_RIG_H
#define RELAY_TEST_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { RIG_FDS = 16 };

struct rig {
    pid_t relay;
    char dir[64], socket[80], file[80]; /* file: where the server notes what became of it */
    int listen_fd;
    int port;
    bool reaper; /* make the relay inherit orphans, as PID 1 does */
    bool loads;  /* the server answers GET with "not now" until the file is there; the relay is told to ask */
    bool stray;  /* hand the relay a descriptor that it was not told of */
    bool steer;  /* give the relay a control socket; the test's end of it is control_fd */
    int control_fd;
};

/* Runs the server and does not return when the program was started as the relay's command. Call first in
 * main. */
void rig_maybe_serve(int argc, char **argv);

/* Does what the first line of an accepted connection asks. */
void rig_serve(int fd);

void rig_init(struct rig *r);

/* Starts spine-relay with the options given (NULL-terminated) and argv behind `--`; NULL: the server on
 * r->port. */
void rig_start(struct rig *r, const char *const *options, const char *const *cmd);

/* Sends one packet with `count` of these descriptors, at most RIG_FDS, to the relay's control socket. */
void rig_tell(const struct rig *r, const void *text, size_t len, const int *fds, unsigned count);

/* The relay's exit status, 128 + signal, or -1 when it has not ended after `ms`. */
int rig_wait(struct rig *r, int ms);

/* Ends the relay by SIGTERM, removes the folder. */
void rig_finish(struct rig *r);

int rig_connect(const struct rig *r);

/* Connects and sends one line to the server. */
int rig_ask(const struct rig *r, const char *line);

void rig_put(int fd, const void *bytes, size_t n);

/* Reads to the end of file or to `most` bytes, at most 20 s; -1 on error. */
ssize_t rig_get(int fd, void *bytes, size_t most);

/* Reads n bytes and compares them with the pattern from `from` on. */
bool rig_get_pattern(int fd, uint64_t from, uint64_t n);
void rig_pattern(unsigned char *bytes, uint64_t from, size_t n);

/* Waits until the server's note reads as given. */
bool rig_noted(const struct rig *r, const char *text, int ms);

/* Entries of /proc/PID/fd of the relay. */
int rig_fds(const struct rig *r);

/* Grows when the relay wakes up (context switches) and when it does not sleep (ticks of processor time). */
long rig_activity(const struct rig *r);

/* Waits until the relay has this many descriptors. */
bool rig_settles(const struct rig *r, int fds, int ms);

int64_t rig_now(void);
void rig_sleep(int ms);

#endif
