/* SPDX-License-Identifier: MIT
 * The firewall in a persona's own network namespace: loaded, then read back, before anything of the persona
 * runs. */
#include "core/buf.h"
#include "core/firewall.h"
#include "steps.h"

#include <stdio.h>
#include <string.h>

/* nft in the namespace of the container's first process, which waits. */
static enum step_result nft(struct job *j, char *const *words, char *input, size_t input_len,
                            child_done_fn *done)
{
    char ns[64];
    char *argv[8] = {"nsenter", ns, "nft"};
    struct child_options o;
    size_t n = 3;

    snprintf(ns, sizeof ns, "--net=/proc/%d/ns/net", j->p->pid);
    for (; *words; words++)
        argv[n++] = *words;
    child_options_init(&o);
    o.argv = argv;
    o.env = j->b->podman_env.word;
    o.input = input;
    o.input_len = input_len;
    o.timeout_ms = STEP_HELPER_MS;
    o.done = done;
    o.user = j;
    return step_spawn(j, &o);
}

/* False: the job's error tells why. */
static bool went_well(struct job *j, const struct child_result *r, const char *what)
{
    if (r->timed_out)
        err_set(&j->err, ERR_TIMEOUT, "persona %s: its firewall was not %s in time", j->p->spec.id, what);
    else if (r->status != 0)
        err_set(&j->err, ERR_CHECK, "persona %s: its firewall was not %s: %.200s", j->p->spec.id, what,
                r->err);
    return r->status == 0 && !r->timed_out;
}

static void on_read_back(void *user, const struct child_result *r)
{
    struct job *j = user;
    bool ok = went_well(j, r, "read back");

    if (ok && !firewall_in_force(&j->p->spec, r->out, r->out_len)) {
        err_set(&j->err, ERR_CHECK, "persona %s: the firewall in force is not the one that was loaded",
                j->p->spec.id);
        ok = false;
    }
    job_step_done(j, ok);
}

static void on_loaded(void *user, const struct child_result *r)
{
    struct job *j = user;
    char *list[] = {"list", "table", "inet", "spine", NULL};

    j->child = NULL;
    if (!went_well(j, r, "taken") || nft(j, list, NULL, 0, on_read_back) != STEP_WAITS)
        job_step_done(j, false);
}

enum step_result step_firewall(struct job *j)
{
    char rules[FIREWALL_MAX];
    char *load[] = {"-f", "-", NULL};
    struct buf text;

    buf_init(&text, rules, sizeof rules);
    if (firewall_text(&j->p->spec, &text) < 0) {
        err_set(&j->err, ERR_INTERNAL, "persona %s: the firewall's text does not fit", j->p->spec.id);
        return STEP_FAILED;
    }
    return nft(j, load, rules, text.len, on_loaded);
}
