/* SPDX-License-Identifier: MIT
 * Attacks on the persona's own control socket and on that of ai-core. After each the socket is asked as
 * usual; one that does not answer then is one that the attack has got through to. */
#include "hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define CONTROL "/run/spine/bay0.sock"
#define AI      "/run/ai.sock"

enum { ANSWER_MS = 30000, LINE_MAX_BYTES = 65536, CONNECTIONS = 10000 };

/* Without waiting for a place. */
static int unix_connect_now(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), saved;

    if (fd < 0)
        return -1;
    snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
    if (connect(fd, (const struct sockaddr *)&a, sizeof a) == 0)
        return fd;
    saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

/* Whether bay0 answers a new caller, which may have to wait for a place. */
static int answers(void)
{
    static const char ask[] = "{\"id\":1,\"cmd\":\"persona.list\"}\n";
    char text[4096];
    time_t end = time(NULL) + ANSWER_MS / 1000;

    do {
        int fd = unix_connect(CONTROL);
        long n = -1;

        if (fd >= 0 && send(fd, ask, sizeof ask - 1, MSG_NOSIGNAL) == (ssize_t)(sizeof ask - 1))
            n = read_within(fd, text, sizeof text, ANSWER_MS);
        if (fd >= 0)
            close(fd);
        if (n > 0 && strstr(text, "\"ok\":true"))
            return 1;
        usleep(200000);
    } while (time(NULL) < end);
    return 0;
}

static int verdict(int why, char what[WHAT_MAX])
{
    if (answers())
        return why;
    snprintf(what, WHAT_MAX, "bay0 does not answer any more");
    return 0;
}

/* One line of a verb that is not a persona's. */
static int try_verb(const char *line, char what[WHAT_MAX])
{
    char text[4096];
    int fd = unix_connect(CONTROL);

    if (fd < 0)
        return errno;
    if (send(fd, line, strlen(line), MSG_NOSIGNAL) < 0)
        text[0] = '\0';
    else
        read_within(fd, text, sizeof text, ANSWER_MS);
    close(fd);
    if (strstr(text, "\"ok\":false"))
        return EPERM;
    snprintf(what, WHAT_MAX, "bay0 said %.120s", *text ? text : "nothing");
    return 0;
}

/* Whatever comes: an error or the end of the connection, and bay0 goes on. */
static int try_text(const char *text, char what[WHAT_MAX])
{
    char answer[4096];
    int fd = unix_connect(CONTROL);

    if (fd < 0)
        return errno;
    if (send(fd, text, strlen(text), MSG_NOSIGNAL) > 0)
        read_within(fd, answer, sizeof answer, ANSWER_MS);
    else
        answer[0] = '\0';
    close(fd);
    if (strstr(answer, "\"ok\":true")) {
        snprintf(what, WHAT_MAX, "bay0 took it: %.120s", answer);
        return 0;
    }
    return verdict(EBADMSG, what);
}

/* A line without an end of its limit and one byte more, then of a megabyte. */
static int try_long(const char *arg, char what[WHAT_MAX])
{
    static char block[LINE_MAX_BYTES + 1];
    char answer[4096] = "";
    int fd = unix_connect(CONTROL);

    (void)arg;
    if (fd < 0)
        return errno;
    memset(block, 'x', sizeof block);
    for (int i = 0; i < 16 && send(fd, block, sizeof block, MSG_NOSIGNAL) > 0; i++)
        ;
    read_within(fd, answer, sizeof answer, ANSWER_MS);
    close(fd);
    return verdict(EMSGSIZE, what);
}

static int try_deep(const char *open, char what[WHAT_MAX])
{
    static char block[LINE_MAX_BYTES];
    char answer[4096] = "";
    size_t n = strlen(open), at = 0;
    int fd = unix_connect(CONTROL);

    if (fd < 0)
        return errno;
    while (at + n < sizeof block - 1) {
        memcpy(block + at, open, n);
        at += n;
    }
    block[at++] = '\n';
    if (send(fd, block, at, MSG_NOSIGNAL) > 0)
        read_within(fd, answer, sizeof answer, ANSWER_MS);
    close(fd);
    return verdict(EBADMSG, what);
}

/* As many as there are files for, and no end of trying. half: each with the beginning of a line. */
static int try_many(const char *half, char what[WHAT_MAX])
{
    static int fd[CONNECTIONS];
    struct rlimit l;
    int n = 0;

    if (getrlimit(RLIMIT_NOFILE, &l) == 0) {
        l.rlim_cur = l.rlim_max;
        setrlimit(RLIMIT_NOFILE, &l);
    }
    for (int i = 0; i < CONNECTIONS; i++) {
        int c = unix_connect_now(CONTROL);

        if (c < 0)
            continue;
        (void)!send(c, half, strlen(half), MSG_NOSIGNAL | MSG_DONTWAIT);
        fd[n++] = c;
    }
    while (n > 0)
        close(fd[--n]);
    return verdict(EAGAIN, what);
}

