/* SPDX-License-Identifier: MIT
 * Asks sway which windows a persona's screen is made of, has them copied one after the other, lays them
 * together. */
#include "switcher/capture.h"

#include "core/name.h"
#include "switcher/client.h"
#include "switcher/core/windows.h"
#include "switcher/ext-foreign-toplevel-list-v1-client.h"
#include "switcher/ext-image-capture-source-v1-client.h"
#include "switcher/ext-image-copy-capture-v1-client.h"
#include "switcher/grab.h"
#include "switcher/swayipc.h"

#include <pixman.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WAITING_MAX = 8, JOB_MS = 3000, SHOWN_MS = 400, BACKGROUND = 0x16191e };

struct capture {
    struct client *client;
    struct client_timer timer; /* until the switch is shown, then until the job must be done */
    /* What the compositor has; the list is bound for a job only: it tells of every change of a title. */
    struct wl_registry *registry;
    uint32_t list_name;
    struct ext_foreign_toplevel_image_capture_source_manager_v1 *sources;
    struct ext_image_copy_capture_manager_v1 *copies;
    char waiting[WAITING_MAX][NAME_ID_MAX + 1]; /* the oldest first */
    size_t waiting_n;
    /* The job, while id is not empty. */
    char id[NAME_ID_MAX + 1];
    struct swayipc *ipc;
    struct windows windows;
    struct ext_foreign_toplevel_list_v1 *list, *stopping;
    struct wl_callback *listed;
    struct ext_foreign_toplevel_handle_v1 *handle[WINDOWS_MAX]; /* of windows.at; NULL: not found */
    size_t next;                                                /* window to copy */
    struct grab *grab;
    struct pixels picture; /* at: owned, malloc */
};

static void begin(struct capture *k);

static void drop_handles(struct capture *k)
{
    for (size_t i = 0; i < WINDOWS_MAX; i++) {
        if (k->handle[i])
            ext_foreign_toplevel_handle_v1_destroy(k->handle[i]);
        k->handle[i] = NULL;
    }
    if (k->listed)
        wl_callback_destroy(k->listed);
    /* Destroyed at once, it would lose track of windows that are being told of just now. */
    if (k->list) {
        ext_foreign_toplevel_list_v1_stop(k->list);
        k->stopping = k->list;
    }
    k->windows.n = 0;
    k->listed = NULL;
    k->list = NULL;
}

static void end_job(struct capture *k)
{
    swayipc_cancel(k->ipc);
    grab_end(k->grab);
    drop_handles(k);
    free(k->picture.at);
    client_timer_stop(k->client, &k->timer);
    k->ipc = NULL;
    k->grab = NULL;
    k->picture.at = NULL;
    k->id[0] = '\0';
}

/* The picture goes to the client, which frees it with its memory. */
static void forget_memory(pixman_image_t *image, void *memory)
{
    (void)image;
    free(memory);
}

static void hand_over(struct capture *k)
{
    pixman_image_t *image =
        pixman_image_create_bits(PIXMAN_x8r8g8b8, k->picture.width, k->picture.height, k->picture.at,
                                 (int)(k->picture.stride * sizeof *k->picture.at));

    if (image) {
        pixman_image_set_destroy_function(image, forget_memory, k->picture.at);
        k->picture.at = NULL;
        client_picture(k->client, k->id, image);
    }
    end_job(k);
    begin(k);
}

static void give_up(struct capture *k)
{
    end_job(k);
    begin(k);
}

static void place(const struct capture *k, const struct window *w, int32_t out[4])
{
    int64_t sx = k->picture.width, sy = k->picture.height;

    out[0] = (int32_t)(w->x * sx / k->windows.width);
    out[1] = (int32_t)(w->y * sy / k->windows.height);
    out[2] = (int32_t)((w->x + (int64_t)w->width) * sx / k->windows.width) - out[0];
    out[3] = (int32_t)((w->y + (int64_t)w->height) * sy / k->windows.height) - out[1];
}

