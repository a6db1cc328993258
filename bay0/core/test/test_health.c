/* SPDX-License-Identifier: MIT
 * Tests of the doctor's judgement: for each part what is well, and one fault of each kind with its advice. */
#include "core/health.h"

#include "tests/t.h"

enum { SEEN_MAX = 64 };
static struct health seen[SEEN_MAX];
static size_t seen_n;

static void note(void *user, const struct health *h)
{
    (void)user;
    if (seen_n < SEEN_MAX)
        seen[seen_n++] = *h;
}
static const struct health_to to = {note, NULL};

/* The first check of that name, or an empty one. */
static const struct health *check(const char *name)
{
    static const struct health none = {.level = HEALTH_NOTE};

    for (size_t i = 0; i < seen_n; i++)
        if (strcmp(seen[i].name, name) == 0)
            return &seen[i];
    return &none;
}

/* What is wrong has advice, what is not has none. */
static void is(const char *name, enum health_level level, const char *detail)
{
    const struct health *h = check(name);
    char label[600];
    bool ok =
        h->level == level && strstr(h->detail, detail) && (level == HEALTH_WRONG) == (h->advice[0] != '\0');

    snprintf(label, sizeof label, "%s: %s: %s", name, health_level_name(level), detail);
    T_NAMED(ok, label);
    if (!ok)
        printf("# %s: %s (%s)\n", health_level_name(h->level), h->detail, h->advice);
    seen_n = 0;
}

#define LINE(at, flags, type) "30 1 0:25 / " at " " flags " shared:1 - " type " none rw\n"
static const char *mounts(const char *persist, const char *proc, const char *more)
{
    static char text[2048];

    snprintf(text, sizeof text,
             "%s%s%s%s%s%s%s30 1 0:25 / /proc %s - proc proc rw\n30 1 8:1 / /persist %s - ext4 x rw\n%s",
             LINE("/", "ro,relatime", "squashfs"), LINE("/sys", "rw,nosuid,nodev,noexec", "sysfs"),
             LINE("/dev", "rw,nosuid", "devtmpfs"), LINE("/dev/shm", "rw,nosuid,nodev,noexec", "tmpfs"),
             LINE("/run", "rw,nosuid,nodev", "tmpfs"), LINE("/tmp", "rw,nosuid,nodev,noexec", "tmpfs"),
             LINE("/sys/fs/cgroup", "rw,nosuid,nodev,noexec", "cgroup2"), proc, persist, more);
    return text;
}
#define GOOD "rw,nosuid,nodev,noexec,noatime"

static void test_mounts(void)
{
    health_mounts(&to, mounts(GOOD, GOOD, ""), "/persist", "");
    T_INT(seen_n, 9);
    for (size_t i = 0; i < seen_n; i++)
        T_INT(seen[i].level, HEALTH_OK);
    seen_n = 0;
    health_mounts(&to, mounts("rw,nodev,noexec", GOOD, ""), "/persist", "");
    is("/persist", HEALTH_WRONG, "without nosuid");
    health_mounts(&to, mounts("ro,nosuid,nodev,noexec", GOOD, ""), "/persist", "");
    is("/persist", HEALTH_WRONG, "without rw");
    health_mounts(&to, mounts(GOOD, "rw,nosuid", ""), "/persist", "");
    is("/proc", HEALTH_WRONG, "without nodev,noexec");
    /* The uppermost one counts. */
    health_mounts(&to, mounts(GOOD, GOOD, LINE("/run", "rw,nosuid,nodev", "ext4")), "/persist", "");
    is("/run", HEALTH_WRONG, "it is ext4");
    health_mounts(&to, mounts(GOOD, GOOD, LINE("/", "rw", "overlay")), "/persist", "");
    is("/", HEALTH_WRONG, "without ro");
    health_mounts(&to, LINE("/", "ro", "erofs"), "/persist", "");
    is("/persist", HEALTH_WRONG, "nothing is mounted");
    health_mounts(&to, "", "/persist", "");
    is("/", HEALTH_WRONG, "nothing is mounted");
    health_mounts(&to, NULL, "/persist", "No such file");
    is("mounts", HEALTH_WRONG, "No such file");
}

