/* SPDX-License-Identifier: MIT
 * Tests of the whole CLI against a bay0 that is played: answers, refusals, progress, broken connections,
 * programs. */
#include "spine-cli/cli.h"
#include "spine-cli/test/fake_bay0.h"

#include "core/proto.h"

#include <dirent.h>
#include <fcntl.h>
#include <pty.h>
#include <sys/stat.h>
#include <termios.h>

static char *out_text, *err_text;
static size_t out_size, err_size;
static struct surroundings around = {.std = {0, 1, 2}};

/* Runs the words of `line` (split at spaces); socket may be NULL. */
static int run(const char *line, const char *socket)
{
    char copy[300], *argv[40] = {copy};
    struct io io = {.width = 80};
    int argc = 1, rc;

    free(out_text);
    free(err_text);
    io.out = open_memstream(&out_text, &out_size);
    io.err = open_memstream(&err_text, &err_size);
    snprintf(copy, sizeof copy, "%s", line);
    for (char *w = strtok(copy, " "); w && argc < 39; w = strtok(NULL, " "))
        argv[argc++] = w;
    around.socket = socket;
    rc = cli_main(argc, argv, &around, &io);
    fclose(io.out);
    fclose(io.err);
    return rc;
}

static void play(const char *line, const char *request, const char *const *pieces, fake_fn *then, int want)
{
    struct fake_script s = {request, pieces, then};
    struct fake f;

    fake_start(&f, &s);
    T_INT(run(line, f.path), want);
    T_NAMED(fake_end(&f), request);
}

#define PIECES(...) ((const char *const[]){__VA_ARGS__, NULL})
#define LIST        "{\"id\":1,\"cmd\":\"persona.list\",\"args\":{\"brief\":true}}"
#define START       "{\"id\":1,\"cmd\":\"persona.start\",\"args\":{\"id\":\"work\"}}"

static void test_answers(void)
{
    play("ps --json", LIST,
         PIECES("{\"id\":1,\"ok\":true,\"result\":{\"personas\":[{\"id\":\"a\",\"gpu\":true}]}}\n"), NULL, 0);
    T_STR(out_text, "{\"personas\":[{\"id\":\"a\",\"gpu\":true}]}\n");
    T_STR(err_text, "");
    /* In pieces, with a line for somebody else between, and the next line already begun. */
    play("persona start work", START,
         PIECES("{\"id\":1,\"progress\":{\"step\":\"create\"}}\n{\"id\":1,\"pro",
                "gress\":{\"step\":\"start\",\"percent\":50}}\n",
                "{\"id\":9,\"ok\":true,\"result\":{\"note\":\"not mine\"}}\n",
                "{\"id\":1,\"ok\":true,\"result\":{\"note\":\"done\"}}\n{\"id\":1,"),
         NULL, 0);
    T_STR(out_text, "done\n");
    T_STR(err_text, "create\nstart 50%\n");
    play("persona start work --json", START,
         PIECES("{\"id\":1,\"progress\":{\"step\":\"create\"}}\n", "{\"id\":1,\"ok\":true,\"result\":{}}\n"),
         NULL, 0);
    T_STR(out_text, "{}\n");
    T_STR(err_text, "{\"progress\":{\"step\":\"create\"}}\n");
    play("doctor", "{\"id\":1,\"cmd\":\"doctor\",\"args\":{}}",
         PIECES("{\"id\":1,\"ok\":true,\"result\":{\"checks\":[{\"name\":\"x\",\"ok\":false,\"detail\":\"d\"}"
                "]}}\n"),
         NULL, 1);
    play("logs -n 2", "{\"id\":1,\"cmd\":\"logs\",\"args\":{\"lines\":2}}",
         PIECES("{\"id\":1,\"ok\":true,\"result\":{\"lines\":[{\"time\":\"T\",\"level\":\"info\","
                "\"source\":\"bay0\",\"message\":\"one\\u001b[2J\"}]}}\n"),
         NULL, 0);
    T_STR(out_text, "T info: one?[2J\n");
    play("logs -f --json work", "{\"id\":1,\"cmd\":\"logs\",\"args\":{\"follow\":true,\"id\":\"work\"}}",
         PIECES(
             "{\"time\":\"T\",\"level\":\"info\",\"source\":\"work\",\"message\":\"a\",\"event\":\"log\"}\n",
             "{\"time\":\"T\",\"level\":\"info\",\"source\":\"work\",\"message\":\"b\",\"event\":\"log\"}\n"
             "{\"id\":1,\"ok\":true,\"result\":{}}\n"),
         NULL, 0);
    T_STR(out_text, "{\"time\":\"T\",\"level\":\"info\",\"source\":\"work\",\"message\":\"a\"}\n"
                    "{\"time\":\"T\",\"level\":\"info\",\"source\":\"work\",\"message\":\"b\"}\n");
    play("events", "{\"id\":1,\"cmd\":\"subscribe\",\"args\":{}}",
         PIECES("{\"id\":1,\"ok\":true,\"result\":{}}\n", "{\"event\":\"persona\",\"id\":\"work\"}\n"), NULL,
         3);
    T_STR(out_text, "persona id=work\n");
}

