/* SPDX-License-Identifier: MIT
 * One program for each persona with sound: started with its socket, told when to be silent, started again,
 * given up, ended. The program is a script, so that it can die and hang on demand. */
#include "child_kit.h"
#include "sound.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>

static struct bay0 whole, *b = &whole;
static char dir[] = "/tmp/spine-sound-XXXXXX";

static char *at(const char *name)
{
    static char path[4][256];
    static int n;

    n = (n + 1) % 4;
    snprintf(path[n], sizeof path[n], "%s/%s", dir, name);
    return path[n];
}

/* A spine-sound of these shell commands; $F is its folder. Each line that it reads is kept. */
static void program(const char *body)
{
    FILE *f = fopen(at("spine-sound"), "we");

    fprintf(f, "#!/bin/sh\nF=%s\necho \"$*\" >>$F/args\n%s\n", dir, body);
    fclose(f);
    chmod(at("spine-sound"), 0755);
}

#define OBEYS                                                                                                \
    "echo ready; while read -r l; do echo $l >>$F/words; case $l in park) echo parked ;; *) echo unparked "  \
    ";;"                                                                                                     \
    " esac; done; echo end >>$F/words"

static const char *text(const char *name)
{
    static char buf[4096];
    FILE *f = fopen(at(name), "re");
    size_t n = f ? fread(buf, 1, sizeof buf - 1, f) : 0;

    buf[n] = '\0';
    if (f)
        fclose(f);
    return buf;
}

static void forget(void)
{
    unlink(at("words"));
    unlink(at("args"));
}

/* Turns until the file holds what is wanted; false after 20 s. */
static bool holds(const char *name, const char *want)
{
    for (uint64_t end = loop_now() + 20000; strcmp(text(name), want) != 0;) {
        if (loop_now() > end) {
            printf("# %s holds <%s>\n", name, text(name));
            return false;
        }
        loop_turn(loop, 20);
    }
    return true;
}

static bool up(bool want)
{
    for (uint64_t end = loop_now() + 20000; sound_ok(b) != want && loop_now() < end;)
        loop_turn(loop, 20);
    return sound_ok(b) == want;
}

static void turns(uint64_t ms)
{
    for (uint64_t end = loop_now() + ms; loop_now() < end;)
        loop_turn(loop, 10);
}

/* One with sound whose program does not run yet. */
static struct persona *silent(void)
{
    struct persona *p = &b->persona[0];

    memset(p, 0, sizeof *p);
    p->used = true;
    p->bay0 = b;
    snprintf(p->spec.id, sizeof p->spec.id, "work");
    snprintf(p->spec.image, sizeof p->spec.image, "localhost/x");
    p->spec.audio = true;
    p->pipewire = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return p;
}

static struct persona *persona(void)
{
    struct persona *p = silent();
    struct err e;

    T(sound_open(p, &e) == 0 && p->sound);
    T(sound_open(p, &e) == 0);
    return p;
}

static void gone(struct persona *p)
{
    sound_close(p);
    T(!p->sound);
    sound_close(p);
    close(p->pipewire);
    for (uint64_t end = loop_now() + 20000; child_count() && loop_now() < end;)
        loop_turn(loop, 20);
    T_INT(child_count(), 0);
    p->used = false;
    forget();
}

static void test_life(void)
{
    struct persona *p;
    char want[300];

    program("[ -S /proc/self/fd/3 ] && echo socket >>$F/words; " OBEYS);
    T(sound_ok(b));
    p = persona();
    turns(100);
    T_STR(text("args"), "");
    T(!sound_ok(b));
    sound_server(b, true);
    T(up(true));
    snprintf(want, sizeof want,
             "--remote %s/audio/pipewire-0 --persona work --app-id localhost/x --grants play --listen-fd 3\n",
             dir);
    T_STR(text("args"), want);
    sound_park(p, true);
    T(holds("words", "socket\npark\n"));
    sound_park(p, true);
    sound_park(p, false);
    T(holds("words", "socket\npark\nunpark\n"));
    /* The sound server goes: so does the program, and comes back with it, as silent as it is to be. */
    sound_park(p, true);
    T(holds("words", "socket\npark\nunpark\npark\n"));
    sound_server(b, false);
    T(up(false));
    turns(600);
    T_INT(child_count(), 0);
    forget();
    sound_server(b, true);
    T(up(true));
    T(holds("words", "socket\npark\n"));
    gone(p);
}

