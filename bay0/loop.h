/* SPDX-License-Identifier: MIT
 * The event loop: epoll, signalfd and one timerfd, deferred delete. Callbacks may remove any source or timer,
 * their own too. epoll(7), signalfd(2), timerfd_create(2). */
#ifndef BAY0_LOOP_H
#define BAY0_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct loop_source; /* owned by the loop; gone after loop_remove */
struct loop_timer;  /* owned by the loop; gone after loop_timer_cancel or after it rang */

typedef void loop_fd_fn(void *user, uint32_t events); /* EPOLLIN, EPOLLOUT, EPOLLPRI, EPOLLHUP, EPOLLERR */
typedef void loop_timer_fn(void *user);
typedef void loop_signal_fn(void *user, int signo);

struct loop *loop_create(void); /* NULL with errno */
/* NULL-safe; not from a callback. Frees sources and timers, does not close the fds of sources. */
void loop_destroy(struct loop *l);
/* NULL with errno. The loop does not own fd. */
struct loop_source *loop_add(struct loop *l, int fd, uint32_t events, loop_fd_fn *fn, void *user);
int loop_modify(struct loop_source *s, uint32_t events);
void loop_remove(struct loop_source *s); /* NULL-safe; call before closing the fd */
/* Rings once after ms (0: at the next turn). NULL with errno. */
struct loop_timer *loop_timer(struct loop *l, uint64_t ms, loop_timer_fn *fn, void *user);
void loop_timer_cancel(struct loop_timer *t); /* NULL-safe */
/* Blocks SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGPWR, SIGPIPE and reports them (SIGPIPE is
 * only blocked). */
int loop_signals(struct loop *l, loop_signal_fn *fn, void *user);
/* Turns until loop_stop. Never returns on error: an epoll failure other than EINTR is logged and retried
 * after a pause. */
void loop_run(struct loop *l);
void loop_stop(struct loop *l);
/* One turn, waiting at most ms (-1: until something happens). For tests and for shutting down. */
void loop_turn(struct loop *l, int ms);
uint64_t loop_now(void); /* ms, CLOCK_MONOTONIC */

#endif
