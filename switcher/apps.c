/* SPDX-License-Identifier: MIT
 * The programs of the persona in front, for the launcher. */
#include "switcher/apps.h"

#include "core/name.h"
#include "switcher/apps_ask.h"
#include "switcher/client.h"
#include "switcher/icon_decode.h"
#include "switcher/iconrun.h"

#include <pixman.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SAID_MAX = 300 };

struct program {
    char name[CLIENT_APP_NAME];
    json_t *command;
    struct icon_file icon; /* until it is decoded */
};

/* What one question brought. */
struct list {
    char id[NAME_ID_MAX + 1];
    size_t n;
    struct program program[APPLIST_MAX];
    struct client_app app[APPLIST_MAX]; /* what the client shows, in the same order */
};

struct apps {
    struct client *client;
    struct list *shown; /* the client has it; NULL: none */
    struct list *coming;
    struct apps_ask *ask;
    struct iconrun *icons; /* of shown */
    unsigned side;
};

static void list_free(struct list *l)
{
    if (!l)
        return;
    for (size_t i = 0; i < l->n; i++) {
        json_decref(l->program[i].command);
        free(l->program[i].icon.data);
        if (l->app[i].icon)
            pixman_image_unref(l->app[i].icon);
    }
    free(l);
}

static int by_name(const void *a, const void *b)
{
    return strcasecmp(((const struct program *)a)->name, ((const struct program *)b)->name);
}

static void show(struct apps *a, const char *error)
{
    client_apps(a->client, a->shown->id, a->shown->app, (unsigned)a->shown->n, error);
}

static void forget_memory(pixman_image_t *image, void *memory)
{
    (void)image;
    free(memory);
}

static void on_icon(void *data, size_t index, uint32_t *pixels)
{
    struct apps *a = data;
    int side = (int)a->side;
    pixman_image_t *image =
        pixels ? pixman_image_create_bits(PIXMAN_a8r8g8b8, side, side, pixels, side * (int)sizeof *pixels)
               : NULL;

    if (image) {
        pixman_image_set_destroy_function(image, forget_memory, pixels);
        a->shown->app[index].icon = image;
    } else {
        free(pixels);
    }
}

static void on_icons_done(void *data)
{
    struct apps *a = data;

    iconrun_cancel(a->icons);
    a->icons = NULL;
    show(a, NULL);
}

static void start_icons(struct apps *a)
{
    struct icon_file files[APPLIST_MAX];
    int side = client_icon_size(a->client);
    bool some = false;

    a->side = side < ICON_SIDE_MIN ? ICON_SIDE_MIN : side > ICON_SIDE_MAX ? ICON_SIDE_MAX : (unsigned)side;
    for (size_t i = 0; i < a->shown->n; i++) {
        files[i] = a->shown->program[i].icon;
        a->shown->program[i].icon = (struct icon_file){.data = NULL};
        some = some || files[i].data;
    }
    if (some)
        a->icons = iconrun_start(a->client, a->side, files, a->shown->n, on_icon, on_icons_done, a);
}

static void on_program(void *data, struct applist_line *line)
{
    struct apps *a = data;
    struct program *p;

    if (a->coming->n == APPLIST_MAX)
        return;
    p = &a->coming->program[a->coming->n++];
    snprintf(p->name, sizeof p->name, "%s", line->name);
    p->command = json_incref(line->command);
    p->icon = (struct icon_file){.data = line->icon, .len = line->icon_len};
    line->icon = NULL;
}

static void on_end(void *data, const char *error)
{
    struct apps *a = data;
    struct list *old = a->shown, *new = a->coming;

    a->ask = NULL;
    a->coming = NULL;
    if (error && old && strcmp(old->id, new->id) == 0) {
        client_log("the list of programs of %s stays as it was: %s", new->id, error);
        list_free(new);
        return;
    }
    qsort(new->program, new->n, sizeof *new->program, by_name);
    for (size_t i = 0; i < new->n; i++)
        snprintf(new->app[i].name, sizeof new->app[i].name, "%s", new->program[i].name);
    iconrun_cancel(a->icons);
    a->icons = NULL;
    a->shown = new;
    show(a, error);
    list_free(old);
    start_icons(a);
}

static const struct apps_ask_hooks hooks = {.program = on_program, .end = on_end};

/* What was found before is shown at once, and asked for anew. */
static void list(void *data, const char *id)
{
    struct apps *a = data;
    const char *why;

    if (!name_id_ok(id))
        return;
    if (a->shown && strcmp(a->shown->id, id) == 0)
        show(a, NULL);
    if (a->ask && strcmp(a->coming->id, id) == 0)
        return;
    apps_ask_cancel(a->ask);
    list_free(a->coming);
    a->ask = NULL;
    a->coming = calloc(1, sizeof *a->coming);
    if (!a->coming)
        return;
    snprintf(a->coming->id, sizeof a->coming->id, "%s", id);
    a->ask = apps_ask_start(a->client, id, &hooks, a, &why);
    if (!a->ask)
        on_end(a, why);
}

static void on_started(void *data, bool ok, const json_t *result)
{
    struct apps *a = data;
    const char *why = json_string_value(json_object_get(result, "message"));
    char said[SAID_MAX];

    if (ok)
        return;
    snprintf(said, sizeof said, "Not started: %s", why ? why : "bay0 went away");
    client_say(a->client, said);
}

static void start(void *data, const char *id, unsigned index)
{
    struct apps *a = data;

    if (!a->shown || strcmp(a->shown->id, id) != 0 || index >= a->shown->n)
        return;
    if (client_ask(
            a->client, "persona.exec",
            json_pack("{s:s, s:O, s:b}", "id", id, "command", a->shown->program[index].command, "detach", 1),
            on_started, a))
        client_say(a->client, "Not started: bay0 is away");
}

static const struct client_launcher launcher = {.list = list, .start = start};

struct apps *apps_new(struct client *c)
{
    struct apps *a = calloc(1, sizeof *a);

    if (!a)
        return NULL;
    a->client = c;
    client_set_launcher(c, &launcher, a);
    return a;
}

void apps_free(struct apps *a)
{
    if (!a)
        return;
    apps_ask_cancel(a->ask);
    iconrun_cancel(a->icons);
    list_free(a->coming);
    list_free(a->shown);
    free(a);
}
