/* SPDX-License-Identifier: MIT
 * Tests of the windows that make up a persona's screen, read from trees as sway 1.12 gives them. */
#include "switcher/core/windows.h"
#include "tests/t.h"

static struct windows w;
static char tree[1 << 20];

#define WINDOW(owner, handle, x, y, wide, high, more)                                                        \
    "{\"id\":" handle                                                                                        \
    "1,\"type\":\"con\",\"layout\":\"none\",\"nodes\":[],\"floating_nodes\":[],\"rect\":{\"x\":" x           \
    ",\"y\":" y ",\"width\":" wide ",\"height\":" high "},\"window_rect\":{\"x\":3,\"y\":0,\"width\":" wide  \
    ",\"height\":" high "},\"sandbox_engine\":\"org.alpinespine\",\"sandbox_instance_id\":\"" owner          \
    "\",\"foreign_toplevel_identifier\":\"h" handle "\"" more "}"

/* The windows of `work`, "h1@x,y+w+h ..."; "none" without such a workspace. The output lies at 100,50. */
static const char *shown(const char *layout, const char *focus, const char *nodes, const char *floating)
{
    static char text[4096];
    size_t n = 0;

    snprintf(tree, sizeof tree,
             "{\"type\":\"root\",\"nodes\":[{\"type\":\"output\",\"name\":\"__i3\",\"nodes\":[{\"type\":"
             "\"workspace\","
             "\"name\":\"__i3_scratch\",\"floating_nodes\":[" WINDOW(
                 "work", "77", "0", "0", "9", "9",
                 "") "]}]},"
                     "{\"type\":\"output\",\"name\":\"X\",\"rect\":{\"x\":100,\"y\":50,\"width\":1280,"
                     "\"height\":720},\"nodes\":["
                     "{\"type\":\"workspace\",\"name\":\"other\",\"nodes\":[" WINDOW(
                         "work", "78", "0", "0", "9", "9",
                         "") "]},"
                             "{\"type\":\"workspace\",\"name\":\"work\",\"layout\":\"%s\",\"focus\":[%s],"
                             "\"nodes\":[%s],\"floating_nodes\":"
                             "[%s]}]}]}",
             layout, focus, nodes, floating);
    if (windows_parse(tree, strlen(tree), "work", &w))
        return "none";
    text[0] = '\0';
    for (size_t i = 0; i < w.n; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%s@%d,%d+%d+%d", i ? " " : "", w.at[i].handle,
                              w.at[i].x, w.at[i].y, w.at[i].width, w.at[i].height);
    return text;
}

static void test_places(void)
{
    T_STR(shown("splith", "", WINDOW("work", "1", "100", "75", "640", "695", ""), ""), "h1@3,25+640+695");
    T_INT(w.width, 1280);
    T_INT(w.height, 720);
    T_STR(shown("splith", "",
                WINDOW("work", "1", "100", "50", "10", "10", "") "," WINDOW("work", "2", "110", "50", "10",
                                                                            "10", ""),
                WINDOW("work", "3", "90", "40", "5", "5", "")),
          "h1@3,0+10+10 h2@13,0+10+10 h3@-7,-10+5+5");
    T_STR(shown("splith", "",
                "{\"type\":\"con\",\"layout\":\"splitv\",\"nodes\":[" WINDOW(
                    "work", "1", "100", "50", "10", "10", "") "," WINDOW("work", "2", "100", "60", "10", "10",
                                                                         "") "]}",
                ""),
          "h1@3,0+10+10 h2@3,10+10+10");
    T_STR(shown("splith", "", "", ""), "");
}

