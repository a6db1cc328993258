/* SPDX-License-Identifier: MIT
 * Control sockets over real Unix sockets: framing, lengths, fds, vanished clients, and what a persona may not
 * ask. */
#include "server_kit.h"

#include <sys/wait.h>

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

static struct {
    int n;
    char persona[32], command[32];
    uid_t uid;
    enum err_code code;
} told;

static void on_refused(void *user, const char *who, uid_t uid, const char *command, enum err_code code)
{
    (void)user;
    told.n++;
    told.uid = uid;
    told.code = code;
    snprintf(told.persona, sizeof told.persona, "%s", who);
    snprintf(told.command, sizeof told.command, "%s", command);
}

/* Sends the line; what comes back has text in it, and so many refusals were told. */
static bool refused_with(int fd, const char *line, const char *text, int n)
{
    told.n = 0;
    put(fd, line);
    expect(fd, text);
    return told.n == n;
}

static void test_refused(void)
{
    int there = dial(spine_path), inside = dial(persona_path);
    struct err e = {0};

    server_on_refused(on_refused, NULL);
    T(refused_with(there, "{\"id\":1,\"cmd\":\"transfer.pull\"}\n", "not-allowed", 1));
    T(told.persona[0] == '\0' && told.uid == getuid() && strcmp(told.command, "transfer.pull") == 0);
    T(refused_with(inside, "{\"id\":1,\"cmd\":\"transfer.list\"}\n", "not-allowed", 1));
    T(strcmp(told.persona, "work") == 0 && strcmp(told.command, "transfer.list") == 0);
    T(refused_with(inside, "{\"id\":1,\"cmd\":\"transfer.pull\"}\n", "\"ok\":true", 0));
    T(refused_with(there, "{\"id\":1,\"cmd\":\"nonsense\"}\n", "unknown-command", 1));
    T(told.code == ERR_UNKNOWN_COMMAND && told.command[0] == '\0');
    seen.later = true;
    told.n = 0;
    put(inside, "{\"id\":2,\"cmd\":\"hello\"}\n");
    turn(5);
    err_set(&e, ERR_TIMEOUT, "it did not end well");
    server_answer_err(seen.client, 2, &e);
    expect(inside, "time-out");
    T_NAMED(told.n == 0, "what was begun and failed was not refused");
    seen.later = false;
    server_on_refused(NULL, NULL);
    close(there);
    close(inside);
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
    T(send_fds(fd, "{\"id\":1,\"cmd\":\"hello\"}\n", fds, 3));
    expect(fd, "\"ok\":true");
    T_STR(seen.fd_text, "abc");
    T_NAMED(open_fds() == before, "fds that nobody took are closed");
    put(fd, "{\"id\":2,\"cmd\":\"hello\"}\n");
    expect(fd, "\"ok\":true");
    T_STR(seen.fd_text, "---");
    T(send_fds(fd, "{\"id\":1,\"cmd\":\"hello\"}\n", fds, 20));
    expect(fd, "\"ok\":true");
    T_NAMED(strcmp(seen.fd_text, "abc") == 0 && open_fds() == before, "too many fds: the rest is closed");
    /* Two lines read at once: the fds belong to the second. */
    seen.later = true;
    put(fd, "{\"id\":1,\"cmd\":\"hello\"}\n");
    T(send_fds(fd, "{\"id\":2,\"cmd\":\"hello\"}\n", fds + 3, 2));
    turn(5);
    T(seen.id == 2 && strcmp(seen.fd_text, "de-") == 0);
    server_answer_ok(seen.client, 1, NULL);
    server_answer_ok(seen.client, 2, NULL);
    seen.later = false;
    expect(fd, "\"ok\":true");
    /* A line in two parts. */
    T(send_fds(fd, "{\"id\":3,\"cmd\":", fds + 5, 1));
    turn(3);
    put(fd, "\"hello\"}\n{\"id\":4,\"cmd\":\"hello\"}\n");
    turn(5);
    T(seen.id == 4 && strcmp(seen.fd_text, "---") == 0);
    T(send_fds(fd, "{\"id\":5,\"cmd\":", fds + 5, 1));
    turn(3);
    T(send_fds(fd, "\"hello\"}\n", fds + 6, 1));
    turn(5);
    T_NAMED(seen.id == 5 && strcmp(seen.fd_text, "g--") == 0, "of two sets for one line the last counts");
    /* Never finished. */
    T(send_fds(fd, "{\"id\":6,", fds, 3));
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
        t_skip("an unprivileged peer", "this machine: needs root");
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
    spine = NULL;
    T(closed(idle) && server_clients() == 0);
    server_destroy(NULL);
    close(fd);
    close(other);
    close(idle);
}

int main(void)
{
    size_t fds;

    kit_begin();
    fds = open_fds();
    test_listen();
    start();
    test_framing();
    test_length();
    test_refused();
    test_half_closed();
    test_vanished();
    test_fds();
    test_persona();
    test_unprivileged();
    test_destroy();
    T_INT(open_fds(), fds);
    kit_end();
    return t_done();
}