/* It dies by itself: started again, told again. */
static void test_death(void)
{
    struct persona *p = (program("echo ready; read -r l; echo $l >>$F/words"), persona());

    T(up(true));
    sound_park(p, true);
    T(holds("words", "park\npark\npark\n"));
    gone(p);
}

/* It hangs: whoever parks it does not wait, and when no more words go in there is a new one. */
static void test_hang(void)
{
    struct persona *p = (program("echo here >>$F/words; echo ready; exec sleep 100"), persona());
    uint64_t before;

    T(up(true));
    before = loop_now();
    for (int i = 0; i < 20000; i++)
        sound_park(p, i % 2 == 0);
    T(loop_now() - before < 10000);
    T(holds("words", "here\nhere\n"));
    gone(p);
}

static void test_gives_up(void)
{
    struct persona *p = (program("exit 1"), persona());

    for (int i = 0; i < 8; i++)
        sound_server(b, false), turns(100), sound_server(b, true);
    T(up(false));
    sound_park(p, true);
    gone(p);
    T(sound_ok(b));
}

static void test_not_there(void)
{
    struct persona *p = (unlink(at("spine-sound")), persona());

    turns(300);
    T(!sound_ok(b));
    gone(p);
}

/* A program that an earlier bay0 has started goes on: it is told, heard, and followed by another. */
static void test_resume(void)
{
    struct handover_sound k = {.there = true, .state = {.ready = true, .parked = true, .said = true}}, kept;
    int to[2] = {-1, -1}, from[2] = {-1, -1}, waits = 0;
    struct persona *p;
    struct err e;
    char stat[64], text_of[1024], want[300];
    int32_t parent;

    program(OBEYS);
    T(pipe2(to, O_CLOEXEC) == 0 && pipe2(from, O_CLOEXEC) == 0);
    k.child.pid = fork();
    if (k.child.pid == 0) {
        dup2(to[0], 0);
        dup2(from[1], 1);
        execl(at("spine-sound"), "spine-sound", NULL);
        _exit(127);
    }
    close(to[0]);
    close(from[1]);
    snprintf(stat, sizeof stat, "/proc/%d/stat", (int)k.child.pid);
    T(fs_read(AT_FDCWD, stat, text_of, sizeof text_of) > 0);
    T_INT(handover_stat(text_of, &parent, &k.child.start), 0);
    k.child.out = from[0];
    k.child.err = -1;
    k.words = to[1];
    sup_init(&k.sup);
    sup_event(&k.sup, SUP_EV_START, loop_now());
    sup_event(&k.sup, SUP_EV_READY, loop_now());
    p = silent();
    sound_resume(p, &k);
    T(sound_ok(b));
    sound_park(p, true);
    sound_park(p, false);
    T_NAMED(!sound_keep(p, &kept, &e) && e.code == ERR_BUSY,
            "while it is being brought back nothing is kept");
    T(holds("words", "unpark\n"));
    for (uint64_t end = loop_now() + 20000; !sound_keep(p, &kept, &e) && loop_now() < end; waits++)
        loop_turn(loop, 20);
    T(kept.there && kept.child.pid == k.child.pid && kept.child.start == k.child.start);
    T(kept.words == k.words && !kept.state.parked && kept.state.ready);
    kill(k.child.pid, SIGKILL);
    snprintf(
        want, sizeof want,
        "\n--remote %s/audio/pipewire-0 --persona work --app-id localhost/x --grants play --listen-fd 3\n",
        dir);
    T(holds("args", want));
    T(up(true));
    gone(p);
}

int main(void)
{
    char clean[300];

    T(mkdtemp(dir) != NULL);
    loop = loop_create();
    T(loop && loop_signals(loop, on_signal, NULL) == 0);
    b->loop = loop;
    b->cgroups = -1;
    b->paths.run = b->paths.libexec = dir;
    test_life();
    test_death();
    test_hang();
    test_resume();
    test_gives_up();
    test_not_there();
    loop_destroy(loop);
    snprintf(clean, sizeof clean, "rm -rf %s", dir);
    T_INT(system(clean), 0);
    return t_done();
}