static void test_owners(void)
{
    T_STR(shown("splith", "",
                WINDOW("play", "1", "100", "50", "10", "10", "") "," WINDOW("work", "2", "110", "50", "10",
                                                                            "10", ""),
                WINDOW("work2", "3", "90", "40", "5", "5", "")),
          "h2@13,0+10+10");
    T_STR(shown("splith", "",
                "{\"type\":\"con\",\"rect\":{\"x\":0,\"y\":0},\"window_rect\":{\"x\":0,\"y\":0,\"width\":5,"
                "\"height\":5},"
                "\"sandbox_engine\":\"org.flatpak\",\"sandbox_instance_id\":\"work\",\"foreign_toplevel_"
                "identifier\":\"f\"}",
                ""),
          "");
    T_STR(shown("splith", "",
                "{\"type\":\"con\",\"name\":\"work\",\"app_id\":\"work\",\"rect\":{\"x\":0,\"y\":0},\"window_"
                "rect\":{\"x\":0,"
                "\"y\":0,\"width\":5,\"height\":5},\"foreign_toplevel_identifier\":\"f\"}",
                ""),
          "");
}

static void test_covered(void)
{
#define THREE                                                                                                \
    WINDOW("work", "1", "100", "50", "10", "10", "")                                                         \
    "," WINDOW("work", "2", "100", "50", "10", "10", "") "," WINDOW("work", "3", "100", "50", "10", "10", "")
    T_STR(shown("tabbed", "21,11,31", THREE, ""), "h2@3,0+10+10");
    T_STR(shown("stacked", "31", THREE, ""), "h3@3,0+10+10");
    T_STR(shown("tabbed", "999,11", THREE, ""), "h1@3,0+10+10");
    T_STR(shown("splith", "21", THREE, ""), "h1@3,0+10+10 h2@3,0+10+10 h3@3,0+10+10");
    T_STR(shown("splith", "21",
                WINDOW("work", "1", "100", "50", "10", "10", "") "," WINDOW("work", "2", "100", "50", "1280",
                                                                            "720", ",\"fullscreen_mode\":1"),
                WINDOW("work", "3", "90", "40", "5", "5", "")),
          "h2@3,0+1280+720");
    /* Somebody else's over all of it: then nothing of its own is seen. */
    T_STR(shown("splith", "",
                WINDOW("work", "1", "100", "50", "10", "10", "") "," WINDOW("play", "2", "100", "50", "1280",
                                                                            "720", ",\"fullscreen_mode\":2"),
                ""),
          "");
}

static void test_wrong(void)
{
    static const char *const bad[] = {
        "", "null", "[]", "{", "{}", "{\"nodes\":5}", "{\"nodes\":[{\"type\":\"output\"}]}"};
    char many[20000] = "";

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        T_NAMED(windows_parse(bad[i], strlen(bad[i]), "work", &w) == -1, bad[i]);
    shown("splith", "", "", "");
    T_INT(windows_parse(tree, strlen(tree), "absent", &w), -1);
    T_INT(windows_parse(tree, strlen(tree), "../x", &w), -1);
    T_INT(windows_parse(tree, strlen(tree), "", &w), -1);
    T_STR(shown("splith", "", WINDOW("work", "1", "99999", "50", "10", "10", ""), ""), "");
    T_STR(shown("splith", "", WINDOW("work", "1", "9223372036854775807", "50", "10", "10", ""), ""), "");
    T_STR(shown("splith", "", WINDOW("work", "1", "100", "50", "0", "10", ""), ""), "");
    T_STR(shown("splith", "", WINDOW("work", "1", "100", "50", "-5", "10", ""), ""), "");
    T_STR(shown("splith", "",
                WINDOW("work", "1", "100", "50", "10", "10",
                       ",\"foreign_toplevel_identifier\":\"123456789012345678901234567890123\""),
                ""),
          "");
    for (int i = 0; i < WINDOWS_MAX + 5; i++)
        strcat(strcat(many, i ? "," : ""), WINDOW("work", "1", "100", "50", "10", "10", ""));
    shown("splith", "", many, "");
    T_INT(w.n, WINDOWS_MAX);
}

int main(void)
{
    test_places();
    test_owners();
    test_covered();
    test_wrong();
    return t_done();
}
