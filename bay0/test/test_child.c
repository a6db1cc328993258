/* SPDX-License-Identifier: MIT
 * Children, with real programs: output, ends, time-outs, lines, orphans. */
#include "child_kit.h"

#include <sys/prctl.h>
#include <sys/wait.h>

static void test_ends(void)
{
    struct seen s = run("echo out; echo err >&2; exit 3");
    char *const missing[] = {"no-such-program", NULL};
    char *const not_program[] = {"/etc/passwd", NULL};
    struct child_options o;

    T_INT(s.status, 3);
    T_STR(s.out, "out\n");
    T_STR(s.err, "err\n");
    T(!s.timed_out && !s.truncated);
    s = run("kill -9 $$");
    T_INT(s.status, 128 + SIGKILL);
    s = run("env | sort; pwd; umask; readlink /proc/self/fd/0");
    T_STR(s.out, "COLOUR=green\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\nPWD=/\n/\n0022\n/dev/null\n");
    /* GNU make starts us with 32 and 33 ignored, the C library's own, which nobody can set through it. */
    s = run("while read -r k v; do case $k in Sig[BI]*) echo $k$((0x$v & ~0x180000000)) ;; esac; done "
            "</proc/self/status");
    T_STR(s.out, "SigBlk:0\nSigIgn:0\n");

    s = (struct seen){0};
    child_options_init(&o);
    o.env = usual_env;
    o.done = on_done;
    o.user = &s;
    o.argv = missing;
    T(child_spawn(loop, &o) != NULL);
    T(s.done == 0 && finish(&s, 5000));
    T_INT(s.status, 127);
    T_STR(s.err, "cannot execute no-such-program: No such file or directory\n");
    s = (struct seen){0};
    o.argv = not_program;
    T(child_spawn(loop, &o) != NULL && finish(&s, 5000));
    T_INT(s.status, 127);
    T_STR(s.err, "cannot execute /etc/passwd: Permission denied\n");
    o.argv = (char *const[]){NULL};
    T(child_spawn(loop, &o) == NULL);
    T_INT(errno, EINVAL);
}

static void test_input(void)
{
    static char big[200000];
    struct child_options o;
    struct seen s = {0};
    char *argv[4];

    memset(big, 'y', sizeof big);
    shell(&o, argv, "wc -c");
    o.input = big;
    o.input_len = sizeof big;
    o.user = &s;
    T(child_spawn(loop, &o) != NULL && finish(&s, 5000));
    T_STR(s.out, "200000\n");
    s = (struct seen){0};
    shell(&o, argv, "exit 0"); /* does not read it: nobody waits, nobody gets SIGPIPE */
    o.input = big;
    o.input_len = sizeof big;
    o.user = &s;
    T(child_spawn(loop, &o) != NULL && finish(&s, 5000));
    T_INT(s.status, 0);
}

static void test_flood(void)
{
    struct seen s = run("head -c 20000000 /dev/zero | tr '\\0' x; echo end");

    T_INT(s.out_len, CHILD_OUTPUT_MAX);
    T(s.truncated && s.status == 0 && s.out[0] == 'x');
    s = run("head -c 20000000 /dev/zero | tr '\\0' x >&2; printf Z >&2");
    T(s.err_len <= CHILD_OUTPUT_MAX && s.err_len >= CHILD_OUTPUT_MAX / 2);
    T_NAMED(s.truncated && s.err_end == 'Z', "standard error keeps its end");
}

/* A killed process may need a moment on a busy machine. */
static bool process_gone(int pid)
{
    char path[64], text[512];

    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    for (uint64_t end = loop_now() + 3000; loop_now() < end; loop_turn(loop, 10))
        if (fs_read(AT_FDCWD, path, text, sizeof text) < 0 || strstr(text, ") Z "))
            return true;
    return false;
}

