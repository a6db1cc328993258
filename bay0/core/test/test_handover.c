/* SPDX-License-Identifier: MIT
 * What bay0 hands over to itself: what is written is read as it was; one thing wrong, and nothing is
 * believed. */
#include "core/handover.h"
#include "tests/t.h"

#include <jansson.h>

static struct handover h, back;
static struct err e;

static struct supervisor up(void)
{
    struct supervisor s;

    sup_init(&s);
    sup_event(&s, SUP_EV_START, 1000);
    sup_event(&s, SUP_EV_READY, 1200);
    return s;
}

static struct handover_sound silent(void)
{
    struct handover_sound s = {.words = -1, .child = {.out = -1, .err = -1}};

    sup_init(&s.sup);
    return s;
}

static void sample(void)
{
    struct supervisor waits = up();

    sup_event(&waits, SUP_EV_EXIT, 2000);
    h = (struct handover){.version = HANDOVER_VERSION,
                          .pid = 1,
                          .begun = 123456,
                          .asker = 9,
                          .asked = -7,
                          .last_client = 12,
                          .last_ticket = 3,
                          .last_mark = 5,
                          .salvaged = true,
                          .interface = "eth0",
                          .front_before = "work",
                          .control = 10,
                          .watchdog = 11,
                          .focus = {.front = "work", .seen = "work", .turn = 42},
                          .ui_up = true,
                          .ui_events = {.pid = 300, .start = 77, .out = 12, .err = 13},
                          .services_n = 2,
                          .tenants_n = 1,
                          .personas_n = 3,
                          .clients_n = 2,
                          .sessions_n = 1};
    h.service[0] = (struct handover_service){.name = "sway",
                                             .wanted = true,
                                             .sup = up(),
                                             .child = {.pid = 301, .start = 78, .out = -1, .err = -1}};
    h.service[1] =
        (struct handover_service){.name = "pipewire", .sup = waits, .child = {.out = -1, .err = -1}};
    h.tenant[0] = (struct handover_tenant){.name = "ai-core",
                                           .listen = 14,
                                           .channel = 25,
                                           .container = true,
                                           .sup = up(),
                                           .error = "it said \"no\""};
    h.persona[0] =
        (struct handover_persona){.id = "work",
                                  .life = LIFE_RUNNING,
                                  .pid = 302,
                                  .container = true,
                                  .watched = true,
                                  .attention = true,
                                  .control = 15,
                                  .wayland = 16,
                                  .wayland_close = 17,
                                  .pipewire = 22,
                                  .ai = 26,
                                  .sound = {.there = true,
                                            .sup = up(),
                                            .state = {.parked = true, .said = true, .ready = true},
                                            .words = 23,
                                            .child = {.pid = 304, .start = 80, .out = 24, .err = -1}},
                                  .focus = {.running = true, .used_at = 42, .fresh_to = 99},
                                  .oom_kills = 3,
                                  .pressure = {PRESSURE_SLOWED, 123000, 123400, 0, 0}};
    h.persona[1] = h.persona[0];
    snprintf(h.persona[1].id, sizeof h.persona[1].id, "web");
    h.persona[1].control = 18;
    h.persona[1].wayland = 19;
    h.persona[1].wayland_close = h.persona[1].pipewire = h.persona[1].ai = -1;
    h.persona[1].sound = silent();
    h.persona[1].focus = (struct focus_persona){.running = true,
                                                .fz = FZ_THROTTLED,
                                                .fallback = true,
                                                .holds = 1,
                                                .execs = 2,
                                                .stale = 3,
                                                .parked = true};
    h.persona[2] = (struct handover_persona){.id = "dead",
                                             .life = LIFE_FAILED,
                                             .control = -1,
                                             .wayland = -1,
                                             .wayland_close = -1,
                                             .pipewire = -1,
                                             .ai = -1,
                                             .sound = silent(),
                                             .error = "it ended by itself"};
    h.client[0] = (struct handover_client){
        .fd = 20, .ref = 9, .uid = 0, .subscribed = true, .keys = true, .pending = 2};
    h.client[1] = (struct handover_client){.fd = 21, .ref = 12, .uid = 0x20010000, .persona = "web"};
    h.session[0] = (struct handover_session){.persona = "work",
                                             .client = 9,
                                             .request = INT64_MIN,
                                             .mark = 5,
                                             .entering = true,
                                             .child = {.pid = 303, .start = 79, .out = -1, .err = -1}};
}

