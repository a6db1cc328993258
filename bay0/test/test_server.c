/* SPDX-License-Identifier: MIT
 * Control sockets over real Unix sockets: framing, limits, fds, floods, slow readers, vanished clients, and
 * what a persona may not ask. */
#include "server.h"

#include "fsutil.h"
#include "tests/t.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static struct loop *loop;
static struct server *spine, *persona;
static char dir[] = "/tmp/spine-server-XXXXXX";
static char spine_path[64], persona_path[64];

static struct {
    int calls, gone;
    bool later;        /* do not answer: the test does */
    bool destroy;      /* the handler destroys the persona's server */
    size_t out;        /* answer with this much text */
    client_ref client; /* of the last call */
    int64_t id;
    uid_t uid;
    char persona[32];
    char fd_text[64]; /* first byte of each fd that came */
} seen;

static void on_gone(void *user, client_ref c)
{
    (void)user;
    seen.gone++;
    T_NAMED(!server_alive(c), "a client that is told to be gone is gone");
}

static void on_call(void *user, struct call *c)
{
    static char big[1 << 18];

    (void)user;
    seen.calls++;
    seen.client = c->client;
    seen.id = c->request->id;
    seen.uid = c->uid;
    snprintf(seen.persona, sizeof seen.persona, "%s", c->persona ? c->persona : "");
    seen.fd_text[0] = '\0';
    for (int i = 0; i < SERVER_FDS_MAX; i++) {
        char byte[2] = "-";

        if (c->fds[i] >= 0) {
            if (!(fcntl(c->fds[i], F_GETFD) & FD_CLOEXEC) || pread(c->fds[i], byte, 1, 0) != 1)
                byte[0] = '?';
        }
        strncat(seen.fd_text, byte, sizeof seen.fd_text - strlen(seen.fd_text) - 1);
    }
    if (seen.destroy) {
        server_destroy(persona);
        persona = NULL;
        return;
    }
    if (c->request->verb->id == VERB_SUBSCRIBE)
        server_subscribe(c->client);
    if (seen.later) {
        server_on_gone(c->client, on_gone, NULL);
        return;
    }
    if (seen.out) {
        json_t *result = json_object();

        memset(big, 'x', seen.out);
        json_object_set_new(result, "text", json_stringn(big, seen.out));
        server_answer_ok(c->client, c->request->id, result);
        json_decref(result);
        return;
    }
    server_answer_ok(c->client, c->request->id, NULL);
}

static void turn(int times)
{
    while (times-- > 0)
        loop_turn(loop, 2);
}

static int dial(const char *path)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    snprintf(addr.sun_path, sizeof addr.sun_path, "%s", path);
    if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof addr) < 0) {
        fs_close(&fd);
        return -1;
    }
    return fd;
}

