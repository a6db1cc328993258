/* SPDX-License-Identifier: MIT
 * One persona's place at the sound server. pipewire/extensions/security-context.h, and
 * libpipewire-module-loopback, which is loaded here and does the work. */
#include "sound/session.h"

#include <errno.h>
#include <fcntl.h>
#include <pipewire/impl.h>
#include <pipewire/pipewire.h>
#include <spa/param/props.h>
#include <spa/pod/builder.h>
#include <spa/utils/result.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <pipewire/extensions/security-context.h> /* leans on those above */

enum { OWN_MAX = 4 };

struct way {
    bool wanted;
    char name[SOUND_NODE];
    struct pw_node *node; /* the Spine's end of it */
    uint32_t id;
};

struct session {
    const struct sound_opts *o;
    char *err;
    int status; /* what sound_run returns */
    int timeout_ms;
    struct way way[SOUND_WAYS];
    struct pw_main_loop *main;
    struct pw_loop *loop;
    struct spa_source *timer, *input;
    struct sound_input line;
    struct pw_context *context;
    struct pw_core *core;
    struct spa_hook core_hook, registry_hook;
    struct pw_registry *registry;
    struct pw_security_context *security;
    uint32_t own[OWN_MAX]; /* this process's connections, as the server numbers them */
    size_t own_n;
    int alive; /* write end: closing it ends the security context */
    bool context_made, ready, parked, asked;
    int pending; /* sequence number of the answer that is waited for */
};

static void end(struct session *s, int status)
{
    s->status = status;
    if (s->main)
        pw_main_loop_quit(s->main);
}

static void fail(struct session *s, const char *what, const char *why)
{
    snprintf(s->err, SOUND_ERR, "persona %s: %s %s: %.100s", s->o->persona, what, s->o->remote, why);
    end(s, -1);
}

static void say(struct session *s, const char *word)
{
    char line[SOUND_LINE];
    int n = snprintf(line, sizeof line, "%s\n", word);

    /* Nobody there to hear it: its end comes with the input's. */
    if (write(STDOUT_FILENO, line, (size_t)n) < 0 && errno == EPIPE)
        end(s, 0);
}

static void sync_up(struct session *s)
{
    s->pending = pw_core_sync(s->core, PW_ID_CORE, 0);
}

/* Silence where the sink leads out: what is frozen behind it is then no part of what is heard. And at the
 * other end: who is not in front does not listen. */
static void apply(struct session *s)
{
    uint8_t space[128];
    struct spa_pod_builder b = SPA_POD_BUILDER_INIT(space, sizeof space);
    const struct spa_pod *props = spa_pod_builder_add_object(&b, SPA_TYPE_OBJECT_Props, SPA_PARAM_Props,
                                                             SPA_PROP_mute, SPA_POD_Bool(s->parked));

    for (size_t i = 0; i < SOUND_WAYS; i++)
        if (s->way[i].node)
            pw_node_set_param(s->way[i].node, SPA_PARAM_Props, 0, props);
    sync_up(s);
}

static void on_input(void *data, int fd, uint32_t mask)
{
    struct session *s = data;
    char text[64];
    ssize_t n = mask & (SPA_IO_IN | SPA_IO_HUP) ? read(fd, text, sizeof text) : 0;

    if (n <= 0) {
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        end(s, 0);
        return;
    }
    for (ssize_t i = 0; i < n; i++) {
        enum sound_command c = sound_input(&s->line, text[i]);

        if (c == SOUND_BAD)
            fprintf(stderr, "spine-sound: a line that is neither park nor unpark is ignored\n");
        if (c != SOUND_PARK && c != SOUND_UNPARK)
            continue;
        s->parked = c == SOUND_PARK;
        s->asked = true;
        if (s->ready)
            apply(s);
    }
}

static void on_late(void *data, uint64_t expirations)
{
    (void)expirations;
    fail(data, "no answer from", "time is up; is the sound server frozen?");
}

/* Everything is there: the socket is served, and the way out can be closed. */
static void on_ready(struct session *s)
{
    pw_loop_update_timer(s->loop, s->timer, NULL, NULL, false);
    s->ready = true;
    say(s, "ready");
    if (s->asked)
        apply(s);
}

