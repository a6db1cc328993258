/* SPDX-License-Identifier: MIT
 * Compares what podman says of a container with its declaration. Whatever is missing or unlike is refused. */
#include "core/container.h"
#include "core/err.h"
#include "core/inspect.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One container under the lens. The first difference is kept in e; all of them are told to fn, if there is
 * one. */
struct lens {
    const json_t *c;
    char name[CONTAINER_NAME_MAX];
    struct err *e;
    bool bad;
    inspect_differs_fn *fn;
    void *user;
};

static void differ(struct lens *l, const char *path, const json_t *got, const char *want)
{
    char *text = got ? json_dumps(got, JSON_ENCODE_ANY | JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;

    struct err one;

    err_set(&one, ERR_CHECK, "container %s: %s is %.100s, asked for %.100s", l->name, path,
            text ? text : "missing", want);
    if (!l->bad && l->e)
        *l->e = one;
    if (l->fn)
        l->fn(l->user, one.message);
    l->bad = true;
    free(text);
}

/* "HostConfig.Privileged" -> the value, or NULL. */
static const json_t *at(const struct lens *l, const char *path)
{
    const json_t *v = l->c;
    char key[64];

    while (v && *path) {
        size_t n = strcspn(path, ".");

        snprintf(key, sizeof key, "%.*s", (int)n, path);
        v = json_object_get(v, key);
        path += n + (path[n] == '.');
    }
    return v;
}

static void want_string(struct lens *l, const char *path, const char *want)
{
    const json_t *v = at(l, path);

    if (!json_is_string(v) || strcmp(json_string_value(v), want) != 0)
        differ(l, path, v, want);
}

static void want_bool(struct lens *l, const char *path, bool want)
{
    const json_t *v = at(l, path);

    if (!json_is_boolean(v) || json_is_true(v) != want)
        differ(l, path, v, want ? "true" : "false");
}

static void want_zero(struct lens *l, const char *path)
{
    const json_t *v = at(l, path);

    if (!json_is_integer(v) || json_integer_value(v) != 0)
        differ(l, path, v, "0");
}

/* null, "", [] and {} are all podman's words for nothing; a missing field is not. */
static void want_empty(struct lens *l, const char *path)
{
    const json_t *v = at(l, path);
    bool empty = json_is_null(v) || (json_is_string(v) && json_string_length(v) == 0) ||
                 (json_is_array(v) && json_array_size(v) == 0) ||
                 (json_is_object(v) && json_object_size(v) == 0);

    if (!v || !empty)
        differ(l, path, v, "nothing");
}

static bool has_string(const json_t *list, const char *want)
{
    const json_t *v;
    size_t i;

    json_array_foreach(list, i,
                       v) if (json_is_string(v) && strcmp(json_string_value(v), want) == 0) return true;
    return false;
}

/* The same strings in any order: none more, none less. */
static void want_set(struct lens *l, const char *path, const char *const *want)
{
    const json_t *v = at(l, path);
    size_t n = 0;

    if (!want[0]) {
        want_empty(l, path);
        return;
    }
    for (; want[n]; n++)
        if (!has_string(v, want[n])) {
            differ(l, path, v, want[n]);
            return;
        }
    if (json_array_size(v) != n)
        differ(l, path, v, "nothing more than that");
}

static void want_caps(struct lens *l, const char *path, const struct cap *cap)
{
    char text[64][32]; /* there are 41 capabilities */
    const char *want[65];
    size_t n;

    for (n = 0; n < 64 && cap[n].name; n++) {
        snprintf(text[n], sizeof text[n], "CAP_%s", cap[n].name);
        want[n] = text[n];
    }
    want[n] = NULL;
    want_set(l, path, want);
}

/* Each "DIR:OPTIONS" with just these options in front of podman's own (rprivate, tmpcopyup). */
static void want_tmpfs(struct lens *l, const struct subject *c)
{
    const json_t *v = at(l, "HostConfig.Tmpfs");
    char want[TMPFS_TEXT];
    size_t n = 0;

    for (; subject_tmpfs(c, n, want); n++) {
        size_t dir = strcspn(want, ":");
        char key[64], options[TMPFS_TEXT + 32];
        const char *got;

        snprintf(key, sizeof key, "%.*s", (int)dir, want);
        snprintf(options, sizeof options, "%s,rprivate,tmpcopyup", want + dir + 1);
        got = json_string_value(json_object_get(v, key));
        if (!got || strcmp(got, options) != 0)
            differ(l, "HostConfig.Tmpfs", v, want);
    }
    if (json_object_size(v) != n)
        differ(l, "HostConfig.Tmpfs", v, "nothing more than that");
}

/* Whether the comma-separated list has the word. */
static bool option_listed(const char *list, const char *word)
{
    size_t n = strlen(word);

    for (; *list; list += strcspn(list, ","), list += *list == ',')
        if (strncmp(list, word, n) == 0 && (list[n] == ',' || !list[n]))
            return true;
    return false;
}

/* Podman leaves ro, rw and idmap out of Options: RW says the first two, the kernel the last (mountinfo.c). */
static bool mount_matches(const json_t *m, const struct bind *b)
{
    static const char *const flags[] = {"exec", "noexec", "suid", "nosuid", "dev", "nodev", NULL};
    const json_t *options = json_object_get(m, "Options"), *v;
    size_t i, known = has_string(options, "rbind") ? 1 : 0;

    for (i = 0; flags[i]; i++) {
        bool has = has_string(options, flags[i]);

        if (has != option_listed(b->options, flags[i]))
            return false;
        known += has;
    }
    if (json_array_size(options) != known)
        return false;
    v = json_object_get(m, "RW");
    return json_is_boolean(v) && json_is_true(v) == option_listed(b->options, "rw") &&
           json_is_string(v = json_object_get(m, "Type")) && strcmp(json_string_value(v), "bind") == 0 &&
           json_is_string(v = json_object_get(m, "Source")) && strcmp(json_string_value(v), b->source) == 0 &&
           json_is_string(v = json_object_get(m, "Propagation")) &&
           strcmp(json_string_value(v), "rprivate") == 0;
}

static const json_t *mount_on(const json_t *mounts, const char *target)
{
    const json_t *m;
    size_t i;

    json_array_foreach(mounts, i, m)
    {
        const char *at_dir = json_string_value(json_object_get(m, "Destination"));

        if (at_dir && strcmp(at_dir, target) == 0)
            return m;
    }
    return NULL;
}

static void want_binds(struct lens *l, const struct binds *b)
{
    const json_t *mounts = at(l, "Mounts");
    size_t i;

    if (b->overflow)
        differ(l, "Mounts", NULL, "paths that are shorter");
    for (i = 0; i < b->n; i++) {
        const json_t *m = mount_on(mounts, b->row[i].target);

        if (!m || !mount_matches(m, &b->row[i]))
            differ(l, b->row[i].target, m, b->row[i].options);
    }
    if (!json_is_array(mounts) || json_array_size(mounts) != b->n)
        differ(l, "Mounts", mounts, "nothing more than the declared mounts");
}

/* What podman keeps to itself otherwise: the words with which the container was made. */
static void want_word(struct lens *l, const char *word)
{
    if (!has_string(at(l, "Config.CreateCommand"), word))
        differ(l, "Config.CreateCommand", at(l, "Config.CreateCommand"), word);
}

/* An image's own annotations reach crun, and some of them are orders to it. */
static void want_no_orders(struct lens *l, const char *path)
{
    static const char *const orders[] = {"run.oci.", "module.", "org.criu.", "io.katacontainers."};
    const json_t *annotations = at(l, path), *v;
    const char *key;

    if (!json_is_object(annotations))
        differ(l, path, annotations, "a list");
    json_object_foreach((json_t *)annotations, key,
                        v) for (size_t i = 0; i < sizeof orders / sizeof *orders;
                                i++) if (strncmp(key, orders[i], strlen(orders[i])) == 0)
        differ(l, path, annotations, "no orders to the runtime");
}

static void want_range(struct lens *l, uint32_t base)
{
    char map[40];

    snprintf(map, sizeof map, "0:%u:%u", base, (unsigned)RANGE_SIZE);
    want_set(l, "HostConfig.IDMappings.UidMap", (const char *const[]){map, NULL});
    want_set(l, "HostConfig.IDMappings.GidMap", (const char *const[]){map, NULL});
}

/* What every container of ours must and must not have. */
static void check_always(struct lens *l)
{
    static const char *const no[] = {"HostConfig.Privileged",
                                     "HostConfig.PublishAllPorts",
                                     "HostConfig.AutoRemove",
                                     "HostConfig.OomKillDisable",
                                     "IsInfra",
                                     "IsService"};
    static const char *const empty[] = {"HostConfig.VolumesFrom",
                                        "HostConfig.PortBindings",
                                        "HostConfig.Links",
                                        "HostConfig.ExtraHosts",
                                        "HostConfig.CgroupConf",
                                        "HostConfig.CpusetMems",
                                        "HostConfig.CpusetCpus",
                                        "Config.Volumes",
                                        "Dependencies",
                                        "Pod",
                                        "Rootfs"};
    static const char *const zero[] = {"HostConfig.Memory", "HostConfig.PidsLimit", "HostConfig.NanoCpus",
                                       "HostConfig.CpuQuota", "HostConfig.OomScoreAdj"};
    static const struct {
        const char *path, *value;
    } text[] = {
        {"HostConfig.UsernsMode", "private"},    {"HostConfig.IpcMode", "private"},
        {"HostConfig.PidMode", "private"},       {"HostConfig.UTSMode", "private"},
        {"HostConfig.CgroupMode", "private"},    {"HostConfig.CgroupManager", "cgroupfs"},
        {"HostConfig.RestartPolicy.Name", "no"}, {"HostConfig.LogConfig.Type", "k8s-file"},
        {"Config.sdNotifyMode", "ignore"},       {"Path", "/run/podman-init"},
    };
    size_t i;

    for (i = 0; i < sizeof no / sizeof *no; i++)
        want_bool(l, no[i], false);
    for (i = 0; i < sizeof empty / sizeof *empty; i++)
        want_empty(l, empty[i]);
    for (i = 0; i < sizeof zero / sizeof *zero; i++)
        want_zero(l, zero[i]);
    for (i = 0; i < sizeof text / sizeof *text; i++)
        want_string(l, text[i].path, text[i].value);
    want_no_orders(l, "Config.Annotations");
    want_no_orders(l, "HostConfig.Annotations");
    want_word(l, "--cgroups=no-conmon");
}

static void check_subject(struct lens *l, const struct paths *p, const struct subject *s)
{
    char seccomp[160], apparmor[64], parent[128], log[160], user[24];
    const char *security[5] = {"label=disable", seccomp};
    size_t n = 2;

    snprintf(seccomp, sizeof seccomp, "seccomp=%s/containers/%s", p->share, s->seccomp);
    snprintf(apparmor, sizeof apparmor, "apparmor=%s", p->apparmor ? p->apparmor : "");
    if (p->apparmor)
        security[n++] = apparmor;
    if (s->no_new_privileges)
        security[n++] = "no-new-privileges";
    snprintf(parent, sizeof parent, "%s/%ss/%s", p->cgroup, s->kind, s->id);
    snprintf(log, sizeof log, "%s/log/%s-%s.log", p->persist, s->kind, s->id);
    snprintf(user, sizeof user, "%u:%u", s->user, s->user);
    want_string(l, "Name", l->name);
    want_string(l, "OCIRuntime", s->runtime);
    want_string(l, "HostConfig.CgroupParent", parent);
    want_string(l, "HostConfig.LogConfig.Path", log);
    want_string(l, "Config.User", user);
    want_bool(l, "HostConfig.ReadonlyRootfs", !s->root_writable);
    want_set(l, "HostConfig.SecurityOpt", security);
    want_string(l, "AppArmorProfile", p->apparmor ? p->apparmor : "");
    want_caps(l, "EffectiveCaps", s->caps);
    want_caps(l, "BoundingCaps", s->caps);
    want_caps(l, "HostConfig.CapAdd", s->caps);
    want_tmpfs(l, s);
    want_range(l, s->base);
}

static int lens_open(struct lens *l, json_t **root, const char *text, size_t len, struct err *e)
{
    l->e = e;
    *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_array(*root) && json_array_size(*root) == 1) {
        l->c = json_array_get(*root, 0);
        return 0;
    }
    json_decref(*root);
    return err_set(e, ERR_CHECK, "container %s: podman inspect did not answer with one container", l->name);
}

