/* SPDX-License-Identifier: MIT
 * Several sources on one relay: who may have how many places, and what bay0 tells by the control socket. */
#include "relay/source.h"
#include "relay/test/rig.h"
#include "tests/t.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* 0, 1, 2, listener, control, epoll, signals; two sockets and two pipes for each connection. Settling may
 * take long on a busy machine. */
enum { FDS_AT_REST = 7, FDS_EACH = 6, LONG = 20000 };

static const char *const plain[] = {"--listen-fd", "3", NULL};
static const char *const two_each[] = {"--listen-fd", "3", "--each", "2", NULL};

static void start(struct rig *r, const char *const *options)
{
    rig_init(r);
    r->steer = true;
    rig_start(r, options, NULL);
    T_NAMED(rig_settles(r, FDS_AT_REST, LONG), "the relay is there");
}

/* A listener of its own beside r's; what is left of *r serves to ask by it. */
static struct rig listen_as(const struct rig *r, const char *name)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    struct rig origin = *r;

    snprintf(origin.socket, sizeof origin.socket, "%.60s/%.10s", r->dir, name);
    snprintf(a.sun_path, sizeof a.sun_path, "%s", origin.socket);
    origin.listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (bind(origin.listen_fd, (struct sockaddr *)&a, sizeof a) < 0 || listen(origin.listen_fd, 64) < 0)
        T_NAMED(false, "listening");
    return origin;
}

static void unlisten(struct rig *origin)
{
    close(origin->listen_fd);
    unlink(origin->socket);
}

static void say(const struct rig *r, const char *text, int fd)
{
    rig_tell(r, text, strlen(text), &fd, fd >= 0 ? 1 : 0);
}

static struct rig add(const struct rig *r, const char *name)
{
    struct rig origin = listen_as(r, name);
    char text[40];

    snprintf(text, sizeof text, "add %s", name);
    say(r, text, origin.listen_fd);
    return origin;
}

static bool answered(int fd, const char *text)
{
    char got[64] = "";

    return rig_get(fd, got, strlen(text)) == (ssize_t)strlen(text) && strcmp(got, text) == 0;
}

static bool echoes(int fd, const char *text)
{
    rig_put(fd, text, strlen(text));
    return answered(fd, text);
}

/* Nothing comes for a while, and no end. */
static bool waits(int fd)
{
    char got[1];

    rig_sleep(300);
    return recv(fd, got, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN;
}

static bool ended(int fd)
{
    char got[1];

    return rig_get(fd, got, 1) <= 0;
}

static bool refused(const struct rig *origin)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), rc;

    snprintf(a.sun_path, sizeof a.sun_path, "%s", origin->socket);
    rc = connect(fd, (struct sockaddr *)&a, sizeof a) < 0 ? errno : 0;
    close(fd);
    return rc == ECONNREFUSED;
}

/* Someone who takes a place, and half of whose request the server has. */
static int half_request(const struct rig *origin)
{
    return rig_ask(origin, "E");
}

static void test_add(void)
{
    struct rig r, a;
    int first, second;

    start(&r, plain);
    a = add(&r, "a");
    unlisten(&a); /* the relay has its own; only the name is gone */
    a = add(&r, "b");
    first = rig_ask(&a, "E\n");
    T_NAMED(echoes(first, "hello"), "who comes by a socket that was added is served");
    second = rig_ask(&r, "E\n");
    T_NAMED(echoes(second, "hello"), "and so is who comes by the inherited one");
    T(rig_settles(&r, FDS_AT_REST + 2 + 2 * FDS_EACH, LONG));
    close(first);
    close(second);
    T_NAMED(rig_settles(&r, FDS_AT_REST + 2, LONG), "only the listeners stay");
    unlisten(&a);
    rig_finish(&r);
}

static void test_shares(void)
{
    struct rig r, a, b;
    int half[2], third, other, own;

    start(&r, two_each);
    a = add(&r, "a");
    b = add(&r, "b");
    for (int i = 0; i < 2; i++)
        half[i] = half_request(&a);
    T(rig_settles(&r, FDS_AT_REST + 2 + 2 * FDS_EACH, LONG));
    third = rig_ask(&a, "E\nhello");
    T_NAMED(waits(third), "who comes when its source has all its places waits");
    other = rig_ask(&b, "E\n");
    T_NAMED(echoes(other, "hello"), "another source is served at once");
    own = rig_ask(&r, "E\n");
    T_NAMED(echoes(own, "hello"), "the inherited one too");
    T_NAMED(waits(third), "while the first still waits");
    close(half[0]);
    T_NAMED(answered(third, "hello"), "until one of its own ends");
    close(half[1]);
    close(third);
    close(other);
    close(own);
    T_NAMED(rig_settles(&r, FDS_AT_REST + 2, LONG), "no descriptor is left behind");
    unlisten(&a);
    unlisten(&b);
    rig_finish(&r);
}