/* They connect by themselves. On one connection the server would wait for us to silence our own node, and we
 * for the server. */
static void make_ways(struct session *s)
{
    char args[SOUND_ARGS];

    for (size_t i = 0; i < SOUND_WAYS; i++)
        if (s->way[i].wanted &&
            (sound_loopback(s->o, (enum sound_way)i, args) < 0 ||
             !pw_context_load_module(s->context, "libpipewire-module-loopback", args, NULL)))
            fail(s, "no loopback at", strerror(errno));
}

static bool ways_stand(const struct session *s)
{
    for (size_t i = 0; i < SOUND_WAYS; i++)
        if (s->way[i].wanted && !s->way[i].node)
            return false;
    return true;
}

static void make_context(struct session *s)
{
    struct sound_prop prop[SOUND_PROPS];
    struct spa_dict_item items[SOUND_PROPS];
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) < 0) {
        fail(s, "no pipe for", strerror(errno));
        return;
    }
    s->alive = ends[1];
    sound_context(s->o, prop);
    for (size_t i = 0; i < SOUND_PROPS; i++)
        items[i] = SPA_DICT_ITEM_INIT(prop[i].key, prop[i].value);
    /* Both are copied into the message; a refusal comes as an error of the core. */
    pw_security_context_create(s->security, s->o->listen_fd, ends[0], &SPA_DICT_INIT(items, SOUND_PROPS));
    close(ends[0]);
    s->context_made = true;
    make_ways(s);
    sync_up(s);
}

static void on_done(void *data, uint32_t id, int seq)
{
    struct session *s = data;

    if (id != PW_ID_CORE || seq != s->pending)
        return;
    if (!s->security)
        fail(s, "no security contexts at", "PipeWire 1.2 or newer has them; is this a persona's own socket?");
    else if (!s->context_made)
        make_context(s);
    else if (!s->ready && ways_stand(s))
        on_ready(s);
    else if (s->ready && s->asked) {
        s->asked = false;
        say(s, s->parked ? "parked" : "unparked");
    }
}

static void on_error(void *data, uint32_t id, int seq, int res, const char *message)
{
    struct session *s = data;

    (void)seq;
    /* Before it stands, any refusal is the end; later only the loss of the connection. */
    if (!s->ready || (id == PW_ID_CORE && res == -EPIPE))
        fail(s, s->ready ? "lost" : "refused by", res == -EPIPE ? "it ended" : message);
    else
        fprintf(stderr, "spine-sound: persona %s: %.200s (%s)\n", s->o->persona, message, spa_strerror(res));
}

static const struct pw_core_events core_events = {
    .version = PW_VERSION_CORE_EVENTS,
    .done = on_done,
    .error = on_error,
};

static uint32_t number(const struct spa_dict *props, const char *key)
{
    const char *text = props ? spa_dict_lookup(props, key) : NULL;
    uint32_t n;

    return text && spa_atou32(text, &n, 10) ? n : PW_ID_ANY;
}

/* A persona may call its own stream by the name of ours: whose node it is says its client, and whose client
 * that is the kernel. */
static struct way *way_of(struct session *s, const struct spa_dict *props)
{
    const char *node = props ? spa_dict_lookup(props, PW_KEY_NODE_NAME) : NULL;
    uint32_t client = number(props, PW_KEY_CLIENT_ID);
    bool own = false;

    for (size_t i = 0; i < s->own_n; i++)
        own = own || s->own[i] == client;
    for (size_t i = 0; node && own && i < SOUND_WAYS; i++)
        if (s->way[i].wanted && !s->way[i].node && strcmp(node, s->way[i].name) == 0)
            return &s->way[i];
    return NULL;
}