static void test_nodes(void)
{
    struct health_node n = {.name = "s",
                            .path = "/run/s",
                            .advice = "do",
                            .uid = 1,
                            .gid = 2,
                            .mode = 0660,
                            .type = 's',
                            .is_type = 's',
                            .is_uid = 1,
                            .is_gid = 2,
                            .is_mode = 0660};
    struct health_node bad;

    health_node(&to, &n);
    is("s", HEALTH_OK, "/run/s");
    bad = n, bad.error = "No such file";
    health_node(&to, &bad);
    is("s", HEALTH_WRONG, "No such file");
    bad = n, bad.is_type = '?';
    health_node(&to, &bad);
    is("s", HEALTH_WRONG, "is not a socket");
    bad = n, bad.is_uid = 0;
    health_node(&to, &bad);
    is("s", HEALTH_WRONG, "belongs to 0:2 and should belong to 1:2");
    bad = n, bad.is_gid = 0;
    health_node(&to, &bad);
    is("s", HEALTH_WRONG, "belongs to 1:0");
    bad = n, bad.is_mode = 0666;
    health_node(&to, &bad);
    is("s", HEALTH_WRONG, "0666 and should have 0660");
    bad.mode = -1;
    health_node(&to, &bad);
    is("s", HEALTH_OK, "");
}

static void test_versions(void)
{
    static const struct {
        const char *program, *text;
        enum health_level level;
        const char *detail;
    } rows[] = {
        {"podman", "podman version 5.8.6\n", HEALTH_OK, "5.8.6"},
        {"podman", "podman version 5.4.0", HEALTH_OK, "5.4.0"},
        {"podman", "podman version 5.3.9", HEALTH_WRONG, "5.3.9 is too old"},
        {"podman", "podman version 4.9.4", HEALTH_WRONG, "too old"},
        {"crun", "crun version 1.28\ncommit: 54f1", HEALTH_OK, "1.28.0"},
        {"crun", "crun version 1.21", HEALTH_WRONG, "1.28.0 is the least"},
        {"conmon", "conmon version 2.1.13\ncommit: unknown", HEALTH_OK, "2.1.13"},
        {"conmon", "conmon version 2.1.11", HEALTH_WRONG, "too old"},
        {"sway", "sway version 1.12", HEALTH_OK, ""},
        {"sway", "sway version 1.10.1", HEALTH_WRONG, "too old"},
        {"sway", "swaymsg: hello 7", HEALTH_WRONG, "names no version"},
        {"pipewire", "pipewire\nCompiled with libpipewire 1.6.9\n", HEALTH_OK, "1.6.9"},
        {"pipewire", "libpipewire 0.3.65", HEALTH_WRONG, "too old"},
        {"kernel", "6.12.107+deb13-amd64", HEALTH_OK, "6.12.107"},
        {"kernel", "5.15.0", HEALTH_WRONG, "too old"},
        {"other", "other 0.1", HEALTH_OK, "0.1.0"},
        {"kernel", "", HEALTH_WRONG, "no version"},
        {"kernel", "99999999999999999999.1", HEALTH_OK, ""},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        health_version(&to, rows[i].program, rows[i].text, NULL);
        is(rows[i].program, rows[i].level, rows[i].detail);
    }
    health_version(&to, "podman", "", "status 127");
    is("podman", HEALTH_WRONG, "status 127");
}

