/* SPDX-License-Identifier: MIT
 * Control sockets: accepts within limits, asks the parser, lets the handler answer, now or later. */
#include "server.h"

#include "client.h"
#include "fsutil.h"
#include "log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ACCEPTS_PER_TURN = 16, NO_FDS_PAUSE_MS = 200 };

struct server {
    struct server *next, *prev; /* all servers */
    struct loop *loop;
    int fd;
    struct loop_source *source;
    struct loop_timer *pause; /* no accepting while it runs */
    char persona[NAME_ID_MAX + 1];
    size_t clients;
    struct rate rate; /* of connections, on a persona's socket */
    server_handler_fn *fn;
    void *user;
};

static struct server *servers;
static struct client *clients;
static size_t clients_n;
static client_ref last_ref;
static const struct call *current; /* the request that is being handled */
static server_refused_fn *refused;
static void *refused_user;
static bool held;

static struct client *find(client_ref ref)
{
    for (struct client *c = clients; c; c = c->next)
        if (c->ref == ref)
            return c->doomed ? NULL : c;
    return NULL;
}

/* A request is over: with an answer that could be made, or the connection ends. */
static void answer(client_ref ref, char *line)
{
    struct client *c = find(ref);

    if (c && line) {
        if (c->pending > 0)
            c->pending--;
        client_send(c, line, strlen(line));
        client_answered(c);
    } else if (c) {
        log_error("a client's answer could not be made: its connection ends");
        client_doom(c);
    }
    free(line);
}

void server_answer_ok(client_ref c, int64_t id, const json_t *result)
{
    char *line = proto_ok(id, result);
    struct err e = {0};

    if (!line) {
        err_set(&e, ERR_NO_MEMORY,
                "the request was carried out, but its answer is too long or memory is short");
        line = proto_fail(id, &e);
    }
    answer(c, line);
}

void server_answer_err(client_ref c, int64_t id, const struct err *e)
{
    if (refused && current && current->client == c && current->request->id == id)
        refused(refused_user, current->persona ? current->persona : "", current->uid,
                current->request->verb ? current->request->verb->command : "", e->code);
    answer(c, proto_fail(id, e));
}

void server_progress(client_ref ref, int64_t id, const char *step, int percent, const char *detail)
{
    struct client *c = find(ref);
    char *line = c ? proto_progress(id, step, percent, detail) : NULL;

    if (line)
        client_send(c, line, strlen(line));
    free(line);
}

bool server_alive(client_ref c)
{
    return find(c) != NULL;
}

void server_subscribe(client_ref ref)
{
    struct client *c = find(ref);

    if (c)
        c->subscribed = true;
}

void server_take_keys(client_ref ref)
{
    struct client *c = find(ref);

    if (c)
        c->keys = true;
}

static bool publish(const json_t *event, bool keys)
{
    char *line = NULL;
    bool any = false;

    for (struct client *c = clients; c; c = c->next) {
        if (!c->subscribed || c->doomed || (keys && !c->keys))
            continue;
        any = true;
        if (!line)
            line = proto_event(event);
        if (line)
            client_send(c, line, strlen(line));
    }
    free(line);
    return any;
}

void server_publish(const json_t *event)
{
    publish(event, false);
}

void server_publish_new(json_t *event)
{
    if (event)
        publish(event, false);
    json_decref(event);
}

bool server_publish_key(const json_t *event)
{
    return publish(event, true);
}

size_t server_tell(client_ref ref, const json_t *event)
{
    struct client *c = find(ref);
    char *line = c ? proto_event(event) : NULL;

    if (line)
        client_send(c, line, strlen(line));
    free(line);
    return c ? c->out_len - c->out_at : 0;
}

void server_on_drained(client_ref ref, server_drained_fn *fn, void *user)
{
    for (struct client *c = clients; c;
         c = c->next) /* also one that is given up: its hook must not outlive user */
        if (c->ref == ref) {
            c->drained = fn;
            c->drained_user = user;
        }
}

void server_on_gone(client_ref ref, server_gone_fn *fn, void *user)
{
    struct client *c = find(ref);

    if (c) {
        c->gone = fn;
        c->gone_user = user;
    }
}

void server_on_refused(server_refused_fn *fn, void *user)
{
    refused = fn;
    refused_user = user;
}

size_t server_clients(void)
{
    return clients_n;
}

static void on_close(struct client *c)
{
    if (c->prev)
        c->prev->next = c->next;
    else
        clients = c->next;
    if (c->next)
        c->next->prev = c->prev;
    clients_n--;
    c->server->clients--;
    if (c->gone)
        c->gone(c->gone_user, c->ref);
}

/* Whether a request of this kind may come through s. */
static int may_ask(const struct server *s, const struct verb *v, struct err *e)
{
    if (s->persona[0] && v->who == VERB_ROOT)
        return err_set(e, ERR_NOT_ALLOWED, "%s may not be asked for from inside a persona", v->command);
    if (s->persona[0] || v->who != VERB_OWN)
        return 0;
    err_set(e, ERR_NOT_ALLOWED, "%s is asked for from inside a persona only", v->command);
    return err_hint(e, "`spine run ID -- spine ...` runs it there");
}

static void on_line(struct client *c, const char *line, size_t len, const struct err *broken,
                    int fds[SERVER_FDS_MAX])
{
    static struct request request; /* large, and one is enough: handlers do not turn the loop */
    struct server *s = c->server;
    struct call call = {
        .client = c->ref, .request = &request, .persona = s->persona[0] ? s->persona : NULL, .uid = c->uid};
    const struct call *before = current;
    struct err e = {0};

    c->pending++;
    memset(&request, 0, sizeof request);
    current = &call;
    memcpy(call.fds, fds, sizeof call.fds);
    if (broken || proto_parse(line, len, &request, &e) < 0 || may_ask(s, request.verb, &e) < 0)
        server_answer_err(c->ref, request.id, broken ? broken : &e);
    else
        s->fn(s->user, &call);
    current = before;
    memcpy(fds, call.fds, sizeof call.fds);
}

