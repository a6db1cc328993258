/* SPDX-License-Identifier: MIT
 * Judging the Spine's state: registry and journal, clock, services. */
#include "core/health.h"
#include "core/podman.h"

#include <string.h>

void health_registry(const struct health_to *to, const struct health_journal *j)
{
    static const char kept[] = "see `spine logs`; what is declared now is forgotten at the next reboot";

    if (!j->open) {
        health_tell(to, HEALTH_WRONG, "registry", kept, "it could not be opened");
        return;
    }
    if (j->unsound)
        health_tell(to, HEALTH_WRONG, "registry", "reboot: bay0 moves a broken registry aside", "%s",
                    j->unsound);
    else if (j->salvaged)
        health_tell(to, HEALTH_WRONG, "registry",
                    "`spine ps` shows who is known again; the old file lies beside the new one as "
                    "personas.db.broken-*",
                    "it was broken and a new one was begun");
    else
        health_tell(to, HEALTH_OK, "registry", "", "sound");
    if (j->error)
        health_tell(to, HEALTH_WRONG, "journal", "reboot: bay0 moves a broken registry aside", "%s",
                    j->error);
    else if (!j->reconciled)
        health_tell(to, HEALTH_WRONG, "journal", "bay0 asks podman again every few seconds; see `spine logs`",
                    "what was left from before is not put right yet: podman has not answered");
    else if (j->entries > j->known)
        health_tell(to, HEALTH_WRONG, "journal",
                    "an older or a newer bay0 wrote it: boot that one once, or report it with `spine logs`",
                    "%lld of %lld entries cannot be understood", (long long)(j->entries - j->known),
                    (long long)j->entries);
    else if (j->known > j->running)
        health_tell(to, HEALTH_WRONG, "journal",
                    "reboot: it is put right at start; `spine logs` says why not yet",
                    "%lld operations were begun and are not finished", (long long)(j->known - j->running));
    else
        health_tell(to, HEALTH_OK, "journal", "", "%lld operations under way", (long long)j->running);
}

void health_clock(const struct health_to *to, const struct health_clock *c)
{
    enum { BACK_MS = 60000, FUTURE_S = 300, RTC_S = 300 };
    static const char set[] = "set it with `date -u -s`, then `hwclock -w -u`";

    if (c->now < c->released)
        health_tell(to, HEALTH_WRONG, "clock", set, "it is earlier than this program was made");
    else if (c->drift_ms < -BACK_MS)
        health_tell(to, HEALTH_WRONG, "clock", set, "it was set back by %lld s since bay0 started",
                    (long long)(-c->drift_ms / 1000));
    else if (c->newest_file > c->now + FUTURE_S)
        health_tell(to, HEALTH_WRONG, "clock", set, "what lies on /persist was written %lld s later than now",
                    (long long)(c->newest_file - c->now));
    else
        health_tell(to, HEALTH_OK, "clock", "", "plausible");
    if (c->rtc < 0)
        health_tell(to, HEALTH_NOTE, "hardware clock", "", "there is none: the time is lost at power-off");
    else if (c->rtc > c->now + RTC_S || c->rtc < c->now - RTC_S)
        health_tell(to, HEALTH_WRONG, "hardware clock",
                    "set both: `date -u -s`, then `hwclock -w -u`; or change its battery",
                    "it differs from the clock by %lld s", (long long)(c->rtc - c->now));
    else
        health_tell(to, HEALTH_OK, "hardware clock", "", "agrees");
}

void health_apparmor(const struct health_to *to, bool kernel, bool loaded)
{
    health_tell(to,
                !kernel  ? HEALTH_NOTE
                : loaded ? HEALTH_OK
                         : HEALTH_WRONG,
                "apparmor", "see `spine logs` for why its profile could not be loaded, and reboot", "%s",
                !kernel  ? "not in this kernel: containers run without"
                : loaded ? "containers run by the profile " APPARMOR_PROFILE
                         : "in the kernel, but containers run without its profile");
}

void health_watchdog(const struct health_to *to, bool armed, bool device, const char *text)
{
    health_tell(to,
                armed    ? HEALTH_OK
                : device ? HEALTH_WRONG
                         : HEALTH_NOTE,
                "watchdog",
                "see `spine logs` for why it is not armed: a bay0 that hangs would not reset the machine",
                "%s", text);
}

void health_service(const struct health_to *to, const char *name, const char *state, uint32_t restarts,
                    const char *error, bool tenant)
{
    static const struct {
        const char *state, *advice, *words;
    } rows[] = {
        {"up", "", ""},
        {"starting", "wait a little and ask again; `spine logs` has what it said", ""},
        {"stopping", "wait a little and ask again; `spine logs` has what it said", ""},
        {"backoff", "it has died and is started again soon; `spine logs` has what it said", ""},
        {"gave-up", "see `spine logs` for what it said; a reboot starts it afresh",
         ": it kept dying and is not started any more"},
    };
    const char *advice = "see `spine logs` for what it said; a reboot starts it afresh", *words = "";

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].state, state) == 0) {
            advice = rows[i].advice;
            words = rows[i].words;
        }
    if (tenant && (strcmp(state, "down") == 0 || strcmp(state, "gave-up") == 0))
        advice = "`spine service start` tries again";
    health_tell(to, strcmp(state, "up") == 0 ? HEALTH_OK : HEALTH_WRONG, name, advice, "%s%s%s%s%s", state,
                words, *error ? ": " : "", error, restarts > 0 ? " (was restarted)" : "");
}
