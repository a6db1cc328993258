/* SPDX-License-Identifier: MIT
 * File helpers of the effect files: bounded reads, whole writes, directories. */
#include "fsutil.h"

#include "crash.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

int fs_open(int dir, const char *path, int flags, mode_t mode)
{
    int extra = O_CLOEXEC | O_NOCTTY | (flags & (O_DIRECTORY | O_PATH) ? 0 : O_NONBLOCK);
    int fd;

    do
        fd = openat(dir, path, flags | extra, mode);
    while (fd < 0 && errno == EINTR);
    return fd;
}

int fs_connect(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd;

    if (strlen(path) >= sizeof at.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(at.sun_path, path, strlen(path) + 1);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&at, sizeof at) < 0)
        fs_close(&fd);
    return fd;
}

void fs_close(int *fd)
{
    int saved = errno;

    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
    errno = saved;
}

ssize_t fs_read_fd(int fd, char *out, size_t size)
{
    size_t len = 0;

    if (size == 0) {
        errno = EINVAL;
        return -1;
    }
    out[0] = '\0';
    for (;;) {
        char over;
        bool full = len == size - 1;
        ssize_t got =
            full ? pread(fd, &over, 1, (off_t)len) : pread(fd, out + len, size - 1 - len, (off_t)len);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            return (ssize_t)len;
        if (full) {
            errno = EFBIG;
            return -1;
        }
        len += (size_t)got;
        out[len] = '\0';
    }
}

ssize_t fs_read(int dir, const char *path, char *out, size_t size)
{
    int fd = fs_open(dir, path, O_RDONLY, 0);
    ssize_t len;

    if (size > 0)
        out[0] = '\0';
    if (fd < 0)
        return -1;
    len = fs_read_fd(fd, out, size);
    fs_close(&fd);
    return len;
}

int fs_write(int dir, const char *path, const char *text)
{
    int fd = fs_open(dir, path, O_WRONLY, 0);
    size_t len = strlen(text);
    ssize_t put;

    if (fd < 0)
        return -1;
    do
        put = write(fd, text, len);
    while (put < 0 && errno == EINTR);
    if (put >= 0 && (size_t)put != len) {
        errno = EIO;
        put = -1;
    }
    fs_close(&fd);
    return put < 0 ? -1 : 0;
}

int fs_write_all(int fd, const void *data, size_t len)
{
    const char *at = data;

    while (len > 0) {
        ssize_t put = write(fd, at, len);

        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0) {
            if (put == 0)
                errno = EIO;
            return -1;
        }
        at += put;
        len -= (size_t)put;
    }
    return 0;
}

int fs_replace(const char *path, const void *data, size_t len, mode_t mode)
{
    char temp[PATH_MAX];
    int n = snprintf(temp, sizeof temp, "%s" FS_NEW, path);
    int fd;

    if (n < 0 || (size_t)n >= sizeof temp) {
        errno = ENAMETOOLONG;
        return -1;
    }
    if (unlink(temp) < 0 && errno != ENOENT)
        return -1;
    fd = fs_open(AT_FDCWD, temp, O_WRONLY | O_CREAT | O_EXCL, mode);
    if (fd < 0)
        return -1;
    crash_point("before a file is written");
    if (fchmod(fd, mode) < 0 || fs_write_all(fd, data, len) < 0 || fsync(fd) < 0 || rename(temp, path) < 0) {
        int saved = errno;

        fs_close(&fd);
        (void)unlink(temp);
        errno = saved;
        return -1;
    }
    crash_point("before a new name is synced");
    fs_close(&fd);
    return 0;
}

int fs_sync(const char *path)
{
    int fd = fs_open(AT_FDCWD, path, O_RDONLY, 0);
    int rc;

    if (fd < 0)
        return -1;
    rc = fsync(fd);
    crash_point("after a sync");
    fs_close(&fd);
    return rc;
}

/* Opened and not named again, so that mode and owner reach the directory that was looked at. */
static int settle_directory(const char *path, mode_t mode, uid_t uid, gid_t gid)
{
    int fd = fs_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
    struct stat st;
    int rc = -1;

    if (fd < 0)
        return -1;
    if (fstat(fd, &st) == 0 && ((st.st_uid == uid && st.st_gid == gid) || fchown(fd, uid, gid) == 0) &&
        fchmod(fd, mode) == 0)
        rc = 0;
    fs_close(&fd);
    return rc;
}

int fs_mkdir(const char *path, mode_t mode, uid_t uid, gid_t gid)
{
    char part[PATH_MAX];
    size_t len = strlen(path);

    if (len == 0 || len >= sizeof part) {
        errno = len == 0 ? ENOENT : ENAMETOOLONG;
        return -1;
    }
    memcpy(part, path, len + 1);
    while (len > 1 && part[len - 1] == '/')
        part[--len] = '\0';
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(part, 0755) < 0 && errno != EEXIST && errno != EROFS)
            return -1;
        *slash = '/';
    }
    if (mkdir(part, mode & 0700) < 0 && errno != EEXIST)
        return -1;
    return settle_directory(part, mode, uid, gid);
}
