/* SPDX-License-Identifier: MIT
 * Walks sway's tree to the workspace of one persona and lists what is seen there. */
#include "switcher/core/windows.h"

#include "core/buf.h"
#include "core/swaytext.h"

#include <jansson.h>
#include <string.h>

#define ENGINE "org.alpinespine"

enum { DEPTH_MAX = 100, SIDE_MAX = 32767 };

struct walk {
    const char *id;
    int64_t left, top; /* of the output */
    struct windows *out;
};

static const char *text_of(const json_t *node, const char *key)
{
    const char *text = json_string_value(json_object_get(node, key));

    return text ? text : "";
}

static int64_t number_of(const json_t *node, const char *key)
{
    return json_integer_value(json_object_get(node, key));
}

/* Such that two of them can be added and compared. */
static int64_t place_of(const json_t *node, const char *key)
{
    const int64_t far = (int64_t)1 << 40, n = number_of(node, key);

    return n < -far ? -far : n > far ? far : n;
}

static bool side_ok(int64_t n)
{
    return n > 0 && n <= SIDE_MAX;
}

static bool place_ok(int64_t n)
{
    return n >= -SIDE_MAX && n <= SIDE_MAX;
}

static void take_window(const json_t *node, struct walk *w)
{
    const json_t *rect = json_object_get(node, "rect"), *inner = json_object_get(node, "window_rect");
    const char *handle = text_of(node, "foreign_toplevel_identifier");
    int64_t x = place_of(rect, "x") + place_of(inner, "x") - w->left;
    int64_t y = place_of(rect, "y") + place_of(inner, "y") - w->top;
    int64_t width = number_of(inner, "width"), height = number_of(inner, "height");
    struct window *to = &w->out->at[w->out->n];

    if (strcmp(text_of(node, "sandbox_engine"), ENGINE) != 0 ||
        strcmp(text_of(node, "sandbox_instance_id"), w->id) != 0 || w->out->n == WINDOWS_MAX || !*handle ||
        strlen(handle) >= sizeof to->handle || !place_ok(x) || !place_ok(y) || !side_ok(width) ||
        !side_ok(height))
        return;
    memcpy(to->handle, handle, strlen(handle) + 1);
    to->x = (int32_t)x;
    to->y = (int32_t)y;
    to->width = (int32_t)width;
    to->height = (int32_t)height;
    w->out->n++;
}

/* The one that fills the screen, whatever else there is. */
static const json_t *find_fullscreen(const json_t *node, int depth)
{
    static const char *const children[] = {"floating_nodes", "nodes"};

    if (depth > 0 && number_of(node, "fullscreen_mode") > 0 &&
        strcmp(text_of(node, "type"), "workspace") != 0)
        return node;
    for (size_t i = 0; depth < DEPTH_MAX && i < sizeof children / sizeof *children; i++) {
        const json_t *list = json_object_get(node, children[i]);

        for (size_t k = 0; k < json_array_size(list); k++) {
            const json_t *found = find_fullscreen(json_array_get(list, k), depth + 1);

            if (found)
                return found;
        }
    }
    return NULL;
}

/* The child that stands first in the order of focus is the one that shows of tabs and of a stack. */
static bool covered(const json_t *parent, const json_t *child)
{
    const char *layout = text_of(parent, "layout");
    const json_t *focus = json_object_get(parent, "focus"), *list = json_object_get(parent, "nodes");

    if (strcmp(layout, "tabbed") != 0 && strcmp(layout, "stacked") != 0)
        return false;
    for (size_t i = 0; i < json_array_size(focus); i++)
        for (size_t k = 0; k < json_array_size(list); k++)
            if (number_of(json_array_get(list, k), "id") == json_integer_value(json_array_get(focus, i)))
                return json_array_get(list, k) != child;
    return false;
}

static void walk_node(const json_t *node, struct walk *w, int depth)
{
    const json_t *tiled = json_object_get(node, "nodes"), *floating = json_object_get(node, "floating_nodes");

    if (depth > DEPTH_MAX)
        return;
    if (json_array_size(tiled) == 0 && json_array_size(floating) == 0) {
        take_window(node, w);
        return;
    }
    for (size_t i = 0; i < json_array_size(tiled); i++)
        if (!covered(node, json_array_get(tiled, i)))
            walk_node(json_array_get(tiled, i), w, depth + 1);
    for (size_t i = 0; i < json_array_size(floating); i++)
        walk_node(json_array_get(floating, i), w, depth + 1);
}

static const json_t *find_workspace(const json_t *root, const char *name, const json_t **output)
{
    const json_t *outputs = json_object_get(root, "nodes");

    for (size_t i = 0; i < json_array_size(outputs); i++) {
        const json_t *list = json_object_get(json_array_get(outputs, i), "nodes");

        *output = json_array_get(outputs, i);
        for (size_t k = 0; strcmp(text_of(*output, "type"), "output") == 0 && k < json_array_size(list); k++)
            if (strcmp(text_of(json_array_get(list, k), "type"), "workspace") == 0 &&
                strcmp(text_of(json_array_get(list, k), "name"), name) == 0)
                return json_array_get(list, k);
    }
    return NULL;
}

int windows_parse(const char *tree, size_t len, const char *id, struct windows *out)
{
    json_t *root = json_loadb(tree, len, 0, NULL);
    const json_t *output = NULL, *workspace, *screen, *full;
    char name[SWAY_WORKSPACE_MAX];
    struct walk w = {.id = id, .out = out};
    struct buf b;

    memset(out, 0, sizeof *out);
    buf_init(&b, name, sizeof name);
    workspace = sway_workspace_text(id, &b) == 0 ? find_workspace(root, name, &output) : NULL;
    screen = json_object_get(output, "rect");
    if (!workspace || !side_ok(number_of(screen, "width")) || !side_ok(number_of(screen, "height"))) {
        json_decref(root);
        return -1;
    }
    out->width = (int32_t)number_of(screen, "width");
    out->height = (int32_t)number_of(screen, "height");
    w.left = place_of(screen, "x");
    w.top = place_of(screen, "y");
    full = find_fullscreen(workspace, 0);
    walk_node(full ? full : workspace, &w, 0);
    json_decref(root);
    return 0;
}
