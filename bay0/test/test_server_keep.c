/* SPDX-License-Identifier: MIT
 * Connections that outlive bay0's program: held, written down, taken up by another server. */
#include "server_kit.h"

static struct handover_client kept[8];

static void test_hold(void)
{
    int fd = dial(spine_path), late;

    put(fd, "{\"id\":1,\"cmd\":\"hello\"}\n");
    expect(fd, "\"id\":1");
    seen.calls = 0;
    server_hold(true);
    put(fd, "{\"id\":2,\"cmd\":\"hello\"}\n");
    late = dial(spine_path);
    put(late, "{\"id\":3,\"cmd\":\"hello\"}\n");
    turn(20);
    T_INT(seen.calls, 0);
    T_INT(server_clients(), 1);
    server_hold(false);
    expect(fd, "\"id\":2");
    expect(late, "\"id\":3");
    close(fd);
    close(late);
    turn(10);
    T_INT(server_clients(), 0);
}

static void test_keep(void)
{
    int fd = dial(spine_path), inside = dial(persona_path), half = dial(spine_path);
    size_t n;

    put(fd, "{\"id\":1,\"cmd\":\"subscribe\"}\n");
    expect(fd, "\"id\":1");
    seen.later = true;
    put(inside, "{\"id\":4,\"cmd\":\"hello\"}\n");
    put(half, "{\"id\":5,\"cm");
    turn(20);
    seen.later = false;
    server_hold(true);
    n = server_keep(kept, 8);
    T_NAMED(n == 2, "all but the one with half a line");
    T_STR(kept[0].persona, "work");
    T(kept[0].pending == 1 && !kept[0].subscribed && kept[0].uid == getuid());
    T_STR(kept[1].persona, "");
    T(kept[1].pending == 0 && kept[1].subscribed && kept[1].ref != kept[0].ref &&
      server_last_ref() >= kept[0].ref);
    T_INT(server_keep(kept, 1), 1);
    (void)server_keep(kept, 8);
    server_hold(false);
    close(fd);
    close(inside);
    close(half);
    turn(10);
    T_INT(server_clients(), 0);
}

/* As in the next program: the same numbers, other descriptors. */
static void test_adopt(void)
{
    struct handover_client k = {.ref = server_last_ref() + 10, .pending = 1, .subscribed = true};
    json_t *event = json_pack("{s:s}", "event", "test");
    int ends[2];

    T_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
    k.fd = ends[0];
    server_last_ref_set(k.ref);
    T_INT(server_adopt(persona, &k), 0);
    server_answer_ok(k.ref, 77, NULL);
    expect(ends[1], "{\"id\":77,\"ok\":true");
    server_publish(event);
    expect(ends[1], "{\"event\":\"test\"}");
    put(ends[1], "{\"id\":6,\"cmd\":\"power.off\"}\n");
    expect(ends[1], "not-allowed");
    put(ends[1], "{\"id\":7,\"cmd\":\"hello\"}\n");
    expect(ends[1], "\"id\":7");
    T_STR(seen.persona, "work");
    T(seen.client == k.ref);
    close(ends[1]);
    turn(10);
    T(server_clients() == 0 && !server_alive(k.ref));
    json_decref(event);
}

int main(void)
{
    kit_begin();
    start();
    test_hold();
    test_keep();
    test_adopt();
    kit_end();
    return t_done();
}
