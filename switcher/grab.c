/* SPDX-License-Identifier: MIT
 * One session, one frame, one buffer in memory. */
#include "switcher/grab.h"

#include "switcher/client.h"
#include "switcher/ext-image-capture-source-v1-client.h"
#include "switcher/ext-image-copy-capture-v1-client.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct grab {
    struct client *client;
    grab_fn fn;
    void *data;
    struct ext_image_capture_source_v1 *source;
    struct ext_image_copy_capture_session_v1 *session;
    struct ext_image_copy_capture_frame_v1 *frame;
    struct wl_buffer *buffer;
    uint32_t *memory; /* NULL: none */
    size_t bytes;
    uint32_t width, height;
    bool alpha, plain; /* formats on offer */
};

static void give(struct grab *g, bool good)
{
    struct pixels p = {
        .at = g->memory, .width = (int32_t)g->width, .height = (int32_t)g->height, .stride = g->width};
    grab_fn fn = g->fn;

    g->fn = NULL;
    if (fn)
        fn(g->data, good ? &p : NULL, !g->alpha);
}

static void on_transform(void *data, struct ext_image_copy_capture_frame_v1 *frame, uint32_t transform)
{
    (void)data, (void)frame, (void)transform; /* a window is never turned */
}

static void on_damage(void *data, struct ext_image_copy_capture_frame_v1 *frame, int32_t x, int32_t y,
                      int32_t width, int32_t height)
{
    (void)data, (void)frame, (void)x, (void)y, (void)width, (void)height;
}

static void on_time(void *data, struct ext_image_copy_capture_frame_v1 *frame, uint32_t high, uint32_t low,
                    uint32_t nsec)
{
    (void)data, (void)frame, (void)high, (void)low, (void)nsec;
}

static void on_ready(void *data, struct ext_image_copy_capture_frame_v1 *frame)
{
    (void)frame;
    give(data, true);
}

static void on_failed(void *data, struct ext_image_copy_capture_frame_v1 *frame, uint32_t reason)
{
    (void)frame, (void)reason;
    give(data, false);
}

static const struct ext_image_copy_capture_frame_v1_listener frame_listener = {
    .transform = on_transform,
    .damage = on_damage,
    .presentation_time = on_time,
    .ready = on_ready,
    .failed = on_failed,
};

/* The pool goes at once: the buffer keeps what it needs. */
static bool make_buffer(struct grab *g)
{
    int fd = memfd_create("picture", MFD_CLOEXEC);
    struct wl_shm_pool *pool;
    void *memory;

    g->bytes = (size_t)g->width * g->height * sizeof *g->memory;
    if (fd < 0)
        return false;
    memory = ftruncate(fd, (off_t)g->bytes) == 0
                 ? mmap(NULL, g->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)
                 : MAP_FAILED;
    if (memory != MAP_FAILED) {
        g->memory = memory;
        pool = wl_shm_create_pool(client_shm(g->client), fd, (int32_t)g->bytes);
        g->buffer = wl_shm_pool_create_buffer(pool, 0, (int32_t)g->width, (int32_t)g->height,
                                              (int32_t)(g->width * sizeof *g->memory),
                                              g->alpha ? WL_SHM_FORMAT_ARGB8888 : WL_SHM_FORMAT_XRGB8888);
        wl_shm_pool_destroy(pool);
    }
    close(fd);
    return memory != MAP_FAILED;
}

static void on_size(void *data, struct ext_image_copy_capture_session_v1 *session, uint32_t width,
                    uint32_t height)
{
    struct grab *g = data;

    (void)session;
    g->width = width;
    g->height = height;
}

static void on_format(void *data, struct ext_image_copy_capture_session_v1 *session, uint32_t format)
{
    struct grab *g = data;

    (void)session;
    g->alpha = g->alpha || format == WL_SHM_FORMAT_ARGB8888;
    g->plain = g->plain || format == WL_SHM_FORMAT_XRGB8888;
}

static void on_device(void *data, struct ext_image_copy_capture_session_v1 *session, struct wl_array *device)
{
    (void)data, (void)session, (void)device;
}

static void on_dmabuf(void *data, struct ext_image_copy_capture_session_v1 *session, uint32_t format,
                      struct wl_array *modifiers)
{
    (void)data, (void)session, (void)format, (void)modifiers;
}

/* The constraints may be told again when the window changes; the frame under way then fails by itself. */
static void on_done(void *data, struct ext_image_copy_capture_session_v1 *session)
{
    struct grab *g = data;

    if (g->frame)
        return;
    if (!g->width || !g->height || g->width > GRAB_SIDE_MAX || g->height > GRAB_SIDE_MAX ||
        (uint64_t)g->width * g->height * sizeof *g->memory > GRAB_BYTES_MAX || !(g->alpha || g->plain) ||
        !client_shm(g->client) || !make_buffer(g)) {
        client_log("a window of %ux%u pixels gives no picture", g->width, g->height);
        give(g, false);
        return;
    }
    g->frame = ext_image_copy_capture_session_v1_create_frame(session);
    ext_image_copy_capture_frame_v1_add_listener(g->frame, &frame_listener, g);
    ext_image_copy_capture_frame_v1_attach_buffer(g->frame, g->buffer);
    ext_image_copy_capture_frame_v1_damage_buffer(g->frame, 0, 0, (int32_t)g->width, (int32_t)g->height);
    ext_image_copy_capture_frame_v1_capture(g->frame);
}

static void on_stopped(void *data, struct ext_image_copy_capture_session_v1 *session)
{
    (void)session;
    give(data, false);
}

static const struct ext_image_copy_capture_session_v1_listener session_listener = {
    .buffer_size = on_size,
    .shm_format = on_format,
    .dmabuf_device = on_device,
    .dmabuf_format = on_dmabuf,
    .done = on_done,
    .stopped = on_stopped,
};

struct grab *grab_start(struct client *c,
                        struct ext_foreign_toplevel_image_capture_source_manager_v1 *sources,
                        struct ext_image_copy_capture_manager_v1 *copies,
                        struct ext_foreign_toplevel_handle_v1 *window, grab_fn fn, void *data)
{
    struct grab *g = calloc(1, sizeof *g);

    if (!g)
        return NULL;
    g->client = c;
    g->fn = fn;
    g->data = data;
    g->source = ext_foreign_toplevel_image_capture_source_manager_v1_create_source(sources, window);
    g->session = ext_image_copy_capture_manager_v1_create_session(copies, g->source, 0);
    ext_image_copy_capture_session_v1_add_listener(g->session, &session_listener, g);
    return g;
}

void grab_end(struct grab *g)
{
    if (!g)
        return;
    if (g->frame)
        ext_image_copy_capture_frame_v1_destroy(g->frame);
    if (g->session)
        ext_image_copy_capture_session_v1_destroy(g->session);
    if (g->source)
        ext_image_capture_source_v1_destroy(g->source);
    if (g->buffer)
        wl_buffer_destroy(g->buffer);
    if (g->memory)
        munmap(g->memory, g->bytes);
    free(g);
}