static void test_kernel(void)
{
    struct health_limit limit[2] = {{"max_user_namespaces", 10000}, {"max_net_namespaces", 500}};
    const struct health_gpu nodes[] = {{"/dev/dri/card0", 0660, 44}, {"/dev/dri/renderD128", 0660, 105}};
    struct health_gpu node[2] = {nodes[0], nodes[1]};

    health_namespaces(&to, limit, 2);
    is("namespaces", HEALTH_OK, "");
    limit[0].value = 0;
    health_namespaces(&to, limit, 2);
    is("namespaces", HEALTH_WRONG, "max_user_namespaces is 0");
    limit[0].value = -1;
    health_namespaces(&to, limit, 2);
    is("namespaces", HEALTH_WRONG, "is not there");

    health_cgroups(&to, "/cg", "cpuset cpu io memory pids", "cpuset cpu io memory pids\n");
    is("cgroups", HEALTH_OK, "cpuset cpu io");
    health_cgroups(&to, "/cg", "cpu cpuset memory pids", NULL); /* no persona yet */
    is("cgroups", HEALTH_OK, "");
    health_cgroups(&to, "/cg", "cpuset cpu io pids", "cpuset cpu io pids");
    is("cgroups", HEALTH_WRONG, "memory controller is missing");
    health_cgroups(&to, "/cg", "cpuset cpu io memory pids", "cpuset io memory pids\n");
    is("cgroups", HEALTH_WRONG, "cpu controller is off");
    health_cgroups(&to, "/cg", NULL, NULL);
    is("cgroups", HEALTH_WRONG, "/cg");

    health_gpu(&to, node, 2, 105);
    is("GPU", HEALTH_OK, "card0");
    health_gpu(&to, node, 1, 105);
    T_INT(seen[1].level, HEALTH_NOTE);
    seen_n = 0;
    health_gpu(&to, NULL, 0, 105);
    is("GPU", HEALTH_NOTE, "no render node");
    node[0].mode = 0666;
    health_gpu(&to, node, 2, 105);
    is("GPU", HEALTH_WRONG, "card0 is open to everybody");
    node[0] = nodes[1], node[0].gid = 7;
    health_gpu(&to, node, 1, 105);
    is("GPU", HEALTH_WRONG, "group 7");
}

static void test_disk(void)
{
    const struct health_disk good = {"disk", "/persist", NULL, 1000, 500, 4096, 100, 50, true};
    struct health_disk d = good;

    health_disk(&to, &d);
    is("disk", HEALTH_OK, "50 %");
    d.blocks_free = 49;
    health_disk(&to, &d);
    is("disk", HEALTH_WRONG, "4 % of /persist is free");
    d = good, d.files_free = 1;
    health_disk(&to, &d);
    is("disk", HEALTH_WRONG, "files");
    d = good, d.writable = false;
    health_disk(&to, &d);
    is("disk", HEALTH_WRONG, "read-only");
    d = good, d.error = "Input/output error";
    health_disk(&to, &d);
    is("disk", HEALTH_WRONG, "Input/output error");
    d = good, d.blocks = 0;
    health_disk(&to, &d);
    is("disk", HEALTH_WRONG, "no size");
}

static void test_registry(void)
{
    const struct health_journal good = {
        .open = true, .reconciled = true, .entries = 2, .known = 2, .running = 2};
    struct health_journal j = good;

    health_registry(&to, &j);
    T_STR(check("registry")->detail, "sound");
    is("journal", HEALTH_OK, "2 operations under way");
    j.open = false;
    health_registry(&to, &j);
    is("registry", HEALTH_WRONG, "not be opened");
    j = good, j.unsound = "row 3 missing from index";
    health_registry(&to, &j);
    is("registry", HEALTH_WRONG, "row 3");
    j = good, j.salvaged = true;
    health_registry(&to, &j);
    is("registry", HEALTH_WRONG, "broken");
    j = good, j.error = "disk I/O error";
    health_registry(&to, &j);
    is("journal", HEALTH_WRONG, "I/O");
    j = good, j.entries = 3;
    health_registry(&to, &j);
    is("journal", HEALTH_WRONG, "1 of 3 entries cannot be understood");
    j = good, j.running = 1;
    health_registry(&to, &j);
    is("journal", HEALTH_WRONG, "1 operations were begun");
    j = good, j.reconciled = false;
    health_registry(&to, &j);
    is("journal", HEALTH_WRONG, "podman has not answered");
}

