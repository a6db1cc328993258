/* SPDX-License-Identifier: MIT
 * The focus engine step by step: each line an event, and what must be done about it. */
#include "core/buf.h"
#include "core/focus.h"
#include "tests/t.h"

static struct focus f;
static uint64_t now;
static char text[2048];

static const char *action_name(enum focus_action_kind kind)
{
    static const char *const names[] = {
        [FA_THAW] = "thaw",       [FA_FREEZE] = "freeze",         [FA_THROTTLE] = "throttle",
        [FA_SHOW] = "show",       [FA_UNTHROTTLE] = "unthrottle", [FA_ANSWER] = "answer",
        [FA_PARK_SOUND] = "park", [FA_UNPARK_SOUND] = "unpark",   [FA_TIMER] = "timer",
        [FA_ASK_VISIBLE] = "ask", [FA_READY] = "ready",           [FA_RECORD] = "record",
        [FA_CHANGED] = "changed",
    };

    return names[kind];
}

/* The actions in order, without FA_CHANGED: "thaw b, timer b 250". */
static const char *send(struct focus_event ev)
{
    static struct focus_actions out;
    struct buf b;

    ev.now = now;
    focus_event(&f, &ev, &out);
    buf_init(&b, text, sizeof text);
    for (size_t i = 0; i < out.n; i++) {
        const struct focus_action *a = &out.a[i];

        if (a->kind == FA_CHANGED)
            continue;
        buf_addf(&b, "%s%s %s", b.len ? ", " : "", action_name(a->kind), a->id[0] ? a->id : "-");
        if (a->kind == FA_TIMER)
            buf_addf(&b, " %u", (unsigned)a->ms);
        if (a->kind == FA_ANSWER)
            buf_addf(&b, " %u %s", (unsigned)a->ticket, a->code ? err_name(a->code) : "ok");
        if (a->kind == FA_SHOW && a->follow)
            buf_add(&b, " follow");
    }
    return text;
}

static const char *ev(enum focus_event_kind kind, const char *id)
{
    return send((struct focus_event){.kind = kind, .id = id});
}

static const char *ask(const char *id, uint64_t ticket)
{
    return send((struct focus_event){.kind = FE_REQUEST, .id = id, .ticket = ticket});
}

static const char *flagged(enum focus_event_kind kind, const char *id, bool flag)
{
    return send((struct focus_event){.kind = kind, .id = id, .flag = flag});
}

static void add(const char *id, enum background_mode mode)
{
    send((struct focus_event){.kind = FE_ADDED, .id = id, .colour = "#123456", .background = mode});
}

/* a in front, b and c (throttle) and d (run) behind it, all settled. */
static void scene(void)
{
    focus_init(&f, 1000);
    now = 100000;
    add("a", BACKGROUND_FREEZE);
    add("b", BACKGROUND_FREEZE);
    add("c", BACKGROUND_THROTTLE);
    add("d", BACKGROUND_RUN);
    for (const char *id = "abcd"; *id; id++) {
        ev(FE_STARTED, (char[]){*id, '\0'});
        if (*id == 'a') {
            ev(FE_WORKSPACE, "a");
            ev(FE_SHOWN, "a");
        }
    }
    for (const char *id = "bc"; *id; id++) {
        ev(FE_TIMER, (char[]){*id, '\0'});
        flagged(FE_VISIBLE, (char[]){*id, '\0'}, false);
    }
    ev(FE_FROZEN, "b");
    now = 200000;
}

static void test_start(void)
{
    focus_init(&f, 1000);
    add("a", BACKGROUND_FREEZE);
    add("b", BACKGROUND_FREEZE);
    T_STR(ask("a", 1), "answer a 1 not-running");
    T_STR(ask("z", 2), "answer z 2 no-such-persona");
    T_STR(ev(FE_STARTED, "a"), "show a");
    T_STR(ev(FE_SHOWN, "a"), "record a");
    T_STR(ev(FE_STARTED, "b"), "timer b 10000, park b"); /* time to open its windows */
    T_STR(ask("a", 3), "answer a 3 ok");
}

/* The order of design 4.4, word for word. */
static void test_switch(void)
{
    scene();
    T_STR(ask("b", 7), "thaw b, timer b 250, unpark b");
    T_STR(ev(FE_THAWED, "b"), "timer b 0, show b");
    T_STR(ev(FE_WORKSPACE, "b"), "");
    T_STR(ev(FE_SHOWN, "b"), "answer b 7 ok, record b, timer a 1000, park a");
    T_STR(ev(FE_TIMER, "a"), "ask a, timer a 2000");
    T_STR(flagged(FE_VISIBLE, "a", false), "freeze a, timer a 500");
    T_STR(ev(FE_FROZEN, "a"), "timer a 0");
    T_STR(fz_state_name(focus_find(&f, "a")->fz), "frozen");
    T_STR(f.front, "b");
}