static void put(int fd, const char *text)
{
    (void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
}

/* What comes within ms, up to size; *end: the connection was closed. */
static size_t get(int fd, char *out, size_t size, const char *until, uint64_t ms, bool *end)
{
    size_t len = 0;

    if (end)
        *end = false;
    out[0] = '\0';
    for (uint64_t stop = loop_now() + ms; loop_now() < stop && len < size - 1;) {
        ssize_t got = recv(fd, out + len, size - 1 - len, 0);

        if (got == 0 || (got < 0 && errno != EAGAIN)) {
            if (end)
                *end = true;
            break;
        }
        if (got > 0) {
            len += (size_t)got;
            out[len] = '\0';
            if (until && strstr(out, until))
                break;
        } else {
            loop_turn(loop, 2);
        }
    }
    return len;
}

static void expect(int fd, const char *want)
{
    char text[4096];

    get(fd, text, sizeof text, "\n", 2000, NULL);
    if (!strstr(text, want))
        printf("# got %s", text);
    T_NAMED(strstr(text, want) != NULL, want);
}

static bool closed(int fd)
{
    static char text[1 << 16];
    bool end = false;

    for (int i = 0; i < 100 && !end; i++)
        get(fd, text, sizeof text, NULL, 100, &end);
    return end;
}

static size_t count(const char *text, char c)
{
    size_t n = 0;

    for (; *text; text++)
        n += *text == c;
    return n;
}

static size_t open_fds(void)
{
    DIR *d = opendir("/proc/self/fd");
    size_t n = 0;

    while (d && readdir(d))
        n++;
    if (d)
        closedir(d);
    return n;
}

static void test_listen(void)
{
    struct err e = {0};
    struct stat st;
    char deep[200], temp[80];
    int fd = server_listen(persona_path, 0600, 0x20010000, 0x20010000, 8, &e), again;

    T(fd >= 0 && (fcntl(fd, F_GETFD) & FD_CLOEXEC) && (fcntl(fd, F_GETFL) & O_NONBLOCK));
    T(stat(persona_path, &st) == 0 && S_ISSOCK(st.st_mode) && (st.st_mode & 07777) == 0600);
    T_INT(st.st_uid, 0x20010000);
    again = server_listen(persona_path, 0666, 0, 0, 8, &e);
    T_NAMED(again >= 0 && stat(persona_path, &st) == 0 && (st.st_mode & 07777) == 0666 && st.st_uid == 0,
            "an old socket is replaced");
    snprintf(temp, sizeof temp, "%s.new", persona_path);
    T(access(temp, F_OK) < 0);
    close(fd);
    close(again);
    T(server_listen("/nonexistent/dir/sock", 0600, 0, 0, 8, &e) < 0 && e.code == ERR_SYSTEM);
    memset(deep, 'a', sizeof deep);
    deep[0] = '/';
    deep[sizeof deep - 1] = '\0';
    T(server_listen(deep, 0600, 0, 0, 8, &e) < 0);
    T(server_create(loop, -1, "Bad/Id", on_call, NULL, &e) == NULL && e.code == ERR_BAD_ID);
    T(server_create(loop, -1, NULL, on_call, NULL, &e) == NULL && e.code == ERR_SYSTEM);
}

static void start(void)
{
    struct err e = {0};

    spine = server_create(loop, server_listen(spine_path, 0660, 0, 0, 128, &e), NULL, on_call, NULL, &e);
    persona =
        server_create(loop, server_listen(persona_path, 0666, 0, 0, 128, &e), "work", on_call, NULL, &e);
    T(spine && persona);
}

static void test_framing(void)
{
    static const char line[] = "{\"id\":7,\"cmd\":\"hello\"}\n";
    int fd = dial(spine_path);
    char text[65536];

    for (size_t i = 0; line[i]; i++) {
        (void)!send(fd, line + i, 1, MSG_NOSIGNAL);
        turn(1);
    }
    expect(fd, "{\"id\":7,\"ok\":true");
    T_INT(seen.uid, getuid());
    T_STR(seen.persona, "");
    put(fd, "{\"id\":1,\"cmd\":\"hello\"}\n{\"id\":2,\"cmd\":\"hello\"}\n{\"id\":3,\"cmd\":\"hello\"}\n");
    T(get(fd, text, sizeof text, "\"id\":3", 2000, NULL) > 0 && count(text, '\n') == 3);

    put(fd, "{broken\n");
    expect(fd, "{\"id\":0,\"ok\":false,\"error\":{\"code\":\"bad-request\"");
    put(fd, "\n");
    expect(fd, "bad-request");
    put(fd, "{\"id\":9,\"cmd\":\"hel\xff\xfelo\"}\n");
    expect(fd, "bad-request");
    put(fd, "{\"id\":9,\"cmd\":\"dance\"}\n");
    expect(fd, "{\"id\":9,\"ok\":false,\"error\":{\"code\":\"unknown-command\"");
    (void)!send(fd, "{\"id\":1,\"cmd\":\"he\0lo\"}\n", 23, MSG_NOSIGNAL);
    expect(fd, "bad-request");
    put(fd, line);
    expect(fd, "{\"id\":7,\"ok\":true");
    close(fd);
    turn(5);
    T_INT(server_clients(), 0);
}

/* Sends len bytes however long the server takes; false when the server hung up. */
static bool pour(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(fd, data, len, MSG_NOSIGNAL);

        if (sent < 0 && errno != EAGAIN)
            return false;
        if (sent > 0) {
            data += sent;
            len -= (size_t)sent;
        }
        turn(1);
    }
    return true;
}

