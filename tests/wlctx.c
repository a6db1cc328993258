/* SPDX-License-Identifier: MIT
 * spine-wlctx against a compositor of our own, which does nothing but take security contexts, refuse them, or
 * hang. */
#include "switcher/security-context-v1-server.h"
#include "switcher/wlctx_opts.h"
#include "t.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <wayland-server.h>

enum mood { WILLING, NO_GLOBAL, REFUSING, DYING, MOODS };

struct compositor {
    enum mood mood;
    struct wl_display *display;
    char dir[64], path[80], persona[80]; /* the compositor's socket, and the one to be put under a context */
    int listener, persona_fd, hangup[2];
    char order[64], engine[64], app_id[64], instance_id[64];
    int got_listen, got_close; /* what arrived, -1 before */
};

static struct sockaddr_un address(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};

    snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
    return a;
}

static int listen_on(const char *path, int backlog)
{
    struct sockaddr_un a = address(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) < 0 || listen(fd, backlog) < 0) {
        printf("Bail out! cannot listen on %s\n", path);
        exit(EXIT_FAILURE);
    }
    return fd;
}

static struct compositor *step(struct wl_resource *resource, const char *letter)
{
    struct compositor *c = wl_resource_get_user_data(resource);

    strncat(c->order, letter, sizeof c->order - strlen(c->order) - 1);
    return c;
}

static void on_destroy(struct wl_client *client, struct wl_resource *resource)
{
    (void)client;
    wl_resource_destroy(resource);
}

static void on_engine(struct wl_client *client, struct wl_resource *resource, const char *text)
{
    struct compositor *c = step(resource, "e");

    (void)client;
    snprintf(c->engine, sizeof c->engine, "%s", text);
}

static void on_app_id(struct wl_client *client, struct wl_resource *resource, const char *text)
{
    struct compositor *c = step(resource, "a");

    (void)client;
    snprintf(c->app_id, sizeof c->app_id, "%s", text);
}

static void on_instance_id(struct wl_client *client, struct wl_resource *resource, const char *text)
{
    struct compositor *c = step(resource, "i");

    (void)client;
    snprintf(c->instance_id, sizeof c->instance_id, "%s", text);
}

static void on_commit(struct wl_client *client, struct wl_resource *resource)
{
    struct compositor *c = step(resource, "c");

    if (c->mood == REFUSING)
        wl_resource_post_error(resource, WP_SECURITY_CONTEXT_V1_ERROR_INVALID_METADATA, "not today");
    if (c->mood == DYING) /* nothing more reaches the client, as when the process is killed */
        shutdown(wl_client_get_fd(client), SHUT_RDWR);
}

static const struct wp_security_context_v1_interface context_requests = {
    .destroy = on_destroy,
    .set_sandbox_engine = on_engine,
    .set_app_id = on_app_id,
    .set_instance_id = on_instance_id,
    .commit = on_commit,
};

static void on_create(struct wl_client *client, struct wl_resource *resource, uint32_t id, int listen_fd,
                      int close_fd)
{
    struct compositor *c = step(resource, "l");
    struct wl_resource *context = wl_resource_create(client, &wp_security_context_v1_interface, 1, id);

    c->got_listen = listen_fd;
    c->got_close = close_fd;
    wl_resource_set_implementation(context, &context_requests, c, NULL);
}

static const struct wp_security_context_manager_v1_interface manager_requests = {
    .destroy = on_destroy,
    .create_listener = on_create,
};

static void on_bind(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
    struct wl_resource *r =
        wl_resource_create(client, &wp_security_context_manager_v1_interface, (int)version, id);

    wl_resource_set_implementation(r, &manager_requests, data, NULL);
}

static void compositor_init(struct compositor *c, enum mood mood, int backlog)
{
    *c = (struct compositor){.mood = mood, .got_listen = -1, .got_close = -1};
    snprintf(c->dir, sizeof c->dir, "/tmp/spine-wlctx-test-XXXXXX");
    if (!mkdtemp(c->dir) || pipe2(c->hangup, O_CLOEXEC) < 0) {
        printf("Bail out! no temporary folder\n");
        exit(EXIT_FAILURE);
    }
    snprintf(c->path, sizeof c->path, "%s/wayland-1", c->dir);
    snprintf(c->persona, sizeof c->persona, "%s/persona", c->dir);
    c->listener = listen_on(c->path, backlog);
    c->persona_fd = listen_on(c->persona, 8);
    c->display = wl_display_create();
    if (mood != NO_GLOBAL)
        wl_global_create(c->display, &wp_security_context_manager_v1_interface, 1, c, on_bind);
}

