/* SPDX-License-Identifier: MIT
 * spine-icon SIDE: turns PNG files into pictures of SIDE x SIDE pixels, one after the other, until its input
 * ends. It gives up every right that it does not need first, so that a file which breaks libpng breaks
 * nothing else.
 *
 * Input, for each: the file's length in 4 bytes (little-endian), the file. Output, for each: one byte, 1 with
 * SIDE * SIDE * 4 bytes of premultiplied ARGB in the machine's order after it, or 0 when there is no such
 * picture. */
#include "switcher/icon_cage.h"
#include "switcher/icon_decode.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static bool read_all(void *to, size_t len)
{
    unsigned char *at = to;

    while (len > 0) {
        ssize_t n = read(STDIN_FILENO, at, len);

        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

static bool write_all(const void *from, size_t len)
{
    const unsigned char *at = from;

    while (len > 0) {
        ssize_t n = write(STDOUT_FILENO, at, len);

        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

int main(int argc, char **argv)
{
    static unsigned char file[ICON_FILE_MAX];
    static uint32_t picture[ICON_SIDE_MAX * ICON_SIDE_MAX];
    unsigned long side = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
    unsigned char head[4];

    if (side < ICON_SIDE_MIN || side > ICON_SIDE_MAX) {
        fprintf(stderr, "usage: spine-icon SIDE (%d to %d)\n", ICON_SIDE_MIN, ICON_SIDE_MAX);
        return 2;
    }
    if (icon_cage()) {
        perror("spine-icon: cannot give up its rights");
        return 1;
    }
    while (read_all(head, sizeof head)) {
        size_t len = head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 | (size_t)head[3] << 24;
        unsigned char good;

        if (len > sizeof file || !read_all(file, len))
            return 1;
        good = icon_decode(file, len, (unsigned)side, picture) == 0;
        if (!write_all(&good, 1) || (good && !write_all(picture, side * side * sizeof *picture)))
            return 1;
    }
    return 0;
}