/* Who never says a word makes room for its own source, not for others. */
static void test_eviction(void)
{
    static const char *const options[] = {"--listen-fd", "3", "--each", "2", "--stall", "1", NULL};
    struct rig r, a;
    int mute[2], quiet, third;
    char got[1];

    start(&r, options);
    a = add(&r, "a");
    quiet = rig_connect(&r);
    for (int i = 0; i < 2; i++)
        mute[i] = rig_connect(&a);
    T(rig_settles(&r, FDS_AT_REST + 1 + 3 * FDS_EACH, LONG));
    third = rig_ask(&a, "E\n");
    T_NAMED(echoes(third, "hello"), "clients that never say a word do not keep their own source's out");
    T_NAMED(ended(mute[0]), "one of them lost its place");
    T_NAMED(recv(quiet, got, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN, "nobody of another source did");
    rig_put(quiet, "E\n", 2);
    T_NAMED(echoes(quiet, "hello"), "which speaks when it likes");
    close(quiet);
    close(third);
    for (int i = 0; i < 2; i++)
        close(mute[i]);
    unlisten(&a);
    rig_finish(&r);
}

static void test_del(void)
{
    struct rig r, a, b;
    char line[128];
    int dropped, stays;

    start(&r, plain);
    a = add(&r, "a");
    b = add(&r, "b");
    snprintf(line, sizeof line, "W 0 %s\n", r.file);
    dropped = rig_ask(&a, line);
    stays = rig_ask(&b, "E\n");
    T(echoes(stays, "hello"));
    T(rig_settles(&r, FDS_AT_REST + 2 + 2 * FDS_EACH, LONG));
    say(&r, "del nobody", -1);
    say(&r, "del a", -1);
    T_NAMED(ended(dropped), "a source that is forgotten loses its connections");
    T_NAMED(rig_noted(&r, "cut", LONG), "and the server sees a reset");
    T_NAMED(rig_settles(&r, FDS_AT_REST + 1 + FDS_EACH, LONG), "and its listener is closed");
    T_NAMED(echoes(stays, "again"), "the others go on");
    unlisten(&b);
    close(a.listen_fd);
    T_NAMED(refused(&a), "nobody listens there any more");
    unlink(a.socket);
    say(&r, "del b", -1);
    T_NAMED(ended(stays), "also the second one");
    T(rig_settles(&r, FDS_AT_REST, LONG));
    close(dropped);
    close(stays);
    rig_finish(&r);
}

/* The listener is bay0's too: a source that is gone must not wake the relay. */
static void test_rest_after_del(void)
{
    struct rig r, a;
    long before;
    int fd;

    start(&r, plain);
    a = add(&r, "a");
    T(rig_settles(&r, FDS_AT_REST + 1, LONG));
    say(&r, "del a", -1);
    T(rig_settles(&r, FDS_AT_REST, LONG));
    rig_sleep(300);
    before = rig_activity(&r);
    fd = rig_ask(&a, "E\nhello");
    rig_sleep(1000);
    T_INT(rig_activity(&r), before);
    say(&r, "add b", a.listen_fd);
    T_NAMED(answered(fd, "hello"), "who waits there is served when it is added again");
    close(fd);
    unlisten(&a);
    rig_finish(&r);
}

static void test_replace(void)
{
    struct rig r, a, b;
    int old, fresh;

    start(&r, plain);
    a = add(&r, "a");
    old = rig_ask(&a, "E\n");
    T(echoes(old, "hello"));
    b = listen_as(&r, "b");
    fresh = rig_ask(&b, "E\nhello");
    say(&r, "add a", b.listen_fd);
    T_NAMED(ended(old), "a name that is given again loses its connections");
    T_NAMED(answered(fresh, "hello"), "and is served by its new socket");
    T_NAMED(rig_settles(&r, FDS_AT_REST + 1 + FDS_EACH, LONG), "the old one is closed");
    close(a.listen_fd);
    T_NAMED(refused(&a), "and takes nobody any more");
    unlink(a.socket);
    close(old);
    close(fresh);
    unlisten(&b);
    rig_finish(&r);
}

/* Everything that a packet can have wrong, with a connection that must not notice. */
static void test_bad_packets(void)
{
    static const char *const bad[] = {
        "",        "x",       "add",         "add ",   "add  b",
        "add B",   "add b\n", "add b ",      "addb",   "del",
        "del a b", "ADD b",   "add b add c", "move b", "add abcdefghijklmnopqrstuvwxyz-01234",
        "del A",   "add /b"};
    static char big[4096];
    struct sockaddr_un none = {.sun_family = AF_UNIX};
    int wrong[8], many[RIG_FDS], live, late, n = 0;
    struct rig r, a, b;

    start(&r, plain);
    a = add(&r, "a");
    live = rig_ask(&a, "E\n");
    T(echoes(live, "hello"));
    b = listen_as(&r, "b");
    snprintf(big, sizeof big, "add %04091d", 0);
    for (int i = 0; i < RIG_FDS; i++)
        many[i] = b.listen_fd;
    wrong[n++] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    wrong[n++] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0); /* does not listen */
    wrong[n++] = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    wrong[n++] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    T_INT(listen(wrong[n - 1], 5), 0);
    wrong[n++] = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    T(bind(wrong[n - 1], (struct sockaddr *)&none, sizeof none.sun_family) == 0 &&
      listen(wrong[n - 1], 5) == 0);
    wrong[n++] = live;
    for (int round = 0; round < 20; round++) {
        for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
            for (unsigned fds = 0; fds <= 2; fds++)
                rig_tell(&r, bad[i], strlen(bad[i]), many, fds);
        for (int i = 0; i < n; i++) {
            say(&r, "add b", wrong[i]);
            say(&r, "add a", wrong[i]);
        }
        for (unsigned fds = 0; fds <= RIG_FDS; fds++) {
            if (fds != 1)
                rig_tell(&r, "add b", 5, many, fds);
            if (fds != 0)
                rig_tell(&r, "del a", 5, many, fds);
            rig_tell(&r, big, sizeof big, many, fds);
            rig_tell(&r, "add b", 6, many, fds); /* with its zero */
        }
        rig_sleep(20);
    }
    late = rig_ask(&b, "E\nhello");
    T_NAMED(waits(late), "what was not understood adds nothing");
    T_NAMED(echoes(live, "again"), "and takes nothing away");
    T_NAMED(rig_settles(&r, FDS_AT_REST + 1 + FDS_EACH, LONG), "and leaves no descriptor behind");
    say(&r, "add b", b.listen_fd);
    T_NAMED(answered(late, "hello"), "and the next packet is heard");
    T(rig_settles(&r, FDS_AT_REST + 2 + 2 * FDS_EACH, LONG));
    for (int i = 0; i < n; i++)
        close(wrong[i]); /* live among them */
    close(late);
    unlisten(&a);
    unlisten(&b);
    rig_finish(&r);
}

