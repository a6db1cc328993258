/* SPDX-License-Identifier: MIT
 * The sockets of a persona's grants: made with it, listened on while they are granted. */
#include "grant.h"

#include "fsutil.h"
#include "log.h"
#include "persona.h"
#include "sound.h"
#include "tenant.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* Bound, and silent until it is granted. */
static int make(const struct persona *p, int *fd, const char *name, struct err *e)
{
    if (*fd < 0)
        *fd = persona_listen(p, name, 0, e);
    return *fd < 0 ? -1 : 0;
}

static int open_for_use(const struct persona *p, int fd, struct err *e)
{
    if (listen(fd, PERSONA_BACKLOG) == 0)
        return 0;
    return err_set(e, ERR_SYSTEM, "persona %s: a socket that it was granted cannot be listened on: %s",
                   p->spec.id, strerror(errno));
}

/* Others hold the same socket open: nobody connects to it any more, whoever they are. */
static void take_back(int *fd)
{
    if (*fd >= 0)
        (void)shutdown(*fd, SHUT_RDWR);
    fs_close(fd);
}

static int give_ai(struct persona *p, struct err *e)
{
    if (open_for_use(p, p->ai, e) < 0)
        return -1;
    tenants_lend(p);
    return 0;
}

static int give_sound(struct persona *p, struct err *e)
{
    return open_for_use(p, p->pipewire, e) < 0 ? -1 : sound_open(p, e);
}

int grants_open(struct persona *p, struct err *e)
{
    bool lent = p->ai >= 0;

    if (make(p, &p->ai, "ai.sock", e) < 0 || make(p, &p->pipewire, "pipewire-0", e) < 0 ||
        (p->spec.ai && !lent && give_ai(p, e) < 0))
        return -1;
    return spec_sounds(&p->spec) ? give_sound(p, e) : 0;
}

void grants_close(struct persona *p)
{
    sound_close(p);
    tenants_unlend(p);
    fs_close(&p->ai);
    fs_close(&p->pipewire);
}

static void change_ai(struct persona *p, struct err *e)
{
    if (p->spec.ai) {
        give_ai(p, e);
        return;
    }
    tenants_unlend(p);
    take_back(&p->ai);
}

/* Its connections end with its place at the server, which has what it is granted written into it. */
static void change_sound(struct persona *p, struct err *e)
{
    const struct focus_persona *f = focus_find(&p->bay0->focus, p->spec.id);

    sound_close(p);
    if (!spec_sounds(&p->spec)) {
        take_back(&p->pipewire);
        return;
    }
    if (give_sound(p, e) == 0)
        sound_park(p, f && f->parked);
}

bool grants_change(struct persona *p, const struct persona_spec *before)
{
    const struct persona_spec *s = &p->spec;
    bool waits = false;
    struct err e = {.code = ERR_NONE};

    if (!p->control)
        return false;
    if (s->ai && !before->ai && p->ai < 0)
        waits = true;
    else if (s->ai != before->ai)
        change_ai(p, &e);
    if (spec_sounds(s) && !spec_sounds(before) && p->pipewire < 0)
        waits = true;
    else if (s->audio != before->audio || s->microphone != before->microphone)
        change_sound(p, &e);
    if (e.code != ERR_NONE)
        log_error("%s", e.message);
    return waits;
}