static void test_time_out(void)
{
    struct child_options o;
    struct seen s = {0};
    char *argv[4];
    uint64_t start = loop_now();

    shell(&o, argv, "exec sleep 100");
    o.user = &s;
    o.timeout_ms = 100;
    T(child_spawn(loop, &o) != NULL && finish(&s, 5000));
    T(s.timed_out && s.status == 128 + SIGTERM);
    T(loop_now() - start >= 100 && loop_now() - start < 100 + CHILD_TERM_MS);

    s = (struct seen){0};
    start = loop_now();
    shell(&o, argv, "trap '' TERM; sleep 100 & echo $!; while :; do sleep 1; done");
    o.user = &s;
    o.timeout_ms = 1000; /* by then it has written and set its trap, however busy the machine is */
    o.session = true;
    T(child_spawn(loop, &o) != NULL && finish(&s, 8000));
    T_NAMED(s.timed_out && s.status == 128 + SIGKILL, "who ignores SIGTERM is killed");
    T(loop_now() - start >= 1000 + CHILD_TERM_MS && loop_now() - start < 7000);
    T(atoi(s.out) > 0);
    T_NAMED(process_gone(atoi(s.out)), "and its group with it");

    s = (struct seen){0};
    shell(&o, argv, "(trap '' TERM; exec sleep 100) & echo $!; wait");
    o.user = &s;
    o.timeout_ms = 1000;
    o.session = true;
    T(child_spawn(loop, &o) != NULL && finish(&s, 8000));
    T(s.status == 128 + SIGTERM && atoi(s.out) > 0);
    T_NAMED(process_gone(atoi(s.out)), "a grandchild that ignores SIGTERM goes when its parent obeys");
}

static void test_grandchild_keeps_pipe(void)
{
    uint64_t start = loop_now();
    struct seen s = run("(sleep 3) & echo started; echo note >&2");

    T_NAMED(loop_now() - start < 2500, "a grandchild that holds the pipes is not waited for");
    T_STR(s.out, "started\n");
    T_STR(s.err, "note\n");
}

struct lines {
    struct seen seen;
    int n;
    size_t longest;
    char text[256];
    struct child *detach;
};

static void on_line(void *user, const char *line, size_t len)
{
    struct lines *l = user;

    l->n++;
    if (len > l->longest)
        l->longest = len;
    if (len < 32 && line[len] == '\0')
        snprintf(l->text + strlen(l->text), sizeof l->text - strlen(l->text), "<%s>", line);
    if (l->detach && l->n == 2)
        child_detach(l->detach);
}

static void test_lines(void)
{
    struct child_options o;
    struct lines l = {0};
    char *argv[4];

    shell(&o, argv,
          "printf 'one\\ntw'; sleep 0.05; printf 'o\\n\\n'; head -c 100000 /dev/zero | tr '\\0' x; echo; "
          "printf last");
    o.on_out_line = on_line;
    o.user = &l;
    T(child_spawn(loop, &o) != NULL && finish(&l.seen, 5000));
    T_STR(l.text, "<one><two><><last>");
    T_INT(l.n, 5);
    T_INT(l.longest, CHILD_LINE_MAX);
    T_INT(l.seen.out_len, 0);

    l = (struct lines){0};
    shell(&o, argv, "printf 'a\\nb\\n' >&2");
    o.on_err_line = on_line;
    o.user = &l;
    T(child_spawn(loop, &o) != NULL && finish(&l.seen, 5000));
    T_STR(l.text, "<a><b>");
    T_STR(l.seen.err, "a\nb\n");

    l = (struct lines){0};
    shell(&o, argv, "printf 'a\\nb\\nc\\nd\\n' >&2");
    o.on_err_line = on_line;
    o.user = &l;
    l.detach = child_spawn(loop, &o);
    for (uint64_t end = loop_now() + 3000; child_count() > 0 && loop_now() < end;)
        loop_turn(loop, 50);
    T_NAMED(l.n == 2 && l.seen.done == 0, "a child detached in its own callback is unheard from then on");
    T_INT(child_count(), 0);
}

static int answer(void *arg)
{
    return *(int *)arg;
}

static void test_call_kill_orphan(void)
{
    struct child_options o;
    struct seen s = {0};
    struct child *c;
    char *argv[4];
    int value = 42;

    T(child_call(loop, answer, &value, on_done, &s) != NULL && finish(&s, 5000));
    T_INT(s.status, 42);

    s = (struct seen){0};
    shell(&o, argv, "exec sleep 100");
    o.user = &s;
    c = child_spawn(loop, &o);
    T(c && child_pid(c) > 0 && child_count() == 1);
    T_INT(child_kill(c, SIGUSR1), 0);
    T(finish(&s, 5000));
    T_INT(s.status, 128 + SIGUSR1);

    orphans = 0;
    prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L);
    run("(sleep 0.2; exit 5) & exit 0");
    for (uint64_t end = loop_now() + 3000; orphans < 1 && loop_now() < end;)
        loop_turn(loop, 50);
    T_NAMED(orphans == 1 && WIFEXITED(orphan_status) && WEXITSTATUS(orphan_status) == 5,
            "an adopted child is reaped and told to the hook");
}

int main(void)
{
    kit_begin();
    test_ends();
    test_input();
    test_flood();
    test_time_out();
    test_grandchild_keeps_pipe();
    test_lines();
    test_call_kill_orphan();
    loop_destroy(loop);
    return t_done();
}