static void test_table_full(void)
{
    struct rig r, a, b;
    char text[40];
    int fd;

    start(&r, plain);
    a = listen_as(&r, "a");
    b = listen_as(&r, "b");
    for (int i = 1; i < SOURCES_MOST; i++) {
        snprintf(text, sizeof text, "add p%d", i);
        say(&r, text, a.listen_fd);
    }
    T(rig_settles(&r, FDS_AT_REST + SOURCES_MOST - 1, LONG));
    say(&r, "add b", b.listen_fd);
    say(&r, "add p9", a.listen_fd); /* replacing is no matter of room */
    fd = rig_ask(&b, "E\nhello");
    T_NAMED(waits(fd), "there is no room for one more");
    T(rig_settles(&r, FDS_AT_REST + SOURCES_MOST - 1, LONG));
    say(&r, "del p9", -1);
    say(&r, "add b", b.listen_fd);
    T_NAMED(answered(fd, "hello"), "until another one goes");
    close(fd);
    T(rig_settles(&r, FDS_AT_REST + SOURCES_MOST - 1, LONG));
    unlisten(&a);
    unlisten(&b);
    rig_finish(&r);
}

static void test_control_ends(void)
{
    struct rig r, a;
    long before;
    int fd, later;

    start(&r, plain);
    a = add(&r, "a");
    fd = rig_ask(&a, "E\n");
    T(echoes(fd, "hello"));
    rig_tell(&r, "", 0, NULL, 0);
    say(&r, "add b", a.listen_fd); /* an empty packet is not the end */
    T(rig_settles(&r, FDS_AT_REST + 2 + FDS_EACH, LONG));
    close(r.control_fd);
    r.control_fd = -1;
    rig_sleep(300);
    before = rig_activity(&r);
    rig_sleep(1500);
    T_INT(rig_activity(&r), before);
    T_NAMED(echoes(fd, "again"), "without bay0 the connections go on");
    later = rig_ask(&a, "E\n");
    T_NAMED(echoes(later, "hello"), "and the sources stay");
    close(fd);
    close(later);
    unlisten(&a);
    rig_finish(&r);
}

