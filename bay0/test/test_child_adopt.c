/* SPDX-License-Identifier: MIT
 * Children of an earlier program: known by number and start time, heard from where they left off. */
#include "child_kit.h"

#include <sys/wait.h>

/* A child that bay0's table does not know, as after an exec; *in ends it, *out is its standard output. */
static pid_t stranger(int *in, int *out)
{
    int to[2], from[2];
    pid_t pid;

    if (pipe2(to, O_CLOEXEC) < 0 || pipe2(from, O_CLOEXEC) < 0)
        return -1;
    pid = fork();
    if (pid == 0) {
        char c;

        (void)!write(from[1], "one\ntwo", 7);
        close(to[1]);
        (void)!read(to[0], &c, 1);
        (void)!write(from[1], "!\n", 2);
        _exit(5);
    }
    close(to[0]);
    close(from[1]);
    *in = to[1];
    *out = from[0];
    return pid;
}

static uint64_t start_of(pid_t pid)
{
    char path[64], text[1024];
    uint64_t start = 0;
    int32_t parent = 0;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    if (fs_read(AT_FDCWD, path, text, sizeof text) > 0)
        (void)handover_stat(text, &parent, &start);
    return start;
}

static char lines[64];

static void on_line(void *user, const char *line, size_t len)
{
    (void)user;
    snprintf(lines + strlen(lines), sizeof lines - strlen(lines), "%.*s;", (int)len, line);
}

static void options(struct child_options *o, struct seen *s)
{
    *s = (struct seen){0};
    child_options_init(o);
    o->done = on_done;
    o->user = s;
}

static void test_adopt(void)
{
    struct handover_child k = {.err = -1}, kept;
    struct child_options o;
    struct child *c;
    struct seen s;
    int in = -1;

    k.pid = stranger(&in, &k.out);
    k.start = start_of(k.pid);
    T(k.pid > 0 && k.start > 0);
    options(&o, &s);
    o.on_out_line = on_line;
    c = child_adopt(loop, &k, &o);
    T(c && child_pid(c) == k.pid && child_count() == 1);
    for (uint64_t end = loop_now() + 5000; !lines[0] && loop_now() < end;)
        loop_turn(loop, 50);
    T_STR(lines, "one;");
    T_NAMED(!child_keep(c, &kept), "half a line of it is here: it cannot be handed on");
    close(in);
    T(finish(&s, 5000));
    T_STR(lines, "one;two!;");
    T_INT(s.status, 5);
    T_INT(child_count(), 0);
}

static void test_ended(void)
{
    struct handover_child k = {.err = -1};
    struct child_options o;
    siginfo_t info;
    struct seen s;
    int in = -1;

    k.pid = stranger(&in, &k.out);
    k.start = start_of(k.pid);
    close(in);
    T_INT(waitid(P_PID, (id_t)k.pid, &info, WEXITED | WNOWAIT), 0);
    options(&o, &s);
    T_NAMED(child_adopt(loop, &k, &o) != NULL, "one that has ended is adopted too");
    kill(getpid(), SIGCHLD);
    T(finish(&s, 5000));
    T_INT(s.status, 5);
    T_STR(s.out, "one\ntwo!\n");
}

static void test_not_ours(void)
{
    struct handover_child k = {.err = -1};
    struct child_options o;
    struct seen s;
    int in = -1;

    k.pid = stranger(&in, &k.out);
    k.start = start_of(k.pid) + 1;
    options(&o, &s);
    T_NAMED(!child_adopt(loop, &k, &o) && errno == ESRCH, "another process with that number is not taken");
    T_NAMED(fcntl(k.out, F_GETFD) < 0, "its output is closed");
    close(in);
    T_INT(waitpid(k.pid, NULL, 0), k.pid);
    k = (struct handover_child){.pid = 1, .start = start_of(1), .out = -1, .err = -1};
    T_NAMED(!child_adopt(loop, &k, &o) && errno == ESRCH, "nor one that is not our child");
    k.pid = 0x7fffffff;
    T_NAMED(!child_adopt(loop, &k, &o) && errno == ESRCH, "nor one that is not there");
    T_INT(s.done, 0);
}

static void test_keep(void)
{
    struct handover_child k;
    struct child_options o;
    struct child *c;
    struct seen s = {0};
    char *argv[4];

    shell(&o, argv, "exec sleep 100");
    o.user = &s;
    c = child_spawn(loop, &o);
    T(c && child_keep(c, &k) && k.pid == child_pid(c) && k.start == start_of(k.pid) && k.out >= 0 &&
      k.err >= 0);
    T_INT(child_kill(c, SIGKILL), 0);
    T(finish(&s, 5000));
    s = (struct seen){0};
    o.timeout_ms = 5000;
    c = child_spawn(loop, &o);
    T_NAMED(c && !child_keep(c, &k), "one with a time-out does not go on");
    T_INT(child_kill(c, SIGKILL), 0);
    T(finish(&s, 5000));
}

int main(void)
{
    kit_begin();
    test_adopt();
    test_ended();
    test_not_ours();
    test_keep();
    loop_destroy(loop);
    return t_done();
}
