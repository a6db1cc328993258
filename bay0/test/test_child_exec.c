/* SPDX-License-Identifier: MIT
 * What a child is born with: fds, user, capabilities, control group; and many children at once. */
#include "child_kit.h"

#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

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
        t_skip("change of user", "this machine: needs root");
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

static void test_no_reserve(void)
{
    enum { SYS_RESOURCE = 24, CHOWN = 0 };
    struct child_options o;
    struct seen s = {0};
    char *argv[4];
    unsigned long bounding = ~0ul, effective = ~0ul;

    if (geteuid() != 0) {
        t_skip("the disk's reserve", "this machine: needs root");
        return;
    }
    shell(&o, argv,
          "sed -n -e 's/^CapBnd:.//p' -e 's/^CapEff:.//p' /proc/self/status | sort -r | uniq | tr '\\n' ' '");
    o.no_reserve = true;
    o.user = &s;
    T(child_spawn(loop, &o) != NULL && finish(&s, 5000));
    if (sscanf(s.out, "%lx %lx", &bounding, &effective) == 1)
        effective = bounding;
    T_INT(bounding >> SYS_RESOURCE & 1, 0);
    T_INT(effective >> SYS_RESOURCE & 1, 0);
    T_INT(effective >> CHOWN & 1, 1);
}

static void test_realtime(void)
{
    struct child_options o;
    struct seen s = {0};
    char *argv[4];
    unsigned prio, stretch;

    if (geteuid() != 0) {
        t_skip("real-time limits", "this machine: needs root");
        return;
    }
    shell(&o, argv, "sed -n 's/^Max realtime [a-z]* *\\([0-9]*\\) .*/\\1/p' /proc/self/limits");
    o.drop = o.realtime = true;
    o.uid = o.gid = 902;
    o.user = &s;
    T(child_spawn(loop, &o) != NULL && finish(&s, 5000));
    if (sscanf(s.out, "%u %u", &prio, &stretch) != 2 || (prio != CHILD_RTPRIO && prio != 0))
        T_STR(s.out, "two numbers");
    else if (prio == 0)
        t_skip("real-time limits", "this machine: may not give them");
    else
        T_INT(stretch, CHILD_REALTIME_S * 1000000);
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

/* seccomp(2): system call nr answers ENOSYS from now on, as on an old kernel. musl has no linux/filter.h. */
static bool take_away(uint32_t nr)
{
    struct {
        uint16_t code;
        uint8_t yes, no;
        uint32_t k;
    } code[] = {
        {0x20, 0, 0, 0},                    /* load the number */
        {0x15, 0, 1, nr},                   /* is it this one? */
        {0x06, 0, 0, 0x00050000u | ENOSYS}, /* return an error */
        {0x06, 0, 0, 0x7fff0000u},          /* allow */
    };
    struct {
        unsigned short len;
        const void *code;
    } program = {4, code};

    return prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) == 0 &&
           prctl(PR_SET_SECCOMP, 2L, &program, 0L, 0L) == 0;
}

/* In a process of its own: the filter cannot be taken back. */
static int old_kernel(const char *dir)
{
    struct child_options o;
    struct seen s = {0};
    char *argv[4], text[16] = "";
    int group = fs_open(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY, 0);
    struct child *c;

    if (group < 0 || fs_write(group, "cgroup.procs", "-") < 0 || !take_away(SYS_clone3))
        return 10;
    loop = loop_create();
    if (!loop || loop_signals(loop, on_signal, NULL) < 0)
        return 11;
    shell(&o, argv, "kill -USR1 $$; exit 5");
    o.user = &s;
    o.cgroup_fd = group;
    c = child_spawn(loop, &o);
    if (!c || !finish(&s, 5000) || s.status != 128 + SIGUSR1)
        return 12;
    if (fs_read(group, "cgroup.procs", text, sizeof text) < 0 || text[0] != '0')
        return 13;
    s.done = 0;
    shell(&o, argv, "exec sleep 100");
    o.user = &s;
    c = child_spawn(loop, &o);
    if (!c || child_kill(c, SIGUSR2) < 0 || !finish(&s, 5000) || s.status != 128 + SIGUSR2)
        return 14;
    loop_destroy(loop);
    fs_close(&group);
    return 0;
}

static void test_old_kernel(void)
{
    char dir[] = "/tmp/spine-group-XXXXXX", path[64];
    int status = -1;
    pid_t pid;

    T(mkdtemp(dir) != NULL);
    snprintf(path, sizeof path, "%s/cgroup.procs", dir);
    close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    fflush(stdout);
    pid = fork();
    if (pid == 0)
        _exit(old_kernel(dir));
    T(pid > 0 && waitpid(pid, &status, 0) == pid);
    T_NAMED(status == 0, "without clone3 a child is forked and enters its group itself");
    if (status)
        printf("# step %d\n", WEXITSTATUS(status));
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
    kit_begin();
    test_fds();
    test_fds_swapped();
    test_drop();
    test_no_reserve();
    test_realtime();
    test_join_fallback();
    test_old_kernel();
    test_many();
    test_no_fds_left();
    loop_destroy(loop);
    return t_done();
}
