/* SPDX-License-Identifier: MIT
 * Bytes through the relay: both ways, whole, in order, with half-closed connections, slow and stalled
 * clients. */
#include "relay/test/rig.h"
#include "tests/t.h"

#include <sys/socket.h>
#include <unistd.h>

enum { MIB = 1 << 20 };

static const char *const fd3[] = {"--listen-fd", "3", NULL};
static const char *const tight[] = {"--listen-fd", "3", "--buffer", "65536", "--stall", "1", NULL};

static void send_pattern(int fd, uint64_t n)
{
    static unsigned char bytes[1 << 16];

    for (uint64_t at = 0; at < n; at += sizeof bytes) {
        rig_pattern(bytes, at, sizeof bytes);
        rig_put(fd, bytes, sizeof bytes);
    }
}

static void test_echo(const struct rig *r)
{
    const char text[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    char got[64] = "";
    int fd = rig_ask(r, "E\n");

    rig_put(fd, text, strlen(text));
    T_INT(rig_get(fd, got, strlen(text)), strlen(text));
    T_STR(got, text);
    rig_put(fd, "again", 5);
    T_NAMED(rig_get(fd, got, 5) == 5 && memcmp(got, "again", 5) == 0,
            "a second exchange on the same connection");
    shutdown(fd, SHUT_WR);
    T_NAMED(rig_get(fd, got, 1) == 0, "the end of the request reaches the server, and its end comes back");
    close(fd);
}

static void test_bulk(const struct rig *r)
{
    char line[128], got[64] = "";
    int fd;

    snprintf(line, sizeof line, "S %d %s\n", 64 * MIB, r->file);
    fd = rig_ask(r, line);
    T_NAMED(rig_get_pattern(fd, 0, 64 * MIB), "64 MiB to the client are whole and in order");
    T_NAMED(rig_get(fd, got, 1) == 0, "and then comes the end");
    close(fd);

    fd = rig_ask(r, "K\n");
    send_pattern(fd, 64 * MIB);
    shutdown(fd, SHUT_WR);
    T_INT(rig_get(fd, got, sizeof got - 1), 8);
    T_STR(got, "67108864");
    close(fd);
    unlink(r->file);
}

static void test_half_close_by_server(const struct rig *r)
{
    char line[128], got[8] = "";
    int fd;

    snprintf(line, sizeof line, "Q 0 %s\n", r->file);
    fd = rig_ask(r, line);
    T_NAMED(rig_get(fd, got, sizeof got) == 3 && memcmp(got, "bye", 3) == 0, "the server's half ends");
    send_pattern(fd, MIB);
    close(fd);
    T_NAMED(rig_noted(r, "1048576", 5000),
            "the client's half still reaches the server, even if it leaves at once");
    unlink(r->file);
}

static void test_tokens(const struct rig *r)
{
    int fd = rig_ask(r, "T 400000\n");

    rig_sleep(300); /* more pieces than a pipe has places: the rest goes to memory */
    T_NAMED(rig_get_pattern(fd, 0, 100000), "small pieces survive a pause of the reader");
    rig_sleep(200);
    T_NAMED(rig_get_pattern(fd, 100000, 300000), "and another pause");
    close(fd);
}

static void test_buffered(const struct rig *r)
{
    char line[128], got[1];
    int fd;

    snprintf(line, sizeof line, "S %d %s\n", 8 * MIB, r->file);
    fd = rig_ask(r, line);
    T_NAMED(rig_noted(r, "sent", 5000), "8 MiB leave the server although nobody reads");
    T_NAMED(rig_get_pattern(fd, 0, 8 * MIB), "and are there when the client reads");
    T_NAMED(rig_get(fd, got, 1) == 0, "with their end");
    close(fd);
    unlink(r->file);
}

static void test_stall(void)
{
    struct rig r;
    char line[128], got[8] = "";
    int64_t start;
    int stalled, other;

    rig_init(&r);
    rig_start(&r, tight, NULL);
    snprintf(line, sizeof line, "S %d %s\n", 1 << 30, r.file);
    start = rig_now();
    stalled = rig_ask(&r, line);
    rig_sleep(300);
    other = rig_ask(&r, "E\nhello");
    T_NAMED(rig_get(other, got, 5) == 5 && memcmp(got, "hello", 5) == 0,
            "another client is served meanwhile");
    T_NAMED(access(r.file, F_OK) != 0, "before the time the server is not cut off");
    T_NAMED(rig_noted(&r, "cut", 4000), "a client that does not read loses its place at the server");
    T_NAMED(rig_now() - start >= 1000, "not before the stall time");
    T_NAMED(rig_now() - start < 3000, "and soon after it");
    rig_put(other, "again", 5);
    T_NAMED(rig_get(other, got, 5) == 5, "the other client goes on");
    T_NAMED(!rig_get_pattern(stalled, 0, 1 << 30), "the stalled one finds its answer cut short");
    close(stalled);
    close(other);
    rig_finish(&r);
}

static void test_slow_reader(void)
{
    struct rig r;
    char line[128];
    uint64_t at = 0;
    bool whole = true;
    int fd;

    rig_init(&r);
    rig_start(&r, tight, NULL);
    snprintf(line, sizeof line, "S %d %s\n", 24 * MIB, r.file);
    fd = rig_ask(&r, line);
    for (int i = 0; i < 6 && whole; i++, at += 4 * MIB) {
        rig_sleep(400);
        whole = rig_get_pattern(fd, at, 4 * MIB);
    }
    T_NAMED(whole, "a client that reads now and then gets everything, past a full buffer");
    close(fd);
    rig_finish(&r);
}

static void test_client_leaves(const struct rig *r)
{
    char line[128];
    int fd;

    snprintf(line, sizeof line, "W 0 %s\n", r->file);
    fd = rig_ask(r, line);
    rig_sleep(100);
    close(fd);
    T_NAMED(rig_noted(r, "left", 2000), "the server learns at once that the client left");
    unlink(r->file);

    snprintf(line, sizeof line, "S %d %s\n", 1 << 30, r->file);
    fd = rig_ask(r, line);
    T(rig_get_pattern(fd, 0, MIB));
    close(fd);
    T_NAMED(rig_noted(r, "cut", 2000), "also in the middle of an answer");
    unlink(r->file);
}

int main(int argc, char **argv)
{
    struct rig r;

    rig_maybe_serve(argc, argv);
    rig_init(&r);
    rig_start(&r, fd3, NULL);
    test_echo(&r);
    test_bulk(&r);
    test_half_close_by_server(&r);
    test_tokens(&r);
    test_buffered(&r);
    test_client_leaves(&r);
    rig_finish(&r);
    test_stall();
    test_slow_reader();
    return t_done();
}
