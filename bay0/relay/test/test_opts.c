/* SPDX-License-Identifier: MIT
 * The command line of spine-relay. */
#include "relay/opts.h"
#include "tests/t.h"

#include <arpa/inet.h>

enum { WORDS = 16 };

static char err[OPTS_ERR];

/* Splits at blanks; NULL ends the list. */
static int parse(struct opts *o, const char *line)
{
    static char text[256], *argv[WORDS];
    int argc = 0;

    snprintf(text, sizeof text, "%s", line);
    err[0] = '\0';
    for (char *word = strtok(text, " "); word && argc < WORDS - 1; word = strtok(NULL, " "))
        argv[argc++] = word;
    argv[argc] = NULL;
    return opts_parse(o, argc, argv, err);
}

static void test_good(void)
{
    struct opts o;

    T_INT(parse(&o, "relay --listen-fd 3 --connect 127.0.0.1:8080 -- llama-server --port 8080"), 0);
    T_INT(o.listen_fd, 3);
    T_INT(o.port, 8080);
    T_INT(ntohl(o.ip), INADDR_LOOPBACK);
    T_INT(o.buffer, 8 << 20);
    T_INT(o.stall, 30);
    T_INT(o.max, 128);
    T_INT(o.each, 128);
    T_INT(o.control_fd, -1);
    T_STR(o.probe, "");
    T_STR(o.cmd[0], "llama-server");
    T_STR(o.cmd[2], "8080");
    T(o.cmd[3] == NULL);

    T_INT(parse(&o, "relay --stall 1 --max 1024 --buffer 65536 --connect 127.3.2.1:65535 -- x --"), 0);
    T_INT(o.listen_fd, -1);
    T_INT(o.buffer, 65536);
    T_INT(o.stall, 1);
    T_INT(o.max, 1024);
    T_INT(o.port, 65535);
    T_INT(o.each, 1024);
    T_STR(o.cmd[1], "--");

    T_INT(parse(&o, "relay --connect 127.0.0.1:8080/v1/health -- x"), 0);
    T_INT(o.port, 8080);
    T_STR(o.probe, "/v1/health");

    T_INT(parse(&o, "relay --each 7 --max 9 --control 4 --connect 127.0.0.1:1 -- x"), 0);
    T_INT(o.each, 7);
    T_INT(o.max, 9);
    T_INT(o.control_fd, 4);
}

static void test_bad(void)
{
    static const char *const lines[] = {
        "relay",
        "relay --connect 127.0.0.1:1",
        "relay --connect 127.0.0.1:1 --",
        "relay -- cmd",
        "relay cmd --connect 127.0.0.1:1",
        "relay --connect 127.0.0.1:/health -- x",
        "relay --connect 127.0.0.1:1/a?b -- x",
        "relay --connect 127.0.0.1:1/a%0d -- x",
        "relay --connect 127.0.0.1:1/01234567890123456789012345678901234567890123456789012345678901234 -- x",
        "relay --connect 10.0.0.1:80 -- x",
        "relay --connect 0.0.0.0:80 -- x",
        "relay --connect localhost:80 -- x",
        "relay --connect 127.0.0.1 -- x",
        "relay --connect 127.0.0.1: -- x",
        "relay --connect 127.0.0.1:0 -- x",
        "relay --connect 127.0.0.1:65536 -- x",
        "relay --connect 127.0.0.1:80x -- x",
        "relay --connect 127.0.0.1:+80 -- x",
        "relay --connect :80 -- x",
        "relay --connect [::1]:80 -- x",
        "relay --connect 127.0.0.1.127.0.0.1.127:80 -- x",
        "relay --connect 127.0.0.1:1 --listen-fd 2 -- x",
        "relay --connect 127.0.0.1:1 --listen-fd -1 -- x",
        "relay --connect 127.0.0.1:1 --listen-fd 99999999999 -- x",
        "relay --connect 127.0.0.1:1 --buffer 65535 -- x",
        "relay --connect 127.0.0.1:1 --buffer 1073741825 -- x",
        "relay --connect 127.0.0.1:1 --buffer 8M -- x",
        "relay --connect 127.0.0.1:1 --stall 0 -- x",
        "relay --connect 127.0.0.1:1 --stall 3601 -- x",
        "relay --connect 127.0.0.1:1 --max 0 -- x",
        "relay --connect 127.0.0.1:1 --max 1025 -- x",
        "relay --connect 127.0.0.1:1 --max -- x",
        "relay --connect 127.0.0.1:1 --max",
        "relay --connect 127.0.0.1:1 --each 0 -- x",
        "relay --connect 127.0.0.1:1 --each 1025 -- x",
        "relay --connect 127.0.0.1:1 --control 2 -- x",
        "relay --connect 127.0.0.1:1 --control x -- x",
        "relay --colour red --connect 127.0.0.1:1 -- x",
    };
    struct opts o;

    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        T_NAMED(parse(&o, lines[i]) == -1 && err[0], lines[i]);
}

static void test_activation(void)
{
    T_INT(opts_activation_fd("1", NULL, 7, err), 3);
    T_INT(opts_activation_fd("2", "7", 7, err), 3);
    T_INT(opts_activation_fd("1", "8", 7, err), -1);
    T_INT(opts_activation_fd("1", "", 7, err), -1);
    T_INT(opts_activation_fd("0", NULL, 7, err), -1);
    T_INT(opts_activation_fd("", NULL, 7, err), -1);
    T_INT(opts_activation_fd("x", NULL, 7, err), -1);
    T_INT(opts_activation_fd(NULL, "7", 7, err), -1);
}

int main(void)
{
    test_good();
    test_bad();
    test_activation();
    return t_done();
}