static void test_length(void)
{
    static const char head[] = "{\"id\":5,\"cmd\":\"hello\"";
    static char line[PROTO_LINE_MAX + 16];
    char text[8192];
    int fd = dial(spine_path);
    bool end;

    memset(line, ' ', sizeof line);
    memcpy(line, head, sizeof head - 1);
    line[PROTO_LINE_MAX - 2] = '}';
    line[PROTO_LINE_MAX - 1] = '\n';
    T(pour(fd, line, PROTO_LINE_MAX));
    expect(fd, "{\"id\":5,\"ok\":true");
    line[PROTO_LINE_MAX - 2] = ' ';
    line[PROTO_LINE_MAX - 1] = '}';
    line[PROTO_LINE_MAX] = '\n';
    (void)pour(fd, line, PROTO_LINE_MAX + 1);
    get(fd, text, sizeof text, NULL, 300, &end);
    T_NAMED(strstr(text, "too-long") && count(text, '\n') == 1, "one byte more is refused once");
    T_NAMED(end, "and the connection ends");
    close(fd);
    fd = dial(spine_path);
    memset(line, 'x', sizeof line);
    for (int i = 0; i < 50 && pour(fd, line, sizeof line); i++)
        continue;
    get(fd, text, sizeof text, NULL, 300, &end);
    T(end && strstr(text, "too-long") && count(text, '\n') == 1);
    close(fd);
    turn(5);
    T_INT(server_clients(), 0);
}

static void test_half_closed(void)
{
    int fd = dial(spine_path);
    char text[4096];
    bool end;

    seen.later = true;
    put(fd, "{\"id\":1,\"cmd\":\"hello\"}\n");
    shutdown(fd, SHUT_WR);
    turn(10);
    T_NAMED(server_clients() == 1, "a half-closed client waits for its answer");
    server_progress(seen.client, 1, "pull", 40, "half");
    server_answer_ok(seen.client, 1, NULL);
    get(fd, text, sizeof text, NULL, 300, &end);
    T(end && strstr(text, "\"percent\":40") && strstr(text, "\"ok\":true"));
    turn(5);
    T_INT(server_clients(), 0);
    close(fd);

    seen.later = false;
    fd = dial(spine_path);
    put(fd, "{\"id\":1,\"cmd\":\"hello\"}");
    shutdown(fd, SHUT_WR);
    get(fd, text, sizeof text, NULL, 300, &end);
    T_NAMED(end && strstr(text, "bad-request") && strstr(text, "newline"), "an unfinished line is refused");
    close(fd);
    turn(5);
    T_INT(server_clients(), 0);
}

static void test_vanished(void)
{
    struct err e = {0};
    client_ref ref;
    int fd = dial(spine_path);

    seen.later = true;
    seen.gone = 0;
    put(fd, "{\"id\":4,\"cmd\":\"hello\"}\n");
    turn(5);
    ref = seen.client;
    T(server_alive(ref));
    close(fd);
    turn(5);
    T_INT(seen.gone, 1);
    T(!server_alive(ref) && server_clients() == 0);
    err_set(&e, ERR_TIMEOUT, "late");
    server_progress(ref, 4, "pull", 1, "");
    server_answer_ok(ref, 4, NULL);
    server_answer_err(ref, 4, &e);
    server_subscribe(ref);
    server_on_gone(ref, on_gone, NULL);
    server_answer_ok(0, 4, NULL);
    T_INT(seen.gone, 1);
    seen.later = false;
}

