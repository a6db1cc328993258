/* SPDX-License-Identifier: MIT
 * What the tests of children share: a loop that reaps, a shell, and what a child's end looked like. */
#ifndef BAY0_TEST_CHILD_KIT_H
#define BAY0_TEST_CHILD_KIT_H

#include "child.h"

#include "fsutil.h"
#include "tests/t.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
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

static inline void saw_orphan(void *user, pid_t pid, int wstatus)
{
    (void)user;
    (void)pid;
    orphans++;
    orphan_status = wstatus;
}

static inline void on_signal(void *user, int signo)
{
    (void)user;
    if (signo == SIGCHLD)
        child_reap(saw_orphan, NULL);
}

static inline void on_done(void *user, const struct child_result *r)
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

static inline void shell(struct child_options *o, char *argv[4], char *script)
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
static inline bool finish(struct seen *s, uint64_t ms)
{
    for (uint64_t end = loop_now() + ms; s->done == 0 && loop_now() < end;)
        loop_turn(loop, 50);
    return s->done == 1;
}

static inline struct seen run(char *script)
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

static inline size_t open_fds(void)
{
    DIR *d = opendir("/proc/self/fd");
    size_t n = 0;

    while (d && readdir(d))
        n++;
    if (d)
        closedir(d);
    return n;
}

static inline void kit_begin(void)
{
    loop = loop_create();
    T_INT(loop_signals(loop, on_signal, NULL), 0);
}

#endif
