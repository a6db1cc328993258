/* SPDX-License-Identifier: MIT
 * What the podman tests share: the Spine's paths, declarations from text, files of the test folder. */
#ifndef BAY0_CORE_TEST_SAMPLE_H
#define BAY0_CORE_TEST_SAMPLE_H

#include "core/err.h"
#include "core/podman.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const char *const sample_nodes[] = {"/dev/dri/renderD128", NULL};
static const struct paths sample_paths = {.run = "/run/spine",
                                          .persist = "/persist",
                                          .share = "/usr/share/spine",
                                          .libexec = "/usr/lib/spine",
                                          .spine = "/usr/bin/spine",
                                          .podman = "podman",
                                          .cgroup = "/spine",
                                          .render_nodes = sample_nodes,
                                          .render_gid = 104};

/* Reads a whole file of less than size bytes; -1 when it cannot be read. */
static inline long sample_read(const char *path, char *out, size_t size)
{
    FILE *f = fopen(path, "rb");
    size_t n;

    if (!f)
        return -1;
    n = fread(out, 1, size - 1, f);
    fclose(f);
    out[n] = '\0';
    return (long)n;
}

static inline int sample_spec(const char *text, struct persona_spec *s)
{
    json_t *j = json_loads(text, 0, NULL);
    int rc = j ? spec_from_json(j, s, NULL) : -1;

    json_decref(j);
    return rc;
}

#endif