/* One byte at a time, from eight connections at once: a line that never ends. */
static int try_slow(const char *arg, char what[WHAT_MAX])
{
    int fd[8];

    (void)arg;
    for (size_t i = 0; i < 8; i++)
        fd[i] = unix_connect_now(CONTROL);
    for (int round = 0; round < 100; round++) {
        for (size_t i = 0; i < 8; i++)
            if (fd[i] >= 0)
                (void)!send(fd[i], "{", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
        usleep(10000);
    }
    for (size_t i = 0; i < 8; i++)
        if (fd[i] >= 0)
            close(fd[i]);
    return verdict(EAGAIN, what);
}

/* Asks and asks and never reads: the answers pile up with bay0, or nowhere. */
static int try_deaf(const char *arg, char what[WHAT_MAX])
{
    static const char ask[] = "{\"id\":1,\"cmd\":\"persona.list\"}\n";
    int fd = unix_connect(CONTROL);
    time_t end = time(NULL) + 5;

    (void)arg;
    if (fd < 0)
        return errno;
    while (time(NULL) < end)
        if (send(fd, ask, sizeof ask - 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno != EAGAIN)
            break;
    if (!answers()) {
        snprintf(what, WHAT_MAX, "bay0 does not answer others any more");
        return 0;
    }
    close(fd);
    return EAGAIN;
}

/* Descriptors nobody asked for, as many as one message takes. */
static int try_descriptors(const char *arg, char what[WHAT_MAX])
{
    enum { FDS = 250, ROUNDS = 200 };
    static union {
        struct cmsghdr head;
        char room[CMSG_SPACE(FDS * sizeof(int))];
    } c;
    char byte = '{';
    struct iovec v = {&byte, 1};
    struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = &c, .msg_controllen = sizeof c};
    int null = open("/dev/null", O_RDWR | O_CLOEXEC), fd = unix_connect(CONTROL);

    (void)arg;
    if (fd < 0 || null < 0)
        return errno;
    c.head = (struct cmsghdr){
        .cmsg_len = CMSG_LEN(FDS * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    for (size_t i = 0; i < FDS; i++)
        memcpy(CMSG_DATA(&c.head) + i * sizeof(int), &null, sizeof null);
    for (int i = 0; i < ROUNDS; i++)
        if (sendmsg(fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno != EAGAIN)
            break;
    close(fd);
    close(null);
    return verdict(EBADMSG, what);
}

/* For the test to look at bay0 meanwhile: connects, asks, hangs up, for ten seconds, from four processes. */
static int try_storm(const char *arg, char what[WHAT_MAX])
{
    static const char ask[] = "{\"id\":1,\"cmd\":\"persona.list\"}\n";
    time_t end = time(NULL) + 10;

    (void)arg;
    fork();
    fork();
    while (time(NULL) < end) {
        int fd = unix_connect_now(CONTROL);

        if (fd < 0)
            continue;
        (void)!send(fd, ask, sizeof ask - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
        close(fd);
    }
    return verdict(EAGAIN, what);
}

/* Places at ai-core that are taken and not used: half a request each, held for the test to ask from
 * elsewhere. */
static int try_stall(const char *arg, char what[WHAT_MAX])
{
    static const char half[] =
        "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n{";
    int n = 0;

    (void)arg;
    (void)what;
    for (int i = 0; i < 2000; i++) {
        int fd = unix_connect_now(AI);

        if (fd < 0)
            continue;
        (void)!send(fd, half, sizeof half - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
        n++;
    }
    hold(n ? "places at ai-core" : "nothing");
    return 0;
}

#define ASK(cmd, args) "{\"id\":1,\"cmd\":\"" cmd "\",\"args\":{" args "}}\n"
#define VICTIM         "\"id\":\"victim\""

const struct attack attacks_control[] = {
    {"verb-start", try_verb, ASK("persona.start", VICTIM)},
    {"verb-stop", try_verb, ASK("persona.stop", VICTIM)},
    {"verb-rm", try_verb, ASK("persona.rm", VICTIM ",\"wipe\":\"victim\"")},
    {"verb-add", try_verb, ASK("persona.add", "\"id\":\"evil\",\"image\":\"localhost/persona-busybox\"")},
    {"verb-focus", try_verb, ASK("persona.focus", VICTIM)},
    {"verb-exec", try_verb, ASK("persona.exec", VICTIM ",\"detach\":true,\"command\":[\"true\"]")},
    {"verb-logs", try_verb, ASK("logs", "\"lines\":1")},
    {"verb-subscribe", try_verb, ASK("subscribe", "")},
    {"verb-service-stop", try_verb, ASK("service.stop", "\"name\":\"ai-core\"")},
    {"verb-poweroff", try_verb, ASK("poweroff", "")},
    {"verb-reexec", try_verb, ASK("reexec", "")},
    {"verb-doctor", try_verb, ASK("doctor", "")},
    {"control-partial", try_text, "{\"id\":1,\"cmd\":\"persona.list\"\n"},
    {"control-not-json", try_text, "GET / HTTP/1.1\r\n\r\n"},
    {"control-not-utf8", try_text, "{\"id\":1,\"cmd\":\"persona.list\xff\xfe\"}\n"},
    {"control-number", try_text, "{\"id\":99999999999999999999999999,\"cmd\":\"hello\"}\n"},
    {"control-key-twice", try_text, "{\"id\":1,\"cmd\":\"hello\",\"cmd\":\"poweroff\"}\n"},
    {"control-unknown-field", try_text, "{\"id\":1,\"cmd\":\"hello\",\"persona\":\"victim\"}\n"},
    {"control-long", try_long, ""},
    {"control-deep-list", try_deep, "["},
    {"control-deep-object", try_deep, "{\"a\":"},
    {"control-many", try_many, ""},
    {"control-many-halves", try_many, "{\"id\":1,"},
    {"control-slow", try_slow, ""},
    {"control-deaf", try_deaf, ""},
    {"control-descriptors", try_descriptors, ""},
    {"control-storm", try_storm, ""},
    {"ai-stall", try_stall, ""},
    {NULL, NULL, NULL},
};
