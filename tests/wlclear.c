/* SPDX-License-Identifier: MIT
 * spine-wlclear against a compositor of our own, which has a seat and a clipboard, or lacks one of them. */
#include "switcher/ext-data-control-v1-server.h"
#include "t.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wayland-server.h>

enum { TURN_MS = 10, TURNS = 1000 };

static struct compositor {
    struct wl_display *display;
    struct wl_resource *device;
    char dir[64], path[80];
    int selection, primary; /* how often they were cleared */
    int offers;             /* that were given back */
} c;
static pid_t pid;
static int words, answers, errors;

static void on_destroy(struct wl_client *client, struct wl_resource *resource)
{
    (void)client;
    wl_resource_destroy(resource);
}

static void on_selection(struct wl_client *client, struct wl_resource *resource, struct wl_resource *source)
{
    (void)client, (void)resource;
    c.selection += source == NULL;
}

static void on_primary(struct wl_client *client, struct wl_resource *resource, struct wl_resource *source)
{
    (void)client, (void)resource;
    c.primary += source == NULL;
}

static const struct ext_data_control_device_v1_interface device_requests = {
    .set_selection = on_selection,
    .destroy = on_destroy,
    .set_primary_selection = on_primary,
};

static void on_offer_destroy(struct wl_client *client, struct wl_resource *resource)
{
    c.offers++;
    on_destroy(client, resource);
}

static const struct ext_data_control_offer_v1_interface offer_requests = {.destroy = on_offer_destroy};

/* Somebody has selected something. */
static void offer(void)
{
    struct wl_resource *o =
        wl_resource_create(wl_resource_get_client(c.device), &ext_data_control_offer_v1_interface, 1, 0);

    wl_resource_set_implementation(o, &offer_requests, NULL, NULL);
    ext_data_control_device_v1_send_data_offer(c.device, o);
    ext_data_control_offer_v1_send_offer(o, "text/plain");
    ext_data_control_device_v1_send_selection(c.device, o);
}

static void on_device(struct wl_client *client, struct wl_resource *manager, uint32_t id,
                      struct wl_resource *seat)
{
    (void)manager, (void)seat;
    c.device = wl_resource_create(client, &ext_data_control_device_v1_interface, 1, id);
    wl_resource_set_implementation(c.device, &device_requests, NULL, NULL);
    offer();
}

static const struct ext_data_control_manager_v1_interface manager_requests = {
    .get_data_device = on_device,
    .destroy = on_destroy,
};

static void on_bind_manager(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
    struct wl_resource *r =
        wl_resource_create(client, &ext_data_control_manager_v1_interface, (int)version, id);

    wl_resource_set_implementation(r, &manager_requests, data, NULL);
}

static void on_bind_seat(struct wl_client *client, void *data, uint32_t version, uint32_t id)
{
    (void)data;
    (void)wl_resource_create(client, &wl_seat_interface, (int)version, id);
}

static void start(void)
{
    static char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 64);
    int in[2], out[2], err[2];

    path[n > 0 ? n : 0] = '\0';
    for (int i = 0; i < 2; i++)
        *strrchr(path, '/') = '\0';
    strcat(path, "/sbin/spine-wlclear");
    if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0 ||
        (pid = fork()) < 0) {
        printf("Bail out! cannot start spine-wlclear\n");
        exit(EXIT_FAILURE);
    }
    if (pid == 0) {
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        dup2(err[1], STDERR_FILENO);
        execl(path, path, c.path, (char *)NULL);
        _exit(99);
    }
    close(in[0]);
    close(out[1]);
    close(err[1]);
    words = in[1];
    answers = out[0];
    errors = err[0];
    fcntl(answers, F_SETFL, O_NONBLOCK);
}

