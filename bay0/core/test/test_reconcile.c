/* SPDX-License-Identifier: MIT
 * Putting things right at start: what was found on the left, the steps on the right. */
#include "core/buf.h"
#include "core/reconcile.h"
#include "tests/t.h"

/* One persona "a" as found; NULL and 0 mean: not there. */
struct found_case {
    const char *name;
    bool row, sealed, wanted, autostart, lost; /* lost: rows are, so strangers stay */
    const char *op, *detail;                   /* staged: add start stop rm, up down of tenant a */
    const char *status;
    const char *cgroup; /* letters: e empty, p populated, f frozen, q freeze asked */
    bool sockets;
    const char *want;
};

static const struct found_case cases[] = {
    {.name = "nothing", .want = ""},
    {.name = "at rest", .row = true, .status = "exited", .want = ""},
    {.name = "declared, never started", .row = true, .want = ""},
    {.name = "reboot, was wanted", .row = true, .wanted = true, .status = "exited", .want = "start a"},
    {.name = "reboot, autostart", .row = true, .autostart = true, .want = "start a"},
    {.name = "reboot, podman still says running",
     .row = true,
     .wanted = true,
     .status = "running",
     .want = "podman stop a, start a"},
    {.name = "bay0 was away, it runs",
     .row = true,
     .wanted = true,
     .autostart = true,
     .status = "running",
     .cgroup = "p",
     .want = "adopt a 77"},
    {.name = "bay0 was away, it is frozen",
     .row = true,
     .status = "running",
     .cgroup = "pfq",
     .want = "thaw a, adopt a 77"},
    {.name = "bay0 went between asking and frozen",
     .row = true,
     .status = "running",
     .cgroup = "pq",
     .want = "thaw a, adopt a 77"},
    {.name = "died meanwhile, cgroup left frozen",
     .row = true,
     .status = "exited",
     .cgroup = "eq",
     .want = "thaw a, remove cgroup a"},
    {.name = "initialised, never started, no journal",
     .row = true,
     .status = "initialized",
     .cgroup = "p",
     .want = "kill a, remove cgroup a"},
    {.name = "paused by somebody",
     .row = true,
     .wanted = true,
     .status = "paused",
     .cgroup = "p",
     .want = "kill a, podman stop a, remove cgroup a, start a"},
    {.name = "processes without a container", .row = true, .cgroup = "p", .want = "kill a, remove cgroup a"},
    {.name = "half removed by podman", .row = true, .status = "removing", .want = "podman rm a"},
    {.name = "a root that is thrown away",
     .row = true,
     .sealed = true,
     .wanted = true,
     .status = "exited",
     .want = "podman rm a, start a"},

    {.name = "add, before the row",
     .op = "add",
     .detail = "home",
     .want = "remove empty home a, sync, commit a 5"},
    {.name = "add over a home from before", .op = "add", .want = "sync, commit a 5"},
    {.name = "add, after the row", .row = true, .op = "add", .want = "sync, commit a 5"},
    {.name = "start, before podman", .row = true, .op = "start", .want = "sync, commit a 5"},
    {.name = "first start, while podman made it",
     .row = true,
     .op = "start",
     .detail = "create",
     .want = "podman rm a, sync, commit a 5"},
    {.name = "rm, podman has forgotten it",
     .row = true,
     .op = "rm",
     .want = "podman rm a, unregister a, sync, commit a 5"},
    {.name = "stop of a throw-away root, podman has forgotten it",
     .row = true,
     .sealed = true,
     .op = "stop",
     .want = "podman rm a, sync, commit a 5"},
    {.name = "first start, created",
     .row = true,
     .wanted = true,
     .op = "start",
     .detail = "create",
     .status = "created",
     .cgroup = "e",
     .want = "podman rm a, remove cgroup a, sync, commit a 5, start a"},
    {.name = "first start, initialised",
     .row = true,
     .op = "start",
     .detail = "create",
     .status = "initialized",
     .cgroup = "p",
     .want = "kill a, podman rm a, remove cgroup a, sync, commit a 5"},
    {.name = "first start, runs already",
     .row = true,
     .op = "start",
     .detail = "create",
     .status = "running",
     .cgroup = "p",
     .want = "kill a, podman rm a, remove cgroup a, sync, commit a 5"},
    {.name = "a later start keeps the root",
     .row = true,
     .wanted = true,
     .op = "start",
     .status = "initialized",
     .cgroup = "p",
     .want = "kill a, remove cgroup a, sync, commit a 5, start a"},
    {.name = "set, bay0 was away, it runs on",
     .row = true,
     .wanted = true,
     .op = "set",
     .status = "running",
     .cgroup = "p",
     .want = "adopt a 77, sync, commit a 5"},
    {.name = "set, of one that was stopped", .row = true, .op = "set", .want = "sync, commit a 5"},
    {.name = "set, then the power",
     .row = true,
     .wanted = true,
     .op = "set",
     .status = "exited",
     .want = "sync, commit a 5, start a"},
    {.name = "stop, still runs frozen",
     .row = true,
     .wanted = true,
     .autostart = true,
     .op = "stop",
     .status = "running",
     .cgroup = "pfq",
     .want = "kill a, podman stop a, remove cgroup a, not wanted a, sync, commit a 5"},
    {.name = "stop, it was through",
     .row = true,
     .op = "stop",
     .status = "exited",
     .want = "sync, commit a 5"},
    {.name = "rm, from the beginning",
     .row = true,
     .op = "rm",
     .status = "exited",
     .cgroup = "e",
     .want = "podman rm a, remove cgroup a, unregister a, sync, commit a 5"},
    {.name = "rm, processes left",
     .row = true,
     .op = "rm",
     .status = "running",
     .cgroup = "pf",
     .want = "kill a, podman rm a, remove cgroup a, unregister a, sync, commit a 5"},
    {.name = "rm --wipe, container gone",
     .row = true,
     .autostart = true,
     .op = "rm",
     .detail = "wipe",
     .want = "podman rm a, wipe home a, unregister a, sync, commit a 5"},
    {.name = "rm --wipe, row gone", .op = "rm", .detail = "wipe", .want = "wipe home a, sync, commit a 5"},
    {.name = "rm, row gone: the home stays", .op = "rm", .want = "sync, commit a 5"},

    {.name = "a container of nobody", .status = "exited", .want = "podman rm a"},
    {.name = "it even runs",
     .status = "running",
     .cgroup = "pf",
     .want = "kill a, podman rm a, remove cgroup a"},
    {.name = "the registry has lost rows", .lost = true, .status = "exited", .want = ""},
    {.name = "and it runs",
     .lost = true,
     .status = "running",
     .cgroup = "p",
     .want = "kill a, podman stop a, remove cgroup a"},
    {.name = "but this one was being removed",
     .lost = true,
     .op = "rm",
     .status = "exited",
     .want = "podman rm a, sync, commit a 5"},
    {.name = "a tenant that was told to stop", .op = "down", .want = "tenant not wanted a, sync, commit a 5"},
    {.name = "a tenant that was told to start", .op = "up", .want = "sync, commit a 5"},
    {.name = "a tenant with the name of a persona",
     .row = true,
     .wanted = true,
     .op = "down",
     .status = "exited",
     .want = "tenant not wanted a, sync, commit a 5, start a"},
    {.name = "sockets of one that runs",
     .row = true,
     .status = "running",
     .cgroup = "p",
     .sockets = true,
     .want = "adopt a 77"},
    {.name = "sockets of one that died",
     .row = true,
     .status = "exited",
     .cgroup = "e",
     .sockets = true,
     .want = "remove cgroup a, remove sockets a"},
    {.name = "sockets of nobody", .sockets = true, .want = "remove sockets a"},
    {.name = "a cgroup of nobody", .cgroup = "eq", .want = "thaw a, remove cgroup a"},
};