static void test_clock(void)
{
    const struct health_clock good = {2000000, 1000000, 5, 1999999, 2000010};
    struct health_clock c = good;

    health_clock(&to, &c);
    T_INT(check("hardware clock")->level, HEALTH_OK);
    is("clock", HEALTH_OK, "plausible");
    c.now = 999999, c.newest_file = 0, c.rtc = c.now;
    health_clock(&to, &c);
    is("clock", HEALTH_WRONG, "earlier than this program");
    c = good, c.drift_ms = -61000;
    health_clock(&to, &c);
    is("clock", HEALTH_WRONG, "set back by 61 s");
    c = good, c.drift_ms = 100000000; /* the network's time came */
    health_clock(&to, &c);
    is("clock", HEALTH_OK, "");
    c = good, c.newest_file = c.now + 301;
    health_clock(&to, &c);
    is("clock", HEALTH_WRONG, "written 301 s later");
    c = good, c.rtc = c.now - 301;
    health_clock(&to, &c);
    is("hardware clock", HEALTH_WRONG, "-301 s");
    c = good, c.rtc = -1;
    health_clock(&to, &c);
    is("hardware clock", HEALTH_NOTE, "none");
}

static void test_watchdog(void)
{
    health_watchdog(&to, true, true, "armed: x, 60 s");
    is("watchdog", HEALTH_OK, "60 s");
    health_watchdog(&to, false, false, "there is none");
    is("watchdog", HEALTH_NOTE, "there is none");
    health_watchdog(&to, false, true, "cannot be opened: Device or resource busy");
    is("watchdog", HEALTH_WRONG, "busy");
}

static void test_apparmor(void)
{
    health_apparmor(&to, true, true);
    is("apparmor", HEALTH_OK, "spine-guest");
    health_apparmor(&to, true, false);
    is("apparmor", HEALTH_WRONG, "without its profile");
    health_apparmor(&to, false, false);
    is("apparmor", HEALTH_NOTE, "not in this kernel");
}

