/* SPDX-License-Identifier: MIT
 * Text for sway, word for word, and what is read from events and trees recorded from sway 1.12. */
#include "tests/t.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/swaytext.h"

#define DATA "bay0/core/fuzz/corpus/sway/"

static char text[SWAY_TEXT_MAX];

static struct buf *fresh(void)
{
    static struct buf b;

    buf_init(&b, text, sizeof text);
    return &b;
}

static void test_show(void)
{
    T_INT(sway_show_text("work", "#FF8800", fresh()), 0);
    T_STR(text, "client.focused #ff8800 #ff8800 #000000 #ff8800 #ff8800; "
                "client.focused_inactive #7f4400 #7f4400 #ffffff #7f4400 #7f4400; "
                "client.unfocused #7f4400 #7f4400 #ffffff #7f4400 #7f4400; workspace \"work\"");
    T_INT(sway_colours_text("#102030", fresh()), 0);
    T_STR(text, "client.focused #102030 #102030 #ffffff #102030 #102030; "
                "client.focused_inactive #081018 #081018 #ffffff #081018 #081018; "
                "client.unfocused #081018 #081018 #ffffff #081018 #081018; ");
}

static void test_readable(void)
{
    static const struct {
        const char *colour, *ink;
    } rows[] = {{"#ffffff", "#000000"}, {"#000000", "#ffffff"}, {"#00ff00", "#000000"},
                {"#0000ff", "#ffffff"}, {"#ff0000", "#ffffff"}, {"#ffff00", "#000000"},
                {"#808080", "#ffffff"}, {"#818181", "#000000"}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        T_INT(sway_colours_text(rows[i].colour, fresh()), 0);
        T_NAMED(strncmp(text + strlen("client.focused #rrggbb #rrggbb "), rows[i].ink, 7) == 0,
                rows[i].colour);
    }
}

static void test_rules(void)
{
    T_INT(sway_rules_text("work", fresh()), 0);
    T_STR(
        text,
        "assign [sandbox_engine=\"^org\\.alpinespine$\" sandbox_instance_id=\"^work$\"] workspace \"work\"; "
        "for_window [sandbox_engine=\"^org\\.alpinespine$\" sandbox_instance_id=\"^work$\"] "
        "move container to workspace \"work\"");
    T_INT(sway_return_text(17, "work", true, fresh()), 0);
    T_STR(text, "[con_id=17] fullscreen disable, move container to workspace \"work\"");
    T_INT(sway_return_text(17, "work", false, fresh()), 0);
    T_STR(text, "[con_id=17] move container to workspace \"work\"");
}

/* `workspace next` would go to the next one, and "spine" is the empty home. */
static void test_reserved(void)
{
    static const char *const ids[] = {"next", "prev", "current", "number", "spine"};
    char want[64], line[256];
    struct sway_event ev;

    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        T_INT(sway_workspace_text(ids[i], fresh()), 0);
        snprintf(want, sizeof want, "=%s", ids[i]);
        T_STR(text, want);
        T_INT(sway_show_text(ids[i], "#000000", fresh()), 0);
        snprintf(want, sizeof want, "workspace \"=%s\"", ids[i]);
        T(strstr(text, want) != NULL);
        snprintf(line, sizeof line, "{\"change\":\"focus\",\"current\":{\"name\":\"=%s\"}}", ids[i]);
        T_INT(sway_event_parse(line, strlen(line), &ev, NULL), 0);
        T_STR(ev.workspace, ids[i]);
    }
    T_INT(sway_workspace_text("nextcloud", fresh()), 0);
    T_STR(text, "nextcloud");
}

static void test_refusals(void)
{
    static const char *const bad[] = {
        "", "Work", "a b", "a;exit", "a\"", "../x", "a,b", "=a", "abcdefghijklmnopqrstuvwxyz012345"};
    char small[40];
    struct buf b;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        T_NAMED(sway_show_text(bad[i], "#000000", fresh()) < 0, bad[i]);
        T_NAMED(sway_rules_text(bad[i], fresh()) < 0, bad[i]);
        T_NAMED(sway_return_text(1, bad[i], true, fresh()) < 0, bad[i]);
        T_NAMED(sway_workspace_text(bad[i], fresh()) < 0, bad[i]);
    }
    T(sway_show_text("work", "red", fresh()) < 0);
    T(sway_show_text("work", "#12345", fresh()) < 0);
    T(sway_show_text("work", "#12345;", fresh()) < 0);
    T(sway_return_text(0, "work", true, fresh()) < 0);
    T(sway_return_text(-5, "work", true, fresh()) < 0);
    buf_init(&b, small, sizeof small);
    T(sway_show_text("work", "#000000", &b) < 0);
}

