/* SPDX-License-Identifier: MIT
 * Fuzz target: what the kernel and nft say. First byte: which reader; 0: pressure files, 1: lists of CPUs
 * (asked for, NUL, those of the machine), 2: a control group's file, 3: a listed firewall. */
#include "core/err.h"
#include "core/firewall.h"
#include "core/limits.h"
#include "core/pressure.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

/* What was chosen is chosen again from itself. */
static void cores(const char *text, size_t size)
{
    static struct machine m;
    char first[CORES_TEXT], again[CORES_TEXT];
    const char *machine = memchr(text, '\0', size - 1);
    struct err e;

    if (!machine || strlen(text) >= CORES_TEXT || strlen(machine + 1) >= CORES_TEXT)
        return;
    strcpy(m.cores, machine + 1);
    if (limits_cores(text, &m, first, &e) < 0)
        return;
    must(strlen(first) < CORES_TEXT);
    must(limits_cores(first, &m, again, &e) == 0 && strcmp(first, again) == 0);
}

static void group_file(const char *text)
{
    struct limits l = {
        .memory = 1 << 30, .cpus_milli = 1500, .pids = 77, .cores = "1-3"}; /* no default among them */
    struct limit_text want;
    size_t same = 0;

    for (size_t n = 0; limits_text(&l, n, &want); n++) {
        must(limits_same(&want, want.text));
        same += limits_same(&want, text);
    }
    must(same <= 1); /* no two of these say the same */
}

static void firewall(const char *text, size_t size)
{
    struct persona_spec s = {.network = NETWORK_SLIRP};
    int held = 0;

    held += firewall_in_force(&s, text, size);
    s.lan = true;
    held += firewall_in_force(&s, text, size);
    s.network = NETWORK_NONE;
    s.lan = false;
    held += firewall_in_force(&s, text, size);
    must(held <= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text;

    if (size == 0 || !(text = malloc(size)))
        return 0;
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    switch (data[0] & 3) {
    case 0:
        (void)pressure_total(text);
        break;
    case 1:
        cores(text, size);
        break;
    case 2:
        group_file(text);
        break;
    default:
        firewall(text, size - 1);
    }
    free(text);
    return 0;
}
