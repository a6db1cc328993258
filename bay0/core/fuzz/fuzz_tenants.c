/* SPDX-License-Identifier: MIT
 * Fuzzes the tenants' table; what is taken must make a command line. */
#include "core/err.h"
#include "core/name.h"
#include "core/tenants.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct paths p = {.run = "/run/spine",
                                   .persist = "/persist",
                                   .share = "/usr/share/spine",
                                   .libexec = "/usr/lib/spine",
                                   .spine = "/usr/bin/spine",
                                   .podman = "podman",
                                   .cgroup = "/spine"};
    static struct tenants t;
    static struct argv a;
    struct err e = {0};

    if (tenants_parse((const char *)data, size, &t, &e)) {
        if (e.code == ERR_NONE)
            __builtin_trap();
        return 0;
    }
    for (size_t i = 0; i < t.n; i++) {
        const struct tenant *row = &t.row[i];
        int rc = tenant_create(&a, &p, row, range_base((uint32_t)i), &e);

        /* Only a row with too many words may fail here. */
        if ((rc && !a.overflow) || !name_id_ok(row->name) || strstr(row->socket, "/..") ||
            row->socket[0] == '/' || tenants_find(&t, row->name) != row)
            __builtin_trap();
        /* No word of a row becomes an option of podman's. */
        for (size_t k = 0; k < a.n && rc == 0 && strcmp(a.word[k], row->image) != 0; k++)
            if (strncmp(a.word[k], "--privileged", 12) == 0 || strncmp(a.word[k], "--device", 8) == 0)
                __builtin_trap();
    }
    return 0;
}