static void test_refusals(void)
{
    static const char refusal[] =
        "{\"id\":1,\"ok\":false,\"error\":{\"code\":\"no-such-persona\",\"message\":\"no \\u001b[31mwork\","
        "\"hint\":\"`spine persona list`\",\"new\":1}}\n";

    play("persona start work", START, PIECES(refusal), NULL, 1);
    T_STR(err_text, "spine: no ?[31mwork\nhint: `spine persona list`\n");
    T_STR(out_text, "");
    play("persona start work --json", START, PIECES(refusal), NULL, 1);
    T_STR(out_text, "{\"error\":{\"code\":\"no-such-persona\",\"message\":\"no "
                    "\\u001B[31mwork\",\"hint\":\"`spine persona list`\",\"new\":1}}\n");
    T_STR(err_text, "");
    /* A line that bay0 could not even read is refused without an id. */
    play("persona start work", START,
         PIECES("{\"id\":0,\"ok\":false,\"error\":{\"code\":\"busy\",\"message\":\"m\",\"hint\":\"\"}}\n"),
         NULL, 1);
    T_STR(err_text, "spine: m\n");
}

static void oversized(int client, const int fds[3])
{
    static char piece[65536];

    (void)fds;
    memset(piece, 'x', sizeof piece - 1);
    for (int i = 0; i < 10; i++)
        if (send(client, piece, sizeof piece - 1, MSG_NOSIGNAL) < 0)
            break;
}

static void test_broken(void)
{
    char deep[200];

    T_INT(run("ps", "/nonexistent/bay0.sock"), 3);
    T_STR(err_text, "spine: cannot reach bay0 at /nonexistent/bay0.sock: No such file or directory\n"
                    "hint: is bay0 running, and may you use its socket?\n");
    T_INT(run("ps --json", "/nonexistent"), 3);
    T(strncmp(out_text, "{\"error\":{\"code\":\"no-bay0\",", 27) == 0);
    T_STR(err_text, "");
    T_INT(run("ps --socket /nonexistent/other", "/x"), 3);
    T(strstr(err_text, "/nonexistent/other") != NULL);
    T_INT(run("ps", "/dev/null"), 3);
    memset(deep, 'x', sizeof deep - 1);
    deep[sizeof deep - 1] = '\0';
    T_INT(run("ps", deep), 3);

    play("ps", LIST, NULL, NULL, 3);
    T(strstr(err_text, "bay0 closed the connection") != NULL);
    play("ps", LIST, PIECES("{\"id\":1,\"ok\":true,\"result\":{\"per"), NULL, 3);
    play("ps", LIST, PIECES("hello\n"), NULL, 1);
    T(strstr(err_text, "cannot understand bay0") != NULL);
    play("ps", LIST, NULL, oversized, 1);
    T(strstr(err_text, "longer than") != NULL);
}

