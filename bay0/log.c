/* SPDX-License-Identifier: MIT
 * The log: cuts one line to size, writes it once to standard error and once to the file. */
#include "log.h"

#include "fsutil.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 2048 }; /* below PIPE_BUF: a pipe that polls writable takes it whole */

static enum log_level level_max = LOG_LEVEL_INFO;
static struct {
    char path[PATH_MAX];
    int fd;
    unsigned long max, size;
} file = {.fd = -1};
static unsigned long lost; /* lines that standard error could not take */

static const char *const level_names[] = {"error", "warning", "info", "debug"};

void log_level_set(enum log_level max)
{
    level_max = max;
}

static int file_open(void)
{
    struct stat st;

    file.fd = fs_open(AT_FDCWD, file.path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0640);
    if (file.fd < 0)
        return -1;
    file.size = fstat(file.fd, &st) == 0 ? (unsigned long)st.st_size : 0;
    return 0;
}

int log_file_set(const char *path, unsigned long max_bytes)
{
    size_t len = path ? strlen(path) : 0;

    fs_close(&file.fd);
    if (!path)
        return 0;
    if (len + sizeof ".1" > sizeof file.path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(file.path, path, len + 1);
    file.max = max_bytes;
    return file_open();
}

static void file_turn_over(void)
{
    char old[PATH_MAX];

    (void)snprintf(old, sizeof old, "%.*s.1", (int)(sizeof old - sizeof ".1"), file.path);
    fs_close(&file.fd);
    if (rename(file.path, old) < 0)
        (void)unlink(file.path); /* what cannot be kept must still not grow */
    (void)file_open();
}

static void file_write(const char *line, size_t len)
{
    struct timespec now = {0};
    struct tm tm = {0};
    char text[LINE_MAX_BYTES + 64];
    int n;

    if (file.fd < 0)
        return;
    if (file.max > 0 && file.size > 0 && file.size + len > file.max)
        file_turn_over();
    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)gmtime_r(&now.tv_sec, &tm);
    n = snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ %.*s", tm.tm_year + 1900,
                 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, now.tv_nsec / 1000000, (int)len,
                 line);
    if (n > 0 && file.fd >= 0) {
        ssize_t put = write(file.fd, text, (size_t)n);

        if (put > 0)
            file.size += (unsigned long)put;
    }
}

/* A console or pipe that nobody reads must not stop bay0: what it cannot take now is dropped and counted. */
static void stderr_write(const char *line, size_t len)
{
    struct pollfd p = {.fd = STDERR_FILENO, .events = POLLOUT};

    if (poll(&p, 1, 0) != 1 || !(p.revents & POLLOUT)) {
        lost++;
        return;
    }
    if (lost > 0) {
        char note[64];
        int n = snprintf(note, sizeof note, "bay0: warning: %lu lines lost\n", lost);

        if (write(STDERR_FILENO, note, (size_t)n) == n)
            lost = 0;
        if (poll(&p, 1, 0) != 1 || !(p.revents & POLLOUT)) {
            lost++;
            return;
        }
    }
    if (write(STDERR_FILENO, line, len) < 0)
        lost++;
}

void log_line(enum log_level level, const char *fmt, ...)
{
    static const char prefix[] = "bay0: ";
    char line[LINE_MAX_BYTES];
    int saved = errno;
    size_t len;
    va_list ap;
    int n;

    if (level > level_max)
        return;
    n = snprintf(line, sizeof line, "%s%s: ", prefix, level_names[level]);
    len = (size_t)n;
    errno = saved; /* for %m */
    va_start(ap, fmt);
    n = vsnprintf(line + len, sizeof line - len - 1, fmt, ap);
    va_end(ap);
    if (n > 0)
        len += (size_t)n < sizeof line - len - 1 ? (size_t)n : sizeof line - len - 2;
    /* Text from children may hold anything; a line stays one line and moves no cursor. */
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
            line[i] = line[i] == '\t' ? ' ' : '?';
    line[len++] = '\n';
    stderr_write(line, len);
    file_write(line + sizeof prefix - 1, len - (sizeof prefix - 1));
    errno = saved;
}
