/* SPDX-License-Identifier: MIT
 * Children, with real programs: output, ends, time-outs, fds, users, groups, orphans. */
#include "child.h"

#include "fsutil.h"
#include "tests/t.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct loop *loop;
static int orphans, orphan_status;

struct seen {
    int done, status;
    bool timed_out, truncated;
    size_t out_len, err_len;
    char out[4096], err[4096]; /* their beginnings */
    char err_end;
};

static void saw_orphan(void *user, pid_t pid, int wstatus)
{
    (void)user;
    (void)pid;
    orphans++;
    orphan_status = wstatus;
}

static void on_signal(void *user, int signo)
{
    (void)user;
    if (signo == SIGCHLD)
        child_reap(saw_orphan, NULL);
}

static void on_done(void *user, const struct child_result *r)
{
    struct seen *s = user;

    s->done++;
    s->status = r->status;
    s->timed_out = r->timed_out;
    s->truncated = r->truncated;
    s->out_len = r->out_len;
    s->err_len = r->err_len;
    snprintf(s->out, sizeof s->out, "%s", r->out);
    snprintf(s->err, sizeof s->err, "%s", r->err);
    s->err_end = r->err_len ? r->err[r->err_len - 1] : '\0';
}

static char *const usual_env[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "COLOUR=green", NULL};

static void shell(struct child_options *o, char *argv[4], char *script)
{
    child_options_init(o);
    argv[0] = "sh";
    argv[1] = "-c";
    argv[2] = script;
    argv[3] = NULL;
    o->argv = argv;
    o->env = usual_env;
    o->done = on_done;
}

/* Turns until the child has reported; false after ms. */
static bool finish(struct seen *s, uint64_t ms)
{
    for (uint64_t end = loop_now() + ms; s->done == 0 && loop_now() < end;)
        loop_turn(loop, 50);
    return s->done == 1;
}

static struct seen run(char *script)
{
    struct child_options o;
    struct seen s = {0};
    char *argv[4];

