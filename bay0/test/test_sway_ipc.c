/* SPDX-License-Identifier: MIT
 * The connection to sway against a listener that answers as it is told to: in order, in pieces, too much, not
 * at all. Everybody who asks is told exactly once. */
#include "child_kit.h"
#include "sway_ipc.h"

#include <sys/socket.h>
#include <sys/un.h>

enum { TIME_MS = 150, ASKED_MAX = 2 * SWAY_ASKS_MAX };

static char dir[] = "/tmp/spine-sway-ipc-XXXXXX", path[64];
static struct sway_ipc ipc;
static int listener, peer = -1;

/* What came of each ask, in the order of their ends. */
static struct told {
    int who;
    bool lost, good;
    size_t len;
    char text[64];
} told[ASKED_MAX];
static int told_n;
static bool asking;

static void done(void *user, const struct sway_answer *a)
{
    struct told *t = &told[told_n++];

    if (asking)
        T(!"told by the call that asked");
    *t = (struct told){.who = *(int *)user, .lost = a->lost, .good = !a->error, .len = a->len};
    snprintf(t->text, sizeof t->text, "%s", a->error ? a->error : a->text);
}

static int number[ASKED_MAX];

static bool asks(int who, uint32_t type, const char *text, sway_answer_fn *fn)
{
    bool ok;

    asking = true;
    ok = sway_ipc_ask(&ipc, type, text, fn, &number[who]);
    asking = false;
    return ok;
}

static bool ask(int who, const char *text)
{
    return asks(who, SWAY_RUN_COMMAND, text, done);
}

static void begin(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};

    snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
    told_n = 0;
    listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    T_INT(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
    T_INT(listen(listener, 3), 0);
    sway_ipc_init(&ipc, loop, path, TIME_MS);
}

static void end(void)
{
    sway_ipc_drop(&ipc);
    T_INT(ipc.asks, 0);
    T(!ipc.source && !ipc.timer && ipc.fd == -1);
    close(listener);
    fs_close(&peer);
    unlink(path);
}

static void meet(void)
{
    fs_close(&peer);
    peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    T(peer >= 0);
}

/* What was asked next is of this type and text. */
static bool heard(uint32_t type, const char *text)
{
    char head[SWAY_HEAD], body[SWAY_ASK_MAX + 1] = "";
    uint32_t len, is;

    return recv(peer, head, sizeof head, 0) == SWAY_HEAD && sway_head_read(head, &len, &is) && is == type &&
           len == strlen(text) && (len == 0 || recv(peer, body, len, 0) == (ssize_t)len) &&
           strcmp(body, text) == 0;
}

static void say_head(uint32_t type, uint32_t len)
{
    char head[SWAY_HEAD];

    sway_head_write(head, len, type);
    T_INT(send(peer, head, sizeof head, MSG_NOSIGNAL), SWAY_HEAD);
}

