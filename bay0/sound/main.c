/* SPDX-License-Identifier: MIT
 * spine-sound: gives one persona its own place at the sound server for as long as it runs. */
#include "sound/opts.h"
#include "sound/session.h"

#include <signal.h>
#include <stdio.h>

enum { OK, FAILED, USAGE };
enum { TIMEOUT_MS = 20000 };

int main(int argc, char **argv)
{
    struct sound_opts o;
    char err[SOUND_ERR];

    if (sound_opts_parse(&o, argc, argv, err) < 0) {
        fprintf(stderr,
                "spine-sound: %s\n"
                "usage: spine-sound --remote PATH --persona ID --app-id IMAGE --listen-fd N\n",
                err);
        return USAGE;
    }
    signal(SIGPIPE, SIG_IGN);
    if (sound_run(&o, TIMEOUT_MS, err) < 0) {
        fprintf(stderr, "spine-sound: %s\n", err);
        return FAILED;
    }
    return OK;
}
