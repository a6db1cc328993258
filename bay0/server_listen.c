/* SPDX-License-Identifier: MIT
 * Listening Unix sockets: ready in every respect before they get their name. */
#include "fsutil.h"
#include "server.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* The mode of the inode is that of the socket at bind(2), so nothing has to be changed by name. */
static int bind_with_mode(int fd, const struct sockaddr_un *addr, mode_t mode)
{
    mode_t before;
    int rc;

    if (fchmod(fd, mode) < 0)
        return -1;
    before = umask(0);
    rc = bind(fd, (const struct sockaddr *)addr, sizeof *addr);
    (void)umask(before);
    return rc;
}

int server_listen(const char *path, mode_t mode, uid_t uid, gid_t gid, int backlog, struct err *e)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    int n = snprintf(addr.sun_path, sizeof addr.sun_path, "%s.new", path);
    int fd, saved;

    if (n < 0 || (size_t)n >= sizeof addr.sun_path)
        return err_set(e, ERR_SYSTEM, "cannot listen on %s: the path is too long for a socket", path);
    if (unlink(addr.sun_path) < 0 && errno != ENOENT)
        return err_set(e, ERR_SYSTEM, "cannot listen on %s: %s: %s", path, addr.sun_path, strerror(errno));
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return err_set(e, ERR_SYSTEM, "cannot listen on %s: %s", path, strerror(errno));
    if (bind_with_mode(fd, &addr, mode) == 0 && lchown(addr.sun_path, uid, gid) == 0 &&
        (backlog == 0 || listen(fd, backlog) == 0) && rename(addr.sun_path, path) == 0)
        return fd;
    saved = errno;
    (void)unlink(addr.sun_path);
    fs_close(&fd);
    return err_set(e, ERR_SYSTEM, "cannot listen on %s: %s", path, strerror(saved));
}
