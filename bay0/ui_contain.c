/* SPDX-License-Identifier: MIT
 * Keeps the windows of who is behind where they belong: back to their workspace, and an end to who does not
 * leave off. */
#include "ui_contain.h"

#include "core/buf.h"
#include "ledger.h"
#include "log.h"
#include "persona.h"
#include "ui_task.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

static void tell_sway(struct bay0 *b, const struct sway_event *ev, const char *text)
{
    struct task *t = task_new(b, ev->instance, NULL, NULL);

    if (!t)
        return;
    t->insist = true;
    snprintf(t->text, sizeof t->text, "%s", text);
    task_send(t);
}

struct search {
    int32_t pid;
    bool found;
};

static void on_pid(void *user, int32_t pid)
{
    struct search *s = user;

    s->found = s->found || pid == s->pid;
}

/* sway's `kill` only asks. The number that sway gave may be another's by now: the handle comes first, then
 * the look whether what it holds is in the persona's own group. */
static bool end_program(struct bay0 *b, const struct persona *p, int32_t pid)
{
    struct search s = {.pid = pid};
    int handle = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
    bool ended;

    if (handle < 0)
        return false;
    cgroup_pids(b->cgroups, p->cgroup, on_pid, &s);
    ended = s.found && syscall(SYS_pidfd_send_signal, handle, SIGKILL, NULL, 0) == 0;
    close(handle);
    return ended;
}

static void end(struct bay0 *b, const struct persona *p, const struct sway_event *ev)
{
    char text[SWAY_TEXT_MAX];
    struct buf out;

    buf_init(&out, text, sizeof text);
    if (sway_kill_text(ev->con_id, &out) == 0)
        tell_sway(b, ev, text);
    if (end_program(b, p, ev->pid))
        log_warn("persona %s: process %d kept pushing its window to the front and was ended", p->spec.id,
                 ev->pid);
    else
        log_warn("persona %s: window %lld keeps pushing to the front; it was told to close", p->spec.id,
                 (long long)ev->con_id);
    ledger_window(b, "window-killed", p->spec.id, ev->con_id);
}

void ui_contain(struct bay0 *b, const struct sway_event *ev)
{
    const struct persona *p = persona_find(b, ev->instance);
    enum contain_verdict verdict;
    char text[SWAY_TEXT_MAX];
    const char *shown = b->ui->told ? b->ui->shown : b->focus.seen;
    struct buf out;

    /* Right after sway has come nobody knows yet what is shown. */
    verdict = p && (b->ui->told || b->focus.heard) ? contain_look(&b->ui->contain, ev, shown, loop_now())
                                                   : CONTAIN_FINE;
    if (verdict == CONTAIN_FINE)
        return;
    buf_init(&out, text, sizeof text);
    if (sway_return_text(ev->con_id, ev->instance, true, &out) == 0)
        tell_sway(b, ev, text);
    if (verdict == CONTAIN_ECHO)
        return;
    if (verdict == CONTAIN_KILL) {
        end(b, p, ev);
        return;
    }
    log_info("persona %s: window %lld showed itself in front of another and was put back", p->spec.id,
             (long long)ev->con_id);
    ledger_window(b, "window-back", p->spec.id, ev->con_id);
}