    shell(&o, argv, script);
    o.user = &s;
    T(child_spawn(loop, &o) != NULL);
    T_NAMED(finish(&s, 5000), script);
    return s;
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
    s = run("grep -E '^Sig(Blk|Ign)' /proc/self/status | tr -d '\\t '");
    T_STR(s.out, "SigBlk:0000000000000000\nSigIgn:0000000000000000\n");

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

static bool process_gone(int pid)
{
    char path[64], text[512];

    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    return fs_read(AT_FDCWD, path, text, sizeof text) < 0 || strstr(text, ") Z ") != NULL;
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
    T(loop_now() - start >= 100 && loop_now() - start < 1500);

    s = (struct seen){0};
    start = loop_now();
    shell(&o, argv, "trap '' TERM; sleep 100 & echo $!; while :; do sleep 1; done");
    o.user = &s;
    o.timeout_ms = 100;
    o.session = true;
    T(child_spawn(loop, &o) != NULL && finish(&s, 8000));
    T_NAMED(s.timed_out && s.status == 128 + SIGKILL, "who ignores SIGTERM is killed");
    T(loop_now() - start >= 100 + CHILD_TERM_MS && loop_now() - start < 5000);
    T(atoi(s.out) > 0);
    T_NAMED(process_gone(atoi(s.out)), "and its group with it");

    s = (struct seen){0};
    shell(&o, argv, "(trap '' TERM; exec sleep 100) & echo $!; wait");
    o.user = &s;
    o.timeout_ms = 200;
    o.session = true;
    T(child_spawn(loop, &o) != NULL && finish(&s, 8000));
    T(s.status == 128 + SIGTERM && atoi(s.out) > 0);
    loop_turn(loop, 50);
    T_NAMED(process_gone(atoi(s.out)), "a grandchild that ignores SIGTERM goes when its parent obeys");
}

static void test_grandchild_keeps_pipe(void)
{
    uint64_t start = loop_now();
    struct seen s = run("(sleep 3) & echo started; echo note >&2");

    T_NAMED(loop_now() - start < 1000, "a grandchild that holds the pipes is not waited for");
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
    if (line[len] == '\0' && len < 32)
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

static int file_with(const char *text)
{
    char path[] = "/tmp/spine-child-XXXXXX";
    int fd = mkostemp(path, O_CLOEXEC);

    unlink(path);
    if (fd >= 0 && (fs_write_all(fd, text, strlen(text)) < 0 || lseek(fd, 0, SEEK_SET) < 0))
        return -1;
    return fd;
}

/* What the child gets, and that it gets nothing else. */
static void test_fds(void)
{
    struct child_options o;
    struct seen s = {0};
    char *argv[4], got[256];
    int in = file_with("in"), a = file_with("a"), b = file_with("b");
    int out[2];
    ssize_t len;

    T(pipe2(out, O_CLOEXEC | O_NONBLOCK) == 0);
    shell(&o, argv,
          "cat; cat <&3; cat <&4; echo; ls /proc/self/fd | tr '\\n' ' '; echo $LISTEN_FDS; "
          "[ $LISTEN_PID = $$ ] && echo same");
    o.stdin_fd = in;
    o.fds[0] = a;
    o.fds[1] = b;
    o.fds_n = 2;
    o.listen_fds = true;
    o.stdout_fd = out[1];
    o.user = &s;
    T(child_spawn(loop, &o) != NULL && finish(&s, 5000));
    T_INT(s.status, 0);
    len = read(out[0], got, sizeof got - 1);
    got[len > 0 ? len : 0] = '\0';
    T_STR(got, "inab\n0 1 2 3 4 5 2\nsame\n"); /* ls has 0..4 and the directory it reads */
    close(in);
    close(a);
    close(b);
    close(out[0]);
    close(out[1]);
}

/* fds 3 and 4 of this process swapped in the child, and its standard output placed on what is 0 here. */
static void test_fds_swapped(void)
{
    struct child_options o;
    struct seen s = {0};
    char *argv[4];
    int keep3 = fcntl(3, F_DUPFD_CLOEXEC, 20), keep4 = fcntl(4, F_DUPFD_CLOEXEC, 20);
    int keep0 = fcntl(0, F_DUPFD_CLOEXEC, 20);
    int a = file_with("a"), b = file_with("b"), c = file_with("c");

    dup3(a, 3, O_CLOEXEC);
    dup3(b, 4, O_CLOEXEC);
    dup3(c, 0, O_CLOEXEC);
    shell(&o, argv, "cat; cat <&3; cat <&4; cat <&5");
    o.stdin_fd = 4;
    o.fds[0] = 0;
    o.fds[1] = 3;
    o.fds[2] = 4;
    o.fds_n = 3;
    o.user = &s;
    T(child_spawn(loop, &o) != NULL);
    dup3(keep0, 0, 0);
    dup3(keep3, 3, O_CLOEXEC);
    dup3(keep4, 4, O_CLOEXEC);
    T(finish(&s, 5000));
    T_STR(s.out, "bca");
    close(keep0);
    close(keep3);
    close(keep4);
    close(a);
    close(b);
    close(c);
}

static void test_drop(void)
{
    struct child_options o;
    struct seen s = {0};
    char *argv[4];

    if (geteuid() != 0) {
        t_skip("change of user", "needs root");
        return;
    }
    shell(&o, argv, "grep -E '^(Uid|Gid|Groups|CapEff|CapAmb|NoNewPrivs)' /proc/self/status | tr '\\t' ' '");
    o.drop = true;
    o.uid = 901;
    o.gid = 902;
    o.groups[0] = 44;
    o.groups[1] = 903;
    o.groups_n = 2;
    o.user = &s;
    T(child_spawn(loop, &o) != NULL && finish(&s, 5000));
    T_STR(s.out, "Uid: 901 901 901 901\nGid: 902 902 902 902\nGroups: 44 903 \nCapEff: 0000000000000000\n"
                 "CapAmb: 0000000000000000\nNoNewPrivs: 1\n");
    s = (struct seen){0};
    o.ambient_caps = 1ull << 12 | 1ull << 13; /* CAP_NET_ADMIN, CAP_NET_RAW */
    o.groups_n = 0;
    T(child_spawn(loop, &o) != NULL && finish(&s, 5000));
    T_STR(s.out, "Uid: 901 901 901 901\nGid: 902 902 902 902\nGroups:  \nCapEff: 0000000000003000\n"
                 "CapAmb: 0000000000003000\nNoNewPrivs: 1\n");
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

/* A control group that clone3 refuses: the child then writes itself into cgroup.procs. */
static void test_join_fallback(void)
{
    char dir[] = "/tmp/spine-group-XXXXXX", path[64], text[16] = "";
    struct child_options o;
    struct seen s = {0};
    char *argv[4];
    int group;

    T(mkdtemp(dir) != NULL);
    snprintf(path, sizeof path, "%s/cgroup.procs", dir);
    group = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    shell(&o, argv, "echo inside");
    o.cgroup_fd = group;
    o.user = &s;
    T(child_spawn(loop, &o) != NULL && finish(&s, 5000));
    T_INT(s.status, 127);
    T_STR(s.err, "cannot enter its control group: No such file or directory\n");
    close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    s = (struct seen){0};
    T(child_spawn(loop, &o) != NULL && finish(&s, 5000));
    T_STR(s.out, "inside\n");
    T(fs_read(AT_FDCWD, path, text, sizeof text) > 0);
    T_STR(text, "0");
    close(group);
    unlink(path);
    rmdir(dir);
}

struct chain {
    int left, done;
};

static void chain_next(void *user, const struct child_result *r)
{
    struct chain *c = user;
    struct child_options o;
    char *argv[4];

    c->done += r->status == 7;
    shell(&o, argv, "exit 7");
    o.done = chain_next;
    o.user = c;
    if (--c->left > 0)
        T(child_spawn(loop, &o) != NULL);
}

static void test_many(void)
{
    enum { N = 200 };
    static struct seen s[N];
    struct chain chain = {.left = 5};
    struct child_options o;
    char *argv[4];
    size_t fds = open_fds();
    int all = 0;

    for (int i = 0; i < N; i++) {
        shell(&o, argv, "echo $$; exit 9");
        o.user = &s[i];
        if (!child_spawn(loop, &o))
            break;
    }
    for (uint64_t end = loop_now() + 20000; child_count() > 0 && loop_now() < end;)
        loop_turn(loop, 50);
    for (int i = 0; i < N; i++)
        all += s[i].done == 1 && s[i].status == 9 && s[i].out_len > 1;
    T_INT(all, N);
    shell(&o, argv, "exit 7");
    o.done = chain_next;
    o.user = &chain;
    T(child_spawn(loop, &o) != NULL);
    for (uint64_t end = loop_now() + 5000; chain.left > 0 && loop_now() < end;)
        loop_turn(loop, 50);
    T_INT(chain.done, 5);
    T_INT(open_fds(), fds);
}

static void test_no_fds_left(void)
{
    struct child_options o;
    struct seen s = {0};
    struct rlimit before, tight;
    char *argv[4];
    size_t fds = open_fds();
    bool refused = true;

    shell(&o, argv, "exit 0");
    o.user = &s;
    getrlimit(RLIMIT_NOFILE, &before);
    for (rlim_t i = 0; i < 5; i++) {
        tight = before;
        tight.rlim_cur = fds - 3 + i; /* "." and ".." and the directory itself are counted by open_fds */
        setrlimit(RLIMIT_NOFILE, &tight);
        refused = child_spawn(loop, &o) == NULL && refused;
    }
    setrlimit(RLIMIT_NOFILE, &before);
    T_NAMED(refused, "without fds no child is made");
    T_INT(open_fds(), fds);
    T_INT(child_count(), 0);
}

int main(void)
{
    /* test_fds_swapped needs these two numbers for itself. */
    dup3(STDERR_FILENO, 3, O_CLOEXEC);
    dup3(STDERR_FILENO, 4, O_CLOEXEC);
    loop = loop_create();
    T_INT(loop_signals(loop, on_signal, NULL), 0);
    test_ends();
    test_input();
    test_flood();
    test_time_out();
    test_grandchild_keeps_pipe();
    test_lines();
    test_fds();
    test_fds_swapped();
    test_drop();
    test_call_kill_orphan();
    test_join_fallback();
    test_many();
    test_no_fds_left();
    loop_destroy(loop);
    return t_done();
}
