/* SPDX-License-Identifier: MIT
 * The relay's life: the command's start and end, signals, limits, descriptors, and rest when there is nothing
 * to do. */
#include "relay/test/rig.h"
#include "tests/t.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *const fd3[] = {"--listen-fd", "3", NULL};

enum { FDS_AT_REST = 6, FDS_EACH = 6 }; /* 0, 1, 2, listener, epoll, signals; two sockets and two pipes */

static bool echoes(int fd, const char *text)
{
    char got[64] = "";

    rig_put(fd, text, strlen(text));
    return rig_get(fd, got, strlen(text)) == (ssize_t)strlen(text) && strcmp(got, text) == 0;
}

static int status_of(const char *const *options, const char *script)
{
    const char *cmd[] = {"sh", "-c", script, NULL};
    struct rig r;
    int status;

    rig_init(&r);
    rig_start(&r, options, cmd);
    status = rig_wait(&r, 5000);
    rig_finish(&r);
    return status;
}

static void test_status(void)
{
    const char *const missing[] = {"/nonexistent/program", NULL};
    const char *const folder[] = {"/tmp", NULL};
    struct rig r;

    T_INT(status_of(fd3, "exit 0"), 0);
    T_INT(status_of(fd3, "exit 7"), 7);
    T_INT(status_of(fd3, "kill -9 $$"), 128 + SIGKILL);
    T_INT(status_of(fd3, "sleep 0.05 & sleep 0.1; exit 3"), 3);
    T_INT(status_of(NULL, "exit 0"), 2); /* neither --listen-fd nor LISTEN_FDS */

    rig_init(&r);
    rig_start(&r, fd3, missing);
    T_INT(rig_wait(&r, 5000), 127);
    rig_start(&r, fd3, folder);
    T_INT(rig_wait(&r, 5000), 126);
    rig_finish(&r);
}

static void test_signals(void)
{
    const char *const trap[] = {
        "sh", "-c", "trap 'exit 42' TERM; trap 'exit 43' INT; : >$0; while :; do sleep 0.01; done", NULL,
        NULL};
    const char *cmd[5];
    static const int sent[] = {SIGTERM, SIGINT};
    struct rig r;

    for (int i = 0; i < 2; i++) {
        rig_init(&r);
        memcpy(cmd, trap, sizeof cmd);
        cmd[3] = r.file;
        rig_start(&r, fd3, cmd);
        for (int n = 0; n < 400 && access(r.file, F_OK) != 0; n++)
            rig_sleep(5);
        kill(r.relay, sent[i]);
        T_INT(rig_wait(&r, 5000), 42 + i);
        rig_finish(&r);
    }
}

/* The command sees an empty signal mask, its own descriptor limit, and nothing of socket activation. */
static void test_inheritance(void)
{
    static const char script[] =
        "test -z \"${LISTEN_FDS+x}${LISTEN_PID+x}${LISTEN_FDNAMES+x}\" || exit 10\n"
        "grep -q '^SigBlk:.0*$' /proc/self/status || exit 11\n"
        /* Not even what the relay was started with; make leaves 32 and 33 ignored, the C library's own. */
        "grep -q '^SigIgn:.0*\\(18\\)\\?0*$' /proc/self/status || exit 12\n"
        "test $(ulimit -S -n) = 256 || exit 13\n";
    static const char *const activated[] = {"--max", "100", NULL}; /* needs more than 256 descriptors */
    struct rlimit was, few;

    getrlimit(RLIMIT_NOFILE, &was);
    few = was;
    few.rlim_cur = 256;
    setrlimit(RLIMIT_NOFILE, &few);
    signal(SIGINT, SIG_IGN);
    setenv("LISTEN_FDS", "1", 1);
    setenv("LISTEN_FDNAMES", "ai", 1);
    T_INT(status_of(activated, script), 0);
    setenv("LISTEN_PID", "1", 1);
    T_INT(status_of(activated, "exit 0"), 2); /* meant for another process */
    T_INT(status_of(fd3, "test -z \"${LISTEN_PID+x}\""), 0);
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    signal(SIGINT, SIG_DFL);
    setrlimit(RLIMIT_NOFILE, &was);
}

