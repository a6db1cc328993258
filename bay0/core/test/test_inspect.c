/* SPDX-License-Identifier: MIT
 * Reading and checking of what podman 5.8.6 and the kernel really said (recorded/, from a run in the Spine):
 * as it was it passes, with one field changed it is refused. */
#include "tests/t.h"
#include "core/inspect.h"
#include "core/tenants.h"
#include "sample.h"

#define RECORDED "bay0/core/test/recorded/"

static struct err e;
static char text[65536];
static struct paths paths;
static struct persona_spec persona;
static const struct tenant tenant = {.name = "ai-core",
                                     .image = "localhost/ai-core",
                                     .socket = "ai/ollama.sock",
                                     .upstream = "127.0.0.1:11434",
                                     .models = "ai/models",
                                     .models_at = "/models"};

/* The four recordings. */
static const struct recording {
    const char *name;
    const char *spec; /* NULL: the tenant */
    unsigned range;
    bool nodes;
} recordings[] = {
    {"desktop",
     "{\"id\":\"work\",\"image\":\"localhost/bb:1\",\"ai\":true,\"gpu\":true,"
     "\"command\":[\"/bin/sh\",\"-c\",\"echo hi from $(id); sleep 1000\"]}",
     1, false},
    {"sealed",
     "{\"id\":\"quiet\",\"image\":\"localhost/"
     "bb:1\",\"network\":\"none\",\"gpu\":true,\"profile\":\"sealed\"}",
     2, false},
    {"grants", "{\"id\":\"work\",\"image\":\"localhost/bb:1\",\"ai\":true,\"gpu\":true,\"audio\":true}", 1,
     true},
    {"tenant", NULL, 3, false},
};

static int check(const struct recording *r, const char *json, size_t len)
{
    memset(&e, 0, sizeof e);
    if (!r->spec)
        return inspect_check_tenant(json, len, &paths, &tenant, range_base(r->range), &e);
    return inspect_check_persona(json, len, &paths, &persona, range_base(r->range), &e);
}

static int check_mounts(const struct recording *r, const char *lines, size_t len)
{
    memset(&e, 0, sizeof e);
    if (!r->spec)
        return inspect_check_tenant_mounts(lines, len, &paths, &tenant, &e);
    return inspect_check_persona_mounts(lines, len, &paths, &persona, &e);
}

/* Sets up paths and declaration as they were, and reads the file. */
static long open_recording(const struct recording *r, const char *suffix)
{
    char path[128];

    paths = sample_paths;
    paths.libexec = "/run/bin"; /* the recording machine's places for our programs */
    paths.spine = "/run/bin/spine";
    if (!r->nodes)
        paths.render_nodes = NULL;
    if (r->spec && sample_spec(r->spec, &persona))
        return -1;
    snprintf(path, sizeof path, RECORDED "%s.%s", r->name, suffix);
    return sample_read(path, text, sizeof text);
}

/* One change: path in the container ("a.b", numbers index lists), new value as JSON; NULL takes the field
 * away. */
struct change {
    const char *path, *value;
};

