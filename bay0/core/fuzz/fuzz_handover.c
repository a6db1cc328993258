/* SPDX-License-Identifier: MIT
 * Fuzzes what one program of bay0 hands over to the next; what is taken must come out again as it went in. */
#include "core/handover.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static void count(void *user, int fd)
{
    must(fd == -1 || (fd >= HANDOVER_FD_MIN && fd <= HANDOVER_FD_MAX));
    ++*(size_t *)user;
}

static void stat_text(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    int32_t parent = -1;
    uint64_t start;

    must(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    must(handover_stat(text, &parent, &start) < 0 || parent >= 0);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct handover h, again;
    struct err e = {0};
    char *text, *second;
    size_t n = 0;

    stat_text(data, size);
    if (handover_read((const char *)data, size, &h, &e) < 0) {
        must(e.code != ERR_NONE);
        return 0;
    }
    handover_fds(&h, count, &n);
    must(n >= 4);
    for (size_t i = 0; i < h.personas_n; i++)
        must(name_id_ok(h.persona[i].id));
    text = handover_write(&h, &e);
    must(text && handover_read(text, strlen(text), &again, &e) == 0);
    second = handover_write(&again, &e);
    must(second && strcmp(text, second) == 0);
    free(text);
    free(second);
    return 0;
}