static void test_round(void)
{
    char *text, *again;

    sample();
    text = handover_write(&h, &e);
    T(text != NULL);
    T_INT(handover_read(text, strlen(text), &back, &e), 0);
    again = handover_write(&back, &e);
    T(again && strcmp(text, again) == 0);
    T(back.pid == 1 && back.begun == 123456 && back.asked == -7 && back.salvaged && back.focus.turn == 42);
    T_STR(back.focus.front, "work");
    T(back.service[0].sup.state == SUP_UP && back.service[0].child.start == 78);
    T(back.service[1].sup.state == SUP_BACKOFF && back.service[1].sup.timer_at == h.service[1].sup.timer_at &&
      back.service[1].sup.deaths[0] == 2000 && back.service[1].sup.deaths_n == 1);
    T_STR(back.tenant[0].error, "it said \"no\"");
    T(back.persona[1].focus.fz == FZ_THROTTLED && back.persona[1].focus.stale == 3 &&
      back.persona[1].focus.parked && back.persona[0].focus.fresh_to == 99);
    T(back.session[0].request == INT64_MIN && back.session[0].entering && !back.session[0].background);
    T(handover_service(&back, "pipewire") == &back.service[1] && !handover_service(&back, "udevd"));
    /* Cut anywhere, it is nothing. */
    for (size_t i = 0; i < strlen(text); i++)
        if (handover_read(text, i, &back, &e) == 0)
            T_NAMED(false, "a part is not the whole");
    free(text);
    free(again);
}

/* What holds no more once `wrong` was done to the sample. */
static void refused(const char *name)
{
    char *text = handover_write(&h, &e);

    e.code = ERR_NONE;
    T_NAMED(text && handover_read(text, strlen(text), &back, &e) < 0 && e.code == ERR_BAD_VALUE, name);
    free(text);
    sample();
}
#define REFUSED(wrong) (wrong, refused("refused: " #wrong))

static void test_sense(void)
{
    sample();
    REFUSED(h.version = HANDOVER_VERSION + 1);
    REFUSED(h.pid = 0);
    REFUSED(h.control = -1);
    REFUSED(h.control = 2);
    REFUSED(h.control = HANDOVER_FD_MAX + 1);
    REFUSED(h.watchdog = 10);
    REFUSED(h.client[0].fd = 16);
    REFUSED(h.client[0].fd = -1);
    REFUSED(h.client[0].ref = 13);
    REFUSED(h.client[1].ref = 9);
    REFUSED(memcpy(h.client[1].persona, "dead", 5));
    REFUSED(memcpy(h.client[1].persona, "who", 4));
    REFUSED(h.asker = 8);
    REFUSED(h.service[0].child.pid = 300);
    REFUSED(h.service[0].child.pid = 0);
    REFUSED(h.service[0].child.pid = 1);
    REFUSED(h.service[0].child.out = 30);
    REFUSED(h.service[0].sup.state = SUP_STARTING);
    REFUSED(h.service[0].sup.state = SUP_STATE_COUNT);
    REFUSED(h.service[0].sup.backoff_ms = 0);
    REFUSED(h.service[1].sup.timer_at = 0);
    REFUSED(memcpy(h.service[1].name, "sway", 5));
    REFUSED(memcpy(h.service[1].name, "../x", 5));
    REFUSED(h.tenant[0].container = false);
    REFUSED(h.tenant[0].sup.state = SUP_STOPPING);
    REFUSED(h.ui_events.out = -1);
    REFUSED(h.ui_up = false);
    REFUSED(h.persona[0].life = LIFE_STARTING);
    REFUSED(h.persona[0].life = LIFE_STOPPED);
    REFUSED(h.persona[0].life = LIFE_READY);
    REFUSED(h.persona[0].life = LIFE_PREPARING);
    REFUSED(h.persona[2].life = LIFE_READY);
    REFUSED(h.persona[0].watched = false);
    REFUSED(h.persona[0].wayland = -1);
    REFUSED(h.persona[0].focus.running = false);
    REFUSED(h.persona[0].focus.fz = FZ_FROZEN);
    REFUSED(h.persona[0].pipewire = -1);
    REFUSED(h.persona[0].sound.there = false);
    REFUSED(h.persona[0].sound.child.pid = 0);
    REFUSED(h.persona[0].sound.child.pid = 301);
    REFUSED(h.persona[0].sound.words = -1);
    REFUSED(h.persona[0].sound.words = 16);
    REFUSED(h.persona[0].sound.state.waiting = true);
    REFUSED(h.persona[0].sound.sup.state = SUP_STARTING);
    REFUSED(h.persona[1].focus.fz = FZ_FREEZING);
    REFUSED(h.persona[1].focus.fz = FZ_FROZEN);
    REFUSED(h.persona[2].focus.fz = FZ_FROZEN);
    REFUSED(memcpy(h.persona[1].id, "work", 5));
    REFUSED(memcpy(h.persona[1].id, "We b", 5));
    REFUSED(memcpy(h.focus.front, "dead", 5));
    REFUSED(memcpy(h.focus.front, "who", 4));
    REFUSED(memcpy(h.focus.seen, "who", 4));
    REFUSED(h.session[0].mark = 6);
    REFUSED(h.session[0].client = 10);
    REFUSED(h.session[0].child.pid = 0);
    REFUSED(h.session[0].child.pid = 301);
    REFUSED(memcpy(h.session[0].persona, "who", 4));
}