static void test_services(void)
{
    static const struct {
        const char *state;
        bool tenant;
        enum health_level level;
        const char *advice;
    } rows[] = {
        {"up", false, HEALTH_OK, ""},
        {"backoff", false, HEALTH_WRONG, "started again soon"},
        {"gave-up", false, HEALTH_WRONG, "reboot"},
        {"down", false, HEALTH_WRONG, "reboot"},
        {"starting", true, HEALTH_WRONG, "wait"},
        {"down", true, HEALTH_WRONG, "service start"},
        {"gave-up", true, HEALTH_WRONG, "service start"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        health_service(&to, "x", rows[i].state, 0, "", rows[i].tenant);
        T(strstr(check("x")->advice, rows[i].advice) != NULL);
        is("x", rows[i].level, rows[i].state);
    }
    health_service(&to, "x", "down", 3, "no image", true);
    is("x", HEALTH_WRONG, "down: no image (was restarted)");
}

static void test_answers(void)
{
    static const unsigned char done[12] = {2, 0, 0, 0}, refused[12] = {1, 0, 0, 0};
    static const char version[] = "i3-ipc\x21\0\0\0\7\0\0\0{\"human_readable\":\"sway 1.12 \"}  ";
    static const char outputs[] =
        "i3-ipc\x2f\0\0\0\3\0\0\0[{\"active\":true},{\"active\":false},{\"active\":1}]";
    static const char none[] = "i3-ipc\x02\0\0\0\3\0\0\0[]";
    unsigned char out[HEALTH_QUESTION_MAX];

    for (int a = 0; a < ASK_COUNT; a++) {
        T(health_question(a, out) > 0);
        T(!health_answered(a, (const unsigned char *)"", 0));
        health_answer(&to, a, "x", "no answer", (const unsigned char *)"", 0);
        is("x", HEALTH_WRONG, "no answer");
    }
    health_answer(&to, ASK_WAYLAND, "x", NULL, done, sizeof done);
    is("x", HEALTH_OK, "yes");
    health_answer(&to, ASK_WAYLAND, "x", NULL, refused, sizeof refused);
    is("x", HEALTH_WRONG, "error of the protocol");
#define SWAY(ask, text) health_answer(&to, ask, "x", NULL, (const unsigned char *)(text), sizeof(text) - 1)
    T(health_answered(ASK_SWAY, (const unsigned char *)version, sizeof version - 1));
    T(!health_answered(ASK_SWAY, (const unsigned char *)version, sizeof version - 2));
    SWAY(ASK_SWAY, version);
    is("x", HEALTH_OK, "sway 1.12");
    SWAY(ASK_OUTPUTS, outputs);
    is("x", HEALTH_OK, "1 in use");
    SWAY(ASK_OUTPUTS, none);
    is("x", HEALTH_WRONG, "0 in use");
    SWAY(ASK_SWAY, "something else altogether");
    is("x", HEALTH_WRONG, "does not speak");
    SWAY(ASK_HTTP, "HTTP/1.1 200 OK\r\nServer: x\r\n");
    is("x", HEALTH_OK, "200 OK");
    SWAY(ASK_HTTP, "HTTP/1.1 503 Loading model\r\n");
    T(strstr(seen[0].advice, "wait") != NULL);
    is("x", HEALTH_WRONG, "503");
    SWAY(ASK_HTTP, "HTTP/1.1 404 Not Found\n");
    is("x", HEALTH_WRONG, "404");
    SWAY(ASK_HTTP, "220 mail\n");
    is("x", HEALTH_WRONG, "220 mail");
    SWAY(ASK_BAY0, "{}\n");
    is("x", HEALTH_OK, "yes");
}

static void test_probe(void)
{
#define PROBE(text) health_probe(&to, text, sizeof(text) - 1)
    PROBE("{\"attempt\":\"fly\",\"got_through\":false,\"detail\":\"EPERM\"}\r\nnoise\n{\"attempt\":\"dig\","
          "\"got_through\":true,\"detail\":\"a hole\"}\n{\"attempts\":2}\n");
    T_INT(seen_n, 3);
    T_STR(check("a persona cannot fly")->detail, "refused: EPERM");
    T_INT(check("throw-away persona")->level, HEALTH_OK);
    is("a persona cannot dig", HEALTH_WRONG, "it can: a hole");
    PROBE("{\"attempt\":\"fly\",\"got_through\":false}\n{\"attempts\":2}");
    is("throw-away persona", HEALTH_WRONG, "1 attempts, and it should be 2");
    PROBE("{\"attempt\":\"fly\",\"got_through\":false}\n");
    is("throw-away persona", HEALTH_WRONG, "not whole");
    PROBE("");
    is("throw-away persona", HEALTH_WRONG, "0 attempts");
    PROBE("{\"attempt\":\"fly\"}\n{\"attempts\":1}"); /* no word is no refusal */
    is("a persona cannot fly", HEALTH_WRONG, "it can");
}

static void test_image(void)
{
    static const char list[] =
        "[{\"Names\":[\"localhost/big:1\"],\"Size\":900},{\"Size\":1},"
        "{\"Names\":[\"localhost/small:1\",\"x\"],\"Size\":100},{\"Names\":null,\"Size\":5},"
        "{\"Names\":[\"--rm\"],\"Size\":2}]";
    char name[64] = "";

    T(health_smallest_image(list, sizeof list - 1, name, sizeof name));
    T_STR(name, "localhost/small:1");
    T(!health_smallest_image("[]", 2, name, sizeof name));
    T(!health_smallest_image("{\"x\":1}", 7, name, sizeof name));
    T(!health_smallest_image("[{", 2, name, sizeof name));
    T(!health_smallest_image(list, sizeof list - 1, name, 5));
}

int main(void)
{
    test_mounts();
    test_nodes();
    test_versions();
    test_kernel();
    test_disk();
    test_registry();
    test_clock();
    test_watchdog();
    test_apparmor();
    test_services();
    test_answers();
    test_probe();
    test_image();
    return t_done();
}