static void test_rest(void)
{
    struct rig r, a;
    int half[2], third;
    long before;

    start(&r, two_each);
    a = add(&r, "a");
    for (int i = 0; i < 2; i++)
        half[i] = half_request(&a);
    T(rig_settles(&r, FDS_AT_REST + 1 + 2 * FDS_EACH, LONG));
    third = rig_ask(&a, "E\nhello");
    shutdown(a.listen_fd, SHUT_RDWR); /* always an event to whoever watches */
    rig_sleep(300);
    before = rig_activity(&r);
    rig_sleep(1500);
    T_INT(rig_activity(&r), before);
    for (int i = 0; i < 2; i++)
        close(half[i]);
    close(third);
    unlisten(&a);
    rig_finish(&r);
}

/* The index of the one that has an answer to read, -1 after a long time. */
static int answer_of(const int *fds, int n)
{
    struct pollfd p[8];

    for (int i = 0; i < n; i++)
        p[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
    if (poll(p, (nfds_t)n, LONG) > 0)
        for (int i = 0; i < n; i++)
            if (p[i].revents & POLLIN)
                return i;
    return -1;
}

/* One who asks all the time does not get every place that is freed. */
static void test_round(void)
{
    static const char *const one[] = {"--listen-fd", "3", "--max", "1", NULL};
    enum { BUSY = 4, ALL = BUSY + 2 };
    int fds[ALL], order[ALL], holder, within = 0;
    struct rig r, a, b;

    start(&r, one);
    a = add(&r, "a");
    b = add(&r, "b");
    holder = half_request(&a);
    T(rig_settles(&r, FDS_AT_REST + 2 + FDS_EACH, LONG));
    for (int i = 0; i < ALL; i++)
        fds[i] = rig_ask(i < BUSY ? &a : i == BUSY ? &b : &r, "E\nhello");
    close(holder);
    for (int i = 0; i < ALL; i++) {
        int who = answer_of(fds, ALL);

        if (!T_NAMED(who >= 0 && answered(fds[who], "hello"), "a place that is freed is taken"))
            break;
        order[i] = who;
        close(fds[who]);
        fds[who] = -1; /* poll leaves it out */
        within += i < 3 && order[i] >= BUSY;
    }
    T_NAMED(within == 2, "two of the first three go to the two sources that ask once");
    T(rig_settles(&r, FDS_AT_REST + 2, LONG));
    unlisten(&a);
    unlisten(&b);
    rig_finish(&r);
}

static void test_not_before_ready(void)
{
    struct rig r, a;
    int early;

    rig_init(&r);
    r.steer = true;
    r.loads = true;
    rig_start(&r, plain, NULL);
    a = add(&r, "a");
    early = rig_ask(&a, "E\nhello");
    rig_sleep(500);
    T_NAMED(waits(early), "nobody is accepted before the server is ready");
    close(open(r.file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    T_NAMED(answered(early, "hello"), "then who waited is served");
    close(early);
    unlisten(&a);
    rig_finish(&r);
}

/* What the relay still delivers after the command's end is no reason to take somebody new. */
static void test_not_after_end(void)
{
    struct rig r, a;
    char line[128];
    int unread, killer, late;

    start(&r, plain);
    a = add(&r, "a");
    snprintf(line, sizeof line, "S %d %s\n", 4 << 20, r.file);
    unread = rig_ask(&a, line);
    T(rig_settles(&r, FDS_AT_REST + 1 + FDS_EACH, LONG));
    rig_sleep(300);
    killer = rig_ask(&r, "D 0\n");
    T(ended(killer));
    rig_sleep(100);
    late = rig_ask(&a, "E\nhello");
    T_INT(rig_wait(&r, LONG), 128 + SIGKILL);
    rig_start(&r, plain, NULL);
    say(&r, "add a", a.listen_fd);
    T_NAMED(answered(late, "hello"), "who came after the command's end is for the next relay");
    close(unread);
    close(killer);
    close(late);
    unlisten(&a);
    rig_finish(&r);
}

static void test_wrong_control(void)
{
    static const char *const options[] = {"--listen-fd", "3", "--control", "3", NULL};
    static const char *const missing[] = {"--listen-fd", "3", "--control", "4", NULL};
    struct rig r;

    rig_init(&r);
    rig_start(&r, options, NULL);
    T_INT(rig_wait(&r, LONG), 125);
    rig_start(&r, missing, NULL);
    T_INT(rig_wait(&r, LONG), 125);
    rig_finish(&r);
}

int main(int argc, char **argv)
{
    rig_maybe_serve(argc, argv);
    test_add();
    test_shares();
    test_eviction();
    test_del();
    test_rest_after_del();
    test_replace();
    test_bad_packets();
    test_table_full();
    test_control_ends();
    test_rest();
    test_round();
    test_not_before_ready();
    test_not_after_end();
    test_wrong_control();
    return t_done();
}