static int lens_close(const struct lens *l, json_t *root)
{
    json_decref(root);
    return l->bad ? -1 : 0;
}

static void check_devices(struct lens *l, const struct paths *p, const struct persona_spec *s)
{
    const json_t *devices = at(l, "HostConfig.Devices"), *v;
    char gid[16];
    size_t n = 0;

    if (!s->gpu || !p->render_nodes || !p->render_nodes[0]) {
        want_empty(l, "HostConfig.Devices");
        want_empty(l, "HostConfig.GroupAdd");
        return;
    }
    for (; p->render_nodes[n]; n++) {
        v = json_array_get(devices, n);
        if (!json_is_string(json_object_get(v, "PathOnHost")) ||
            strcmp(json_string_value(json_object_get(v, "PathOnHost")), p->render_nodes[n]) != 0 ||
            !json_is_string(json_object_get(v, "PathInContainer")) ||
            strcmp(json_string_value(json_object_get(v, "PathInContainer")), p->render_nodes[n]) != 0)
            differ(l, "HostConfig.Devices", devices, p->render_nodes[n]);
    }
    if (json_array_size(devices) != n)
        differ(l, "HostConfig.Devices", devices, "nothing more than render nodes");
    snprintf(gid, sizeof gid, "%u", p->render_gid);
    want_set(l, "HostConfig.GroupAdd", (const char *const[]){gid, NULL});
}

