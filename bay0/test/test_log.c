/* SPDX-License-Identifier: MIT
 * The log: whole lines, kept errno, bounded files, and no waiting for a reader of standard error. */
#include "log.h"

#include "fsutil.h"
#include "loop.h"
#include "tests/t.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int stderr_saved;

/* From here on standard error is a pipe, whose read end is given back. */
static int stderr_to_pipe(void)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) < 0)
        return -1;
    stderr_saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    return ends[0];
}

static void stderr_back(void)
{
    dup2(stderr_saved, STDERR_FILENO);
    close(stderr_saved);
}

static void test_lines(int in)
{
    char text[4096];
    char huge[5000];
    ssize_t got;

    errno = ENOSPC;
    log_error("disk of %s: %m", "work");
    T_INT(errno, ENOSPC);
    got = read(in, text, sizeof text - 1);
    text[got > 0 ? got : 0] = '\0';
    T_STR(text, "bay0: error: disk of work: No space left on device\n");

    log_info("one\ntwo\033[2J\ttab");
    got = read(in, text, sizeof text - 1);
    text[got > 0 ? got : 0] = '\0';
    T_STR(text, "bay0: info: one?two?[2J tab\n");

    log_debug("not shown at this level");
    T_INT(read(in, text, sizeof text), -1);
    log_level_set(LOG_LEVEL_DEBUG);
    log_debug("shown now");
    T(read(in, text, sizeof text) > 0);
    log_level_set(LOG_LEVEL_INFO);

    memset(huge, 'x', sizeof huge - 1);
    huge[sizeof huge - 1] = '\0';
    log_warn("%s", huge);
    got = read(in, text, sizeof text);
    T(got > 1000 && got <= 2048);
    T(got > 0 && text[got - 1] == '\n');
}

static void test_full_pipe(int in)
{
    uint64_t before = loop_now();
    char text[65536];
    ssize_t got;
    bool note = false;

    for (int i = 0; i < 5000; i++)
        log_info("a line that nobody reads, number %d", i);
    T_NAMED(loop_now() - before < 2000, "a full pipe does not stop the writer");
    while (read(in, text, sizeof text) > 0)
        continue;
    log_info("after");
    got = read(in, text, sizeof text - 1);
    text[got > 0 ? got : 0] = '\0';
    note = strstr(text, " lines lost\n") != NULL;
    T_NAMED(note, "the lost lines are counted");
    T_NAMED(strstr(text, "bay0: info: after\n") != NULL, "and the log goes on");
}

static void test_file(int in)
{
    char dir[] = "/tmp/spine-log-XXXXXX";
    char path[64], old[80], text[65536];
    struct stat st;

    T(mkdtemp(dir) != NULL);
    snprintf(path, sizeof path, "%s/bay0.log", dir);
    snprintf(old, sizeof old, "%s.1", path);
    T_INT(log_file_set(path, 2000), 0);
    log_info("first");
    T(fs_read(AT_FDCWD, path, text, sizeof text) > 0);
    T_NAMED(strlen(text) == strlen("2026-01-01T00:00:00.000Z info: first\n") && text[10] == 'T' &&
                strcmp(text + 23, "Z info: first\n") == 0,
            "a line of the file carries its time");
    for (int i = 0; i < 200; i++) {
        log_info("line number %d fills the file", i);
        while (read(in, text, sizeof text) > 0)
            continue;
    }
    T(stat(path, &st) == 0 && st.st_size <= 2000);
    T(stat(old, &st) == 0 && st.st_size > 1000 && st.st_size <= 2000);
    T_INT(log_file_set(NULL, 0), 0);
    T_INT(unlink(path), 0);
    log_info("not in a file");
    T_NAMED(access(path, F_OK) < 0, "without a file nothing is written to one");
    T_INT(log_file_set("/nonexistent/dir/log", 2000), -1);
    T_INT(errno, ENOENT);
    unlink(old);
    T_INT(rmdir(dir), 0);
}

int main(void)
{
    int in = stderr_to_pipe();

    test_lines(in);
    test_full_pipe(in);
    test_file(in);
    stderr_back();
    return t_done();
}