static void send_fds(int fd, const char *text, const int *fds, size_t n)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(32 * sizeof(int))];
    } control = {0};
    struct iovec part = {.iov_base = (void *)(uintptr_t)text, .iov_len = strlen(text)};
    struct msghdr m = {.msg_iov = &part,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = CMSG_SPACE(n * sizeof(int))};
    struct cmsghdr *h = CMSG_FIRSTHDR(&m);

    h->cmsg_level = SOL_SOCKET;
    h->cmsg_type = SCM_RIGHTS;
    h->cmsg_len = CMSG_LEN(n * sizeof(int));
    memcpy(CMSG_DATA(h), fds, n * sizeof(int));
    T(sendmsg(fd, &m, MSG_NOSIGNAL) > 0);
}

static void test_fds(void)
{
    int fds[20], fd = dial(spine_path);
    size_t before;

    for (int i = 0; i < 20; i++) {
        char name[] = "/tmp/spine-fd-XXXXXX", byte = (char)('a' + i);

        fds[i] = mkostemp(name, O_CLOEXEC);
        unlink(name);
        (void)!write(fds[i], &byte, 1);
    }
    turn(5);
    before = open_fds();
    send_fds(fd, "{\"id\":1,\"cmd\":\"hello\"}\n", fds, 3);
    expect(fd, "\"ok\":true");
    T_STR(seen.fd_text, "abc");
    T_NAMED(open_fds() == before, "fds that nobody took are closed");
    put(fd, "{\"id\":2,\"cmd\":\"hello\"}\n");
    expect(fd, "\"ok\":true");
    T_STR(seen.fd_text, "---");
    send_fds(fd, "{\"id\":1,\"cmd\":\"hello\"}\n", fds, 20);
    expect(fd, "\"ok\":true");
    T_NAMED(strcmp(seen.fd_text, "abc") == 0 && open_fds() == before, "too many fds: the rest is closed");
    /* Two lines read at once: the fds belong to the second. */
    seen.later = true;
    put(fd, "{\"id\":1,\"cmd\":\"hello\"}\n");
    send_fds(fd, "{\"id\":2,\"cmd\":\"hello\"}\n", fds + 3, 2);
    turn(5);
    T(seen.id == 2 && strcmp(seen.fd_text, "de-") == 0);
    server_answer_ok(seen.client, 1, NULL);
    server_answer_ok(seen.client, 2, NULL);
    seen.later = false;
    expect(fd, "\"ok\":true");
    /* A line in two parts. */
    send_fds(fd, "{\"id\":3,\"cmd\":", fds + 5, 1);
    turn(3);
    put(fd, "\"hello\"}\n{\"id\":4,\"cmd\":\"hello\"}\n");
    turn(5);
    T(seen.id == 4 && strcmp(seen.fd_text, "---") == 0);
    send_fds(fd, "{\"id\":5,\"cmd\":", fds + 5, 1);
    turn(3);
    send_fds(fd, "\"hello\"}\n", fds + 6, 1);
    turn(5);
    T_NAMED(seen.id == 5 && strcmp(seen.fd_text, "g--") == 0, "of two sets for one line the last counts");
    /* Never finished. */
    send_fds(fd, "{\"id\":6,", fds, 3);
    turn(3);
    close(fd);
    turn(5);
    T_INT(open_fds(), before - 2); /* both ends of the connection */
    for (int i = 0; i < 20; i++)
        close(fds[i]);
}