static void compositor_finish(struct compositor *c)
{
    wl_display_destroy_clients(c->display);
    wl_display_destroy(c->display); /* closes the listener once it was added */
    close(c->persona_fd);
    close(c->hangup[0]);
    close(c->hangup[1]);
    if (c->got_listen >= 0)
        close(c->got_listen);
    if (c->got_close >= 0)
        close(c->got_close);
    unlink(c->path);
    unlink(c->persona);
    rmdir(c->dir);
}

/* Runs spine-wlctx with the persona's socket on 3 and the pipe on 4, and its complaints on a pipe of their
 * own. */
static pid_t start(const struct compositor *c, const char *listen_fd, int *errors)
{
    static char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 64);
    int out[2];
    pid_t pid;

    path[n > 0 ? n : 0] = '\0';
    for (int i = 0; i < 2; i++)
        *strrchr(path, '/') = '\0';
    strcat(path, "/sbin/spine-wlctx");
    if (pipe2(out, O_CLOEXEC) < 0 || (pid = fork()) < 0) {
        printf("Bail out! cannot start spine-wlctx\n");
        exit(EXIT_FAILURE);
    }
    if (pid == 0) {
        const char *argv[] = {path,
                              "--display",
                              c->path,
                              "--listen-fd",
                              listen_fd,
                              "--close-fd",
                              "4",
                              "--engine",
                              "org.alpinespine",
                              "--app-id",
                              "localhost/trixie:1",
                              "--instance-id",
                              "work",
                              NULL};
        int persona = fcntl(c->persona_fd, F_DUPFD, 10), hangup = fcntl(c->hangup[0], F_DUPFD, 10);

        dup2(out[1], STDERR_FILENO);
        dup2(persona, 3);
        dup2(hangup, 4);
        syscall(SYS_close_range, 5U, ~0U, 0U);
        execv(path, (char *const *)(uintptr_t)argv);
        _exit(99);
    }
    close(out[1]);
    *errors = out[0];
    return pid;
}

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Lets the compositor run (if it is to) until spine-wlctx ends; its exit status, and its words in text. */
static int finish(struct compositor *c, bool serve, pid_t pid, int errors, char *text, size_t size)
{
    struct wl_event_loop *loop = wl_display_get_event_loop(c->display);
    int64_t until = now_ms() + 10000;
    int status = -1;
    ssize_t n;

    if (serve)
        wl_display_add_socket_fd(c->display, c->listener);
    while (waitpid(pid, &status, WNOHANG) == 0) {
        if (now_ms() > until)
            kill(pid, SIGKILL);
        if (serve) {
            wl_event_loop_dispatch(loop, 10);
            wl_display_flush_clients(c->display);
        } else {
            poll(NULL, 0, 10);
        }
    }
    if (serve) /* what it sent last is still to be read */
        wl_event_loop_dispatch(loop, 0);
    else
        close(c->listener);
    n = read(errors, text, size - 1);
    text[n > 0 ? n : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
    close(errors);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int run(struct compositor *c, enum mood mood, const char *listen_fd, char *text, size_t size)
{
    int errors;
    pid_t pid;

    compositor_init(c, mood, 8);
    pid = start(c, listen_fd, &errors);
    return finish(c, true, pid, errors, text, size);
}

static bool same_file(int a, int b)
{
    struct stat x, y;

    return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static void test_willing(void)
{
    struct compositor c;
    struct sockaddr_un a;
    char text[400], got[2] = "";
    struct pollfd p;
    int client, server;

    T_INT(run(&c, WILLING, "3", text, sizeof text), 0);
    T_STR(text, "");
    T_NAMED(strncmp(c.order, "l", 1) == 0 && strlen(c.order) == 5 && c.order[4] == 'c',
            "the listener comes first, commit last, each name once");
    T_STR(c.engine, "org.alpinespine");
    T_STR(c.app_id, "localhost/trixie:1");
    T_STR(c.instance_id, "work");
    T_NAMED(same_file(c.got_listen, c.persona_fd), "the listening socket arrived");
    T_NAMED(same_file(c.got_close, c.hangup[0]), "the pipe arrived");

    a = address(c.persona);
    client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    T_INT(connect(client, (struct sockaddr *)&a, sizeof a), 0);
    server = accept4(c.got_listen, NULL, NULL, SOCK_CLOEXEC);
    T_NAMED(server >= 0 && write(client, "x", 1) == 1 && read(server, got, 1) == 1 && got[0] == 'x',
            "the compositor can accept a persona's client on it after spine-wlctx has ended");
    p = (struct pollfd){.fd = c.got_close, .events = POLLIN};
    T_NAMED(poll(&p, 1, 0) == 0, "the pipe is quiet while bay0 holds its other end");
    close(c.hangup[1]);
    c.hangup[1] = -1;
    T_NAMED(poll(&p, 1, 1000) == 1 && (p.revents & POLLHUP), "and hangs up when bay0 lets go");
    close(client);
    close(server);
    compositor_finish(&c);
}

static void test_unwilling(void)
{
    static const char *const words[MOODS] = {[NO_GLOBAL] = "no security contexts at",
                                             [REFUSING] = "wp_security_context_v1 error 3",
                                             [DYING] = "lost the compositor"};
    struct compositor c;
    char text[400];

    for (int mood = NO_GLOBAL; mood < MOODS; mood++) {
        T_INT(run(&c, (enum mood)mood, "3", text, sizeof text), 1);
        T_NAMED(strstr(text, words[mood]) != NULL, text);
        compositor_finish(&c);
    }
    T_INT(run(&c, WILLING, "4", text, sizeof text), 2); /* the same as --close-fd */
    compositor_finish(&c);
    T_INT(run(&c, WILLING, "77", text, sizeof text), 1);
    T_NAMED(strstr(text, "descriptor 77 is no listening socket") != NULL, text);
    T_STR(c.order, "");
    compositor_finish(&c);
}

static void test_absent(void)
{
    struct compositor c;
    char text[400];
    int errors;
    pid_t pid;

    compositor_init(&c, WILLING, 8);
    unlink(c.path);
    pid = start(&c, "3", &errors);
    T_INT(finish(&c, false, pid, errors, text, sizeof text), 1);
    T_NAMED(strstr(text, "no compositor at") && strstr(text, "No such file"), text);
    compositor_finish(&c);
}

/* A frozen compositor: one whose kernel side still takes the connection, and one whose backlog is full. */
static void test_frozen(void)
{
    struct compositor c[2];
    char text[2][400];
    int errors[2], filler[2];
    pid_t pid[2];
    int64_t begin = now_ms(), took;
    struct sockaddr_un a;

    compositor_init(&c[0], WILLING, 8);
    compositor_init(&c[1], WILLING, 0);
    a = address(c[1].path);
    for (int i = 0; i < 2; i++) {
        filler[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        T_NAMED((connect(filler[i], (struct sockaddr *)&a, sizeof a) == 0) == (i == 0),
                "the backlog holds one");
    }
    for (int i = 0; i < 2; i++)
        pid[i] = start(&c[i], "3", &errors[i]);
    for (int i = 0; i < 2; i++)
        T_INT(finish(&c[i], false, pid[i], errors[i], text[i], sizeof text[i]), 1);
    took = now_ms() - begin;
    T_NAMED(took >= 4900 && took < 7000, "both give up after five seconds");
    T_NAMED(strstr(text[0], "no answer from the compositor") != NULL, text[0]);
    T_NAMED(strstr(text[1], "takes no connections") != NULL, text[1]);
    for (int i = 0; i < 2; i++) {
        close(filler[i]);
        compositor_finish(&c[i]);
    }
}

static int parse(const char *display, const char *listen_fd, const char *app_id, int argc)
{
    static char err[WLCTX_ERR];
    const char *argv[] = {"wlctx", "--display", display, "--listen-fd", listen_fd, "--close-fd",
                          "4",     "--engine",  "org.x", "--app-id",    app_id,    "--instance-id",
                          "p1",    NULL};
    struct wlctx_opts o;

    return wlctx_opts_parse(&o, argc, (char **)(uintptr_t)argv, err);
}

static void test_opts(void)
{
    char longer[300];

    T_INT(parse("/run/spine/ui/wayland-1", "3", "docker.io/library/debian:13@sha256:00", 13), 0);
    for (int argc = 0; argc < 13; argc++)
        T_INT(parse("/run/w", "3", "a", argc), -1);
    T_INT(parse("wayland-1", "3", "a", 13), -1);
    T_INT(parse("/run/w", "2", "a", 13), -1);
    T_INT(parse("/run/w", "3x", "a", 13), -1);
    T_INT(parse("/run/w", "", "a", 13), -1);
    T_INT(parse("/run/w", "99999", "a", 13), -1);
    T_INT(parse("/run/w", "3", "", 13), -1);
    T_INT(parse("/run/w", "3", "a b", 13), -1);
    T_INT(parse("/run/w", "3", "a\"]kill", 13), -1);
    T_INT(parse("/run/w", "3", "a\n", 13), -1);
    memset(longer, 'a', sizeof longer);
    longer[255] = '\0';
    T_INT(parse("/run/w", "3", longer, 13), 0);
    longer[255] = 'a';
    longer[256] = '\0';
    T_INT(parse("/run/w", "3", longer, 13), -1);
    longer[0] = '/';
    longer[107] = '\0';
    T_INT(parse(longer, "3", "a", 13), 0);
    longer[107] = 'a';
    longer[108] = '\0';
    T_INT(parse(longer, "3", "a", 13), -1);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    test_opts();
    test_willing();
    test_unwilling();
    test_absent();
    test_frozen();
    return t_done();
}
