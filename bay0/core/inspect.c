/* SPDX-License-Identifier: MIT
 * Reading of podman's JSON. */
#include "core/inspect.h"

#include "core/err.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static bool is_image_or_container_id(const char *s, size_t len)
{
    return len == 64 && strspn(s, "0123456789abcdef") >= 64;
}

static int32_t small_int(const json_t *o, const char *key)
{
    const json_t *v = json_object_get(o, key);
    json_int_t n = json_integer_value(v);

    return json_is_integer(v) && n >= INT32_MIN && n <= INT32_MAX ? (int32_t)n : -1;
}

/* Copies a string that fits and has something in it. */
static bool copy_string(const json_t *o, const char *key, char *out, size_t size)
{
    const char *s = json_string_value(json_object_get(o, key));

    if (!s || !*s || strlen(s) >= size)
        return false;
    memcpy(out, s, strlen(s) + 1);
    return true;
}

/* An initialised container has no CgroupPath yet: with cgroupfs it is made of parent and id. */
static bool read_cgroup(const json_t *c, const json_t *state, struct inspect *in)
{
    char parent[128];
    int n;

    if (json_object_get(state, "CgroupPath"))
        return copy_string(state, "CgroupPath", in->cgroup, sizeof in->cgroup) && in->cgroup[0] == '/';
    if (!copy_string(json_object_get(c, "HostConfig"), "CgroupParent", parent, sizeof parent))
        return false;
    n = snprintf(in->cgroup, sizeof in->cgroup, "%s/libpod-%s", parent, in->id);
    return n > 0 && (size_t)n < sizeof in->cgroup && in->cgroup[0] == '/';
}

static const char *read_container(const json_t *c, struct inspect *in)
{
    const json_t *state = json_object_get(c, "State");

    if (!copy_string(c, "Id", in->id, sizeof in->id) || !is_image_or_container_id(in->id, strlen(in->id)))
        return "Id";
    if (!copy_string(state, "Status", in->status, sizeof in->status))
        return "State.Status";
    in->pid = small_int(state, "Pid");
    if (in->pid < 0)
        return "State.Pid";
    /* Podman leaves ConmonPid out when there is none. */
    in->conmon_pid = json_object_get(state, "ConmonPid") ? small_int(state, "ConmonPid") : 0;
    if (in->conmon_pid < 0)
        return "State.ConmonPid";
    if (!json_is_integer(json_object_get(state, "ExitCode")))
        return "State.ExitCode";
    in->exit_code = small_int(state, "ExitCode");
    if (!read_cgroup(c, state, in) || strstr(in->cgroup, ".."))
        return "State.CgroupPath";
    return NULL;
}

int inspect_parse(const char *text, size_t len, struct inspect *out, struct err *e)
{
    json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    struct inspect in = {0};
    const char *bad;

    if (!json_is_array(root) || json_array_size(root) != 1) {
        json_decref(root);
        return err_set(e, ERR_PODMAN, "podman inspect did not answer with one container");
    }
    bad = read_container(json_array_get(root, 0), &in);
    json_decref(root);
    if (bad)
        return err_set(e, ERR_PODMAN, "podman inspect: %s is missing or not understood", bad);
    *out = in;
    return 0;
}

static bool ps_row_ok(const json_t *row)
{
    return json_is_string(json_array_get(json_object_get(row, "Names"), 0)) &&
           json_is_string(json_object_get(row, "State")) && small_int(row, "Pid") >= 0;
}

int inspect_ps(const char *text, size_t len, inspect_ps_fn *fn, void *user, struct err *e)
{
    json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    const json_t *row;
    size_t i;

    if (!json_is_array(root)) {
        json_decref(root);
        return err_set(e, ERR_PODMAN, "podman ps did not answer with a list");
    }
    json_array_foreach(root, i, row) if (!ps_row_ok(row))
    {
        json_decref(root);
        return err_set(e, ERR_PODMAN, "podman ps: container %zu has no name, state or pid", i);
    }
    json_array_foreach(root, i, row) if (json_object_get(json_object_get(row, "Labels"), "org.alpinespine"))
        fn(user, json_string_value(json_array_get(json_object_get(row, "Names"), 0)),
           json_string_value(json_object_get(row, "State")), small_int(row, "Pid"));
    json_decref(root);
    return 0;
}

bool pull_image_id(const char *text, size_t len, char out[65])
{
    size_t start;

    while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
        len--;
    for (start = len; start > 0 && text[start - 1] != '\n'; start--)
        ;
    if (len - start != 64)
        return false;
    memcpy(out, text + start, 64);
    out[64] = '\0';
    return is_image_or_container_id(out, 64);
}