static void test_usage(void)
{
    T_INT(run("frobnicate", "/nonexistent"), 2);
    T_STR(err_text, "spine: there is no verb `frobnicate`\nhint: `spine help` lists the verbs\n");
    T_INT(run("ps --bogus --json", "/nonexistent"), 2);
    T(strncmp(out_text, "{\"error\":{\"code\":\"bad-request\",", 31) == 0);
    T_INT(run("run -t work -- top", "/nonexistent"), 2); /* no terminal */
    T_INT(run("run -dt work -- top", "/nonexistent"), 2);
    T_INT(run("version", "/nonexistent"), 0);
    T(strncmp(out_text, "spine 0.", 8) == 0);
    T_INT(run("version --json", "/nonexistent"), 0);
    T_INT(run("completion tcsh", "/nonexistent"), 2);
}

static void program(int client, const int fds[3])
{
    char text[16] = "";
    ssize_t n = read(fds[0], text, sizeof text - 1);

    if (n < 0 || write(fds[1], "inside\n", 7) != 7 || write(fds[2], text, (size_t)n) != n)
        _exit(1);
    fake_send(client, "{\"id\":1,\"ok\":true,\"result\":{\"status\":42}}\n");
}

static void no_fds(int client, const int fds[3])
{
    if (fds[0] != -1)
        _exit(1);
    fake_send(client, "{\"id\":1,\"ok\":true,\"result\":{\"status\":0}}\n");
}

static void test_run(void)
{
    int in[2], out[2], err[2];
    char text[32] = "", errors[32] = "";

    if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC))
        abort();
    around.std[0] = in[0];
    around.std[1] = out[1];
    around.std[2] = err[1];
    T_INT(write(in[1], "input", 5), 5);
    play("run work -- ls -l",
         "{\"id\":1,\"cmd\":\"persona.exec\",\"args\":{\"id\":\"work\",\"command\":[\"ls\",\"-l\"],"
         "\"interactive\":true,\"tty\":false}}",
         NULL, program, 42);
    T_INT(read(out[0], text, sizeof text - 1), 7);
    T_STR(text, "inside\n");
    T_INT(read(err[0], errors, sizeof errors - 1), 5);
    T_STR(errors, "input");
    T_STR(out_text, "");
    play("run -d work -- foot",
         "{\"id\":1,\"cmd\":\"persona.exec\",\"args\":{\"detach\":true,\"id\":\"work\",\"command\":[\"foot\"]"
         "}}",
         NULL, no_fds, 0);
    T_STR(out_text, "");
    for (int i = 0; i < 2; i++) {
        close(in[i]);
        close(out[i]);
        close(err[i]);
    }
}

/* What podman does to the terminal, a key that would kill us, and then the end. */
static void raw(int client, const int fds[3])
{
    struct termios t;

    if (tcgetattr(fds[0], &t))
        _exit(1);
    cfmakeraw(&t);
    if (tcsetattr(fds[0], TCSANOW, &t) || kill(getppid(), SIGINT) || kill(getppid(), SIGQUIT))
        _exit(1);
    fake_send(client, "{\"id\":1,\"ok\":true,\"result\":{\"status\":0}}\n");
}

static void hangs(int client, const int fds[3])
{
    char end;
    struct termios t;

    if (tcgetattr(fds[0], &t))
        _exit(1);
    cfmakeraw(&t);
    if (tcsetattr(fds[0], TCSANOW, &t) || kill(getppid(), SIGTERM))
        _exit(1);
    if (read(client, &end, 1) != 0) /* bay0 sees that the client has gone */
        _exit(1);
}

