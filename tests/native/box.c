/* SPDX-License-Identifier: MIT
 * What crun does of a container that bay0 looks at, for tests/native: a process in the given control group,
 * with a root and mounts of its own, that waits at a gate and then becomes the command. box CGROUP DIR
 * UIDMAP-BASE SOURCE:TARGET:OPTIONS... -- CMD [ARG...]; DIR holds upper/, work/, merged/, gate. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what)
{
    fprintf(stderr, "box: %s: %s\n", what, strerror(errno));
    exit(125);
}

static void put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
        die(path);
    close(fd);
}

/* A user namespace lives as long as something holds it: its maker may go when it is open here. */
static int user_namespace(const char *base)
{
    char path[64], map[64];
    int fd, told[2];
    pid_t pid = -1;

    if (pipe2(told, O_CLOEXEC) < 0 || (pid = fork()) < 0)
        die("fork");
    if (pid == 0) {
        if (unshare(CLONE_NEWUSER) < 0)
            die("user namespace");
        if (write(told[1], "x", 1) == 1)
            sleep(60);
        _exit(0);
    }
    if (read(told[0], map, 1) != 1)
        die("user namespace");
    snprintf(map, sizeof map, "0 %s 65536", base);
    snprintf(path, sizeof path, "/proc/%d/uid_map", (int)pid);
    put(path, map);
    snprintf(path, sizeof path, "/proc/%d/gid_map", (int)pid);
    put(path, map);
    snprintf(path, sizeof path, "/proc/%d/ns/user", (int)pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        die(path);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    return fd;
}

static int has(const char *options, const char *word)
{
    size_t n = strlen(word);

    for (; *options; options += strcspn(options, ","), options += *options == ',')
        if (strncmp(options, word, n) == 0 && (options[n] == ',' || !options[n]))
            return 1;
    return 0;
}

static void bind_one(char *text, const char *base)
{
    const char *source = strtok(text, ":"), *target = strtok(NULL, ":"), *options = strtok(NULL, ":");
    struct mount_attr attr = {.attr_set = (has(options, "ro") ? MOUNT_ATTR_RDONLY : 0u) |
                                          (has(options, "nosuid") ? MOUNT_ATTR_NOSUID : 0u) |
                                          (has(options, "nodev") ? MOUNT_ATTR_NODEV : 0u) |
                                          (has(options, "noexec") ? MOUNT_ATTR_NOEXEC : 0u)};
    char at[PATH_MAX];
    int tree = open_tree(AT_FDCWD, source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

    if (tree < 0)
        die(source);
    if (has(options, "idmap")) {
        attr.attr_set |= MOUNT_ATTR_IDMAP;
        attr.userns_fd = (unsigned long long)user_namespace(base);
    }
    if (mount_setattr(tree, "", AT_EMPTY_PATH, &attr, sizeof attr) < 0)
        die(options);
    snprintf(at, sizeof at, "merged%s", target);
    if (move_mount(tree, "", AT_FDCWD, at, MOVE_MOUNT_F_EMPTY_PATH) < 0)
        die(at);
    close(tree);
}

/* Stays behind as conmon does: the parent, outside the group. The child's number goes to DIR/pid. */
static void leave_conmon(const char *dir)
{
    char path[PATH_MAX], text[16];
    int status, fd;
    pid_t pid = fork();

    if (pid < 0)
        die("fork");
    if (pid > 0) {
        prctl(PR_SET_NAME, "conmon");
        waitpid(pid, &status, 0);
        _exit(0);
    }
    setsid();
    snprintf(path, sizeof path, "%s/pid", dir);
    snprintf(text, sizeof text, "%d\n", (int)getpid());
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
        die(path);
    close(fd);
}

int main(int argc, char **argv)
{
    char path[PATH_MAX], go;
    int gate, i;

    if (argc < 6)
        return 2;
    leave_conmon(argv[2]);
    snprintf(path, sizeof path, "%s/cgroup.procs", argv[1]);
    put(path, "0");
    if (chdir(argv[2]) < 0)
        die(argv[2]);
    gate = open("gate",
                O_RDWR | O_CLOEXEC); /* for writing too: the read then waits for a word, not for a writer */
    if (gate < 0)
        die("gate");
    if (unshare(CLONE_NEWNS | CLONE_NEWNET) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        die("namespaces");
    if (mount("overlay", "merged", "overlay", 0, "lowerdir=/,upperdir=upper,workdir=work") < 0)
        die("overlay");
    for (i = 4; i < argc && strcmp(argv[i], "--") != 0; i++)
        bind_one(argv[i], argv[3]);
    if (i + 1 >= argc)
        return 2;
    if (getenv("BOX_READ_ONLY") && mount(NULL, "merged", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) < 0)
        die("read-only root");
    if (chdir("merged") < 0 || syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0)
        die("pivot_root");
    if (read(gate, &go, 1) != 1)
        die("gate");
    execvp(argv[i + 1], argv + i + 1);
    die(argv[i + 1]);
}