static const struct change common[] = {
    {"Name", "\"persona-other\""},
    {"OCIRuntime", "\"runc\""},
    {"Path", "\"/bin/sh\""},
    {"Pod", "\"x\""},
    {"Rootfs", "\"/\""},
    {"Dependencies", "[\"x\"]"},
    {"IsInfra", "true"},
    {"IsService", "true"},
    {"EffectiveCaps", "[\"CAP_SYS_ADMIN\"]"},
    {"BoundingCaps", "[\"CAP_CHOWN\",\"CAP_SYS_ADMIN\"]"},
    {"HostConfig.CapAdd", "[\"CAP_NET_ADMIN\"]"},
    {"HostConfig.Privileged", "true"},
    {"HostConfig.PublishAllPorts", "true"},
    {"HostConfig.AutoRemove", "true"},
    {"HostConfig.OomKillDisable", "true"},
    {"HostConfig.UsernsMode", "\"\""},
    {"HostConfig.UsernsMode", "\"host\""},
    {"HostConfig.IpcMode", "\"host\""},
    {"HostConfig.IpcMode", "\"shareable\""},
    {"HostConfig.PidMode", "\"host\""},
    {"HostConfig.UTSMode", "\"host\""},
    {"HostConfig.CgroupMode", "\"host\""},
    {"HostConfig.CgroupManager", "\"systemd\""},
    {"HostConfig.CgroupParent", "\"/spine/personas\""},
    {"HostConfig.CgroupConf", "{\"memory.high\":\"1\"}"},
    {"HostConfig.NetworkMode", "\"host\""},
    {"HostConfig.NetworkMode", "\"bridge\""},
    {"HostConfig.NetworkMode", "\"pasta\""},
    {"HostConfig.PortBindings", "{\"80/tcp\":[]}"},
    {"HostConfig.VolumesFrom", "[\"x\"]"},
    {"HostConfig.Links", "[\"x\"]"},
    {"HostConfig.ExtraHosts", "[\"a:10.0.2.2\"]"},
    {"HostConfig.Dns", "[\"1.1.1.1\"]"},
    {"HostConfig.Devices", "[{\"PathOnHost\":\"/dev/dri/card0\",\"PathInContainer\":\"/dev/dri/card0\"}]"},
    {"HostConfig.GroupAdd", "[\"0\"]"},
    {"AppArmorProfile", "\"unconfined\""},
    {"HostConfig.SecurityOpt", "[]"},
    {"HostConfig.SecurityOpt", "[\"label=disable\",\"seccomp=unconfined\"]"},
    {"HostConfig.IDMappings.UidMap", "[\"0:0:65536\"]"},
    {"HostConfig.IDMappings.GidMap", "[\"0:0:65536\"]"},
    {"HostConfig.IDMappings.UidMap.1", "\"65536:0:1\""},
    {"HostConfig.IDMappings", "null"},
    {"HostConfig.Tmpfs", "{}"},
    {"HostConfig.Tmpfs./tmp", "\"rw,exec,suid\""},
    {"HostConfig.Tmpfs./opt", "\"rw,nosuid,nodev,size=1m,rprivate,tmpcopyup\""},
    {"HostConfig.RestartPolicy.Name", "\"always\""},
    {"HostConfig.LogConfig.Type", "\"journald\""},
    {"HostConfig.LogConfig.Path", "\"/persist/home/x\""},
    {"HostConfig.Memory", "1"},
    {"HostConfig.PidsLimit", "2048"},
    {"HostConfig.NanoCpus", "1"},
    {"HostConfig.CpuQuota", "1"},
    {"HostConfig.OomScoreAdj", "-1000"},
    {"HostConfig.CpusetCpus", "\"0\""},
    {"HostConfig.CpusetMems", "\"0\""},
    {"HostConfig.Annotations.run~oci~handler", "\"krun\""},
    {"Config.Annotations.run~oci~seccomp~receiver", "\"/run/x\""},
    {"Config.Annotations", "null"},
    {"Config.User", "\"0\""},
    {"Config.Volumes", "{\"/x\":{}}"},
    {"Config.sdNotifyMode", "\"container\""},
    {"Config.CreateCommand", "[]"},
    {"Mounts", "[]"},
    {"Mounts", "null"},
    {"Mounts.0.Source", "\"/\""},
    {"Mounts.0.Destination", "\"/mnt\""},
    {"Mounts.0.Type", "\"volume\""},
    {"Mounts.0.Propagation", "\"rshared\""},
    {"Mounts.0.Options", "[\"rbind\"]"},
    {"Mounts.0.Options.4", "\"suid\""},
    {"Mounts.0.RW", "\"x\""},
    {"Mounts.9", "{\"Type\":\"bind\",\"Source\":\"/\",\"Destination\":\"/host\",\"Options\":[],\"RW\":true}"},
};

