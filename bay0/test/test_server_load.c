/* SPDX-License-Identifier: MIT
 * Control sockets under load: limits, quick connections, floods, slow readers, no fds left. */
#include "server_kit.h"

#include <sys/resource.h>

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
    client_ref taker;
    size_t lines = 0;
    int i;

    put(reader, "{\"id\":1,\"cmd\":\"subscribe\"}\n");
    shutdown(reader, SHUT_WR); /* `echo ... | nc -U`: still hears */
    turn(5);
    taker = seen.client;
    put(sleeper, "{\"id\":1,\"cmd\":\"subscribe\"}\n");
    put(other, "{\"id\":1,\"cmd\":\"hello\"}\n");
    turn(5);
    expect(reader, "\"ok\":true");
    expect(other, "\"ok\":true");
    server_publish(event);
    expect(reader, "{\"event\":\"persona\",\"id\":\"work\"}\n");
    T_INT(get(other, text, sizeof text, NULL, 30, NULL), 0);
    T_NAMED(!server_publish_key(event), "without a switcher nobody takes the keys");
    server_take_keys(taker);
    T(server_publish_key(event));
    expect(reader, "\"event\":\"persona\"");
    T_NAMED(get(sleeper, text, sizeof text, NULL, 30, NULL) < 200, "other subscribers get no keys");
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

/* Pieces of requests, rubbish and fds from several clients that come, go and half-close as they like. */
static void test_random(void)
{
    static const char *const pieces[] = {"{\"id\":1,\"cmd\":\"hello\"}\n",
                                         "{\"id\":2,\"cmd\":",
                                         "\"subscribe\"}\n",
                                         "\n",
                                         "{",
                                         "}\n",
                                         "\xff\xfe",
                                         "[[[[[[[[[[",
                                         "{\"id\":3,\"cmd\":\"persona.start\",\"args\":{\"id\":\"work\"}}\n"};
    size_t before = open_fds();
    int fd[6] = {-1, -1, -1, -1, -1, -1};
    unsigned seed = 42;
    client_ref late[8] = {0};

    seen.calls = 0;
    for (int i = 0; i < 20000; i++) {
        unsigned r = (unsigned)rand_r(&seed), at = r / 64 % 6;
        const char *text = pieces[r / 512 % (sizeof pieces / sizeof pieces[0])];

        if (fd[at] < 0)
            fd[at] = dial(at < 4 ? spine_path : persona_path);
        seen.later = r % 7 == 0;
        if (r % 64 < 2)
            fs_close(&fd[at]);
        else if (r % 64 < 4)
            shutdown(fd[at], SHUT_WR);
        else if (r % 64 < 12)
            send_fds(fd[at], text, (int[]){0, 1, 2}, 1 + r % 3);
        else
            put(fd[at], text);
        late[r % 8] = seen.client;
        server_answer_ok(late[r / 8 % 8], 1, NULL);
        if (r % 3 == 0)
            loop_turn(loop, 0);
    }
    for (int i = 0; i < 6; i++)
        fs_close(&fd[i]);
    seen.later = false;
    turn(50);
    printf("# %d calls\n", seen.calls);
    T(seen.calls > 300);
    T_INT(server_clients(), 0);
    T_INT(open_fds(), before);
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

static int drained;

static void on_drained(void *user)
{
    (void)user;
    drained++;
}

/* What is sent to one alone, at its pace. */
static void test_told(void)
{
    int reader = dial(spine_path);
    json_t *event = json_pack("{s:s}", "event", "log");
    static char text[1 << 21];
    size_t unread = 0;
    client_ref ref;

    seen.later = true;
    put(reader, "{\"id\":1,\"cmd\":\"logs\"}\n");
    turn(5);
    ref = seen.client;
    server_on_drained(ref, on_drained, NULL);
    memset(text, 'x', 4000);
    text[4000] = '\0';
    json_object_set_new(event, "message", json_string(text));
    drained = 0;
    for (int i = 0; i < 2000 && unread < 100000; i++)
        unread = server_tell(ref, event);
    T_NAMED(unread >= 100000 && server_alive(ref), "what a reader leaves unread is told");
    drained = 0;
    turn(5);
    T_NAMED(drained == 0, "who does not read is not drained");
    get(reader, text, sizeof text, NULL, 300, NULL);
    turn(5);
    T_NAMED(drained == 1, "it is told once that all was read");
    T_INT(server_tell(ref, event), 0);
    server_on_drained(ref, NULL, NULL);
    server_tell(ref, event);
    T_NAMED(drained == 2, "a hook that is taken away is not called");
    json_decref(event);
    close(reader);
    turn(5);
    seen.later = false;
    T_INT(server_tell(ref, NULL), 0);
    T_INT(server_clients(), 0);
}

int main(void)
{
    kit_begin();
    start();
    test_limits();
    test_quick_connections();
    test_flood();
    test_pending();
    test_subscribers();
    test_told();
    test_random();
    test_no_fds_left();
    kit_end();
    return t_done();
}
