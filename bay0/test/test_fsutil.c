/* SPDX-License-Identifier: MIT
 * File helpers: bounds, whole writes, directories with their mode, and no following of links. */
#include "fsutil.h"

#include "tests/t.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/spine-fs-XXXXXX";

static const char *in_dir(const char *name)
{
    static char path[4][128];
    static unsigned turn;

    turn = (turn + 1) % 4;
    snprintf(path[turn], sizeof path[0], "%s/%s", dir, name);
    return path[turn];
}

static void test_files(void)
{
    char text[8];
    struct stat st;
    int fd;

    T_INT(fs_replace(in_dir("f"), "1234567", 7, 0640), 0);
    T(stat(in_dir("f"), &st) == 0 && (st.st_mode & 0777) == 0640);
    T_INT(fs_read(AT_FDCWD, in_dir("f"), text, sizeof text), 7);
    T_STR(text, "1234567");
    T_INT(fs_replace(in_dir("f"), "12345678", 8, 0600), 0);
    T(fs_read(AT_FDCWD, in_dir("f"), text, sizeof text) == -1 && errno == EFBIG);
    T_STR(text, "1234567");
    T(fs_read(AT_FDCWD, in_dir("none"), text, sizeof text) == -1 && errno == ENOENT);
    T_STR(text, "");
    T(fs_write(AT_FDCWD, in_dir("none"), "x") == -1 && errno == ENOENT); /* makes nothing */
    T_INT(fs_write(AT_FDCWD, in_dir("f"), "ab"), 0);
    T_INT(fs_read(AT_FDCWD, "/dev/null", text, sizeof text), 0);
    T(fs_write(AT_FDCWD, "/dev/full", "x") == -1 && errno == ENOSPC);
    T(fs_replace(in_dir("no/f"), "x", 1, 0600) == -1 && errno == ENOENT);

    T_INT(mkfifo(in_dir("fifo"), 0600), 0);
    T_NAMED(fs_write(AT_FDCWD, in_dir("fifo"), "x") == -1 && errno == ENXIO,
            "a pipe without a reader does not hang");
    fd = fs_open(AT_FDCWD, in_dir("f"), O_RDONLY, 0);
    T(fd >= 0 && (fcntl(fd, F_GETFD) & FD_CLOEXEC));
    errno = EXDEV;
    fs_close(&fd);
    fs_close(&fd);
    T(fd == -1 && errno == EXDEV);
    unlink(in_dir("f"));
    unlink(in_dir("fifo"));
}

static void test_directories(void)
{
    struct stat st;

    T_INT(fs_mkdir(in_dir("a/b/c/"), 0700, geteuid(), getegid()), 0);
    T(stat(in_dir("a/b/c"), &st) == 0 && (st.st_mode & 07777) == 0700);
    T(stat(in_dir("a/b"), &st) == 0 && (st.st_mode & 07777) == 0755);
    T_INT(fs_mkdir(in_dir("a/b/c"), 01777, geteuid(), getegid()), 0);
    T(stat(in_dir("a/b/c"), &st) == 0 && (st.st_mode & 07777) == 01777);
    if (geteuid() == 0) {
        T_INT(fs_mkdir(in_dir("a/b/c"), 0750, 901, 902), 0);
        T(stat(in_dir("a/b/c"), &st) == 0 && st.st_uid == 901 && st.st_gid == 902 &&
          (st.st_mode & 07777) == 0750);
    } else {
        t_skip("change of owner", "this machine: needs root");
    }
    T_INT(symlink("b", in_dir("a/link")), 0);
    T_NAMED(fs_mkdir(in_dir("a/link"), 0777, geteuid(), getegid()) == -1, "a link is not followed");
    T(stat(in_dir("a/b"), &st) == 0 && (st.st_mode & 07777) == 0755);
    T_INT(fs_replace(in_dir("a/file"), "", 0, 0600), 0);
    T(fs_mkdir(in_dir("a/file"), 0700, geteuid(), getegid()) == -1 && errno == ENOTDIR);
    T(fs_mkdir(in_dir("a/file/x"), 0700, geteuid(), getegid()) == -1 && errno == ENOTDIR);
    T(fs_mkdir("", 0700, 0, 0) == -1 && errno == ENOENT);
    unlink(in_dir("a/link"));
    unlink(in_dir("a/file"));
    rmdir(in_dir("a/b/c"));
    rmdir(in_dir("a/b"));
    rmdir(in_dir("a"));
}

int main(void)
{
    (void)umask(022);
    T(mkdtemp(dir) != NULL);
    test_files();
    test_directories();
    T_INT(rmdir(dir), 0);
    return t_done();
}