/* Every one of these fields must be there. */
static const char *const needed[] = {
    "Name",
    "OCIRuntime",
    "Path",
    "Pod",
    "Rootfs",
    "Dependencies",
    "IsInfra",
    "IsService",
    "EffectiveCaps",
    "BoundingCaps",
    "HostConfig",
    "HostConfig.CapAdd",
    "HostConfig.Privileged",
    "HostConfig.PublishAllPorts",
    "HostConfig.AutoRemove",
    "HostConfig.OomKillDisable",
    "HostConfig.UsernsMode",
    "HostConfig.IpcMode",
    "HostConfig.PidMode",
    "HostConfig.UTSMode",
    "HostConfig.CgroupMode",
    "HostConfig.CgroupManager",
    "HostConfig.CgroupParent",
    "HostConfig.CgroupConf",
    "HostConfig.NetworkMode",
    "HostConfig.PortBindings",
    "HostConfig.VolumesFrom",
    "HostConfig.Links",
    "HostConfig.ExtraHosts",
    "HostConfig.Dns",
    "HostConfig.Devices",
    "HostConfig.GroupAdd",
    "AppArmorProfile",
    "HostConfig.SecurityOpt",
    "HostConfig.IDMappings.UidMap",
    "HostConfig.IDMappings.GidMap",
    "HostConfig.Tmpfs",
    "HostConfig.RestartPolicy",
    "HostConfig.LogConfig",
    "HostConfig.Memory",
    "HostConfig.PidsLimit",
    "HostConfig.NanoCpus",
    "HostConfig.CpuQuota",
    "HostConfig.OomScoreAdj",
    "HostConfig.CpusetCpus",
    "HostConfig.CpusetMems",
    "HostConfig.ReadonlyRootfs",
    "HostConfig.Annotations",
    "Config.Annotations",
    "Config.User",
    "Config.Volumes",
    "Config.sdNotifyMode",
    "Config.CreateCommand",
    "Mounts",
    "Mounts.0",
    "Mounts.0.Source",
    "Mounts.0.Options",
    "Mounts.0.RW",
    "Mounts.0.Type",
    "Mounts.0.Propagation",
};

/* Follows path up to its last part ('~' stands for a dot in a key) and sets or takes away that. */
static bool change(json_t *at, const char *path, json_t *value)
{
    char key[96];
    size_t n = strcspn(path, "."), i;
    json_t *next;

    snprintf(key, sizeof key, "%.*s", (int)n, path);
    for (i = 0; key[i]; i++)
        if (key[i] == '~')
            key[i] = '.';
    if (path[n]) {
        next = json_is_array(at) ? json_array_get(at, (size_t)atoi(key)) : json_object_get(at, key);
        return next && change(next, path + n + 1, value);
    }
    if (json_is_array(at)) {
        i = (size_t)atoi(key);
        if (!value)
            return json_array_remove(at, i) == 0;
        return i < json_array_size(at) ? json_array_set(at, i, value) == 0
                                       : json_array_append(at, value) == 0;
    }
    return value ? json_object_set(at, key, value) == 0 : json_object_del(at, key) == 0;
}

/* The recording with one change is refused as a difference. */
static void refuse(const struct recording *r, const char *path, const char *value)
{
    json_t *root = json_loads(text, 0, NULL), *v = value ? json_loads(value, JSON_DECODE_ANY, NULL) : NULL;
    char name[200];
    char *now;
    bool done;

    done = change(json_array_get(root, 0), path, v);
    now = json_dumps(root, 0);
    snprintf(name, sizeof name, "%s: %s %s", r->name, path, value ? value : "missing");
    T_NAMED(done && now && check(r, now, strlen(now)) == -1 && e.code == ERR_CHECK, name);
    free(now);
    json_decref(v);
    json_decref(root);
}

