/* SPDX-License-Identifier: MIT
 * Reads from a pipe into memory, and from memory into a pipe. */
#include "switcher/carry_pipe.h"

#include "switcher/client.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_ROOM = 65536 };

struct intake {
    struct client *client;
    struct client_watch *watch;
    struct client_timer timer;
    int fd;
    size_t max;
    struct goods goods;
    intake_fn fn;
    void *data;
};

struct outlet {
    struct client *client;
    struct client_watch *watch;
    struct client_timer timer;
    int fd;
    const char *data;
    size_t len, sent;
    struct outlet **slot;
};

void goods_wipe(struct goods *g)
{
    if (g->data)
        explicit_bzero(g->data, g->room);
    free(g->data);
    *g = (struct goods){.data = NULL};
}

static int no_waiting(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    return flags < 0 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

void intake_cancel(struct intake *i)
{
    if (!i)
        return;
    client_watch_remove(i->watch);
    client_timer_stop(i->client, &i->timer);
    close(i->fd);
    goods_wipe(&i->goods);
    free(i);
}

static void intake_end(struct intake *i, enum intake_end end)
{
    i->fn(i->data, end, &i->goods);
    intake_cancel(i);
}

static void intake_late(void *data)
{
    intake_end(data, INTAKE_LATE);
}

/* Not realloc: it may leave a copy behind. */
static bool grow(struct intake *i)
{
    struct goods new = {.room = i->goods.room ? i->goods.room * 2 : FIRST_ROOM, .len = i->goods.len};

    if (new.room > i->max + 1)
        new.room = i->max + 1;
    new.data = malloc(new.room);
    if (!new.data)
        return false;
    if (i->goods.len > 0)
        memcpy(new.data, i->goods.data, i->goods.len);
    goods_wipe(&i->goods);
    i->goods = new;
    return true;
}

/* One read a turn, so that a fast owner does not keep the overlay waiting. */
static void intake_ready(void *data, int fd, uint32_t events)
{
    struct intake *i = data;
    ssize_t n;

    (void)events;
    if (i->goods.len == i->goods.room && !grow(i)) {
        intake_end(i, INTAKE_FAILED);
        return;
    }
    n = read(fd, i->goods.data + i->goods.len, i->goods.room - i->goods.len);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n > 0)
        i->goods.len += (size_t)n;
    if (n < 0)
        intake_end(i, INTAKE_FAILED);
    else if (n == 0)
        intake_end(i, INTAKE_DONE);
    else if (i->goods.len > i->max)
        intake_end(i, INTAKE_LONG);
}

struct intake *intake_start(struct client *c, int fd, size_t max, unsigned ms, intake_fn fn, void *data)
{
    struct intake *i = calloc(1, sizeof *i);

    if (i) {
        *i = (struct intake){.client = c, .fd = fd, .max = max, .fn = fn, .data = data};
        i->timer.fn = intake_late;
        i->timer.data = i;
        i->watch = no_waiting(fd) ? NULL : client_watch_add(c, fd, EPOLLIN, intake_ready, i);
    }
    if (!i || !i->watch) {
        free(i);
        close(fd);
        return NULL;
    }
    client_timer_start(c, &i->timer, ms);
    return i;
}

void outlet_cancel(struct outlet *o)
{
    if (!o)
        return;
    *o->slot = NULL;
    client_watch_remove(o->watch);
    client_timer_stop(o->client, &o->timer);
    close(o->fd);
    free(o);
}

static void outlet_late(void *data)
{
    client_log("a program that asked for the clipboard does not read it: given up");
    outlet_cancel(data);
}

static void outlet_ready(void *data, int fd, uint32_t events)
{
    struct outlet *o = data;
    ssize_t n = write(fd, o->data + o->sent, o->len - o->sent);

    (void)events;
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    o->sent += n > 0 ? (size_t)n : 0;
    if (n < 0 || o->sent == o->len)
        outlet_cancel(o);
}

void outlet_start(struct client *c, int fd, const char *data, size_t len, unsigned ms, struct outlet **slot)
{
    struct outlet *o = calloc(1, sizeof *o);
    struct stat st;

    if (o) {
        *o = (struct outlet){.client = c, .fd = fd, .data = data, .len = len, .slot = slot};
        o->timer.fn = outlet_late;
        o->timer.data = o;
        if (fstat(fd, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)) && no_waiting(fd) == 0)
            o->watch = client_watch_add(c, fd, EPOLLOUT, outlet_ready, o);
    }
    if (!o || !o->watch) {
        free(o);
        close(fd);
        return;
    }
    *slot = o;
    client_timer_start(c, &o->timer, ms);
}