static void test_persona(void)
{
    static char many[32 * 200];
    char text[65536];
    int fd = dial(persona_path);
    uint64_t from;

    put(fd, "{\"id\":1,\"cmd\":\"persona.list\"}\n");
    expect(fd, "{\"id\":1,\"ok\":true");
    T_STR(seen.persona, "work");
    seen.calls = 0;
    put(fd, "{\"id\":2,\"cmd\":\"persona.start\",\"args\":{\"id\":\"work\"}}\n");
    expect(fd, "{\"id\":2,\"ok\":false,\"error\":{\"code\":\"not-allowed\"");
    put(fd, "{\"id\":3,\"cmd\":\"subscribe\"}\n");
    expect(fd, "not-allowed");
    put(fd, "{\"id\":4,\"cmd\":\"power.off\"}\n");
    expect(fd, "not-allowed");
    T_INT(seen.calls, 0);

    many[0] = '\0';
    for (int i = 0; i < 120; i++)
        snprintf(many + strlen(many), 32, "{\"id\":%d,\"cmd\":\"hello\"}\n", i + 100);
    from = loop_now();
    put(fd, many);
    get(fd, text, sizeof text, "\"id\":219,", 5000, NULL);
    T_NAMED(strstr(text, "\"id\":219,") && count(text, '\n') == 120,
            "a persona that asks too fast is served slowly");
    T(loop_now() - from > 900 && loop_now() - from < 4000);
    T_INT(seen.calls, 120);
    close(fd);
    turn(5);
}

/* As an unprivileged user: the kernel keeps it from the Spine's socket, bay0 from the verbs. */
static void test_unprivileged(void)
{
    int status = -1, go[2];
    pid_t pid;

    if (geteuid() != 0) {
        t_skip("an unprivileged peer", "needs root");
        return;
    }
    if (chmod(dir, 0711) < 0 || pipe2(go, O_CLOEXEC) < 0)
        return;
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        char text[512] = "";
        int fd;

        if (setresgid(12345, 12345, 12345) < 0 || setresuid(12345, 12345, 12345) < 0 || dial(spine_path) >= 0)
            _exit(1);
        fd = dial(persona_path);
        put(fd, "{\"id\":2,\"cmd\":\"persona.focus\",\"args\":{\"id\":\"web\"}}\n{\"id\":3,\"cmd\":\"persona."
                "list\"}\n");
        fcntl(fd, F_SETFL, 0);
        for (size_t len = 0; !strstr(text, "\"id\":3");) {
            ssize_t got = recv(fd, text + len, sizeof text - 1 - len, 0);

            if (got <= 0)
                _exit(2);
            len += (size_t)got;
        }
        _exit(strstr(text, "not-allowed") && strstr(text, "\"ok\":true") ? 0 : 3);
    }
    for (uint64_t end = loop_now() + 5000; loop_now() < end && waitpid(pid, &status, WNOHANG) == 0;)
        turn(1);
    T_INT(status, 0);
    T_INT(seen.uid, 12345);
    close(go[0]);
    close(go[1]);
    turn(5);
}

static void test_limits(void)
{
    int fd[SERVER_CLIENTS_MAX + 5], mine[SERVER_PERSONA_CLIENTS_MAX + 2];

    for (int i = 0; i < SERVER_CLIENTS_MAX + 5; i++) {
        fd[i] = dial(spine_path);
        turn(2);
    }
    T_INT(server_clients(), SERVER_CLIENTS_MAX);
    expect(fd[SERVER_CLIENTS_MAX], "{\"id\":0,\"ok\":false,\"error\":{\"code\":\"limit-reached\"");
    T(closed(fd[SERVER_CLIENTS_MAX + 4]));
    for (int i = 0; i < SERVER_PERSONA_CLIENTS_MAX + 2; i++) {
        mine[i] = dial(persona_path);
        turn(2);
    }
    T_NAMED(server_clients() == SERVER_CLIENTS_MAX + SERVER_PERSONA_CLIENTS_MAX,
            "a full Spine socket locks no persona out");
    expect(mine[SERVER_PERSONA_CLIENTS_MAX], "limit-reached");
    put(fd[3], "{\"id\":3,\"cmd\":\"hello\"}\n");
    expect(fd[3], "{\"id\":3,\"ok\":true");
    for (int i = 0; i < SERVER_CLIENTS_MAX + 5; i++)
        close(fd[i]);
    for (int i = 0; i < SERVER_PERSONA_CLIENTS_MAX + 2; i++)
        close(mine[i]);
    turn(50);
    T_INT(server_clients(), 0);
    fd[0] = dial(spine_path);
    put(fd[0], "{\"id\":3,\"cmd\":\"hello\"}\n");
    expect(fd[0], "{\"id\":3,\"ok\":true");
    close(fd[0]);
    turn(5);
}