static void test_recording(const struct recording *r)
{
    long len = open_recording(r, "json");
    struct inspect in;
    size_t i;

    if (!T(len > 0))
        return;
    if (!T_NAMED(check(r, text, (size_t)len) == 0, r->name))
        printf("# %s\n", e.message);
    for (i = 0; i < sizeof common / sizeof *common; i++)
        refuse(r, common[i].path, common[i].value);
    for (i = 0; i < sizeof needed / sizeof *needed; i++)
        refuse(r, needed[i], NULL);
    refuse(r, "HostConfig.ReadonlyRootfs",
           strcmp(r->name, "desktop") != 0 && strcmp(r->name, "grants") != 0 ? "false" : "true");
    if (!r->spec)
        refuse(r, "Config.Entrypoint", "[\"/bin/sh\"]");
    /* Half an answer is no answer. */
    T_INT(check(r, text, (size_t)len / 2), -1);
    T_INT(e.code, ERR_CHECK);
    T_INT(inspect_parse(text, (size_t)len, &in, &e), 0);
    T_STR(in.status, "initialized");
    T(in.pid > 1 && in.conmon_pid > 1 && in.exit_code == 0 && strlen(in.id) == 64);
    T(strstr(in.cgroup, r->spec ? "/spine/personas/" : "/spine/tenants/ai-core/libpod-") == in.cgroup);
    T(strlen(in.cgroup) > 64 && strcmp(in.cgroup + strlen(in.cgroup) - 64, in.id) == 0);
}

/* Where the kernel has AppArmor a container that is without it is refused, and the other way round. */
static void test_apparmor(const struct recording *r)
{
    long len = open_recording(r, "json");
    json_t *root = len > 0 ? json_loadb(text, (size_t)len, 0, NULL) : NULL, *one = json_array_get(root, 0);
    json_t *profile = json_string(APPARMOR_PROFILE), *option = json_string("apparmor=" APPARMOR_PROFILE);
    char *half, *whole;

    T(change(one, "AppArmorProfile", profile));
    half = json_dumps(root, 0);
    T(change(one, "HostConfig.SecurityOpt.9", option));
    whole = json_dumps(root, 0);
    T_INT(check(r, whole, strlen(whole)), -1);
    paths.apparmor = APPARMOR_PROFILE;
    T_INT(check(r, text, (size_t)len), -1);
    T_INT(check(r, half, strlen(half)), -1);
    T_INT(check(r, whole, strlen(whole)), 0);
    free(half);
    free(whole);
    json_decref(profile);
    json_decref(option);
    json_decref(root);
}

/* The line with word in it is changed (or, to NULL, taken out). */
static void refuse_line(const struct recording *r, const char *old, const char *fresh)
{
    static char changed[65536 + 256];
    char *at = strstr(text, old), name[300];
    size_t before = at ? (size_t)(at - text) : 0;

    snprintf(name, sizeof name, "%s mounts: <%s> for <%s>", r->name, fresh, old);
    if (at)
        snprintf(changed, sizeof changed, "%.*s%s%s", (int)before, text, fresh, at + strlen(old));
    T_NAMED(at && check_mounts(r, changed, strlen(changed)) == -1 && e.code == ERR_CHECK, name);
}