/* The terminal gets another size: bay0 is told, once, on the same connection. */
static void resized(int client, const int fds[3])
{
    static const char want[] = "{\"id\":2,\"cmd\":\"persona.resize\",\"args\":{}}\n";
    char line[128];
    size_t len = 0;

    (void)fds;
    if (kill(getppid(), SIGWINCH))
        _exit(1);
    while (len < sizeof want - 1) {
        ssize_t n = read(client, line + len, sizeof want - 1 - len);

        if (n <= 0)
            _exit(1);
        len += (size_t)n;
    }
    if (memcmp(line, want, len) != 0)
        _exit(1);
    fake_send(client,
              "{\"id\":2,\"ok\":true,\"result\":{}}\n{\"id\":1,\"ok\":true,\"result\":{\"status\":4}}\n");
}

static void test_shell(void)
{
    struct termios before, after;
    struct sigaction s;
    int terminal, keys;

    if (openpty(&keys, &terminal, NULL, NULL, NULL))
        abort();
    around = (struct surroundings){
        .std = {terminal, terminal, terminal}, .terminal = true, .term = "xterm-256color"};
    tcgetattr(terminal, &before);
    play("shell work",
         "{\"id\":1,\"cmd\":\"persona.exec\",\"args\":{\"id\":\"work\",\"interactive\":true,\"tty\":true,"
         "\"term\":\"xterm-256color\"}}",
         NULL, raw, 0);
    tcgetattr(terminal, &after);
    T(before.c_lflag == after.c_lflag && before.c_iflag == after.c_iflag && before.c_oflag == after.c_oflag);
    sigaction(SIGINT, NULL, &s);
    T(s.sa_handler == SIG_DFL);
    play("shell work",
         "{\"id\":1,\"cmd\":\"persona.exec\",\"args\":{\"id\":\"work\",\"interactive\":true,\"tty\":true,"
         "\"term\":\"xterm-256color\"}}",
         NULL, resized, 4);
    around.term = "x\033y";
    play("run -t work -- top",
         "{\"id\":1,\"cmd\":\"persona.exec\",\"args\":{\"tty\":true,\"id\":\"work\",\"command\":[\"top\"],"
         "\"interactive\":true}}",
         NULL, hangs, 128 + SIGTERM);
    tcgetattr(terminal, &after);
    T(before.c_lflag == after.c_lflag && before.c_iflag == after.c_iflag && before.c_oflag == after.c_oflag);
    close(keys);
    close(terminal);
}

#define SENT "{\"id\":1,\"cmd\":\"transfer.send\",\"args\":{\"name\":\"a.txt\",\"to\":\"web\"}}"
#define PULL "{\"id\":1,\"cmd\":\"transfer.pull\",\"args\":{\"number\":7}}"

static void has_hello(int client, const int fds[3])
{
    char text[16] = "";

    (void)client;
    if (fds[1] != -1 || read(fds[0], text, sizeof text - 1) != 5 || strcmp(text, "hello") != 0)
        _exit(1);
}

static void says_hello(int client, const int fds[3])
{
    (void)client;
    if (fds[1] != -1 || write(fds[0], "hello", 5) != 5)
        _exit(1);
}

static void refuses_pull(int client, const int fds[3])
{
    says_hello(client, fds);
    fake_send(client, "{\"id\":1,\"ok\":false,\"error\":{\"code\":\"time-out\",\"message\":\"late\"}}\n");
}

static bool holds(const char *path, const char *want)
{
    char text[16] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool same =
        fd >= 0 && read(fd, text, sizeof text - 1) == (ssize_t)strlen(want) && strcmp(text, want) == 0;

    close(fd);
    return same;
}

static int entries(void)
{
    DIR *d = opendir(".");
    int n = 0;

    for (const struct dirent *f; d && (f = readdir(d));)
        n += f->d_name[0] != '.' || strlen(f->d_name) > 2;
    closedir(d);
    return n;
}

