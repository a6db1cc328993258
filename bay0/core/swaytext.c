/* SPDX-License-Identifier: MIT
 * Commands for sway as text, and what its events and tree say. sway-ipc(7), sway(5) of 1.12. */
#include "core/swaytext.h"

#include "core/buf.h"
#include "core/err.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define ENGINE         "org.alpinespine"
#define ENGINE_PATTERN "^org\\.alpinespine$"
#define HOME           "spine"

enum { TREE_DEPTH_MAX = 100 };

/* `workspace next` moves to the next one, quoted or not; HOME is the empty workspace of sway.conf. */
static bool is_reserved(const char *id)
{
    static const char *const words[] = {"next", "prev", "current", "number", HOME};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(id, words[i]) == 0)
            return true;
    return false;
}

static void add_workspace(const char *id, struct buf *out)
{
    buf_addf(out, "\"%s%s\"", is_reserved(id) ? "=" : "", id);
}

int sway_workspace_text(const char *id, struct buf *out)
{
    if (!name_id_ok(id))
        return -1;
    buf_addf(out, "%s%s", is_reserved(id) ? "=" : "", id);
    return buf_done(out);
}

struct rgb {
    unsigned r, g, b;
};

static struct rgb rgb_from(const char *colour)
{
    unsigned long v = strtoul(colour + 1, NULL, 16);

    return (struct rgb){(unsigned)(v >> 16), (unsigned)(v >> 8) & 255, (unsigned)v & 255};
}

/* One colour class: border, background, text, indicator, child border. The text is black or white, whichever
 * can be read on it (ITU-R BT.601 luma). */
static void add_class(const char *name, struct rgb c, struct buf *out)
{
    bool bright = 299 * c.r + 587 * c.g + 114 * c.b > 128 * 1000;
    char hex[16];
    struct buf b;

    buf_init(&b, hex, sizeof hex);
    buf_addf(&b, "#%02x%02x%02x", c.r & 255, c.g & 255, c.b & 255);
    buf_addf(out, "client.%s %s %s %s %s %s; ", name, hex, hex, bright ? "#000000" : "#ffffff", hex, hex);
}

static void add_colours(const char *colour, struct buf *out)
{
    struct rgb full = rgb_from(colour), dim = {full.r / 2, full.g / 2, full.b / 2};

    add_class("focused", full, out);
    add_class("focused_inactive", dim, out);
    add_class("unfocused", dim, out);
}

int sway_colours_text(const char *colour, struct buf *out)
{
    if (!colour || !name_colour_ok(colour))
        return -1;
    add_colours(colour, out);
    return buf_done(out);
}

int sway_show_text(const char *id, const char *colour, struct buf *out)
{
    if (!name_id_ok(id) || sway_colours_text(colour, out) < 0)
        return -1;
    buf_add(out, "workspace ");
    add_workspace(id, out);
    return buf_done(out);
}

/* The windows of one persona, known by what the compositor says of their socket. */
static void add_criteria(const char *id, struct buf *out)
{
    buf_addf(out, "[sandbox_engine=\"" ENGINE_PATTERN "\" sandbox_instance_id=\"^%s$\"]", id);
}

/* A client's wish for fullscreen at birth goes before assign, hence the second rule. */
int sway_rules_text(const char *id, struct buf *out)
{
    if (!name_id_ok(id))
        return -1;
    buf_add(out, "assign ");
    add_criteria(id, out);
    buf_add(out, " workspace ");
    add_workspace(id, out);
    buf_add(out, "; for_window ");
    add_criteria(id, out);
    buf_add(out, " move container to workspace ");
    add_workspace(id, out);
    return buf_done(out);
}

int sway_return_text(int64_t con_id, const char *id, bool fullscreen, struct buf *out)
{
    if (con_id <= 0 || !name_id_ok(id))
        return -1;
    buf_addf(out, "[con_id=%" PRId64 "] %smove container to workspace ", con_id,
             fullscreen ? "fullscreen disable, " : "");
    add_workspace(id, out);
    return buf_done(out);
}

int sway_kill_text(int64_t con_id, struct buf *out)
{
    if (con_id <= 0)
        return -1;
    buf_addf(out, "[con_id=%" PRId64 "] kill", con_id);
    return buf_done(out);
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

/* A longer word is cut: it is nobody's id then, ids are shorter. */
static void keep(char *to, size_t size, const char *text)
{
    struct buf b;

    buf_init(&b, to, size);
    buf_add_mem(&b, text, strnlen(text, size - 1));
}

static void keep_workspace(char *to, size_t size, const char *name)
{
    if (name[0] == '=' && is_reserved(name + 1))
        name++;
    else if (is_reserved(name))
        name = "";
    keep(to, size, name);
}

/* The persona that a window belongs to, "" for others. Titles and app ids are the client's own word, never
 * used. */
static const char *owner_of(const json_t *window)
{
    const char *id = text_of(window, "sandbox_instance_id");

    return strcmp(text_of(window, "sandbox_engine"), ENGINE) == 0 && name_id_ok(id) ? id : "";
}

static bool is_fullscreen(const json_t *window)
{
    return json_integer_value(json_object_get(window, "fullscreen_mode")) != 0;
}

static void window_event(const char *change, const json_t *window, struct sway_event *out)
{
    static const struct {
        const char *change;
        enum sway_event_kind kind;
    } kinds[] = {
        {"new", SWAY_WINDOW_NEW},
        {"close", SWAY_WINDOW_CLOSE},
        {"focus", SWAY_WINDOW_FOCUS},
        {"move", SWAY_WINDOW_MOVE},
        {"fullscreen_mode", SWAY_WINDOW_FULLSCREEN},
        {"urgent", SWAY_WINDOW_URGENT},
    };
    json_int_t pid;

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(change, kinds[i].change) == 0)
            out->kind = kinds[i].kind;
    if (out->kind == SWAY_NOTHING)
        return;
    out->con_id = json_integer_value(json_object_get(window, "id"));
    out->fullscreen = is_fullscreen(window);
    out->visible = json_is_true(json_object_get(window, "visible"));
    out->focused = json_is_true(json_object_get(window, "focused"));
    pid = json_integer_value(json_object_get(window, "pid"));
    out->pid = pid > 0 && pid <= INT32_MAX ? (int32_t)pid : 0;
    out->urgent = json_is_true(json_object_get(window, "urgent"));
    keep(out->instance, sizeof out->instance, owner_of(window));
}

