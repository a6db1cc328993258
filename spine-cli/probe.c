/* SPDX-License-Identifier: MIT
 * Makes every attempt and tells of each in one line. */
#include "spine-cli/probe.h"

#include "spine-cli/io.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static void tell(const struct probe *p, FILE *out)
{
    char what[PROBE_WHAT_MAX] = "";
    int refused = p->try(p->arg, what);
    json_t *line;

    errno = refused;
    line = json_pack("{s:s, s:b, s:s}", "attempt", p->attempt, "got_through", refused == 0, "detail",
                     refused ? strerror(refused) : what);
    if (line)
        io_json(out, line);
    json_decref(line);
}

static size_t all(const struct probe *p, FILE *out)
{
    size_t n = 0;

    for (; p[n].attempt; n++)
        tell(&p[n], out);
    return n;
}

int probe_main(int argc, char *const *argv, FILE *out)
{
    size_t n;

    if (argc > 2 && strcmp(argv[2], "wait") == 0) {
        /* An init passes SIGTERM on; its default action ends this. */
        signal(SIGTERM, SIG_DFL);
        for (;;)
            pause();
    }
    n = all(probe_files, out);
    n += all(probe_calls, out);
    fprintf(out, "{\"attempts\":%zu}\n", n);
    return fflush(out) ? 1 : 0;
}