static void say(uint32_t type, const char *text)
{
    say_head(type, (uint32_t)strlen(text));
    T_INT(send(peer, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Sends so many bytes of one kind, while they are read. */
static void flood(size_t n)
{
    static char bytes[4096];

    memset(bytes, 'x', sizeof bytes);
    while (n > 0) {
        ssize_t sent = send(peer, bytes, n < sizeof bytes ? n : sizeof bytes, MSG_NOSIGNAL);

        if (sent > 0)
            n -= (size_t)sent;
        else if (errno != EAGAIN)
            return;
        loop_turn(loop, 0);
    }
}

/* Turns until so many were told; false after 5 s. */
static bool comes(int n)
{
    for (uint64_t until = loop_now() + 5000; told_n < n && loop_now() < until;)
        loop_turn(loop, 10);
    return told_n == n;
}

static bool is_told(int at, int who, bool good, bool lost, const char *text)
{
    const struct told *t = &told[at];

    return t->who == who && t->good == good && t->lost == lost && (!text || strcmp(t->text, text) == 0);
}

static void test_order(void)
{
    begin();
    T(ask(0, "one") && asks(1, SWAY_GET_TREE, "", done) && ask(2, "two"));
    T_INT(ipc.asks, 3);
    meet();
    T(heard(SWAY_RUN_COMMAND, "one") && heard(SWAY_GET_TREE, "") && heard(SWAY_RUN_COMMAND, "two"));
    say(SWAY_RUN_COMMAND, "first");
    say(SWAY_GET_TREE, "second");
    T(comes(2));
    say(SWAY_RUN_COMMAND, "");
    T(comes(3));
    T(is_told(0, 0, true, false, "first") && told[0].len == 5);
    T(is_told(1, 1, true, false, "second") && is_told(2, 2, true, false, ""));
    T_INT(ipc.asks, 0);
    T_NAMED(!ipc.timer, "who waits for nothing is not woken");
    end();
}

static void test_pieces(void)
{
    char bytes[SWAY_HEAD + sizeof "piece"];

    begin();
    T(ask(0, "a") && ask(1, "b"));
    meet();
    sway_head_write(bytes, 5, SWAY_RUN_COMMAND);
    snprintf(bytes + SWAY_HEAD, sizeof "piece", "piece");
    for (size_t i = 0; i < sizeof bytes - 1; i++) {
        T_INT(told_n, 0);
        T_INT(send(peer, bytes + i, 1, 0), 1);
        loop_turn(loop, 100);
    }
    T(comes(1) && is_told(0, 0, true, false, "piece"));
    say(SWAY_RUN_COMMAND, "whole");
    T(comes(2) && is_told(1, 1, true, false, "whole"));
    end();
}

static void test_long(void)
{
    begin();
    ipc.timeout_ms = 5000;
    T(ask(0, "a") && ask(1, "b") && ask(2, "c"));
    meet();
    say_head(SWAY_RUN_COMMAND, SWAY_ANSWER_MAX);
    flood(SWAY_ANSWER_MAX);
    T(comes(1) && is_told(0, 0, true, false, NULL) && told[0].len == SWAY_ANSWER_MAX);
    say_head(SWAY_RUN_COMMAND, SWAY_ANSWER_MAX + 1);
    flood(SWAY_ANSWER_MAX + 1);
    T(comes(2) && is_told(1, 1, false, false, "the answer is too long"));
    say(SWAY_RUN_COMMAND, "next");
    T_NAMED(comes(3) && is_told(2, 2, true, false, "next"), "one that is too long is passed over");
    end();
}

static void test_endless(void)
{
    begin();
    T(ask(0, "a") && ask(1, "b"));
    meet();
    say_head(SWAY_RUN_COMMAND, UINT32_MAX);
    flood(2 * SWAY_ANSWER_MAX);
    T_NAMED(ipc.text_size <= 2 * SWAY_ANSWER_MAX, "what it only claims is not made room for");
    T(comes(2) && is_told(0, 0, false, true, NULL) && is_told(1, 1, false, true, NULL));
    end();
}

static void test_close(void)
{
    begin();
    T(ask(0, "a") && ask(1, "b"));
    meet();
    say_head(SWAY_RUN_COMMAND, 10);
    T_INT(send(peer, "12345", 5, 0), 5);
    loop_turn(loop, 100);
    fs_close(&peer);
    T(comes(2) && is_told(0, 0, false, true, NULL) && is_told(1, 1, false, true, NULL));
    T_NAMED(ask(2, "c"), "opened anew");
    meet();
    T(heard(SWAY_RUN_COMMAND, "c"));
    say(SWAY_RUN_COMMAND, "good");
    T_NAMED(comes(3) && is_told(2, 2, true, false, "good"), "nothing of the old one is left");
    fs_close(&peer);
    loop_turn(loop, 100);
    T_NAMED(!ipc.source && told_n == 3, "an end while nobody waits");
    end();
}

/* Another type, one that nobody asked for, and no head at all. */
static void test_rubbish(void)
{
    begin();
    T(ask(0, "a"));
    meet();
    say(SWAY_GET_TREE, "{}");
    T(comes(1) && is_told(0, 0, false, true, NULL));
    T(ask(1, "a"));
    meet();
    say(SWAY_RUN_COMMAND, "x");
    say(SWAY_RUN_COMMAND, "y");
    T(comes(2) && is_told(1, 1, true, false, "x"));
    loop_turn(loop, 100);
    T(!ipc.source);
    T(ask(2, "a"));
    meet();
    T_INT(send(peer, "HTTP/1.1 200 OK\r\n", 17, 0), 17);
    T(comes(3) && is_told(2, 2, false, true, NULL));
    end();
}

static void test_time(void)
{
    uint64_t began = loop_now();
    char byte;

    begin();
    T(ask(0, "a"));
    meet();
    say(SWAY_RUN_COMMAND, "x");
    T(comes(1) && ask(1, "b") && ask(2, "c"));
    T(comes(3) && is_told(1, 1, false, true, "no answer in time") && is_told(2, 2, false, true, NULL));
    T(loop_now() - began >= TIME_MS);
    while (recv(peer, &byte, 1, 0) == 1)
        ;
    T_NAMED(recv(peer, &byte, 1, 0) == 0, "the connection is ended");
    /* Each has the whole time, from when it asked. */
    ipc.timeout_ms = 400;
    T(ask(3, "d"));
    meet();
    for (began = loop_now(); loop_now() < began + 300;)
        loop_turn(loop, 20);
    T(ask(4, "e"));
    say(SWAY_RUN_COMMAND, "x");
    for (; loop_now() < began + 550;)
        loop_turn(loop, 20);
    T_INT(told_n, 4);
    T(comes(5) && is_told(4, 4, false, true, "no answer in time"));
    end();
}

static void test_full(void)
{
    int i, known = 0;

    begin();
    ipc.timeout_ms = 5000;
    for (i = 0; i < SWAY_ASKS_MAX && ask(i, "x"); i++)
        ;
    T_INT(i, SWAY_ASKS_MAX);
    T(!ask(i, "x"));
    T_INT(errno, ENOBUFS);
    meet();
    while (heard(SWAY_RUN_COMMAND, "x"))
        known++;
    T_NAMED(known == SWAY_SENT_MAX, "sway has a few of them");
    for (i = 0; i < SWAY_ASKS_MAX; i++) {
        say_head(SWAY_RUN_COMMAND, 0);
        if (!comes(i + 1) || !is_told(i, i, true, false, ""))
            break;
    }
    T_INT(i, SWAY_ASKS_MAX);
    T(ask(0, "x"));
    end();
    T_NAMED(told_n == SWAY_ASKS_MAX + 1 && is_told(SWAY_ASKS_MAX, 0, false, true, NULL),
            "who waits when it is dropped is told");
}

/* A connection that takes no more is lost, and not by the call that found out. */
static void test_stuffed(void)
{
    char text[SWAY_ASK_MAX + 2];
    int least = 1, i;

    memset(text, 'x', sizeof text);
    text[SWAY_ASK_MAX] = '\0';
    begin();
    T(ask(0, "a"));
    meet();
    T_INT(setsockopt(ipc.fd, SOL_SOCKET, SO_SNDBUF, &least, sizeof least), 0);
    say(SWAY_RUN_COMMAND, "x");
    for (i = 1; i < SWAY_SENT_MAX && ask(i, text); i++)
        ;
    T_INT(i, SWAY_SENT_MAX);
    T_INT(told_n, 0);
    T(comes(SWAY_SENT_MAX));
    T_NAMED(is_told(0, 0, true, false, "x"), "what was answered before counts");
    T(is_told(1, 1, false, true, "the connection to sway was lost"));
    text[SWAY_ASK_MAX] = 'x';
    text[SWAY_ASK_MAX + 1] = '\0';
    T(!ask(0, text));
    T_INT(errno, E2BIG);
    end();
}

static void done_ask(void *user, const struct sway_answer *a)
{
    done(user, a);
    T(sway_ipc_ask(&ipc, SWAY_RUN_COMMAND, "again", done, &number[9]));
}

static void done_drop(void *user, const struct sway_answer *a)
{
    done(user, a);
    sway_ipc_drop(&ipc);
}

/* Who is told asks again, or ends it all. */
static void test_again(void)
{
    begin();
    T(asks(0, SWAY_RUN_COMMAND, "a", done_ask) && ask(1, "b"));
    meet();
    T(heard(SWAY_RUN_COMMAND, "a") && heard(SWAY_RUN_COMMAND, "b"));
    say(SWAY_RUN_COMMAND, "x");
    say(SWAY_RUN_COMMAND, "y");
    say(SWAY_RUN_COMMAND, "z");
    T(comes(3) && is_told(1, 1, true, false, "y") && is_told(2, 9, true, false, "z"));
    T(asks(2, SWAY_RUN_COMMAND, "c", done_ask) && ask(3, "d"));
    fs_close(&peer);
    T(comes(5));
    meet();
    T_NAMED(heard(SWAY_RUN_COMMAND, "again"), "on a new connection");
    say(SWAY_RUN_COMMAND, "z");
    T(comes(6) && is_told(5, 9, true, false, "z"));
    T(asks(4, SWAY_RUN_COMMAND, "e", done_drop) && asks(5, SWAY_RUN_COMMAND, "f", done_drop));
    say(SWAY_RUN_COMMAND, "x");
    say(SWAY_RUN_COMMAND, "y");
    T(comes(8) && is_told(6, 4, true, false, "x") && is_told(7, 5, false, true, NULL));
    loop_turn(loop, 50);
    T_INT(told_n, 8);
    end();
}

static void test_nobody(void)
{
    begin();
    unlink(path);
    T(!ask(0, "a"));
    T_INT(errno, ENOENT);
    end();
    T_INT(told_n, 0);
}

int main(void)
{
    size_t fds;

    kit_begin();
    T(mkdtemp(dir) != NULL);
    snprintf(path, sizeof path, "%s/sock", dir);
    for (int i = 0; i < ASKED_MAX; i++)
        number[i] = i;
    fds = open_fds();
    test_order();
    test_pieces();
    test_long();
    test_endless();
    test_close();
    test_rubbish();
    test_time();
    test_full();
    test_stuffed();
    test_again();
    test_nobody();
    T_INT(open_fds(), fds);
    rmdir(dir);
    loop_destroy(loop);
    return t_done();
}
