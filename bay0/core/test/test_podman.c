/* SPDX-License-Identifier: MIT
 * Promises that hold for every command line, whatever the declaration; and what the builders refuse. */
#include "core/container.h"
#include "core/profile.h"
#include "core/tenants.h"
#include "sample.h"
#include "tests/t.h"

static struct argv a;
static struct err e;

/* No word may hold one of these, at all. */
static const char *const never[] = {
    "--privileged",
    "/dev/input",
    "/dev/dri/card",
    "=host",
    ":host",
    "unconfined",
    "unmask",
    ".sock:rw",
    "docker.sock",
    "podman.sock",
    "SYS_ADMIN",
    "NET_ADMIN",
    "NET_RAW",
    "MKNOD",
    "SYS_PTRACE",
    "SETPCAP",
    "cap-add=all",
    "cap-add=ALL",
    "shared",
    ",suid",
    ",dev,",
    "allow_host_loopback=true",
    "enable_ipv6=true",
    "--publish",
    "--pod=",
    "--volumes-from",
    "--replace",
    "--rm",
    "--env-host",
    "--systemd=true",
    "=/dev:",
    "=/:",
    "=/persist:",
    "=/run:/",
    "=/sys",
    "=/proc",
    "--preserve-fds",
    "--rootfs",
    "--hooks-dir",
    "--userns=",
};
/* Every command line has these. */
static const char *const always[] = {
    "--cap-drop=all", "--pull=never",  "--cgroups=no-conmon", "--cgroupns=private", "--ipc=private",
    "--pid=private",  "--uts=private", "--systemd=false",     "--http-proxy=false", "--image-volume=ignore",
    "--init",
};

static bool has_word(const char *word)
{
    for (size_t i = 0; i < a.n; i++)
        if (strcmp(a.word[i], word) == 0)
            return true;
    return false;
}

static const char *value(const char *word, const char *option)
{
    size_t n = strlen(option);

    return strncmp(word, option, n) == 0 && word[n] == '=' ? word + n + 1 : NULL;
}

/* What is wrong with one word, or NULL. */
static const char *fault(const char *word)
{
    const char *v;

    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        if (strstr(word, never[i]))
            return never[i];
    if ((v = value(word, "--volume")) && (!strstr(v, "nosuid") || !strstr(v, "nodev")))
        return "a volume without nosuid,nodev";
    if (v && !strstr(v, "noexec") && strncmp(v, "/persist/home/", 14) != 0 && !strstr(v, ":ro,"))
        return "an executable volume that is not a home, and writable";
    if ((v = value(word, "--tmpfs")) && (!strstr(v, ",size=") || !strstr(v, "nosuid") || !strstr(v, "nodev")))
        return "a tmpfs without size, nosuid or nodev";
    if ((v = value(word, "--device")) && strcmp(v, "/dev/dri/renderD128:/dev/dri/renderD128:rw") != 0)
        return "a device that is no render node";
    return NULL;
}

static bool words_ok(const char *name)
{
    bool ok = true;

    for (size_t i = 0; i < a.n; i++)
        if (fault(a.word[i])) {
            printf("# %s: <%s>: %s\n", name, a.word[i], fault(a.word[i]));
            ok = false;
        }
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        if (!has_word(always[i])) {
            printf("# %s: %s is missing\n", name, always[i]);
            ok = false;
        }
    return ok;
}

static struct persona_spec sample(void)
{
    struct persona_spec s;

    T_INT(sample_spec("{\"id\":\"work\",\"image\":\"localhost/x\"}", &s), 0);
    return s;
}

static void test_every_persona(void)
{
#define LENT(name) "--volume=/run/spine/persona/work/" name ":/run/" name ":ro,nosuid,nodev,noexec"
    static const char *const sockets[] = {LENT("ai.sock"), LENT("pipewire-0")};
#undef LENT
    struct persona_spec s = sample();

    for (unsigned i = 0; i < PROFILE_COUNT * NETWORK_COUNT * 8; i++) {
        char name[96];
        bool ok;

        s.profile = (enum profile_id)(i / 8 % PROFILE_COUNT);
        s.network = (enum network_mode)(i / 8 / PROFILE_COUNT);
        s.gpu = i & 1;
        s.audio = i & 2;
        s.ai = i & 4;
        snprintf(name, sizeof name, "profile %d network %d grants %d%d%d", (int)s.profile, (int)s.network,
                 s.gpu, s.audio, s.ai);
        ok = podman_create(&a, &sample_paths, &s, range_base(i), &e) == 0 && words_ok(name);
        /* A device that was not granted is nowhere. Sockets are the same with and without a grant. */
        for (size_t k = 0; ok && k < a.n; k++)
            ok = s.gpu || !strstr(a.word[k], "/dev/") || strstr(a.word[k], "--tmpfs=/dev/shm");
        for (size_t k = 0; k < sizeof sockets / sizeof *sockets; k++)
            ok = ok && has_word(sockets[k]);
        ok = ok && has_word("--read-only") == !profile_get(s.profile)->root_writable;
        T_NAMED(ok, name);
    }
}

static void test_every_tenant(void)
{
    static struct tenants t;

    tenants_default(&t);
    T(tenant_create(&a, &sample_paths, &t.row[0], range_base(0), &e) == 0 && words_ok("ai-core"));
    T(has_word("--network=none") && has_word("--read-only") && has_word("--security-opt=no-new-privileges"));
    for (size_t i = 0; i < a.n; i++)
        T_NAMED(!strstr(a.word[i], "wayland") && !strstr(a.word[i], "pipewire") &&
                    !value(a.word[i], "--device") && !value(a.word[i], "--cap-add") &&
                    !value(a.word[i], "--publish"),
                a.word[i]);
}