static void test_quick_connections(void)
{
    size_t before = open_fds();
    uint64_t from = loop_now();
    int bad = 0;

    seen.calls = 0;
    for (int i = 0; i < 10000; i++) {
        int fd = dial(spine_path);

        if (fd < 0)
            bad++;
        else if (i % 2)
            put(fd, "{\"id\":1,\"cmd\":\"hello\"}\n");
        close(fd);
        if (i % 8 == 7)
            turn(2);
    }
    turn(20);
    T_INT(bad, 0);
    T_INT(seen.calls, 5000);
    T_INT(server_clients(), 0);
    T_INT(open_fds(), before);
    printf("# 10000 connections in %llu ms\n", (unsigned long long)(loop_now() - from));
}

/* One client pours requests without reading an answer; another is served all the while. */
static void test_flood(void)
{
    static char many[1 << 16];
    int bad = dial(spine_path), good = dial(spine_path);
    struct rusage usage;
    uint64_t slowest = 0;
    int served = 0;

    many[0] = '\0';
    for (size_t len = 0; len + 32 < sizeof many; len += strlen(many + len))
        snprintf(many + len, 32, "{\"id\":9,\"cmd\":\"hello\"}\n");
    seen.out = 1000;
    for (int i = 0; i < 100; i++) {
        uint64_t from = loop_now();
        char text[4096];

        while (send(bad, many, strlen(many), MSG_NOSIGNAL) > 0)
            continue;
        put(good, "{\"id\":1,\"cmd\":\"hello\"}\n");
        served += get(good, text, sizeof text, "\n", 2000, NULL) > 0 && strstr(text, "\"id\":1,") != NULL;
        if (loop_now() - from > slowest)
            slowest = loop_now() - from;
    }
    getrusage(RUSAGE_SELF, &usage);
    printf("# slowest answer beside the flood %llu ms\n", (unsigned long long)slowest);
    T_INT(served, 100);
    T_NAMED(slowest < 500, "a flood starves nobody");
    T_NAMED(server_clients() == 2, "who does not read is asked for no more, but stays");
    /* When it reads at last, everything that was taken is answered. */
    {
        static char text[1 << 22];
        size_t len = get(bad, text, sizeof text, NULL, 500, NULL);

        T(len > 65536 && count(text, '\n') > 64);
    }
    seen.out = 0;
    close(bad);
    close(good);
    turn(10);
    T_INT(server_clients(), 0);
}

static void test_pending(void)
{
    int fd = dial(spine_path);
    char text[65536];

    seen.later = true;
    seen.calls = 0;
    for (int i = 0; i < 2 * SERVER_PENDING_MAX; i++)
        put(fd, "{\"id\":1,\"cmd\":\"hello\"}\n");
    turn(20);
    T_INT(seen.calls, SERVER_PENDING_MAX);
    for (int i = 0; i < 2 * SERVER_PENDING_MAX; i++) {
        server_answer_ok(seen.client, 1, NULL);
        turn(3);
    }
    T_INT(seen.calls, 2 * SERVER_PENDING_MAX);
    get(fd, text, sizeof text, NULL, 50, NULL);
    T_INT(count(text, '\n'), 2 * SERVER_PENDING_MAX);
    seen.later = false;
    close(fd);
    turn(5);
}

