/* SPDX-License-Identifier: MIT
 * A raw client of bay0's socket for tests/native: sends its standard input at once and prints every line that
 * comes back, until bay0 ends the connection. With a number N as second word it goes away after N answers
 * instead. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    long left = argc > 2 ? atol(argv[2]) : -1;
    char text[65536];
    ssize_t n;

    if (argc < 2 || strlen(argv[1]) >= sizeof at.sun_path)
        return 2;
    strcpy(at.sun_path, argv[1]);
    if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof at) < 0) {
        perror(argv[1]);
        return 3;
    }
    while ((n = read(STDIN_FILENO, text, sizeof text)) > 0)
        if (send(fd, text, (size_t)n, MSG_NOSIGNAL) != n)
            return 1;
    if (left < 0)
        shutdown(fd, SHUT_WR);
    while (left != 0 && (n = recv(fd, text, sizeof text, 0)) > 0) {
        fwrite(text, 1, (size_t)n, stdout);
        fflush(stdout);
        for (ssize_t i = 0; i < n && left > 0; i++)
            left -= text[i] == '\n';
    }
    return n < 0;
}