static void test_refusals(void)
{
    static const char *const nodes[] = {"/dev/dri/card0", "/dev/dri/renderD", "/dev/dri/renderD128/../card0",
                                        "/dev/input/event0", "/dev/dri/renderD128:/dev/mem"};
    static const uint32_t bases[] = {
        0, 1000, RANGE_FIRST - 1, RANGE_FIRST + 1, RANGE_FIRST + RANGE_SIZE * RANGE_COUNT, UINT32_MAX};
    struct persona_spec s = sample();
    size_t i;

    for (i = 0; i < sizeof bases / sizeof *bases; i++) {
        memset(&e, 0, sizeof e);
        T(podman_create(&a, &sample_paths, &s, bases[i], &e) == -1 && e.code == ERR_INTERNAL);
    }
    s.gpu = true;
    for (i = 0; i < sizeof nodes / sizeof *nodes; i++) {
        const char *const list[] = {nodes[i], NULL};
        struct paths p = sample_paths;

        p.render_nodes = list;
        T_NAMED(podman_create(&a, &p, &s, range_base(1), &e) == -1, nodes[i]);
    }
    snprintf(s.image, sizeof s.image, "--privileged");
    T_INT(podman_create(&a, &sample_paths, &s, range_base(1), &e), -1);
    snprintf(s.id, sizeof s.id, "../x");
    snprintf(s.image, sizeof s.image, "x");
    T_INT(podman_create(&a, &sample_paths, &s, range_base(1), &e), -1);
    T_INT(podman_init(&a, &sample_paths, "--all", &e), -1);
    T_INT(podman_start(&a, &sample_paths, "", &e), -1);
    T_INT(podman_rm(&a, &sample_paths, "-a", &e), -1);
    memset(&e, 0, sizeof e);
    T_INT(podman_pull(&a, &sample_paths, "debian:12", &e), -1);
    T_INT(e.code, ERR_NO_IMAGE);
    T_INT(podman_pull(&a, &sample_paths, "library/debian", &e), -1);
    T_INT(podman_pull(&a, &sample_paths, "localhost/debian", &e), -1);
    T_INT(podman_pull(&a, &sample_paths, "localhost:5000/debian", &e), 0);
    T_INT(podman_pull(&a, &sample_paths, "10.0.0.1:5000/debian", &e), 0);
}

static void test_apparmor(void)
{
    struct paths with = sample_paths;
    const struct persona_spec s = sample();

    with.apparmor = APPARMOR_PROFILE;
    T(podman_create(&a, &sample_paths, &s, range_base(0), &e) == 0 &&
      !has_word("--security-opt=apparmor=spine-guest"));
    T(podman_create(&a, &with, &s, range_base(0), &e) == 0 &&
      has_word("--security-opt=apparmor=spine-guest"));
    T(apparmor_enforced("spine-guest (enforce)\n"));
    T(apparmor_enforced("man_groff (enforce)\nmy-spine-guest (enforce)\nspine-guest (enforce)\n"));
    T(!apparmor_enforced("spine-guest (complain)\nmy-spine-guest (enforce)\nspine-guest//sub (enforce)\n"));
    T(!apparmor_enforced("") && !apparmor_enforced("spine-guest (enforce)"));
}

static void test_scratch(void)
{
    struct argv env;

    T_INT(podman_environment(&env, &sample_paths, "pull-work"), 0);
    T_STR(env.word[env.n - 1], "TMPDIR=/persist/tmp/pull-work");
    T_INT(podman_environment(&env, &sample_paths, NULL), 0);
    T_STR(env.word[env.n - 1], "TMPDIR=/persist/tmp");
}

static void test_ranges(void)
{
    T_INT(range_base(0), 0x20000000);
    T_INT(range_base(RANGE_COUNT - 1), 0x20000000 + 4095 * 65536);
    T_INT(range_base(RANGE_COUNT), 0);
    T_INT(range_of_uid(0), -1);
    T_INT(range_of_uid(0x1fffffff), -1);
    T_INT(range_of_uid(0x20000000), 0);
    T_INT(range_of_uid(0x2000ffff), 0);
    T_INT(range_of_uid(0x20010000 + 1000), 1);
    T_INT(range_of_uid(0x2fffffff), 4095);
    T_INT(range_of_uid(0x30000000), -1);
    T_INT(range_of_uid(UINT32_MAX), -1);
}

static void test_names(void)
{
    char name[CONTAINER_NAME_MAX], image[NAME_IMAGE_MAX + 1];
    struct persona_spec s = sample();

    persona_container("abcdefghijklmnopqrstuvwxyz01234", name);
    T_STR(name, "persona-abcdefghijklmnopqrstuvwxyz01234");
    tenant_container("ai-core", name);
    T_STR(name, "tenant-ai-core");
    persona_image(&s, image);
    T_STR(image, "localhost/x");
    snprintf(s.image, sizeof s.image, "dir:/persist/transfer/x");
    persona_image(&s, image);
    T_STR(image, "localhost/import-work:latest");
    T(profile_get((enum profile_id)77) == profile_get(PROFILE_SEALED));
    T(render_node_ok("/dev/dri/renderD128") && !render_node_ok("/dev/dri/renderD12x"));
}

int main(void)
{
    test_every_persona();
    test_every_tenant();
    test_refusals();
    test_scratch();
    test_apparmor();
    test_ranges();
    test_names();
    return t_done();
}