/* The form: one field gone, one of another type, at each place. */
static void form(json_t *root, json_t *o)
{
    char keys[32][32];
    const char *each;
    size_t n = 0;
    json_t *v;

    json_object_foreach(o, each, v)
    {
        snprintf(keys[n++], sizeof keys[0], "%s", each);
    }
    for (size_t i = 0; i < n; i++) {
        json_t *old = json_incref(json_object_get(o, keys[i]));
        char name[80], *text;

        if (json_is_object(old))
            form(root, old);
        if (json_is_array(old) && json_is_object(json_array_get(old, 0)))
            form(root, json_array_get(old, 0));
        json_object_set_new(o, keys[i], json_is_string(old) ? json_integer(7) : json_string("x"));
        text = json_dumps(root, 0);
        snprintf(name, sizeof name, "refused: %s of another type", keys[i]);
        T_NAMED(handover_read(text, strlen(text), &back, &e) < 0, name);
        free(text);
        json_object_del(o, keys[i]);
        text = json_dumps(root, 0);
        snprintf(name, sizeof name, "refused: no %s", keys[i]);
        T_NAMED(handover_read(text, strlen(text), &back, &e) < 0, name);
        free(text);
        json_object_set_new(o, keys[i], old);
    }
}

static void test_form(void)
{
    char *text;
    json_t *root;

    sample();
    text = handover_write(&h, &e);
    root = json_loads(text, 0, NULL);
    free(text);
    form(root, root);
    json_object_set_new(json_array_get(json_object_get(root, "personas"), 0), "more", json_true());
    text = json_dumps(root, 0);
    T_NAMED(handover_read(text, strlen(text), &back, &e) < 0, "refused: a field that is not known");
    free(text);
    json_decref(root);
    T(handover_read("", 0, &back, &e) < 0);
    T(handover_read("[]", 2, &back, &e) < 0);
    T(handover_read("{\"version\":1}", 13, &back, &e) < 0);
}

static void count(void *user, int fd)
{
    *(int *)user += fd >= 0;
}

static void test_fds(void)
{
    int n = 0;

    sample();
    handover_fds(&h, count, &n);
    T_INT(n, 17);
}