static void test_longest(void)
{
    char id[NAME_ID_MAX + 1];

    memset(id, 'a', NAME_ID_MAX);
    id[NAME_ID_MAX] = '\0';
    T_INT(sway_show_text(id, "#abcdef", fresh()), 0);
    T_INT(sway_rules_text(id, fresh()), 0);
    T_INT(sway_return_text(INT64_MAX, id, true, fresh()), 0);
}

static size_t slurp(const char *name, char *out, size_t size)
{
    char path[256];
    size_t n = 0;
    FILE *f;

    snprintf(path, sizeof path, DATA "%s", name);
    f = fopen(path, "r");
    if (!T_NAMED(f != NULL, path))
        return 0;
    n = fread(out, 1, size, f);
    fclose(f);
    return n;
}

static void test_events(void)
{
    static const struct {
        const char *file;
        enum sway_event_kind kind;
        const char *workspace, *instance, *binding;
        bool fullscreen, con;
    } rows[] = {
        {"workspace-focus-work", SWAY_WORKSPACE_FOCUS, "work", "", "", false, false},
        {"workspace-focus-9", SWAY_WORKSPACE_FOCUS, "9", "", "", false, false},
        {"workspace-focus-spine", SWAY_WORKSPACE_FOCUS, "", "", "", false, false},
        {"workspace-init", SWAY_NOTHING, "", "", "", false, false},
        {"workspace-empty", SWAY_NOTHING, "", "", "", false, false},
        {"workspace-urgent", SWAY_NOTHING, "", "", "", false, false},
        {"window-new", SWAY_WINDOW_NEW, "", "work", "", false, true},
        {"window-close", SWAY_WINDOW_CLOSE, "", "work", "", false, true},
        {"window-move", SWAY_WINDOW_MOVE, "", "work", "", false, true},
        {"window-fullscreen_mode", SWAY_WINDOW_FULLSCREEN, "", "web", "", true, true},
        {"window-urgent", SWAY_WINDOW_URGENT, "", "work", "", false, true},
        {"window-title", SWAY_NOTHING, "", "", "", false, false},
        {"window-focus", SWAY_WINDOW_FOCUS, "", "work", "", false, true},
        {"window-floating", SWAY_NOTHING, "", "", "", false, false},
        {"binding-run", SWAY_BINDING, "", "", "nop spine next", false, false},
        {"other-unspecified", SWAY_OUTPUT, "", "", "", false, false},
        {"shutdown", SWAY_SHUTDOWN, "", "", "", false, false},
        {"wrong-types", SWAY_NOTHING, "", "", "", false, false},
    };
    static char line[65536];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sway_event ev;
        struct err e = {0};
        size_t n = slurp(rows[i].file, line, sizeof line);

        T_INT(sway_event_parse(line, n, &ev, &e), 0);
        T_INT(ev.kind, rows[i].kind);
        T_STR(ev.workspace, rows[i].workspace);
        T_STR(ev.instance, rows[i].instance);
        T_STR(ev.binding, rows[i].binding);
        T_INT(ev.fullscreen, rows[i].fullscreen);
        T_INT(ev.con_id > 0, rows[i].con);
    }
}

static void test_urgent(void)
{
    static const char set[] = "{\"change\":\"urgent\",\"container\":{\"id\":4,\"urgent\":true,\"sandbox_"
                              "engine\":\"org.alpinespine\","
                              "\"sandbox_instance_id\":\"work\"}}";
    static const char taken_back[] = "{\"change\":\"urgent\",\"container\":{\"id\":4,\"urgent\":false,"
                                     "\"sandbox_engine\":\"org.alpinespine\","
                                     "\"sandbox_instance_id\":\"work\"}}";
    struct sway_event ev;
    struct err e = {0};

    T_INT(sway_event_parse(set, sizeof set - 1, &ev, &e), 0);
    T(ev.kind == SWAY_WINDOW_URGENT && ev.urgent);
    T_INT(sway_event_parse(taken_back, sizeof taken_back - 1, &ev, &e), 0);
    T(ev.kind == SWAY_WINDOW_URGENT && !ev.urgent);
}

