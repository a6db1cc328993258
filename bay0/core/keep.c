/* SPDX-License-Identifier: MIT
 * Declarations outside the registry: as JSON beside the homes, and as podman tells them of a container. */
#include "core/keep.h"

#include "core/err.h"
#include "core/podman.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

char *keep_text(const struct persona_spec *s, uint32_t range)
{
    json_t *spec = spec_to_json(s);
    json_t *all = spec ? json_pack("{s:I, s:o}", "range", (json_int_t)range, "declaration", spec) : NULL;
    char *text = all ? json_dumps(all, JSON_COMPACT | JSON_SORT_KEYS) : NULL;

    json_decref(all);
    return text;
}

static int read_spec(const json_t *json, const char *id, int64_t range, struct kept *out, struct err *e)
{
    struct kept k = {.range = (uint32_t)range};

    if (range < 0 || range >= RANGE_COUNT)
        return err_set(e, ERR_STORE, "the declaration of '%s' has no range of user ids", id);
    if (spec_from_json(json, &k.spec, e) < 0)
        return -1;
    if (strcmp(k.spec.id, id) != 0)
        return err_set(e, ERR_STORE, "the declaration of '%s' is another one's", id);
    *out = k;
    return 0;
}

int keep_parse(const char *text, size_t len, const char *id, struct kept *out, struct err *e)
{
    json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    const json_t *range = json_object_get(root, "range");
    int rc;

    if (json_object_size(root) != 2 || !json_is_integer(range))
        rc = err_set(e, ERR_STORE, "the declaration of '%s' is not understood", id);
    else
        rc = read_spec(json_object_get(root, "declaration"), id, json_integer_value(range), out, e);
    json_decref(root);
    return rc;
}

/* One map of a whole range from 0: "0:536870912:65536". */
static int64_t range_of_map(const json_t *maps)
{
    const char *map = json_string_value(json_array_get(maps, 0));
    char *end;
    unsigned long base;
    int64_t range;

    if (json_array_size(maps) != 1 || !map || strncmp(map, "0:", 2) != 0)
        return -1;
    base = strtoul(map + 2, &end, 10);
    range = base <= UINT32_MAX ? range_of_uid((uint32_t)base) : -1;
    return range >= 0 && range_base((uint32_t)range) == base && strcmp(end, ":65536") == 0 ? range : -1;
}

int keep_from_inspect(const char *text, size_t len, const char *id, struct kept *out, struct err *e)
{
    json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL), *spec;
    const json_t *c = json_array_get(root, 0);
    const json_t *labels = json_object_get(json_object_get(c, "Config"), "Labels");
    const json_t *maps = json_object_get(json_object_get(c, "HostConfig"), "IDMappings");
    const char *label = json_string_value(json_object_get(labels, "org.alpinespine.spec"));
    int rc;

    spec = label ? json_loads(label, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (json_array_size(root) != 1 || !spec)
        rc = err_set(e, ERR_STORE, "the container of '%s' has no label that declares it", id);
    else
        rc = read_spec(spec, id, range_of_map(json_object_get(maps, "UidMap")), out, e);
    json_decref(spec);
    json_decref(root);
    return rc;
}
