/* SPDX-License-Identifier: MIT
 * Readiness of services: a newline on a pipe, a file that appears, and giving up on either. */
#include "tests/t.h"

#include "service_ready.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct loop *loop;
static struct ready_wait *wait;
static int told;
static bool cancel;

static void on_ready(void *user)
{
    *(int *)user += 1;
    if (cancel) {
        ready_cancel(wait);
        wait = NULL;
    }
}

static void turns(void)
{
    for (int i = 0; i < 5; i++)
        loop_turn(loop, 20);
}

static int open_fds(void)
{
    DIR *d = opendir("/proc/self/fd");
    int n = 0;

    if (!d)
        return -1;
    while (readdir(d))
        n++;
    closedir(d);
    return n;
}

static void by_pipe(void)
{
    int fd = -1;

    told = 0;
    wait = ready_fd(loop, &fd, on_ready, &told);
    T(wait && fd >= 0);
    T(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    turns();
    T_INT(told, 0);
    T_INT(write(fd, "not yet", 7), 7);
    turns();
    T_INT(told, 0);
    cancel = true; /* from its own callback */
    T_INT(write(fd, "\n", 1), 1);
    turns();
    T_INT(told, 1);
    T(wait == NULL);
    close(fd);
    turns();
    T_INT(told, 1);

    /* The child ends without a word. */
    wait = ready_fd(loop, &fd, on_ready, &told);
    close(fd);
    turns();
    T_INT(told, 1);
    ready_cancel(wait);

    /* Nobody listens any more: the writer is told, and nothing is called. */
    wait = ready_fd(loop, &fd, on_ready, &told);
    ready_cancel(wait);
    T(write(fd, "\n", 1) < 0);
    close(fd);
    turns();
    T_INT(told, 1);
    ready_cancel(NULL);
}

static void touch(const char *path)
{
    close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

static void by_path(const char *dir)
{
    char path[256], other[256], deep[300];

    snprintf(path, sizeof path, "%s/socket", dir);
    snprintf(other, sizeof other, "%s/other", dir);
    told = 0;
    cancel = true;
    wait = ready_path(loop, path, on_ready, &told);
    T(wait != NULL);
    touch(other);
    turns();
    T_INT(told, 0);
    touch(path);
    turns();
    T_INT(told, 1);
    T(wait == NULL);
    unlink(path);

    /* By another name first, as servers do. */
    wait = ready_path(loop, path, on_ready, &told);
    T_INT(rename(other, path), 0);
    turns();
    T_INT(told, 2);

    /* A folder that is not there yet is made. */
    snprintf(deep, sizeof deep, "%s/new/socket", dir);
    wait = ready_path(loop, deep, on_ready, &told);
    T(wait != NULL);
    touch(deep);
    turns();
    T_INT(told, 3);

    wait = ready_path(loop, "/proc/none/socket", on_ready, &told);
    T(wait == NULL);

    unlink(deep);
    unlink(path);
    *strrchr(deep, '/') = '\0';
    rmdir(deep);
}

int main(void)
{
    char dir[] = "/tmp/spine-ready.XXXXXX";
    int before;

    signal(SIGPIPE, SIG_IGN);
    T(mkdtemp(dir) != NULL);
    loop = loop_create();
    before = open_fds();
    by_pipe();
    by_path(dir);
    T_INT(open_fds(), before);
    loop_destroy(loop);
    T_INT(rmdir(dir), 0);
    return t_done();
}