static void test_thaw_late(void)
{
    scene();
    ask("b", 7);
    T_STR(ev(FE_TIMER, "b"), "show b"); /* not confirmed in thaw_ms: goes on anyway */
    T_STR(ev(FE_THAWED, "b"), "");
}

static void test_back_in_grace(void)
{
    scene();
    ask("d", 1);
    ev(FE_SHOWN, "d");
    T_STR(ask("a", 2), "timer a 0, show a, unpark a");
    T_STR(ev(FE_SHOWN, "a"), "answer a 2 ok, record a");
    T_STR(ev(FE_TIMER, "a"), "");
}

static void test_fallback(void)
{
    scene();
    ask("d", 1);
    ev(FE_SHOWN, "d");
    ev(FE_TIMER, "a");
    flagged(FE_VISIBLE, "a", false);
    T_STR(ev(FE_TIMER, "a"), "throttle a");
    T(focus_find(&f, "a")->fallback);
    T_STR(ev(FE_FROZEN, "a"), "unthrottle a"); /* late, but well */
    T(!focus_find(&f, "a")->fallback);
    ask("a", 2);
    ev(FE_THAWED, "a");
    ev(FE_SHOWN, "a");
    ask("d", 3);
    ev(FE_SHOWN, "d");
    ev(FE_TIMER, "a");
    flagged(FE_VISIBLE, "a", false);
    ev(FE_TIMER, "a");
    T_STR(ask("a", 4), "unthrottle a, thaw a, timer a 250, unpark a"); /* the freeze was still asked */
}

static void test_visible(void)
{
    scene();
    ask("d", 1);
    ev(FE_SHOWN, "d");
    ev(FE_TIMER, "a");
    T_STR(flagged(FE_VISIBLE, "a", true), "timer a 0"); /* on another output: stays awake */
    T_STR(flagged(FE_VISIBLE, "a", false), "timer a 1000");
    T_STR(flagged(FE_VISIBLE, "b", true), "thaw b, timer b 250");
    T_STR(flagged(FE_VISIBLE, "c", true), "unthrottle c");
    ev(FE_TIMER, "a");
    T_STR(ev(FE_TIMER, "a"), "throttle a"); /* sway says nothing: never frozen unseen */
    T_STR(flagged(FE_VISIBLE, "a", false), "unthrottle a, freeze a, timer a 500");
}

static void test_supersede(void)
{
    scene();
    ask("b", 1);
    T_STR(ask("c", 2), "answer b 1 superseded, unthrottle c, show c, park b, unpark c");
    T_STR(ask("d", 3), "");
    T_STR(ask("a", 4), "answer d 3 superseded");
    T_STR(ev(FE_THAWED, "b"), "timer b 0, timer b 1000");
    T_STR(ev(FE_SHOWN, "c"), "answer c 2 ok, record c, timer a 1000, timer a 0, show a");
    T_STR(ev(FE_SHOW_FAILED, "a"), "answer a 4 sway-failed, timer a 1000, park a");
    T_STR(f.front, "c");
}

static void test_other_road(void)
{
    scene();
    T_STR(ev(FE_WORKSPACE, "b"), "thaw b, timer b 250, unpark b");
    T_STR(ev(FE_THAWED, "b"), "timer b 0, show b follow");
    T_STR(ev(FE_SHOWN, "b"), "record b, timer a 1000, park a");
    T_STR(ev(FE_WORKSPACE, ""), "record -, timer b 1000, park b");
    T_STR(ev(FE_WORKSPACE, "7"), "");
    T_STR(ev(FE_STARTED, "b"), "");
    /* A follow is overtaken by the next news, a stale echo of one's own switch is not followed by a jump. */
    T_STR(ev(FE_WORKSPACE, "a"), "timer a 0, show a follow, unpark a");
    T_STR(ev(FE_WORKSPACE, "d"), "");
    T_STR(ev(FE_SHOWN, "a"), "record a, show d follow");
}

/* On a busy machine sway's words come after the answer to the command that came later. d runs behind, so that
 * no thaw is between. */
static void test_late_words(void)
{
    scene();
    T(strstr(ask("d", 7), "show d") != NULL);
    T_STR(ev(FE_WORKSPACE, "c"), ""); /* from before */
    ev(FE_SHOWN, "d");
    T_STR(f.front, "d");
    T_STR(ev(FE_WORKSPACE, "a"), ""); /* still from before */
    T_STR(f.front, "d");
    T_NAMED(strstr(ask("a", 8), "show a") != NULL, "a wish that comes then is not taken for granted");
    T_STR(ev(FE_WORKSPACE, "d"), "");
    ev(FE_SHOWN, "a");
    T_STR(ev(FE_WORKSPACE, "a"), ""); /* at last */
    T_STR(f.front, "a");
    T_NAMED(strstr(ev(FE_WORKSPACE, "d"), "show d follow") != NULL, "from here on it is news");
    ev(FE_SHOWN, "d");
    T_STR(f.front, "d");
    /* It may be that sway was there already and has nothing to say: news is news again after a while. */
    ask("a", 9);
    ev(FE_SHOWN, "a");
    now += 2001;
    T(strstr(ev(FE_WORKSPACE, "d"), "show d follow") != NULL);
    ev(FE_SHOWN, "d");
    T_STR(f.front, "d");
    /* A command that failed: sway is where it said last. */
    ask("a", 10);
    ev(FE_WORKSPACE, "c");
    ev(FE_SHOW_FAILED, "a");
    T_STR(f.seen, "c");
    T_STR(f.target, "c");
}