static void begin(bool manager, bool seat)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    c = (struct compositor){.display = wl_display_create()};
    snprintf(c.dir, sizeof c.dir, "/tmp/spine-wlclear-test-XXXXXX");
    if (!mkdtemp(c.dir)) {
        printf("Bail out! no temporary folder\n");
        exit(EXIT_FAILURE);
    }
    snprintf(c.path, sizeof c.path, "%s/wayland-1", c.dir);
    snprintf(a.sun_path, sizeof a.sun_path, "%s", c.path);
    T_INT(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    T_INT(listen(fd, 8), 0);
    wl_display_add_socket_fd(c.display, fd);
    if (manager)
        wl_global_create(c.display, &ext_data_control_manager_v1_interface, 1, NULL, on_bind_manager);
    if (seat)
        wl_global_create(c.display, &wl_seat_interface, 1, NULL, on_bind_seat);
    start();
}

static void turn(void)
{
    wl_event_loop_dispatch(wl_display_get_event_loop(c.display), TURN_MS);
    wl_display_flush_clients(c.display);
}

/* Its exit status, and its complaint. */
static int ends(char *text, size_t size)
{
    int status = -1;
    ssize_t n;

    for (int i = 0; waitpid(pid, &status, WNOHANG) == 0; i++) {
        if (i == TURNS)
            kill(pid, SIGKILL);
        if (c.display)
            turn();
        else
            poll(NULL, 0, TURN_MS);
    }
    n = read(errors, text, size - 1);
    text[n > 0 ? n : 0] = '\0';
    close(errors);
    close(answers);
    if (words >= 0)
        close(words);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void drop(void)
{
    if (!c.display)
        return;
    wl_display_destroy_clients(c.display);
    wl_display_destroy(c.display);
    c.display = NULL;
    unlink(c.path);
    rmdir(c.dir);
}

static void say(const char *word)
{
    T_INT(write(words, word, strlen(word)), strlen(word));
}

static bool answered(const char *want)
{
    char text[64] = "";
    size_t n = 0;

    for (int i = 0; i < TURNS && n < strlen(want); i++) {
        ssize_t got = read(answers, text + n, sizeof text - 1 - n);

        n += got > 0 ? (size_t)got : 0;
        turn();
    }
    return strcmp(text, want) == 0;
}

static void test_clear(void)
{
    char text[512];

    begin(true, true);
    say("clear\n");
    T(answered("cleared\n"));
    T_NAMED(c.selection == 1 && c.primary == 1, "cleared before it says so");
    offer();
    say("cle");
    for (int i = 0; i < 10; i++)
        turn();
    T_INT(c.selection, 1);
    say("ar\nclear\n");
    T(answered("cleared\ncleared\n"));
    T_INT(c.selection, 3);
    T_NAMED(c.offers == 2, "what is offered is given back");
    close(words);
    words = -1;
    T_NAMED(ends(text, sizeof text) == 0, "it ends with its input");
    T_STR(text, "");
    drop();
}

static void test_compositor_ends(void)
{
    char text[512];

    begin(true, true);
    say("clear\n");
    T(answered("cleared\n"));
    drop();
    T_NAMED(ends(text, sizeof text) == 1, "it ends with the compositor");
    T(strstr(text, "spine-wlclear: lost the compositor at "));
}

static void test_seat_gone(void)
{
    char text[512];

    begin(true, true);
    say("clear\n");
    T(answered("cleared\n"));
    ext_data_control_device_v1_send_finished(c.device);
    T_INT(ends(text, sizeof text), 1);
    T_STR(text, "spine-wlclear: the seat is gone\n");
    drop();
}

static void test_refused(void)
{
    char text[512];

    begin(false, true);
    T_INT(ends(text, sizeof text), 1);
    T(strstr(text, "lacks ext-data-control-v1 or a seat"));
    drop();
    begin(true, false);
    T_INT(ends(text, sizeof text), 1);
    T(strstr(text, "lacks ext-data-control-v1 or a seat"));
    drop();
    begin(true, true);
    say("clean\n");
    T_INT(ends(text, sizeof text), 1);
    T(strstr(text, "something else than \"clear\""));
    T_INT(c.selection, 0);
    drop();
    begin(true, true);
    say("no end of this line");
    T_INT(ends(text, sizeof text), 1);
    T(strstr(text, "something else than \"clear\""));
    drop();
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    test_clear();
    test_compositor_ends();
    test_seat_gone();
    test_refused();
    return t_done();
}