/* A server that listens but says "not now" sees no client; who comes early is served by and by. */
static void test_ready(void)
{
    char got[8] = "";
    struct rig r;
    int early;

    rig_init(&r);
    r.loads = true;
    rig_start(&r, fd3, NULL);
    early = rig_ask(&r, "E\n");
    rig_put(early, "word", 4);
    rig_sleep(700);
    T_INT(recv(early, got, sizeof got, MSG_DONTWAIT), -1);
    T_INT(errno, EAGAIN);
    close(open(r.file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    T_INT(rig_get(early, got, 4), 4);
    T_STR(got, "word");
    close(early);
    T(rig_settles(&r, FDS_AT_REST, 5000));
    rig_finish(&r);
}

/* The relay's child when it has exactly one, else 0. */
static pid_t only_child(const struct rig *r)
{
    char path[64], text[64] = "", *rest = text;
    long pid = 0;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)r->relay, (int)r->relay);
    f = fopen(path, "re");
    if (!f)
        return 0;
    if (fgets(text, sizeof text, f))
        pid = strtol(text, &rest, 10);
    fclose(f);
    return pid > 0 && strcmp(rest, " ") == 0 ? (pid_t)pid : 0;
}

/* As PID 1 the relay inherits the command's orphans; none may stay behind as a zombie. */
static void test_reaps(void)
{
    const char *const cmd[] = {
        "sh", "-c", "for i in 1 2 3 4 5; do (sleep 0.5 &); done; : >\"$0\"; exec sleep 20", NULL, NULL};
    const char *words[5];
    struct rig r;
    bool many = false, one = false;

    rig_init(&r);
    r.reaper = true;
    memcpy(words, cmd, sizeof cmd);
    words[3] = r.file;
    rig_start(&r, fd3, words);
    for (int n = 0; n < 400 && access(r.file, F_OK) != 0; n++)
        rig_sleep(5);
    many = only_child(&r) == 0;
    for (int n = 0; n < 400 && !one; n++) {
        rig_sleep(5);
        one = only_child(&r) != 0;
    }
    T_NAMED(many, "orphans become the relay's children");
    T_NAMED(one, "and are reaped; the command stays");
    kill(r.relay, SIGTERM);
    T_INT(rig_wait(&r, 2000), 128 + SIGTERM);
    rig_finish(&r);
}

static void test_no_leak_into_command(void)
{
    const char *const cmd[] = {"sleep", "20", NULL};
    struct rig r, child;
    int fd;

    rig_init(&r);
    r.stray = true;
    rig_start(&r, fd3, cmd);
    fd = rig_connect(&r);
    T_NAMED(rig_settles(&r, FDS_AT_REST + 1 + FDS_EACH - 1, 2000), "the relay has the stray descriptor");
    child = r;
    child.relay = only_child(&r);
    T_NAMED(child.relay > 0 && rig_settles(&child, 3, 2000), "the command has three descriptors");
    kill(r.relay, SIGKILL);
    T_INT(rig_wait(&r, 2000), 128 + SIGKILL);
    for (int n = 0; n < 400 && kill(child.relay, 0) == 0; n++)
        rig_sleep(5);
    T_NAMED(kill(child.relay, 0) < 0 && errno == ESRCH, "the command does not outlive the relay");
    close(fd);
    rig_finish(&r);
}

static void test_late_server(void)
{
    char self[4096], port[16];
    const char *const cmd[] = {self, "serve", port, "700", NULL};
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    struct rig r;
    int64_t start;
    int early, left;

    self[n > 0 ? n : 0] = '\0';
    rig_init(&r);
    snprintf(port, sizeof port, "%d", r.port);
    start = rig_now();
    rig_start(&r, fd3, cmd);
    early = rig_ask(&r, "E\n");
    left = rig_ask(&r, "E\n");
    T(rig_settles(&r, FDS_AT_REST + 2 * (FDS_EACH - 1), 600));
    close(left);
    T_NAMED(rig_settles(&r, FDS_AT_REST + FDS_EACH - 1, 300),
            "a client that gives up while the server loads is dropped");
    T_NAMED(echoes(early, "hello"), "a client that came before the server is served");
    T_NAMED(rig_now() - start >= 650 && rig_now() - start < 3000, "as soon as the server is there");
    close(early);
    rig_finish(&r);
}