/* An id or an engine that is not ours makes a window nobody's, whatever its title says. */
static void test_strangers(void)
{
    static const char *const lines[] = {
        "{\"change\":\"new\",\"container\":{\"id\":4,\"sandbox_engine\":\"org.flatpak\",\"sandbox_instance_"
        "id\":\"work\"}}",
        "{\"change\":\"new\",\"container\":{\"id\":4,\"sandbox_engine\":null,\"sandbox_instance_id\":null,"
        "\"app_id\":\"work\"}}",
        "{\"change\":\"new\",\"container\":{\"id\":4,\"sandbox_engine\":\"org.alpinespine\",\"sandbox_"
        "instance_id\":\"a;exit\"}}",
    };
    struct sway_event ev;
    struct err e = {0};

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        T_INT(sway_event_parse(lines[i], strlen(lines[i]), &ev, NULL), 0);
        T_INT(ev.kind, SWAY_WINDOW_NEW);
        T_STR(ev.instance, "");
    }
    T_INT(sway_event_parse("{", 1, &ev, &e), -1);
    T_INT(e.code, ERR_SWAY);
    T_INT(sway_event_parse("", 0, &ev, NULL), -1);
    T_INT(sway_event_parse("[]", 2, &ev, NULL), -1);
}

static void note(void *user, const char *instance, const char *workspace, int64_t con_id, bool visible,
                 bool fullscreen)
{
    buf_addf(user, "%s on <%s> #%lld%s%s; ", instance, workspace, (long long)con_id,
             visible ? " visible" : "", fullscreen ? " fullscreen" : "");
}

static void test_tree(void)
{
    static const char covered[] = "{\"type\":\"root\",\"nodes\":[{\"type\":\"output\",\"current_workspace\":"
                                  "\"web\",\"nodes\":[{\"type\":\"workspace\","
                                  "\"name\":\"web\",\"nodes\":[{\"type\":\"con\",\"layout\":\"tabbed\","
                                  "\"nodes\":[{\"id\":5,\"type\":\"con\",\"visible\":false,"
                                  "\"sandbox_engine\":\"org.alpinespine\",\"sandbox_instance_id\":\"a\"}]}],"
                                  "\"floating_nodes\":[{\"id\":6,\"type\":"
                                  "\"floating_con\",\"visible\":true,\"fullscreen_mode\":2,\"sandbox_"
                                  "engine\":\"org.alpinespine\",\"sandbox_instance_id\":\"b\"},"
                                  "{\"id\":7,\"type\":\"floating_con\",\"visible\":true,\"app_id\":\"b\"}]}]}"
                                  ",{\"type\":\"output\",\"nodes\":[{\"type\":"
                                  "\"workspace\",\"name\":\"__i3_scratch\",\"floating_nodes\":[{\"id\":8,"
                                  "\"type\":\"floating_con\",\"sandbox_engine\":"
                                  "\"org.alpinespine\",\"sandbox_instance_id\":\"c\"}]}]}]}";
    static char tree[65536];
    struct err e = {0};
    size_t n = slurp("tree-two-workspaces", tree, sizeof tree);
    struct buf *b = fresh();

    T_INT(sway_tree_parse(tree, n, note, b, &e), 0);
    T_STR(text, "work on <work> #6; work on <work> #10; web on <web> #8 visible fullscreen; ");
    b = fresh();
    T_INT(sway_tree_parse(covered, strlen(covered), note, b, &e), 0);
    T_STR(text, "a on <web> #5 visible; b on <web> #6 visible fullscreen; c on <> #8; ");
    n = slurp("tree-deep", tree, sizeof tree);
    T_INT(sway_tree_parse(tree, n, note, fresh(), &e), -1);
    T_INT(e.code, ERR_SWAY);
    T_INT(sway_tree_parse(tree, n - 1, note, fresh(), NULL), -1);
}

static void test_result(void)
{
    static const struct {
        const char *text;
        int rc;
        const char *says;
    } rows[] = {
        {"[{\"success\":true}]", 0, ""},
        {"[{\"success\": true}, {\"success\": true}]", 0, ""},
        {"[{\"success\":true},{\"success\":false,\"parse_error\":true,\"error\":\"No such thing\"}]", -1,
         "sway did not carry out a command: No such thing"},
        {"[{\"success\":false}]", -1, "sway did not carry out a command: "},
        {"[{\"success\":\"true\"}]", -1, "sway did not carry out a command: "},
        {"[{\"success\":true},7]", -1, "sway did not carry out a command: "},
        {"[]", -1, "sway's word on a command is none (2 bytes)"},
        {"{\"success\":true}", -1, "sway's word on a command is none (16 bytes)"},
        {"[{\"success\":true}", -1, "sway's word on a command is none (17 bytes)"},
        {"", -1, "sway's word on a command is none (0 bytes)"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct err e = {0};

        T_INT(sway_result_parse(rows[i].text, strlen(rows[i].text), &e), rows[i].rc);
        T_INT(e.code, rows[i].rc ? ERR_SWAY : ERR_NONE);
        T_STR(e.message, rows[i].says);
    }
}

int main(void)
{
    test_show();
    test_readable();
    test_rules();
    test_reserved();
    test_refusals();
    test_longest();
    test_events();
    test_urgent();
    test_strangers();
    test_tree();
    test_result();
    return t_done();
}