static void test_mounts(const struct recording *r)
{
    static char more[65536 + 256];
    long len = open_recording(r, "mountinfo");
    bool writable = strcmp(r->name, "desktop") == 0 || strcmp(r->name, "grants") == 0;

    if (!T(len > 0))
        return;
    if (!T_NAMED(check_mounts(r, text, (size_t)len) == 0, r->name))
        printf("# %s\n", e.message);
    refuse_line(r, ",idmapped", "");
    refuse_line(r, writable ? "/ / rw,relatime" : "/ / ro,relatime",
                writable ? "/ / ro,relatime" : "/ / rw,relatime");
    refuse_line(r, " /tmp rw,nosuid", " /tmp rw,suid");
    refuse_line(r, " /tmp rw", " /opt rw");
    refuse_line(r, "/null /dev/null", "/mem /dev/null");
    refuse_line(r, "/null /dev/null", "/mem /dev/mem");
    refuse_line(r, " - proc ", " - ext4 ");
    refuse_line(r, " - overlay ", "");
    if (r->spec) {
        refuse_line(r, " /home/persona rw,nosuid,nodev", " /home/persona rw,nosuid");
        refuse_line(r, " /home/persona rw,nosuid,nodev", " /home/persona rw,nosuid,nodev,noexec");
        refuse_line(r, "/bay0.sock /run/spine/bay0.sock ro", "/bay0.sock /run/spine/bay0.sock rw");
        refuse_line(r,
                    strcmp(r->name, "sealed") != 0 ? "/persona/work/wayland-0 " : "/persona/quiet/wayland-0 ",
                    "/persona/other/wayland-0 ");
        refuse_line(r, " /run/wayland-0 ", " /run/bus ");
        /* What can be written to there fills the Spine's /run. */
        refuse_line(r, " /etc/hosts ro", " /etc/hosts rw");
        refuse_line(r, "/hosts /etc/hosts ", "/containers/overlay-containers/a/userdata/hosts /etc/hosts ");
        refuse_line(r, " /run/.containerenv ro", " /run/.containerenv rw");
        refuse_line(r,
                    strcmp(r->name, "sealed") != 0 ? "/home/work /home/persona" : "/home/quiet /home/persona",
                    "/home /home/persona");
        refuse_line(r,
                    strcmp(r->name, "sealed") != 0 ? "/home/work /home/persona" : "/home/quiet /home/persona",
                    "/ /home/persona");
    } else {
        refuse_line(r, "/models ro,", "/models rw,");
        refuse_line(r, " /run/.containerenv ro", " /run/.containerenv rw");
        refuse_line(r, "noexec,relatime,idmapped", "relatime,idmapped");
    }
    if (r->nodes)
        refuse_line(r, "/dev/dri/renderD128", "/dev/dri/card0");
    snprintf(more, sizeof more, "%s200 91 0:26 / /host rw,relatime - ext4 /dev/vda rw\n", text);
    T_INT(check_mounts(r, more, strlen(more)), -1);
    snprintf(more, sizeof more, "%s200 91 0:6 /input /dev/input rw,relatime - devtmpfs dev rw\n", text);
    T_INT(check_mounts(r, more, strlen(more)), -1);
    snprintf(more, sizeof more, "%s%s", text, "200 91\n");
    T_INT(check_mounts(r, more, strlen(more)), -1);
    T_INT(check_mounts(r, "", 0), -1);
}

static void test_states(void)
{
    struct inspect in = {0};
    long len = sample_read(RECORDED "running.json", text, sizeof text);

    T(len > 0 && inspect_parse(text, (size_t)len, &in, &e) == 0);
    T_STR(in.status, "running");
    T(strncmp(in.cgroup, "/spine/personas/work/libpod-", 28) == 0);
    len = sample_read(RECORDED "exited.json", text, sizeof text);
    T(len > 0 && inspect_parse(text, (size_t)len, &in, &e) == 0);
    T_STR(in.status, "exited");
    T_INT(in.pid, 0);
    T_INT(in.exit_code, 143);
    T_INT(inspect_parse("[]", 2, &in, &e), -1);
    T_INT(inspect_parse("[{}]", 4, &in, &e), -1);
    T_INT(inspect_parse("{", 1, &in, &e), -1);
}

static unsigned ps_rows;

static void ps_row(void *user, const char *name, const char *status, int32_t pid)
{
    T_STR(name, "persona-work");
    T_STR(status, "running");
    T(pid > 1 && user == &ps_rows);
    ps_rows++;
}

static void test_ps(void)
{
    static const char foreign[] = "[{\"Names\":[\"x\"],\"State\":\"running\",\"Pid\":4,\"Labels\":{}}]";
    long len = sample_read(RECORDED "ps.json", text, sizeof text);

    T(len > 0 && inspect_ps(text, (size_t)len, ps_row, &ps_rows, &e) == 0);
    T_INT(ps_rows, 1);
    T_INT(inspect_ps(foreign, sizeof foreign - 1, ps_row, &ps_rows, &e), 0);
    T_INT(inspect_ps("[{}]", 4, ps_row, &ps_rows, &e), -1);
    T_INT(inspect_ps("{}", 2, ps_row, &ps_rows, &e), -1);
    T_INT(inspect_ps("[]", 2, ps_row, &ps_rows, &e), 0);
    T_INT(ps_rows, 1);
}

int main(void)
{
    for (size_t i = 0; i < sizeof recordings / sizeof *recordings; i++) {
        test_recording(&recordings[i]);
        test_apparmor(&recordings[i]);
        test_mounts(&recordings[i]);
    }
    test_states();
    test_ps();
    return t_done();
}