static const char *steps_text(const struct fixes *fixes)
{
    static char text[4096];
    struct buf b;

    buf_init(&b, text, sizeof text);
    for (size_t i = 0; i < fixes->n; i++) {
        const struct fix *f = &fixes->f[i];

        buf_addf(&b, "%s%s", i ? ", " : "", fix_name(f->kind));
        if (f->id[0])
            buf_addf(&b, " %s", f->id);
        else if (f->container)
            buf_addf(&b, " %s", f->container);
        if (f->kind == FIX_COMMIT)
            buf_addf(&b, " %lld", (long long)f->entry);
        if (f->kind == FIX_ADOPT)
            buf_addf(&b, " %d", (int)f->pid);
    }
    return text;
}

static enum operation op_from(const char *name)
{
    return strcmp(name, "add") == 0     ? OP_ADD
           : strcmp(name, "start") == 0 ? OP_START
           : strcmp(name, "stop") == 0  ? OP_STOP
           : strcmp(name, "up") == 0    ? OP_SERVICE_START
           : strcmp(name, "down") == 0  ? OP_SERVICE_STOP
           : strcmp(name, "set") == 0   ? OP_SET
                                        : OP_RM;
}

static void test_cases(void)
{
    static struct fixes out;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct found_case *c = &cases[i];
        struct persona_spec spec = {
            .id = "a", .profile = c->sealed ? PROFILE_SEALED : PROFILE_DESKTOP, .autostart = c->autostart};
        struct found_row row = {&spec, c->wanted};
        struct found_entry entry = {5, c->op ? op_from(c->op) : OP_ADD, "a", c->detail ? c->detail : ""};
        struct found_container container = {"persona-a", c->status, 77};
        struct found_cgroup cgroup = {"a", c->cgroup && strchr(c->cgroup, 'p'),
                                      c->cgroup && strchr(c->cgroup, 'f'),
                                      c->cgroup && strchr(c->cgroup, 'q')};
        const char *const sockets[] = {"a"};
        struct found found = {.rows = &row,
                              .entries = &entry,
                              .containers = &container,
                              .cgroups = &cgroup,
                              .sockets = sockets,
                              .rows_n = c->row,
                              .entries_n = c->op != NULL,
                              .containers_n = c->status != NULL,
                              .cgroups_n = c->cgroup != NULL,
                              .sockets_n = c->sockets,
                              .keep_strangers = c->lost};

        reconcile(&found, &out);
        printf("# %s\n", c->name);
        T_STR(steps_text(&out), c->want);
        T(!out.partial);
    }
}

