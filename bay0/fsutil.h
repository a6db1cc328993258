/* SPDX-License-Identifier: MIT
 * The few file helpers that all effect files share. Every fd is close-on-exec, EINTR is retried, errno tells.
 * A path is taken from the directory fd `dir` (AT_FDCWD for ordinary paths). */
#ifndef BAY0_FSUTIL_H
#define BAY0_FSUTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* openat(2) with O_CLOEXEC, and O_NONBLOCK unless a directory is opened: opening must never hang. */
int fs_open(int dir, const char *path, int flags, mode_t mode);
/* Reads at most size - 1 bytes and ends them with NUL. Returns the length, or -1 with errno (EFBIG: more was
 * there; then out holds the beginning). */
ssize_t fs_read(int dir, const char *path, char *out, size_t size);
/* The same from an fd, from its beginning on (pread). */
ssize_t fs_read_fd(int fd, char *out, size_t size);
/* Every write to a system file (/proc, /sys, cgroup) goes through here: opens what is there, one write. The
 * whole text must be taken, else -1 (EIO). */
int fs_write(int dir, const char *path, const char *text);
/* Writes everything to a blocking fd of a regular file. */
int fs_write_all(int fd, const void *data, size_t len);
/* Writes a whole new file beside path (path FS_NEW, which may be left by a crash), syncs it and renames it
 * over path. */
#define FS_NEW ".new"
int fs_replace(const char *path, const void *data, size_t len, mode_t mode);
/* fsync(2) of a file or directory: a new or removed name lasts only when its directory was synced. */
int fs_sync(const char *path);
/* Makes path and its parents (those 0755). The last gets exactly this mode and owner, also when it is there
 * already; it must then be a directory and not a symbolic link. */
int fs_mkdir(const char *path, mode_t mode, uid_t uid, gid_t gid);
/* Connected to the stream socket at path, without waiting: non-blocking, close-on-exec. EAGAIN: its queue is
 * full. */
int fs_connect(const char *path);
void fs_close(int *fd); /* closes when >= 0, sets -1, keeps errno */

#endif