static void copy_next(struct capture *k);

static void on_pixels(void *data, const struct pixels *pixels, bool opaque)
{
    struct capture *k = data;
    int32_t at[4];

    if (pixels) {
        place(k, &k->windows.at[k->next], at);
        picture_lay(&k->picture, at[0], at[1], at[2], at[3], pixels, opaque);
    }
    grab_end(k->grab);
    k->grab = NULL;
    k->next++;
    copy_next(k);
}

static void copy_next(struct capture *k)
{
    while (k->next < k->windows.n && !k->handle[k->next])
        k->next++;
    if (k->next == k->windows.n) {
        hand_over(k);
        return;
    }
    k->grab = grab_start(k->client, k->sources, k->copies, k->handle[k->next], on_pixels, k);
    if (!k->grab)
        give_up(k);
}

static void on_listed(void *data, struct wl_callback *callback, uint32_t serial)
{
    struct capture *k = data;
    int most[2], width, height;

    (void)serial;
    wl_callback_destroy(callback);
    k->listed = NULL;
    /* As large as fits, in the shape of the output. */
    client_picture_size(k->client, &most[0], &most[1]);
    width = most[0];
    height = (int)((int64_t)width * k->windows.height / k->windows.width);
    if (height > most[1]) {
        height = most[1];
        width = (int)((int64_t)height * k->windows.width / k->windows.height);
    }
    if (width < 1 || height < 1 || width > GRAB_SIDE_MAX || height > GRAB_SIDE_MAX) {
        give_up(k);
        return;
    }
    k->picture = (struct pixels){.width = width, .height = height, .stride = (size_t)width};
    k->picture.at = malloc(sizeof *k->picture.at * (size_t)width * (size_t)height);
    if (!k->picture.at) {
        give_up(k);
        return;
    }
    picture_fill(&k->picture, 0, 0, width, height, BACKGROUND);
    k->next = 0;
    copy_next(k);
}

static const struct wl_callback_listener listed_listener = {.done = on_listed};

static void on_identifier(void *data, struct ext_foreign_toplevel_handle_v1 *handle, const char *identifier)
{
    struct capture *k = data;

    for (size_t i = 0; i < k->windows.n; i++)
        if (!k->handle[i] && strcmp(k->windows.at[i].handle, identifier) == 0) {
            k->handle[i] = handle;
            return;
        }
    ext_foreign_toplevel_handle_v1_destroy(handle);
}

static void on_closed(void *data, struct ext_foreign_toplevel_handle_v1 *handle)
{
    (void)data, (void)handle; /* its grab fails by itself */
}

static void on_nothing(void *data, struct ext_foreign_toplevel_handle_v1 *handle)
{
    (void)data, (void)handle;
}

static void on_text(void *data, struct ext_foreign_toplevel_handle_v1 *handle, const char *text)
{
    (void)data, (void)handle, (void)text;
}

static const struct ext_foreign_toplevel_handle_v1_listener handle_listener = {
    .closed = on_closed,
    .done = on_nothing,
    .title = on_text,
    .app_id = on_text,
    .identifier = on_identifier,
};

static void on_toplevel(void *data, struct ext_foreign_toplevel_list_v1 *list,
                        struct ext_foreign_toplevel_handle_v1 *handle)
{
    (void)list;
    ext_foreign_toplevel_handle_v1_add_listener(handle, &handle_listener, data);
}

static void on_finished(void *data, struct ext_foreign_toplevel_list_v1 *list)
{
    struct capture *k = data;

    ext_foreign_toplevel_list_v1_destroy(list);
    k->stopping = NULL;
    begin(k);
}

static const struct ext_foreign_toplevel_list_v1_listener list_listener = {
    .toplevel = on_toplevel,
    .finished = on_finished,
};