static void test_holds(void)
{
    scene();
    T_STR(ev(FE_HOLD, "b"), "thaw b, timer b 250");
    T_STR(ev(FE_HOLD, "b"), "");
    T_STR(ev(FE_THAWED, "b"), "timer b 0, ready b");
    T_STR(ev(FE_RELEASE, "b"), "");
    T_STR(ev(FE_RELEASE, "b"), "timer b 1000");
    T_STR(ev(FE_HOLD, "c"), "unthrottle c, ready c");
    T_STR(flagged(FE_HOLD, "b", true), "timer b 0, ready b"); /* an exec session */
    T_STR(ask("d", 1), "show d");
    T_STR(ev(FE_SHOWN, "d"), "answer d 1 ok, record d, timer a 1000, timer b 1000, park a");
    T_STR(flagged(FE_RELEASE, "b", true), "");
    T_STR(ev(FE_RELEASE, "c"), "timer c 1000");
    T_STR(ev(FE_RELEASE, "c"), "");
}

static void test_ends(void)
{
    scene();
    ask("d", 1);
    ev(FE_SHOWN, "d");
    T_STR(ev(FE_STOPPED, "d"), "record -, timer a 0, show a, unpark a");
    T_STR(ev(FE_STOPPED, "b"), "thaw b, unpark b");
    ev(FE_SHOWN, "a");
    ask("c", 2);
    T_STR(ev(FE_STOPPED, "c"), "answer c 2 not-running"); /* its show is out, the end is awaited */
    T_STR(ev(FE_REMOVED, "c"), "");
    T_STR(ev(FE_SHOWN, "c"), "show a");
    T_STR(ev(FE_SHOWN, "a"), "");
    T_STR(ev(FE_STOPPED, "a"), "record -");
    T_STR(ev(FE_TIMER, "c"), "");
}

static void test_compositor(void)
{
    scene();
    T_STR(flagged(FE_SWAY, "", false), "");
    T_STR(ask("b", 1), "answer b 1 sway-failed");
    T_STR(ev(FE_WORKSPACE, "b"), "");
    T_STR(flagged(FE_SWAY, "", true), "show a");
    T_STR(ev(FE_SHOWN, "a"), "");
    ask("b", 2);
    flagged(FE_SWAY, "", false);
    T_STR(ev(FE_THAWED, "b"), "timer b 0, answer b 2 sway-failed, timer b 1000, park b");
    T_STR(ev(FE_TIMER, "b"), "freeze b, timer b 500"); /* no compositor, nothing to be seen */
}

static const char *pick(enum focus_pick how, unsigned n)
{
    const struct focus_persona *p = focus_pick(&f, how, n);

    return p ? p->id : "-";
}

static void test_pick(void)
{
    scene();
    T_STR(pick(PICK_NUMBER, 0), "-");
    T_STR(pick(PICK_NUMBER, 1), "a");
    T_STR(pick(PICK_NUMBER, 4), "d");
    T_STR(pick(PICK_NUMBER, 5), "-");
    T_STR(pick(PICK_NEXT, 0), "b");
    T_STR(pick(PICK_PREVIOUS, 0), "d");
    ask("c", 1);
    T_STR(pick(PICK_NEXT, 0), "d"); /* counted from where the switch leads */
    ev(FE_SHOWN, "c");
    T_STR(pick(PICK_LAST, 0), "a");
    for (const char *id = "abd"; *id; id++)
        ev(FE_STOPPED, (char[]){*id, '\0'});
    T_STR(pick(PICK_NEXT, 0), "-");
    T_STR(pick(PICK_LAST, 0), "-");
    T_STR(pick(PICK_NUMBER, 1), "c");
}

static void test_full(void)
{
    char id[8];

    focus_init(&f, 0);
    T(f.grace_ms > 0); /* 0 would mean: never */
    for (int i = 0; i <= FOCUS_PERSONAS_MAX; i++) {
        snprintf(id, sizeof id, "p%d", i);
        add(id, BACKGROUND_FREEZE);
    }
    T(focus_find(&f, "p63") != NULL);
    T(focus_find(&f, "p64") == NULL);
    for (int s = 0; s < FZ_STATE_COUNT; s++)
        T(strcmp(fz_state_name((enum fz_state)s), "unknown") != 0);
}

int main(void)
{
    test_start();
    test_switch();
    test_thaw_late();
    test_back_in_grace();
    test_fallback();
    test_visible();
    test_supersede();
    test_other_road();
    test_late_words();
    test_holds();
    test_ends();
    test_compositor();
    test_pick();
    test_full();
    return t_done();
}