static int check_persona(struct lens l, const char *text, size_t len, const struct paths *p,
                         const struct persona_spec *s, uint32_t base, struct err *e)
{
    const struct subject c = persona_subject(s, base);
    bool slirp = s->network == NETWORK_SLIRP;
    struct binds b;
    char network[128];
    json_t *root;

    persona_container(s->id, l.name);
    if (lens_open(&l, &root, text, len, e))
        return -1;
    check_always(&l);
    check_subject(&l, p, &c);
    want_string(&l, "HostConfig.NetworkMode", slirp ? "slirp4netns" : "none");
    want_set(&l, "HostConfig.Dns",
             slirp ? (const char *const[]){SLIRP_DNS, NULL} : (const char *const[]){NULL});
    snprintf(network, sizeof network, "--network=%s", persona_network(s));
    want_word(&l, network);
    check_devices(&l, p, s);
    persona_binds(&b, p, s);
    want_binds(&l, &b);
    return lens_close(&l, root);
}

int inspect_check_persona(const char *text, size_t len, const struct paths *p, const struct persona_spec *s,
                          uint32_t base, struct err *e)
{
    return check_persona((struct lens){0}, text, len, p, s, base, e);
}

int inspect_drift_persona(const char *text, size_t len, const struct paths *p, const struct persona_spec *s,
                          uint32_t base, inspect_differs_fn *fn, void *user, struct err *e)
{
    return check_persona((struct lens){.fn = fn, .user = user}, text, len, p, s, base, e);
}

int inspect_check_tenant(const char *text, size_t len, const struct paths *p, const struct tenant *t,
                         uint32_t base, struct err *e)
{
    const struct subject c = tenant_subject(t, base);
    struct lens l = {0};
    struct binds b;
    json_t *root;

    tenant_container(t->name, l.name);
    if (lens_open(&l, &root, text, len, e))
        return -1;
    check_always(&l);
    check_subject(&l, p, &c);
    want_string(&l, "HostConfig.NetworkMode", "none");
    want_set(&l, "Config.Entrypoint", (const char *const[]){TENANT_RELAY, NULL});
    want_empty(&l, "HostConfig.Dns");
    want_empty(&l, "HostConfig.Devices");
    want_empty(&l, "HostConfig.GroupAdd");
    tenant_binds(&b, p, t);
    want_binds(&l, &b);
    return lens_close(&l, root);
}
