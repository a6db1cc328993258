/* SPDX-License-Identifier: MIT
 * spine: the process around cli_main. */
#include "spine-cli/cli.h"
#include "spine-cli/copy.h"
#include "spine-cli/probe.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct surroundings s = {.socket = getenv("SPINE_SOCKET"), .term = getenv("TERM"), .std = {0, 1, 2}};
    struct io io = {.out = stdout, .err = stderr, .width = 80};
    struct winsize w;

    /* A socket must not land on one of the three that a program in a persona is given. */
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
            return CLI_REFUSED;
    if (argc > 1 && strcmp(argv[1], "probe") == 0)
        return probe_main(argc, argv, stdout);
    if (argc > 1 && strcmp(argv[1], "copy") == 0)
        return copy_main(argc, argv, stdout);
    s.terminal = isatty(STDIN_FILENO);
    io.rewrite = isatty(STDERR_FILENO);
    if (io.rewrite && ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 0)
        io.width = w.ws_col;
    return cli_main(argc, argv, &s, &io);
}
