/* SPDX-License-Identifier: MIT
 * The firewall in a persona's own network namespace: loaded, then read back, before anything of the persona
 * runs. */
#include "core/buf.h"
#include "core/firewall.h"
#include "nft.h"
#include "steps.h"

#include <errno.h>
#include <string.h>

static enum step_result waits(struct job *j, struct child *child)
{
    j->child = child;
    if (child)
        return STEP_WAITS;
    err_set(&j->err, ERR_SYSTEM, "persona %s: cannot run nsenter: %s", j->p->spec.id, strerror(errno));
    return STEP_FAILED;
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

    j->child = NULL;
    if (!went_well(j, r, "taken") || waits(j, nft_list(j->b, j->p->pid, on_read_back, j)) != STEP_WAITS)
        job_step_done(j, false);
}

enum step_result step_firewall(struct job *j)
{
    char rules[FIREWALL_MAX];
    struct buf text;

    buf_init(&text, rules, sizeof rules);
    if (firewall_text(&j->p->spec, &text) < 0) {
        err_set(&j->err, ERR_INTERNAL, "persona %s: the firewall's text does not fit", j->p->spec.id);
        return STEP_FAILED;
    }
    return waits(j, nft_load(j->b, j->p->pid, rules, text.len, on_loaded, j));
}