static void test_subscribers(void)
{
    int reader = dial(spine_path), sleeper = dial(spine_path), other = dial(spine_path);
    json_t *event = json_pack("{s:s,s:s}", "event", "persona", "id", "work");
    static char text[1 << 16];
    size_t lines = 0;
    int i;

    put(reader, "{\"id\":1,\"cmd\":\"subscribe\"}\n");
    shutdown(reader, SHUT_WR); /* `echo ... | nc -U`: still hears */
    put(sleeper, "{\"id\":1,\"cmd\":\"subscribe\"}\n");
    put(other, "{\"id\":1,\"cmd\":\"hello\"}\n");
    turn(5);
    expect(reader, "\"ok\":true");
    expect(other, "\"ok\":true");
    server_publish(event);
    expect(reader, "{\"event\":\"persona\",\"id\":\"work\"}\n");
    T_INT(get(other, text, sizeof text, NULL, 30, NULL), 0);
    memset(text, 'x', 4000);
    text[4000] = '\0';
    json_object_set_new(event, "detail", json_string(text));
    for (i = 0; i < 2000 && server_clients() == 3; i++) {
        server_publish(event);
        turn(1);
        get(reader, text, sizeof text, "\n", 100, NULL);
        lines += count(text, '\n');
    }
    T_NAMED(i > SERVER_OUT_MAX / 4100 && i < 2000, "a subscriber that does not read is dropped at the cap");
    T_INT(lines, i);
    T_NAMED(server_clients() == 2, "the others stay");
    T(closed(sleeper));
    json_decref(event);
    close(reader);
    close(sleeper);
    close(other);
    turn(5);
    T_INT(server_clients(), 0);
}

static void test_no_fds_left(void)
{
    struct rlimit before, tight;
    int fd = dial(spine_path), waiting, turns = 0;

    turn(5);
    waiting = dial(spine_path);
    getrlimit(RLIMIT_NOFILE, &before);
    tight = before;
    tight.rlim_cur = 3;
    setrlimit(RLIMIT_NOFILE, &tight);
    for (uint64_t end = loop_now() + 150; loop_now() < end; turns++)
        loop_turn(loop, 50);
    setrlimit(RLIMIT_NOFILE, &before);
    T_NAMED(turns < 10, "without fds the loop rests instead of spinning");
    put(waiting, "{\"id\":8,\"cmd\":\"hello\"}\n");
    expect(waiting, "{\"id\":8,\"ok\":true");
    close(fd);
    close(waiting);
    turn(5);
}

/* A handler that destroys the very server its client came through; then both servers with clients on them. */
static void test_destroy(void)
{
    int fd = dial(persona_path), other = dial(persona_path), idle = dial(spine_path);

    turn(5);
    seen.destroy = true;
    put(fd, "{\"id\":1,\"cmd\":\"hello\"}\n{\"id\":2,\"cmd\":\"hello\"}\n");
    turn(5);
    seen.destroy = false;
    T(persona == NULL && closed(fd) && closed(other) && server_clients() == 1);
    server_destroy(spine);
    T(closed(idle) && server_clients() == 0);
    server_destroy(NULL);
    close(fd);
    close(other);
    close(idle);
}

int main(void)
{
    size_t fds;

    T(mkdtemp(dir) != NULL);
    snprintf(spine_path, sizeof spine_path, "%s/bay0.sock", dir);
    snprintf(persona_path, sizeof persona_path, "%s/work.sock", dir);
    loop = loop_create();
    fds = open_fds();
    test_listen();
    start();
    test_framing();
    test_length();
    test_half_closed();
    test_vanished();
    test_fds();
    test_persona();
    test_unprivileged();
    test_limits();
    test_quick_connections();
    test_flood();
    test_pending();
    test_subscribers();
    test_no_fds_left();
    test_destroy();
    T_INT(open_fds(), fds);
    loop_destroy(loop);
    unlink(spine_path);
    unlink(persona_path);
    T_INT(rmdir(dir), 0);
    return t_done();
}
