/* SPDX-License-Identifier: MIT
 * The configuration: what is right is taken, what is wrong is said and changes nothing. */
#include "switcher/core/config.h"
#include "tests/t.h"

static struct {
    unsigned count, line;
    char sentence[CONFIG_ERR];
} said;

static void complain(void *data, unsigned line, const char *sentence)
{
    (void)data;
    said.count++;
    said.line = line;
    snprintf(said.sentence, sizeof(said.sentence), "%s", sentence);
}

static struct config parse(const char *text)
{
    struct config c;

    config_default(&c);
    memset(&said, 0, sizeof(said));
    config_parse(&c, text, strlen(text), complain, NULL);
    return c;
}

static void test_right(void)
{
    struct config c = parse("# a comment\n\n  modifier = Mod1\nkey-next=Right\r\nkey-last = Ctrl+Shift+F2\n"
                            "colour-panel = #A0b1C2\nfont-size = 24\nscale = 150\nstrip-height = 40\n"
                            "font = /usr/share/fonts/a b.ttf");

    T_INT(said.count, 0);
    T_STR(c.modifier, "Mod1");
    T_STR(c.keys[HOTKEY_NEXT], "Right");
    T_STR(c.keys[HOTKEY_LAST], "Ctrl+Shift+F2");
    T_STR(c.keys[HOTKEY_PREVIOUS], "Shift+Tab");
    T_INT(c.colours[COLOUR_PANEL], 0xa0b1c2);
    T_INT(c.font_size, 24);
    T_INT(c.scale, 150);
    T_INT(c.strip_height, 40);
    T_STR(c.font, "/usr/share/fonts/a b.ttf");
}

static void test_wrong(void)
{
    static const char *const lines[] = {
        "modifier = Mod9",
        "modifier =",
        "key-next = ",
        "key-next = Tab exec x",
        "key-next = Tab;exit",
        "key-next = Super+Tab",
        "key-next = Shift+",
        "key-next = aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "colour-text = red",
        "colour-text = #12345",
        "colour-text = #12345g",
        "colour-text = #1234567",
        "font-size = 17",
        "font-size = 49",
        "font-size = -20",
        "font-size = 20px",
        "font-size = 99999999999999999999",
        "scale = 99",
        "scale = 301",
        "strip-height = 25",
        "strip-height = 97",
        "font = DejaVu",
        "font = /a:b",
        "font = /a\\b",
        "fnt = /a",
        "just words",
        "= value",
    };
    struct config shipped;

    config_default(&shipped);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct config c = parse(lines[i]);

        T_NAMED(memcmp(&c, &shipped, sizeof(c)) == 0 && said.count == 1 && said.line == 1, lines[i]);
    }
    parse("\n# ok\nscale = much\n");
    T_INT(said.line, 3);
    T_STR(said.sentence, "scale wants percent from 100 to 300; it stays as it was");
}

static void test_together(void)
{
    struct config c = parse("key-next = x\nkey-last = x\n"), shipped;

    config_default(&shipped);
    T_INT(said.count, 1);
    T_NAMED(memcmp(c.keys, shipped.keys, sizeof(c.keys)) == 0, "two of the same: all keys as shipped");
    c = parse("font-size = 40\n");
    T_INT(said.count, 1);
    T_INT(c.strip_height, 48);
    c = parse("");
    T_NAMED(memcmp(&c, &shipped, sizeof(c)) == 0 && said.count == 0, "an empty file changes nothing");
}

/* The file that is shipped says what the program has anyway. */
static void test_shipped(void)
{
    static char text[CONFIG_BYTES];
    struct config c, shipped;
    FILE *f = fopen("switcher/switcher.conf", "re");
    size_t n = f ? fread(text, 1, sizeof(text), f) : 0;

    if (f)
        fclose(f);
    memset(&said, 0, sizeof(said));
    config_default(&shipped);
    memset(&c, 0, sizeof(c));
    config_parse(&c, text, n, complain, NULL);
    T(n > 0);
    T_INT(said.count, 0);
    T_NAMED(memcmp(&c, &shipped, sizeof(c)) == 0, "switcher.conf says every default");
}

int main(void)
{
    test_right();
    test_wrong();
    test_together();
    test_shipped();
    return t_done();
}