static void event_from(const json_t *root, struct sway_event *out)
{
    const char *change = text_of(root, "change");
    const json_t *window = json_object_get(root, "container"), *current = json_object_get(root, "current");
    const json_t *binding = json_object_get(root, "binding");

    if (json_is_object(window)) {
        window_event(change, window, out);
    } else if (json_is_object(binding)) {
        out->kind = SWAY_BINDING;
        keep(out->binding, sizeof out->binding, text_of(binding, "command"));
    } else if (json_is_object(current) && strcmp(change, "focus") == 0) {
        out->kind = SWAY_WORKSPACE_FOCUS;
        keep_workspace(out->workspace, sizeof out->workspace, text_of(current, "name"));
    } else if (strcmp(change, "exit") == 0) {
        out->kind = SWAY_SHUTDOWN;
    } else if (strcmp(change, "unspecified") == 0) {
        out->kind = SWAY_OUTPUT;
    }
}

static json_t *load(const char *text, size_t len, const char *what, struct err *e)
{
    json_error_t je;
    json_t *root = json_loadb(text, len, 0, &je);

    if (root && json_is_object(root))
        return root;
    json_decref(root);
    err_set(e, ERR_SWAY, "sway's %s is not a JSON object (%zu bytes)%s%s", what, len, root ? "" : ": ",
            root ? "" : je.text);
    return NULL;
}

int sway_result_parse(const char *text, size_t len, struct err *e)
{
    json_t *root = json_loadb(text, len, 0, NULL);
    const json_t *bad = NULL;
    int rc = 0;

    for (size_t i = 0; i < json_array_size(root) && !bad; i++)
        if (!json_is_true(json_object_get(json_array_get(root, i), "success")))
            bad = json_array_get(root, i);
    if (bad)
        rc = err_set(e, ERR_SWAY, "sway did not carry out a command: %.200s", text_of(bad, "error"));
    else if (json_array_size(root) == 0)
        rc = err_set(e, ERR_SWAY, "sway's word on a command is none (%zu bytes)", len);
    json_decref(root);
    return rc;
}

int sway_event_parse(const char *line, size_t len, struct sway_event *out, struct err *e)
{
    json_t *root = load(line, len, "event", e);

    memset(out, 0, sizeof *out);
    if (!root)
        return -1;
    event_from(root, out);
    json_decref(root);
    return 0;
}

struct walk {
    sway_tree_fn *fn;
    void *user;
    const char *shown; /* the workspace that the output above shows */
    char workspace[64];
    bool visible;
};

static void tell_window(const json_t *node, const struct walk *w)
{
    const char *owner = owner_of(node);
    bool visible = w->visible || json_is_true(json_object_get(node, "visible"));

    if (owner[0])
        w->fn(w->user, owner, w->workspace, json_integer_value(json_object_get(node, "id")), visible,
              is_fullscreen(node));
}

/* w is a copy: what is learnt on the way down does not reach the neighbours. */
static int walk_tree(const json_t *node, struct walk w, int depth)
{
    static const char *const children[] = {"nodes", "floating_nodes"};
    const char *type = text_of(node, "type"), *name = text_of(node, "name");

    if (depth > TREE_DEPTH_MAX)
        return -1;
    if (strcmp(type, "output") == 0) {
        w.shown = text_of(node, "current_workspace");
    } else if (strcmp(type, "workspace") == 0) {
        w.visible = name[0] && strcmp(name, w.shown) == 0;
        keep_workspace(w.workspace, sizeof w.workspace, strcmp(name, "__i3_scratch") == 0 ? "" : name);
    } else {
        tell_window(node, &w);
    }
    for (size_t i = 0; i < sizeof children / sizeof *children; i++) {
        const json_t *list = json_object_get(node, children[i]);

        for (size_t k = 0; k < json_array_size(list); k++)
            if (walk_tree(json_array_get(list, k), w, depth + 1) < 0)
                return -1;
    }
    return 0;
}

int sway_tree_parse(const char *text, size_t len, sway_tree_fn *fn, void *user, struct err *e)
{
    struct walk w = {.fn = fn, .user = user, .shown = ""};
    json_t *root = load(text, len, "tree", e);
    int rc;

    if (!root)
        return -1;
    rc = walk_tree(root, w, 0);
    json_decref(root);
    return rc < 0 ? err_set(e, ERR_SWAY, "sway's tree is nested more than %d deep", TREE_DEPTH_MAX) : 0;
}