static void refuse(struct server *s, int fd)
{
    struct err e = {0};
    char *line;

    err_set(&e, ERR_LIMIT, "there are already %zu connections to this socket", s->clients);
    err_hint(&e, "close one that is no longer needed");
    line = proto_fail(0, &e);
    if (line)
        (void)!send(fd, line, strlen(line), MSG_DONTWAIT | MSG_NOSIGNAL);
    free(line);
    fs_close(&fd);
}

static struct client *client_new(struct server *s, int fd, uid_t uid, client_ref ref)
{
    struct client *c = client_create(s->loop, fd, on_line, on_close);

    if (!c)
        return NULL;
    c->server = s;
    c->uid = uid;
    c->ref = ref;
    c->limited = s->persona[0] != '\0';
    c->next = clients;
    if (clients)
        clients->prev = c;
    clients = c;
    clients_n++;
    s->clients++;
    return c;
}

static void admit(struct server *s, int fd)
{
    size_t max = s->persona[0] ? SERVER_PERSONA_CLIENTS_MAX : SERVER_CLIENTS_MAX;
    socklen_t size = sizeof(struct ucred);
    struct ucred peer;

    if (s->clients >= max || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
        refuse(s, fd);
    else
        (void)client_new(s, fd, peer.uid, ++last_ref);
}

static void pause_over(void *user)
{
    struct server *s = user;

    s->pause = NULL;
    (void)loop_modify(s->source, held ? 0 : EPOLLIN);
}

static void pause_for(struct server *s, uint64_t ms)
{
    if (!s->pause)
        s->pause = loop_timer(s->loop, ms, pause_over, s);
    if (s->pause)
        (void)loop_modify(s->source, 0);
}

static void on_connect(void *user, uint32_t events)
{
    struct server *s = user;

    (void)events;
    for (int n = 0; n < ACCEPTS_PER_TURN; n++) {
        int fd;

        if (s->persona[0] && !rate_take(&s->rate)) {
            pause_for(s, rate_wait(&s->rate));
            return;
        }
        fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0) {
            admit(s, fd);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
            /* The connection stays in the queue and would wake the loop again and again. */
            log_error("cannot accept a connection: %m");
            pause_for(s, NO_FDS_PAUSE_MS);
            return;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            return;
        }
    }
}

struct server *server_create(struct loop *l, int fd, const char *persona, server_handler_fn *fn, void *user,
                             struct err *e)
{
    struct server *s = NULL;

    if (persona && !name_id_ok(persona))
        err_set(e, ERR_BAD_ID, "'%s' is not the id of a persona", persona);
    else if (!(s = calloc(1, sizeof *s)))
        err_set(e, ERR_NO_MEMORY, "no memory for a control socket");
    if (!s) {
        fs_close(&fd);
        return NULL;
    }
    *s = (struct server){.next = servers, .loop = l, .fd = fd, .fn = fn, .user = user};
    if (servers)
        servers->prev = s;
    servers = s;
    if (persona)
        memcpy(s->persona, persona, strlen(persona) + 1);
    s->source = loop_add(l, fd, held ? 0 : EPOLLIN, on_connect, s);
    if (!s->source) {
        err_set(e, ERR_SYSTEM, "cannot watch a control socket: %s", strerror(errno));
        server_destroy(s);
        return NULL;
    }
    return s;
}

void server_destroy(struct server *s)
{
    if (!s)
        return;
    for (struct client *c = clients; c && s->clients > 0;) {
        if (c->server == s) {
            client_close(c);
            c = clients; /* its hook may have ended others */
        } else {
            c = c->next;
        }
    }
    if (s->prev)
        s->prev->next = s->next;
    else
        servers = s->next;
    if (s->next)
        s->next->prev = s->prev;
    loop_timer_cancel(s->pause);
    loop_remove(s->source);
    fs_close(&s->fd);
    free(s);
}

void server_hold(bool on)
{
    held = on;
    for (struct server *s = servers; s; s = s->next)
        if (s->source && !s->pause)
            (void)loop_modify(s->source, on ? 0 : EPOLLIN);
    for (struct client *c = clients; c; c = c->next)
        client_hold(c, on);
}

int server_fd(const struct server *s)
{
    return s->fd;
}

client_ref server_last_ref(void)
{
    return last_ref;
}

void server_last_ref_set(client_ref last)
{
    last_ref = last;
}

size_t server_keep(struct handover_client *out, size_t max)
{
    size_t n = 0;

    for (const struct client *c = clients; c && n < max; c = c->next) {
        if (!client_idle(c))
            continue;
        out[n] = (struct handover_client){.fd = c->fd,
                                          .ref = c->ref,
                                          .uid = c->uid,
                                          .subscribed = c->subscribed,
                                          .keys = c->keys,
                                          .pending = c->pending};
        memcpy(out[n++].persona, c->server->persona, sizeof out[0].persona);
    }
    return n;
}

int server_adopt(struct server *s, const struct handover_client *k)
{
    struct client *c = client_new(s, k->fd, k->uid, k->ref);

    if (!c)
        return -1;
    c->subscribed = k->subscribed;
    c->keys = k->keys;
    c->pending = k->pending;
    return 0;
}