static void on_tree(void *data, const char *tree, size_t len)
{
    struct capture *k = data;

    k->ipc = NULL;
    if (!tree || windows_parse(tree, len, k->id, &k->windows) || k->windows.n == 0) {
        /* Nothing was seen there: no picture is the right one. */
        if (tree)
            client_picture(k->client, k->id, NULL);
        give_up(k);
        return;
    }
    k->list = wl_registry_bind(k->registry, k->list_name, &ext_foreign_toplevel_list_v1_interface, 1);
    ext_foreign_toplevel_list_v1_add_listener(k->list, &list_listener, k);
    k->listed = wl_display_sync(client_display(k->client));
    wl_callback_add_listener(k->listed, &listed_listener, k);
}

static void on_timer(void *data)
{
    struct capture *k = data;

    if (k->id[0]) {
        client_log("the picture of %s took longer than %d ms", k->id, JOB_MS);
        end_job(k);
    }
    begin(k);
}

/* The next one in the queue, unless one is under way. */
static void begin(struct capture *k)
{
    if (k->id[0] || k->stopping || k->waiting_n == 0 || !k->sources || !k->copies || !k->list_name)
        return;
    memcpy(k->id, k->waiting[0], sizeof k->id);
    k->waiting_n--;
    memmove(k->waiting[0], k->waiting[1], k->waiting_n * sizeof *k->waiting);
    client_timer_start(k->client, &k->timer, JOB_MS);
    k->ipc = swayipc_tree(k->client, on_tree, k);
    if (!k->ipc)
        end_job(k);
}

static void enqueue(struct capture *k, const char *id)
{
    for (size_t i = 0; i < k->waiting_n; i++)
        if (strcmp(k->waiting[i], id) == 0)
            return;
    if (name_id_ok(id) && k->waiting_n < WAITING_MAX)
        snprintf(k->waiting[k->waiting_n++], sizeof *k->waiting, "%s", id);
}

void capture_take(struct capture *k, const char *id)
{
    enqueue(k, id);
    begin(k);
}

static void on_event(void *data, const char *event, const json_t *line)
{
    struct capture *k = data;
    const char *id = json_string_value(json_object_get(line, "id"));

    if (event && strcmp(event, "leaving") == 0 && id) {
        /* The switch first: a copy would keep the compositor busy just then. */
        enqueue(k, id);
        if (!k->id[0])
            client_timer_start(k->client, &k->timer, SHOWN_MS);
    } else if (event && strcmp(event, "front") == 0) {
        begin(k);
    }
}

static void on_global(void *data, struct wl_registry *registry, uint32_t name, const char *interface,
                      uint32_t version)
{
    struct capture *k = data;

    (void)version;
    k->registry = registry;
    if (strcmp(interface, ext_foreign_toplevel_list_v1_interface.name) == 0) {
        k->list_name = name;
    } else if (strcmp(interface, ext_foreign_toplevel_image_capture_source_manager_v1_interface.name) == 0) {
        k->sources = wl_registry_bind(registry, name,
                                      &ext_foreign_toplevel_image_capture_source_manager_v1_interface, 1);
    } else if (strcmp(interface, ext_image_copy_capture_manager_v1_interface.name) == 0) {
        k->copies = wl_registry_bind(registry, name, &ext_image_copy_capture_manager_v1_interface, 1);
    }
}

static const struct client_globals globals = {.global = on_global};

struct capture *capture_new(struct client *c)
{
    struct capture *k = calloc(1, sizeof *k);

    if (!k)
        return NULL;
    k->client = c;
    k->timer.fn = on_timer;
    k->timer.data = k;
    if (client_on_globals(c, &globals, k) || client_on_event(c, on_event, k)) {
        free(k);
        return NULL;
    }
    return k;
}

void capture_free(struct capture *k)
{
    if (!k)
        return;
    end_job(k);
    if (k->stopping)
        ext_foreign_toplevel_list_v1_destroy(k->stopping);
    if (k->sources)
        ext_foreign_toplevel_image_capture_source_manager_v1_destroy(k->sources);
    if (k->copies)
        ext_image_copy_capture_manager_v1_destroy(k->copies);
    free(k);
}