/* Several at once: by id, strangers after them, then the journal, and starts last. */
static void test_together(void)
{
    static struct fixes out;
    struct persona_spec work = {.id = "work", .profile = PROFILE_DESKTOP},
                        web = {.id = "web", .autostart = true};
    struct found_row rows[] = {{&work, true}, {&web, false}};
    struct found_entry entries[] = {
        {1, OP_START, "work", "create"}, {2, OP_STOP, "work", ""}, {3, OP_ADD, "new", "home"}};
    struct found_container containers[] = {{"tenant-ai-core", "running", 9},
                                           {"persona-work", "running", 10},
                                           {"persona-old", "exited", 0},
                                           {"persona-BAD", "exited", 0}};
    struct found_cgroup cgroups[] = {{"work", true, true, true}, {"lost+found", false, false, true}};
    struct found found = {.rows = rows,
                          .entries = entries,
                          .containers = containers,
                          .cgroups = cgroups,
                          .rows_n = 2,
                          .entries_n = 3,
                          .containers_n = 4,
                          .cgroups_n = 2};

    reconcile(&found, &out);
    T_STR(
        steps_text(&out),
        "remove empty home new, podman rm old, kill work, podman stop work, remove cgroup work, not wanted "
        "work, "
        "podman rm tenant-ai-core, podman rm persona-BAD, sync, commit work 1, commit work 2, commit new 3, "
        "start web");
}

static void test_too_many(void)
{
    enum { MANY = RECONCILE_STEPS_MAX + 5 };
    static struct found_container containers[MANY];
    static char names[MANY][24];
    static struct fixes out;
    struct found found = {.containers = containers, .containers_n = MANY};

    for (int i = 0; i < MANY; i++) {
        snprintf(names[i], sizeof names[i], "tenant-%d", i);
        containers[i] = (struct found_container){names[i], "exited", 0};
    }
    reconcile(&found, &out);
    T_INT(out.n, RECONCILE_STEPS_MAX);
    T(out.partial);
    for (int i = 0; i < MANY; i++)
        snprintf(names[i], sizeof names[i], "persona-x%d", i);
    found.containers_n = RECONCILE_IDS_MAX;
    reconcile(&found, &out);
    T_INT(out.n, RECONCILE_IDS_MAX);
    T(!out.partial);
    found.containers_n++;
    reconcile(&found, &out);
    T_INT(out.n, RECONCILE_IDS_MAX);
    T(out.partial);
}

int main(void)
{
    test_cases();
    test_together();
    test_too_many();
    for (int k = 0; k < FIX_COUNT; k++)
        T(strcmp(fix_name((enum fix_kind)k), "unknown") != 0);
    return t_done();
}