static void test_server_dies(void)
{
    char got[1], line[64];
    struct rig r;
    int fd, waiting;

    rig_init(&r);
    rig_start(&r, fd3, NULL);
    snprintf(line, sizeof line, "D %d\n", 3 << 20);
    fd = rig_ask(&r, line);
    T_NAMED(rig_get_pattern(fd, 0, 3 << 20), "what the server sent before it died arrives");
    T_NAMED(rig_get(fd, got, 1) == 0, "then the connection ends");
    T_INT(rig_wait(&r, 3000), 128 + SIGKILL);
    waiting = rig_ask(&r, "E\n"); /* the socket is still there */
    rig_start(&r, fd3, NULL);
    T_NAMED(echoes(waiting, "hello"), "a client that came between two relays is served by the next");
    close(fd);
    close(waiting);
    rig_finish(&r);
}

static void test_many(void)
{
    enum { CLIENTS = 200, PLACES = 128 };
    int fds[CLIENTS], served = 0;
    struct rig r;

    rig_init(&r);
    rig_start(&r, fd3, NULL);
    for (int i = 0; i < CLIENTS; i++)
        fds[i] = rig_ask(&r, "E\n");
    T_NAMED(rig_settles(&r, FDS_AT_REST + PLACES * FDS_EACH, 5000), "128 of 200 clients have a place");
    for (int i = 0; i < CLIENTS; i++) {
        served += echoes(fds[i], "hello");
        close(fds[i]);
    }
    T_INT(served, CLIENTS);
    T_NAMED(rig_settles(&r, FDS_AT_REST, 5000), "no descriptor is left behind");
    rig_finish(&r);
}

static void test_places_are_freed(void)
{
    const char *const few[] = {"--listen-fd", "3", "--max", "4", "--stall", "1", NULL};
    int mute[4], fd;
    char got[1];
    struct rig r;

    rig_init(&r);
    rig_start(&r, few, NULL);
    for (int i = 0; i < 4; i++)
        mute[i] = rig_connect(&r);
    T(rig_settles(&r, FDS_AT_REST + 4 * FDS_EACH, 2000));
    fd = rig_ask(&r, "E\n");
    T_NAMED(echoes(fd, "hello"), "clients that never say a word do not keep others out");
    T_NAMED(rig_get(mute[0], got, 1) == 0 || rig_get(mute[1], got, 1) == 0, "one of them lost its place");
    for (int i = 0; i < 4; i++)
        close(mute[i]);
    close(fd);
    rig_finish(&r);
}

static void test_rest(void)
{
    struct rig r;
    long before;
    int fds[3];

    rig_init(&r);
    rig_start(&r, fd3, NULL);
    for (int i = 0; i < 3; i++) {
        fds[i] = rig_ask(&r, "E\n");
        T(echoes(fds[i], "hello"));
    }
    shutdown(fds[2], SHUT_RD);
    rig_sleep(100);
    before = rig_activity(&r);
    rig_sleep(1500);
    T_INT(rig_activity(&r), before);
    for (int i = 0; i < 3; i++)
        close(fds[i]);
    T_NAMED(rig_settles(&r, FDS_AT_REST, 2000), "no descriptor is left behind");
    rig_finish(&r);
}

static void test_wrong_descriptor(void)
{
    struct rig r;
    int pair[2], listener;

    rig_init(&r);
    listener = r.listen_fd;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return;
    r.listen_fd = pair[0];
    rig_start(&r, fd3, NULL);
    T_INT(rig_wait(&r, 2000), 125);
    r.listen_fd = listener;
    close(pair[0]);
    close(pair[1]);
    rig_finish(&r);
}

int main(int argc, char **argv)
{
    rig_maybe_serve(argc, argv);
    test_status();
    test_signals();
    test_inheritance();
    test_ready();
    test_no_leak_into_command();
    test_reaps();
    test_late_server();
    test_server_dies();
    test_many();
    test_places_are_freed();
    test_rest();
    test_wrong_descriptor();
    return t_done();
}
