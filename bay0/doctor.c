/* SPDX-License-Identifier: MIT
 * `spine doctor`: starts the parts of a check-up, hears the programs' versions, answers when all is told. */
#include "doctor_visit.h"

#include "log.h"
#include "podman_run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VISITS_MAX = 4, VERSION_MS = 15000 };

static void on_check(void *user, const struct health *h)
{
    struct visit *v = user;

    json_array_append_new(v->checks, json_pack("{s:s, s:b, s:s, s:s, s:s}", "name", h->name, "ok",
                                               h->level != HEALTH_WRONG, "level", health_level_name(h->level),
                                               "detail", h->detail, "advice", h->advice));
}

void visit_part_done(struct visit *v)
{
    json_t *result;

    if (--v->waiting > 0)
        return;
    result = json_pack("{s:O}", "checks", v->checks);
    server_answer_ok(v->client, v->request, result);
    json_decref(result);
    json_decref(v->checks);
    v->b->visits--;
    free(v);
}

struct version_task {
    struct visit *visit;
    const char *program;
};

static void on_version(void *user, const struct child_result *r)
{
    struct version_task *t = user;
    char error[256];

    if (r->timed_out)
        snprintf(error, sizeof error, "it did not end within %d s", VERSION_MS / 1000);
    else
        snprintf(error, sizeof error, "status %d: %.200s", r->status, r->err);
    health_version(&t->visit->to, t->program, r->out, r->status == 0 ? NULL : error);
    visit_part_done(t->visit);
    free(t);
}

static void ask_version(struct visit *v, const char *program, const char *path)
{
    struct version_task *t = malloc(sizeof *t);
    struct argv argv;
    struct err e;

    argv_init(&argv);
    argv_push(&argv, path);
    argv_push(&argv, "--version");
    if (t) {
        *t = (struct version_task){v, program};
        if (podman_run(v->b, &argv, VERSION_MS, on_version, t, &e)) {
            v->waiting++;
            return;
        }
        health_version(&v->to, program, "", e.message);
    }
    free(t);
}

void doctor_run(struct bay0 *b, client_ref client, int64_t request, bool quick)
{
    struct visit *v = b->visits < VISITS_MAX ? calloc(1, sizeof *v) : NULL;
    struct err e;

    if (!v || !(v->checks = json_array())) {
        if (v)
            err_set(&e, ERR_NO_MEMORY, "no memory for a check-up");
        else
            err_set(&e, ERR_BUSY, "%u check-ups are under way", b->visits);
        free(v);
        server_answer_err(client, request, &e);
        return;
    }
    b->visits++;
    v->b = b;
    v->client = client;
    v->request = request;
    v->to = (struct health_to){on_check, v};
    v->waiting = 1; /* until all parts are begun */
    doctor_facts(v);
    ask_version(v, "podman", b->paths.podman);
    if (b->opt.init) {
        ask_version(v, "crun", "crun");
        ask_version(v, "conmon", "conmon");
        ask_version(v, "sway", "sway");
        ask_version(v, "pipewire", "pipewire");
    }
    doctor_ask_all(v);
    if (!quick)
        doctor_trial(v);
    visit_part_done(v);
}