/* What goes with the request, and what becomes of what comes. */
static void test_crossing(void)
{
    char dir[] = "/tmp/spine-test-XXXXXX", here[400];
    FILE *f;

    T(getcwd(here, sizeof here) && mkdtemp(dir) && chdir(dir) == 0 && mkdir("d", 0700) == 0);
    f = fopen("d/a.txt", "w");
    T(f && symlink("d/a.txt", "link") == 0 && fputs("hello", f) >= 0 && fclose(f) == 0);
    play("send d/a.txt --to web", SENT,
         PIECES("{\"id\":1,\"ok\":true,\"result\":{\"number\":7,\"name\":\"a.txt\"}}\n"), has_hello, 0);
    T_STR(out_text, "7 a.txt\n");
    T_INT(entries(), 2);
    play("pull 7", PULL, PIECES("{\"id\":1,\"ok\":true,\"result\":{\"number\":7,\"name\":\"a.txt\"}}\n"),
         says_hello, 0);
    T_STR(out_text, "a.txt\n");
    T(holds("a.txt", "hello"));
    play("pull 7 --json", PULL, PIECES("{\"id\":1,\"ok\":true,\"result\":{\"name\":\"a.txt\"}}\n"),
         says_hello, 0);
    T_STR(out_text, "{\"name\":\"a.txt\",\"path\":\"a.txt.1\"}\n");
    T(holds("a.txt.1", "hello") && entries() == 4);
    play("pull 7", PULL, PIECES("{\"id\":1,\"ok\":true,\"result\":{\"name\":\"../../x\"}}\n"), NULL, 0);
    T_NAMED(holds("file", ""), "a name that leads away");
    play("pull 7", PULL, NULL, refuses_pull, 1);
    T_NAMED(entries() == 5, "nothing is left of what was refused");
    play("pull 7", PULL, NULL, says_hello, 3);
    T_NAMED(entries() == 6 && strstr(err_text, "here as .spine-pull-"),
            "what came stays when nobody says how it ended");
    play(
        "pull", "{\"id\":1,\"cmd\":\"transfer.pull\",\"args\":{}}",
        PIECES(
            "{\"id\":1,\"ok\":true,\"result\":{\"transfers\":[{\"number\":7,\"from\":\"work\",\"to\":\"web\","
            "\"name\":\"a\\u001b.txt\",\"bytes\":1536,\"left\":7300},{\"number\":8,\"left\":60}]}}\n"),
        NULL, 0);
    T_STR(out_text, "NUMBER  FROM  TO   SIZE  LEFT  NAME\n"
                    "     7  work  web  1.5K    2h  a?.txt\n"
                    "     8  -     -       -    1m  -\n");
    T_INT(run("pull 7", "/nowhere"), 3);
    T_INT(entries(), 6);
    T(system("rm -rf d link a.txt a.txt.1 file .spine-pull-*") == 0 && chdir(here) == 0 && rmdir(dir) == 0);
}

static void unopened(const char *file, const char *why)
{
    struct fake_script s = {"", NULL, NULL};
    char line[100];
    struct fake f;

    fake_start(&f, &s);
    snprintf(line, sizeof line, "send %s --to web", file);
    T_INT(run(line, f.path), 1);
    T_NAMED(strstr(err_text, why) != NULL, why);
    (void)fake_end(&f);
}

static void test_not_opened(void)
{
    char dir[] = "/tmp/spine-test-XXXXXX", link[64];

    T(mkdtemp(dir) != NULL);
    snprintf(link, sizeof link, "%s/link", dir);
    T(symlink("/etc/hostname", link) == 0);
    unopened(link, "is a symbolic link");
    unopened("/nowhere", "cannot open /nowhere");
    unlink(link);
    rmdir(dir);
}

int main(void)
{
    test_answers();
    test_refusals();
    test_broken();
    test_usage();
    test_run();
    test_shell();
    test_crossing();
    test_not_opened();
    free(out_text);
    free(err_text);
    return t_done();
}
