/* SPDX-License-Identifier: MIT
 * Fuzzes all that reads podman's and the kernel's answers. The first byte chooses the reader. */
#include "core/err.h"
#include "core/inspect.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void row(void *user, const char *name, const char *status, int32_t pid)
{
    *(size_t *)user += strlen(name) + strlen(status) + (pid > 0);
}

/* A difference must be told: -1 with a code and a sentence, or 0 with neither. */
static void told(int rc, const struct err *e)
{
    if ((rc != 0) != (e->code != ERR_NONE && e->message[0]))
        __builtin_trap();
}

static void check(unsigned what, const char *text, size_t len)
{
    static const char *const nodes[] = {"/dev/dri/renderD128", NULL};
    static const struct paths p = {.run = "/run/spine",
                                   .persist = "/persist",
                                   .share = "/usr/share/spine",
                                   .libexec = "/run/bin",
                                   .spine = "/run/bin/spine",
                                   .podman = "podman",
                                   .cgroup = "/spine",
                                   .render_nodes = nodes,
                                   .render_gid = 104};
    static const struct persona_spec s = {
        .id = "work", .image = "localhost/bb:1", .gpu = true, .ai = true, .audio = true};
    static const struct tenant t = {
        .name = "ai-core", .image = "localhost/ai-core", .models = "ai/models", .models_at = "/models"};
    struct err e = {0};

    if (what == 0)
        told(inspect_check_persona(text, len, &p, &s, range_base(1), &e), &e);
    else if (what == 1)
        told(inspect_check_tenant(text, len, &p, &t, range_base(3), &e), &e);
    else if (what == 2)
        told(inspect_check_persona_mounts(text, len, &p, &s, &e), &e);
    else
        told(inspect_check_tenant_mounts(text, len, &p, &t, &e), &e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data + 1;
    struct pull_progress progress = {0};
    struct inspect in = {0};
    struct err e = {0};
    size_t sum = 0, len;
    char id[65];

    if (size == 0)
        return 0;
    len = size - 1;
    switch (data[0] % 8) {
    case 0:
        told(inspect_parse(text, len, &in, &e), &e);
        if (in.id[0] && (strlen(in.id) != 64 || in.pid < 0 || in.cgroup[0] != '/'))
            __builtin_trap();
        break;
    case 1:
        told(inspect_ps(text, len, row, &sum, &e), &e);
        break;
    case 2:
        told(podman_failure((int)(len % 256), text, len, "cannot", &e), &e);
        if (strchr(e.message, '\n') || strchr(e.message, '\033'))
            __builtin_trap();
        break;
    case 3:
        if (pull_line(&progress, text, len) && !progress.step[0])
            __builtin_trap();
        if (pull_image_id(text, len, id) && strlen(id) != 64)
            __builtin_trap();
        break;
    default:
        check(data[0] % 8 - 4, text, len);
    }
    return 0;
}
