/* SPDX-License-Identifier: MIT
 * The rows of `spine persona explain`. */
#include "core/explain.h"

#include "core/container.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { IS_MAX = 640 };

/* json_array_append_new takes NULL for an error, and the list is given up at the end. */
struct rows {
    json_t *list;
    bool failed;
};

static void row(struct rows *r, const char *about, const char *what, const char *is, const char *why)
{
    json_t *one = json_pack("{s:s, s:s, s:s, s:s}", "about", about, "what", what, "is", is, "why", why);

    r->failed |= json_array_append_new(r->list, one) < 0;
}

static void identity(struct rows *r, const struct paths *p, const struct persona_spec *s,
                     const struct subject *c)
{
    const struct profile *profile = profile_get(s->profile);
    char text[IS_MAX];

    row(r, "identity", "profile", profile->name, "chosen when it was added");
    snprintf(text, sizeof text, "0-%u are %u-%u outside", (unsigned)RANGE_SIZE - 1, c->base,
             c->base + (unsigned)RANGE_SIZE - 1);
    row(r, "identity", "ids", text, "no id of the Spine is inside, and bay0 knows a caller by its range");
    snprintf(text, sizeof text, "%u", c->user);
    row(r, "identity", "user", text,
        c->user ? "its programs need no root" : "root of its own ids alone: it installs packages");
    row(r, "identity", "namespaces", "user pid mount network ipc uts cgroup",
        "nothing of the Spine or of another persona is in sight");
    row(r, "identity", "root",
        !c->root_writable    ? "read-only"
        : profile->root_kept ? "writable, kept"
                             : "writable, made anew at each start",
        profile->root_kept ? "what its user installs stays" : "nothing that it does to itself lasts");
    row(r, "identity", "no-new-privileges", c->no_new_privileges ? "on" : "off",
        c->no_new_privileges ? "no setuid file helps it" : "its user installs sudo, for a root of its own");
    row(r, "identity", "runtime", c->runtime, "of its profile");
    row(r, "calls", "seccomp", c->seccomp,
        "of its profile: kernel calls that are not in the list are refused");
    row(r, "calls", "apparmor", p->apparmor ? p->apparmor : "none",
        p->apparmor ? "a second wall: no mounts, no writing to the kernel's settings"
                    : "this kernel has it not, or `spine doctor` says why");
    row(r, "rest", "background", spec_background_name(s->background),
        "what happens to it while another one is in front");
}

static void grants(struct rows *r, const struct persona_spec *s)
{
    const struct {
        const char *what, *option;
        bool given;
    } all[] = {{"gpu", "--gpu", s->gpu},
               {"audio", "--audio: playing alone", s->audio},
               {"microphone", "--microphone: listening alone", s->microphone},
               {"ai", "--ai", s->ai},
               {"lan", "--lan", s->lan}};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        row(r, "grant", all[i].what, all[i].given ? "given" : "not given", all[i].option);
}

static void capabilities(struct rows *r, const struct cap *cap)
{
    if (!cap->name)
        row(r, "capability", "none", "-", "its programs need none");
    for (; cap->name; cap++)
        row(r, "capability", cap->name, "in its own user namespace", cap->why);
}

static void mounts(struct rows *r, const struct paths *p, const struct persona_spec *s,
                   const struct subject *c)
{
    char text[IS_MAX], tmpfs[TMPFS_TEXT];
    struct binds b;

    persona_binds(&b, p, s);
    for (size_t i = 0; i < b.n; i++) {
        snprintf(text, sizeof text, "%s %s", b.row[i].source, b.row[i].options);
        row(r, b.row[i].socket ? "socket" : "mount", b.row[i].target, text, b.row[i].why);
    }
    for (size_t i = 0; subject_tmpfs(c, i, tmpfs); i++) {
        size_t dir = strcspn(tmpfs, ":");

        snprintf(text, sizeof text, "tmpfs %s", tmpfs + dir + (tmpfs[dir] == ':'));
        tmpfs[dir] = '\0';
        row(r, "mount", tmpfs, text, "gone when it stops; what lies there counts as its memory");
    }
}

static void devices(struct rows *r, const struct paths *p, const struct persona_spec *s)
{
    row(r, "device", "null zero full tty random urandom", "of the kernel", "what every program expects");
    for (size_t i = 0; s->gpu && p->render_nodes && p->render_nodes[i]; i++)
        row(r, "device", p->render_nodes[i], "rw", "granted: a render node, which sets no screen");
}

static void network(struct rows *r, const struct persona_spec *s)
{
    bool slirp = s->network == NETWORK_SLIRP;

    row(r, "network", spec_network_name(s->network), persona_network(s),
        slirp ? "its own network, with a way out as an ordinary program of the Spine"
              : "its own network, with nothing in it but loopback");
    if (!slirp)
        return;
    row(r, "rule", "out to " SLIRP_DNS " port 53", "accepted", "names are resolved by slirp and nobody else");
    row(r, "rule", "out to 10/8, 172.16/12, 192.168/16", s->lan ? "accepted" : "refused",
        s->lan ? "granted: --lan" : "the neighbours of this machine live there");
    row(r, "rule", "out to link-local, shared, multicast, reserved", "refused",
        "neighbours, and the keys of machines in a cloud");
    row(r, "rule", "out by IPv6", "refused", "slirp has none");
    row(r, "rule", "out to anywhere else", "accepted", "its way out");
    row(r, "rule", "in", "answers alone", "it serves nobody outside");
}

static const char *limit_why(const struct persona_spec *s, const char *file)
{
    const struct {
        const char *file, *why;
        bool declared;
    } all[] = {{"memory.max", "what its profile has on a machine of this size", s->memory != 0},
               {"memory.swap.max", "what it may hold is memory", false},
               {"cpu.max", "what its profile has on a machine of this size", s->cpus_milli != 0},
               {"cpu.weight", "of its profile", s->weight != 0},
               {"pids.max", "of its profile, and no more than its memory can hold", s->pids != 0},
               {"cpuset.cpus", "the first CPU is the Spine's where there are more", s->cores[0] != '\0'}};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i].file, file) == 0)
            return all[i].declared ? "declared" : all[i].why;
    return "-";
}

static void limits(struct rows *r, const struct persona_spec *s, const struct subject *c,
                   const struct machine *m)
{
    struct limit_text t;
    struct limits l;
    char text[IS_MAX];

    limits_persona(s, m, &l);
    for (size_t i = 0; limits_text(&l, i, &t); i++)
        row(r, "limit", t.file, t.text[0] ? t.text : "all", limit_why(s, t.file));
    snprintf(text, sizeof text, "%llu", (unsigned long long)l.io);
    row(r, "limit", "io.max", l.io ? text : "max", l.io ? "declared" : "none unless it is declared");
    snprintf(text, sizeof text, "%u", c->nofile);
    row(r, "limit", "open files", text, s->nofile ? "declared" : "of its profile");
}

json_t *explain_rows(const struct paths *p, const struct persona_spec *s, uint32_t base,
                     const struct machine *m)
{
    const struct subject c = persona_subject(s, base);
    struct rows r = {.list = json_array()};

    identity(&r, p, s, &c);
    grants(&r, s);
    capabilities(&r, c.caps);
    mounts(&r, p, s, &c);
    devices(&r, p, s);
    network(&r, s);
    limits(&r, s, &c, m);
    if (!r.failed)
        return r.list;
    json_decref(r.list);
    return NULL;
}