/* As many of all as there may be. */
static void test_full(void)
{
    int next = HANDOVER_FD_MIN;
    char *text;

    sample();
    h.control = next++;
    h.watchdog = next++;
    h.ui_events.out = next++;
    h.ui_events.err = next++;
    h.tenant[0].listen = next++;
    h.tenant[0].channel = next++;
    h.personas_n = FOCUS_PERSONAS_MAX;
    for (size_t i = 0; i < h.personas_n; i++) {
        struct handover_persona *p = &h.persona[i];

        if (i >= 2) {
            *p = h.persona[1];
            snprintf(p->id, sizeof p->id, "persona-with-a-very-long-id-%zu", i);
            memset(p->error, 'x', sizeof p->error - 1);
        }
        p->control = next++;
        p->wayland = next++;
        p->wayland_close = next++;
        p->pipewire = next++;
        p->ai = next++;
        p->sound = h.persona[0].sound;
        p->sound.words = next++;
        p->sound.child.out = next++;
        p->sound.child.pid = 5000 + (int32_t)i;
    }
    h.last_client = HANDOVER_CLIENTS_MAX;
    h.clients_n = HANDOVER_CLIENTS_MAX;
    for (size_t i = 0; i < h.clients_n; i++)
        h.client[i] = (struct handover_client){.fd = next++, .ref = i + 1, .uid = UINT32_MAX};
    h.sessions_n = HANDOVER_SESSIONS_MAX;
    for (size_t i = 0; i < h.sessions_n; i++) {
        h.session[i] = h.session[0];
        h.session[i].child.pid = 1000 + (int32_t)i;
    }
    text = handover_write(&h, &e);
    T(text && handover_read(text, strlen(text), &back, &e) == 0);
    if (text)
        printf("# %zu bytes at most\n", strlen(text));
    h.session[HANDOVER_SESSIONS_MAX - 1].child.pid = 1000;
    free(text);
    refused("refused: the last of many is a second one");
}

static void test_stat(void)
{
    uint64_t start = 0;
    int32_t parent = 0;

    T_INT(handover_stat("7 (a) b) c) S 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 12345 99 1\n", &parent,
                        &start),
          0);
    T(parent == 1 && start == 12345);
    T(handover_stat("", &parent, &start) < 0);
    T(handover_stat("7 (a) S", &parent, &start) < 0);
    T(handover_stat("7 (a) S x 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 12345", &parent, &start) < 0);
    T(handover_stat("7 (a) S 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 -5", &parent, &start) < 0);
    T(handover_stat("7 (a) S 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 ", &parent, &start) < 0);
    T(handover_stat("7 (a) S 99999999999999 7 7 0 -1", &parent, &start) < 0);
}

/* What the engine knows of each goes on: who rests, rests, and comes back by the same road. */
static void test_focus(void)
{
    static struct focus f, g;
    static struct focus_actions out;
    struct focus_persona kept;
    struct focus_event ev = {.now = 10000};

    focus_init(&f, 1000);
    for (int i = 0; i < 2; i++) {
        ev.id = i ? "web" : "work";
        ev.kind = FE_ADDED;
        focus_event(&f, &ev, &out);
        ev.kind = FE_STARTED;
        focus_event(&f, &ev, &out);
        ev.kind = FE_SHOWN;
        focus_event(&f, &ev, &out);
    }
    T_STR(f.front, "work");
    T(focus_keep(focus_find(&f, "work"), &kept) && kept.running && kept.fz == FZ_AWAKE && kept.used_at == 1);
    T(focus_find(&f, "web")->fz == FZ_GRACE && focus_keep(focus_find(&f, "web"), &kept) &&
      kept.fz == FZ_AWAKE);
    ev.now = 30000;
    ev.kind = FE_TIMER;
    focus_event(&f, &ev, &out);
    T_NAMED(!focus_keep(focus_find(&f, "web"), &kept), "not while sway is asked");
    ev.kind = FE_VISIBLE;
    focus_event(&f, &ev, &out);
    T_NAMED(!focus_keep(focus_find(&f, "web"), &kept), "not while it is being frozen");
    ev.kind = FE_FROZEN;
    focus_event(&f, &ev, &out);
    T(focus_keep(focus_find(&f, "web"), &kept) && kept.fz == FZ_FROZEN);

    focus_init(&g, 1000);
    ev.kind = FE_ADDED;
    focus_event(&g, &ev, &out);
    focus_restore(&g, "web", &kept);
    focus_restore(&g, "nobody", &kept);
    ev.kind = FE_FROZEN; /* the kernel says what is known */
    focus_event(&g, &ev, &out);
    T(focus_find(&g, "web")->fz == FZ_FROZEN && out.n == 0);
    ev.kind = FE_REQUEST;
    ev.ticket = 1;
    focus_event(&g, &ev, &out);
    T_NAMED(out.n > 0 && out.a[0].kind == FA_THAW, "a request thaws it as ever");
}

int main(void)
{
    test_round();
    test_sense();
    test_form();
    test_fds();
    test_full();
    test_stat();
    test_focus();
    return t_done();
}
