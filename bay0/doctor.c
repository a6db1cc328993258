/* SPDX-License-Identifier: MIT
 * `spine doctor`: looks at everything bay0 depends on and says what to do about what is wrong. */
#include "doctor.h"

#include "core/inspect.h"
#include "core/services.h"
#include "fsutil.h"
#include "log.h"
#include "podman_run.h"
#include "service.h"
#include "tenant.h"
#include "ui.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { DETAIL_MAX = 400, VERSION_MS = 15000, FREE_PERCENT_MIN = 5 };

struct visit {
    struct bay0 *b;
    client_ref client;
    int64_t request;
    json_t *checks;
};

static void note(struct visit *v, const char *name, bool ok, const char *advice, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

static void note(struct visit *v, const char *name, bool ok, const char *advice, const char *fmt, ...)
{
    char detail[DETAIL_MAX];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(detail, sizeof detail, fmt, ap);
    va_end(ap);
    json_array_append_new(v->checks, json_pack("{s:s, s:b, s:s, s:s}", "name", name, "ok", ok, "detail",
                                               detail, "advice", ok ? "" : advice));
}

static void check_mount(struct visit *v, const char *path, unsigned long want, const char *words,
                        const char *advice)
{
    struct statvfs fs;

    if (statvfs(path, &fs) < 0)
        note(v, path, false, advice, "cannot look at it: %s", strerror(errno));
    else
        note(v, path, (fs.f_flag & want) == want, advice, (fs.f_flag & want) == want ? "%s" : "not %s",
             words);
}

static void check_disk(struct visit *v)
{
    struct statvfs fs;
    unsigned long percent;

    if (statvfs(v->b->paths.persist, &fs) < 0 || fs.f_blocks == 0) {
        note(v, "disk space", false, "check the disk of /persist", "%s: %s", v->b->paths.persist,
             strerror(errno));
        return;
    }
    percent = (unsigned long)(100 * fs.f_bavail / fs.f_blocks);
    note(v, "disk space", percent >= FREE_PERCENT_MIN, "remove personas, homes or images that are not needed",
         "%lu %% of %s is free", percent, v->b->paths.persist);
}

static void check_cgroups(struct visit *v)
{
    static const char *const wanted[] = {"cpuset", "cpu", "memory", "pids"};
    char have[256];

    if (v->b->cgroups < 0 || cgroup_controllers(v->b->cgroups, have, sizeof have) < 0) {
        note(v, "cgroups", false, "boot with cgroup v2 alone", "there is no cgroup v2 tree at %s",
             v->b->opt.cgroup);
        return;
    }
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        if (!strstr(have, wanted[i])) {
            note(v, "cgroups", false, "boot with cgroup v2 alone and this controller built in",
                 "the %s controller is missing", wanted[i]);
            return;
        }
    note(v, "cgroups", true, "", "%s", have);
}

static void check_registry(struct visit *v)
{
    struct err e;

    if (!v->b->store)
        note(v, "registry", false, "see `spine logs`; what is declared now is forgotten at the next reboot",
             "it could not be opened");
    else if (store_check(v->b->store, &e) < 0)
        note(v, "registry", false, "reboot: bay0 moves a broken registry aside", "%s", e.message);
    else
        note(v, "registry", !v->b->salvaged,
             "`spine ps` shows who is known again; the old file lies beside the new one as "
             "personas.db.broken-*",
             "%s", v->b->salvaged ? "it was broken and a new one was begun" : "sound");
}

static void check_services(struct visit *v)
{
    for (size_t i = 0; i < SERVICE_COUNT; i++) {
        const char *state = service_state(v->b, i);

        if (service_wanted(v->b, i))
            note(v, service_rows_table[i].name, strcmp(state, "up") == 0,
                 "see `spine logs` for what it said; a reboot starts it afresh", "%s", state);
    }
    if (v->b->opt.ui)
        note(v, "compositor answers", ui_up(v->b), "see `spine logs`: is there a screen, and a seat?", "%s",
             ui_up(v->b) ? "yes" : "no");
}

static void check_tenants(struct visit *v)
{
    json_t *rows = json_array();
    json_t *row;
    size_t i;

    tenant_rows(v->b, "", rows);
    json_array_foreach(rows, i, row)
    {
        const char *error = json_string_value(json_object_get(row, "error"));
        bool up = json_is_true(json_object_get(row, "up"));

        note(v, json_string_value(json_object_get(row, "name")),
             up && json_is_true(json_object_get(row, "socket_exists")), "`spine service start` tries again",
             "%s%s%s", json_string_value(json_object_get(row, "state")), error && *error ? ": " : "",
             error ? error : "");
    }
    json_decref(rows);
}

static void check_gpu(struct visit *v)
{
    if (v->b->render_nodes[0])
        note(v, "GPU", true, "", "%s", v->b->render_nodes[0]);
    else
        note(v, "GPU", true, "", "no render node: personas draw by software");
}

static void on_version(void *user, const struct child_result *r)
{
    struct visit *v = user;
    json_t *result;

    if (r->status == 0)
        note(v, "podman", true, "", "%.*s", (int)strcspn(r->out, "\n"), r->out);
    else
        note(v, "podman", false, "the Spine image is incomplete: podman and crun belong to it",
             "status %d: %.200s", r->status, r->err);
    result = json_pack("{s:O}", "checks", v->checks);
    server_answer_ok(v->client, v->request, result);
    json_decref(result);
    json_decref(v->checks);
    free(v);
}

void doctor_run(struct bay0 *b, client_ref client, int64_t request)
{
    struct visit *v = calloc(1, sizeof *v);
    struct argv argv;
    struct err e;

    if (!v || !(v->checks = json_array())) {
        free(v);
        err_set(&e, ERR_NO_MEMORY, "no memory for a check-up");
        server_answer_err(client, request, &e);
        return;
    }
    v->b = b;
    v->client = client;
    v->request = request;
    if (b->opt.init) {
        check_mount(v, "/", ST_RDONLY, "read-only", "boot a Spine image: its root is squashfs");
        check_mount(v, b->paths.persist, ST_NODEV | ST_NOSUID | ST_NOEXEC, "nodev,nosuid,noexec", "reboot");
        note(v, "persist", strcmp(b->persist_state, "ok") == 0,
             "give the machine a disk labelled spine-persist", "%s", b->persist_state);
    }
    check_disk(v);
    check_cgroups(v);
    check_registry(v);
    check_services(v);
    check_tenants(v);
    check_gpu(v);
    argv_init(&argv);
    argv_push(&argv, b->paths.podman);
    argv_push(&argv, "--version");
    if (!podman_run(b, &argv, VERSION_MS, on_version, v, &e)) {
        const struct child_result gone = {
            .status = 127, .out = "", .err = e.message, .err_len = strlen(e.message)};

        on_version(v, &gone);
    }
}