static void on_global(void *data, uint32_t id, uint32_t permissions, const char *type, uint32_t version,
                      const struct spa_dict *props)
{
    struct session *s = data;
    struct way *way;

    (void)permissions, (void)version;
    if (!s->security && strcmp(type, PW_TYPE_INTERFACE_SecurityContext) == 0) {
        s->security = pw_registry_bind(s->registry, id, type, PW_VERSION_SECURITY_CONTEXT, 0);
    } else if (strcmp(type, PW_TYPE_INTERFACE_Client) == 0) {
        if (number(props, PW_KEY_SEC_PID) == (uint32_t)getpid() && s->own_n < OWN_MAX)
            s->own[s->own_n++] = id;
    } else if (strcmp(type, PW_TYPE_INTERFACE_Node) == 0 && (way = way_of(s, props))) {
        way->node = pw_registry_bind(s->registry, id, type, PW_VERSION_NODE, 0);
        way->id = id;
        sync_up(s);
    }
}

/* The loopback unloads itself when it is refused something. */
static void on_global_remove(void *data, uint32_t id)
{
    struct session *s = data;

    for (size_t i = 0; i < SOUND_WAYS; i++)
        if (s->way[i].node && id == s->way[i].id)
            fail(s, i == SOUND_OUT ? "lost the sink at" : "lost the source at", "it was removed");
}

static const struct pw_registry_events registry_events = {
    .version = PW_VERSION_REGISTRY_EVENTS,
    .global = on_global,
    .global_remove = on_global_remove,
};

static int open_session(struct session *s)
{
    struct timespec limit = {.tv_sec = s->timeout_ms / 1000, .tv_nsec = s->timeout_ms % 1000 * 1000000L};

    s->main = pw_main_loop_new(NULL);
    if (!s->main)
        return -1;
    s->loop = pw_main_loop_get_loop(s->main);
    s->timer = pw_loop_add_timer(s->loop, on_late, s);
    s->input = pw_loop_add_io(s->loop, STDIN_FILENO, SPA_IO_IN | SPA_IO_HUP | SPA_IO_ERR, false, on_input, s);
    s->context = pw_context_new(s->loop, NULL, 0);
    if (!s->timer || !s->input || !s->context)
        return -1;
    pw_loop_update_timer(s->loop, s->timer, &limit, NULL, false);
    s->core = pw_context_connect(
        s->context,
        pw_properties_new(PW_KEY_REMOTE_NAME, s->o->remote, PW_KEY_REMOTE_INTENTION, "manager", NULL), 0);
    if (!s->core)
        return -1;
    pw_core_add_listener(s->core, &s->core_hook, &core_events, s);
    s->registry = pw_core_get_registry(s->core, PW_VERSION_REGISTRY, 0);
    if (!s->registry)
        return -1;
    pw_registry_add_listener(s->registry, &s->registry_hook, &registry_events, s);
    sync_up(s);
    return 0;
}

static void close_session(struct session *s)
{
    for (size_t i = 0; i < SOUND_WAYS; i++)
        if (s->way[i].node)
            pw_proxy_destroy((struct pw_proxy *)s->way[i].node);
    if (s->security)
        pw_proxy_destroy((struct pw_proxy *)s->security);
    if (s->registry)
        pw_proxy_destroy((struct pw_proxy *)s->registry);
    if (s->core)
        pw_core_disconnect(s->core);
    if (s->context)
        pw_context_destroy(s->context);
    if (s->main)
        pw_main_loop_destroy(s->main);
    if (s->alive >= 0)
        close(s->alive);
}

int sound_run(const struct sound_opts *o, int timeout_ms, char err[SOUND_ERR])
{
    struct session s = {.o = o, .err = err, .timeout_ms = timeout_ms, .alive = -1};
    socklen_t len = sizeof(int);
    int listening = 0;

    if (getsockopt(o->listen_fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) < 0 || !listening) {
        snprintf(err, SOUND_ERR, "descriptor %d is no listening socket; bind and listen before passing it",
                 o->listen_fd);
        return -1;
    }
    for (size_t i = 0; i < SOUND_WAYS; i++)
        s.way[i].wanted = sound_way(o, (enum sound_way)i, s.way[i].name);
    pw_init(NULL, NULL);
    if (open_session(&s) < 0)
        fail(&s, "no sound server at", strerror(errno));
    else
        pw_main_loop_run(s.main);
    close_session(&s);
    pw_deinit();
    return s.status;
}
