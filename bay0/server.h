/* SPDX-License-Identifier: MIT
 * Control sockets: listen, accept, framing, peers, answers. Knows nothing of what the requests mean. unix(7),
 * SO_PEERCRED. */
#ifndef BAY0_SERVER_H
#define BAY0_SERVER_H

#include "core/err.h"
#include "core/handover.h"
#include "core/proto.h"
#include "loop.h"

#include <sys/types.h>

struct server;               /* one listening socket */
struct client;               /* one connection; dies by itself: hold client_ref, not a pointer */
typedef uint64_t client_ref; /* never reused; 0 is nobody */

enum {
    SERVER_CLIENTS_MAX = 64,
    SERVER_PERSONA_CLIENTS_MAX = 8,
    SERVER_OUT_MAX = 1 << 20,
    SERVER_FDS_MAX = 3,
    SERVER_RATE_PER_SECOND = 50 /* requests of one connection through a persona's socket */,
    SERVER_PENDING_MAX = 32
};

struct call {
    client_ref client;
    const struct request *request; /* valid during the handler only */
    const char *persona;           /* NULL on the Spine's socket; else whose socket it came through */
    uid_t uid;
    int fds[SERVER_FDS_MAX]; /* received with the line, -1 when absent; the handler takes one by setting it to
                                -1, the rest are closed */
};
/* The handler answers now or later with server_answer and friends. Requests that do not parse, or that the
 * socket may not make, are answered here. */
typedef void server_handler_fn(void *user, struct call *c);

/* A listening Unix stream socket: made in the directory of path under a temporary name and renamed, mode and
 * owner set before anyone can connect; an old one is replaced. backlog 0: it has its name, but nobody listens
 * until listen(2). Returns the fd (CLOEXEC, non-blocking) or -1 with *e. Also used for Wayland and tenant
 * sockets. */
int server_listen(const char *path, mode_t mode, uid_t uid, gid_t gid, int backlog, struct err *e);
/* persona: NULL for the Spine's own socket. Takes fd. */
struct server *server_create(struct loop *l, int fd, const char *persona, server_handler_fn *fn, void *user,
                             struct err *e);
void server_destroy(struct server *s); /* NULL-safe; closes the fd and its clients */

void server_answer_ok(client_ref c, int64_t id, const json_t *result);
void server_answer_err(client_ref c, int64_t id, const struct err *e);
void server_progress(client_ref c, int64_t id, const char *step, int percent, const char *detail);
bool server_alive(client_ref c);
/* Makes the connection a subscriber; server_publish sends an event line to all of them. A reader with more
 * than SERVER_OUT_MAX unread is dropped. */
void server_subscribe(client_ref c);
void server_publish(const json_t *event);
void server_publish_new(json_t *event); /* takes it; NULL, when memory is short, is nothing */
/* The same for connections that take the keys of the switcher. True when there is one. */
void server_take_keys(client_ref c);
bool server_publish_key(const json_t *event);
/* Sends an event line to this one client. Returns how many bytes it has not read yet, 0 when it is gone. */
size_t server_tell(client_ref c, const json_t *event);
/* fn is called whenever the client has read all that was sent and had to wait; at most one hook a connection,
 * NULL takes it away. It may not send. */
typedef void server_drained_fn(void *user);
void server_on_drained(client_ref c, server_drained_fn *fn, void *user);
/* Told once when the connection ends; at most one hook a connection (the newest). */
typedef void server_gone_fn(void *user, client_ref c);
void server_on_gone(client_ref c, server_gone_fn *fn, void *user);
/* Hears of each request that is refused, here or by the handler before it returns (what fails later was not
 * refused); persona is "" on the Spine's socket, command is "" when it could not be read. One for all
 * sockets. */
typedef void server_refused_fn(void *user, const char *persona, uid_t uid, const char *command,
                               enum err_code code);
void server_on_refused(server_refused_fn *fn, void *user);
size_t server_clients(void);
/* bay0 goes on in a new program (see reexec.h). Held, nobody is admitted and nothing is read: it waits in the
 * sockets. server_keep: the connections that can go on, at most max; returns how many. server_adopt: one of
 * them in the new program, where s is the server of its socket; takes fd. */
void server_hold(bool on);
int server_fd(const struct server *s);
client_ref server_last_ref(void);
void server_last_ref_set(client_ref last);
size_t server_keep(struct handover_client *out, size_t max);
int server_adopt(struct server *s, const struct handover_client *k);

#endif
