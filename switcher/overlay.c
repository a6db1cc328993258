/* SPDX-License-Identifier: MIT
 * The overlay: the model's actions carried out, and what modules and bay0 change in the model. */
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "switcher/core/feed.h"
#include "switcher/state.h"

enum { REFRESH_FIRST_MS = 300, REFRESH_MS = 1000 };

static void lay_out(struct surface *s)
{
    struct client *c = s->client;
    int width, height;
    unsigned scale = wayland_room(c, &width, &height);

    s->scale = scale;
    layout_panel(&c->layout, &c->model, &c->config, scale, width, height);
    memcpy(c->hits, c->layout.hits, c->layout.hit_count * sizeof(c->hits[0]));
    c->hit_count = c->layout.hit_count;
}

static void closed(struct surface *s)
{
    overlay_event(s->client, ME_CLOSED, 0, NULL);
}

static void on_list(void *data, bool ok, const json_t *result)
{
    struct client *c = data;

    c->refreshing = false;
    if (!model_shown(&c->model))
        return;
    client_timer_start(c, &c->refresh, c->refreshes++ == 0 ? REFRESH_FIRST_MS : REFRESH_MS);
    if (ok && feed_list(&c->model, result, client_now()))
        overlay_event(c, ME_LISTS, 0, NULL);
}

/* Use of processor and memory changes without an event: it is asked for while somebody looks, and never else.
 */
static void refresh(void *data)
{
    struct client *c = data;

    if (!c->refreshing && client_ask(c, "persona.list", NULL, on_list, c) == 0)
        c->refreshing = true;
    else
        client_timer_start(c, &c->refresh, REFRESH_MS);
}

static void show(struct client *c)
{
    struct surface *s = &c->overlay;
    struct surface_wish w = {.name = "spine-switcher", .keyboard = true};

    if (s->wl)
        return;
    s->client = c;
    s->lay_out = lay_out;
    s->closed = closed;
    client_trace(c, "show");
    lay_out(s);
    w.scale = s->scale;
    w.width = c->layout.width / (int)s->scale;
    w.height = c->layout.height / (int)s->scale;
    surface_show(s, &w);
    sway_mode(c, true);
    c->refreshes = 0;
    c->refresh.fn = refresh;
    c->refresh.data = c;
    client_timer_start(c, &c->refresh, 1);
}

static void hide(struct client *c)
{
    if (!c->overlay.wl)
        return;
    surface_hide(&c->overlay);
    client_timer_stop(c, &c->refresh);
    c->apps = NULL;
    c->app_count = 0;
    model_apps(&c->model, NULL, 0, NULL);
    sway_mode(c, false);
    client_trace(c, "hidden");
    /* Lists of many personas are large; nothing else is going to need that memory while it is hidden. */
    malloc_trim(0);
}

static void on_focused(void *data, bool ok, const json_t *result)
{
    const char *message = json_string_value(json_object_get(result, "message"));
    const char *code = json_string_value(json_object_get(result, "code"));
    char text[LAYOUT_TEXT];

    if (ok || (code && strcmp(code, "superseded") == 0))
        return;
    snprintf(text, sizeof(text), "%s", message ? message : "bay0 went away before it switched");
    client_say(data, text);
}

static void on_started(void *data, bool ok, const json_t *result)
{
    struct client *c = data;
    const char *id = json_string_value(json_object_get(result, "id"));

    if (!ok || !id) {
        on_focused(c, ok, result);
        return;
    }
    client_say(c, "");
    client_ask(c, "persona.focus", json_pack("{s:s}", "id", id), on_focused, c);
}

static void carry_out(struct client *c, const struct model_actions *a)
{
    char text[LAYOUT_TEXT];

    if (a->what & MA_HIDE)
        hide(c);
    if (a->what & MA_SHOW)
        show(c);
    else if (a->what & MA_REDRAW)
        surface_redraw(&c->overlay);
    if (a->what & (MA_REDRAW | MA_HIDE))
        strip_redraw(c);
    if (a->what & MA_FOCUS &&
        client_ask(c, "persona.focus", json_pack("{s:s}", "id", a->id), on_focused, c) < 0)
        client_say(c, "bay0 does not answer");
    if (a->what & MA_START) {
        snprintf(text, sizeof(text), "Starting %s", a->id);
        client_say(c, client_ask(c, "persona.start", json_pack("{s:s}", "id", a->id), on_started, c) < 0
                          ? "bay0 does not answer"
                          : text);
    }
    if (a->what & MA_LIST_APPS && c->launcher)
        c->launcher->list(c->launcher_data, c->model.front);
    if (a->what & MA_LAUNCH && c->launcher)
        c->launcher->start(c->launcher_data, c->model.front, a->index);
}

void overlay_event(struct client *c, enum model_event_kind kind, int index, const char *text)
{
    struct model_event e = {.kind = kind, .index = index, .text = text ? text : ""};
    struct model_actions a;

    if (kind == ME_NEXT || kind == ME_PREVIOUS || kind == ME_LAUNCHER)
        client_trace(c, "key");
    a = model_event(&c->model, &e);
    if (kind == ME_LISTS)
        pictures_sweep(&c->pictures, &c->model);
    carry_out(c, &a);
    /* The keyboard is gone already: nobody will let go of its keys. */
    if (a.what & MA_SHOW && !input_keyboard(c))
        overlay_event(c, ME_MOD_UP, 0, NULL);
}

void overlay_finish(struct client *c)
{
    client_timer_stop(c, &c->refresh);
    client_timer_stop(c, &c->say_end);
    surface_hide(&c->overlay);
}

const char *client_front(struct client *c)
{
    return c->model.front;
}

void client_picture_size(struct client *c, int *width, int *height)
{
    int w, h;

    layout_picture_size(&c->config, wayland_room(c, &w, &h), width, height);
}

void client_picture(struct client *c, const char *id, pixman_image_t *picture)
{
    pictures_set(&c->pictures, id, picture);
    surface_redraw(&c->overlay);
}

int client_icon_size(struct client *c)
{
    int w, h;

    return layout_icon_size(&c->config, wayland_room(c, &w, &h));
}

static pixman_image_t *icon_of(void *data, unsigned index)
{
    const struct client *c = data;

    return index < c->app_count ? c->apps[index].icon : NULL;
}

void client_apps(struct client *c, const char *id, const struct client_app *apps, unsigned n,
                 const char *error)
{
    /* What was lent before is the module's again, whoever is in front now. */
    c->apps = NULL;
    c->app_count = 0;
    model_apps(&c->model, NULL, 0, NULL);
    if (c->model.state != MODEL_LAUNCHER || strcmp(id, c->model.front) != 0)
        return;
    c->apps = apps;
    c->app_count = n < CLIENT_APPS_MAX ? n : CLIENT_APPS_MAX;
    for (unsigned i = 0; i < c->app_count; i++)
        c->app_names[i] = apps[i].name;
    c->pictures.icon = icon_of;
    c->pictures.data = c;
    model_apps(&c->model, c->app_names, c->app_count, error);
    overlay_event(c, ME_LISTS, 0, NULL);
}

void client_set_launcher(struct client *c, const struct client_launcher *l, void *data)
{
    c->launcher = l;
    c->launcher_data = data;
}
