/* SPDX-License-Identifier: MIT
 * The switcher's configuration as a table of names and checks. */
#include "switcher/core/config.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

const char *const config_key_words[HOTKEY_COUNT] = {
    [HOTKEY_NEXT] = "next",         [HOTKEY_PREVIOUS] = "previous",     [HOTKEY_LAST] = "last",
    [HOTKEY_LAUNCHER] = "launcher", [HOTKEY_CARRY_COPY] = "carry-copy", [HOTKEY_CARRY_PASTE] = "carry-paste",
};

void config_default(struct config *c)
{
    *c = (struct config){
        .modifier = "Mod4",
        .keys = {[HOTKEY_NEXT] = "Tab",
                 [HOTKEY_PREVIOUS] = "Shift+Tab",
                 [HOTKEY_LAST] = "grave",
                 [HOTKEY_LAUNCHER] = "d",
                 [HOTKEY_CARRY_COPY] = "Shift+c",
                 [HOTKEY_CARRY_PASTE] = "Shift+v"},
        .colours = {[COLOUR_PANEL] = 0x12161d,
                    [COLOUR_CARD] = 0x1c222c,
                    [COLOUR_SELECTED] = 0x2b3546,
                    [COLOUR_ACCENT] = 0x7db2ff,
                    [COLOUR_TEXT] = 0xf2f5f9,
                    [COLOUR_DIM] = 0xaab4c2,
                    [COLOUR_WARN] = 0xffb454,
                    [COLOUR_ERROR] = 0xff8080},
        .font = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
        .font_bold = "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf",
        .font_size = 18,
        .scale = 100,
        .strip_height = 28,
    };
}

struct value {
    const char *text;
    size_t len;
};

/* Checks v and puts it at `at`; false leaves that alone. */
typedef bool (*take_fn)(const struct value *v, void *at);

static bool one_of(const struct value *v, const char *const *words)
{
    for (; *words; words++)
        if (strlen(*words) == v->len && memcmp(*words, v->text, v->len) == 0)
            return true;
    return false;
}

static bool word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool take_modifier(const struct value *v, void *at)
{
    static const char *const words[] = {"Mod4", "Mod1", "Ctrl", NULL};

    if (!one_of(v, words))
        return false;
    memcpy(at, v->text, v->len);
    ((char *)at)[v->len] = '\0';
    return true;
}

/* Becomes part of a command to sway: letters, digits and _ only, with Shift+, Ctrl+ or Alt+ before them. */
static bool take_key(const struct value *v, void *at)
{
    struct value key = *v;
    static const char *const before[] = {"Shift", "Ctrl", "Mod1", "Alt", NULL};

    if (v->len >= CONFIG_KEY)
        return false;
    for (const char *plus; (plus = memchr(key.text, '+', key.len));) {
        struct value word = {key.text, (size_t)(plus - key.text)};

        if (!one_of(&word, before))
            return false;
        key.len -= word.len + 1;
        key.text = plus + 1;
    }
    if (key.len == 0)
        return false;
    for (size_t i = 0; i < key.len; i++)
        if (!word_char(key.text[i]))
            return false;
    memcpy(at, v->text, v->len);
    ((char *)at)[v->len] = '\0';
    return true;
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool take_colour(const struct value *v, void *at)
{
    uint32_t colour = 0;

    if (v->len != 7 || v->text[0] != '#')
        return false;
    for (size_t i = 1; i < v->len; i++) {
        if (hex(v->text[i]) < 0)
            return false;
        colour = colour << 4 | (uint32_t)hex(v->text[i]);
    }
    *(uint32_t *)at = colour;
    return true;
}

/* An absolute path of plain characters: it becomes part of a font's pattern, where : , - = and \ have a
 * meaning. */
static bool take_path(const struct value *v, void *at)
{
    if (v->len < 2 || v->len >= CONFIG_PATH || v->text[0] != '/')
        return false;
    for (size_t i = 0; i < v->len; i++)
        if (!word_char(v->text[i]) && !strchr("/.- ", v->text[i]))
            return false;
    memcpy(at, v->text, v->len);
    ((char *)at)[v->len] = '\0';
    return true;
}

static bool number(const struct value *v, unsigned min, unsigned max, unsigned *out)
{
    unsigned n = 0;

    if (v->len == 0 || v->len > 6)
        return false;
    for (size_t i = 0; i < v->len; i++) {
        if (v->text[i] < '0' || v->text[i] > '9')
            return false;
        n = n * 10 + (unsigned)(v->text[i] - '0');
    }
    if (n < min || n > max)
        return false;
    *out = n;
    return true;
}

static bool take_font_size(const struct value *v, void *at)
{
    return number(v, CONFIG_FONT_MIN, CONFIG_FONT_MAX, at);
}

static bool take_scale(const struct value *v, void *at)
{
    return number(v, 100, 300, at);
}

static bool take_strip(const struct value *v, void *at)
{
    return number(v, 26, 96, at);
}

#define COLOUR "a colour such as #1c222c"
#define KEY    "a key's name such as Tab or Shift+c"
#define FONT   "the absolute path of a font file"

static const struct row {
    const char *name;
    take_fn take;
    size_t at;
    const char *want;
} rows[] = {
    {"modifier", take_modifier, offsetof(struct config, modifier), "Mod4, Mod1 or Ctrl"},
    {"key-next", take_key, offsetof(struct config, keys[HOTKEY_NEXT]), KEY},
    {"key-previous", take_key, offsetof(struct config, keys[HOTKEY_PREVIOUS]), KEY},
    {"key-last", take_key, offsetof(struct config, keys[HOTKEY_LAST]), KEY},
    {"key-launcher", take_key, offsetof(struct config, keys[HOTKEY_LAUNCHER]), KEY},
    {"key-carry-copy", take_key, offsetof(struct config, keys[HOTKEY_CARRY_COPY]), KEY},
    {"key-carry-paste", take_key, offsetof(struct config, keys[HOTKEY_CARRY_PASTE]), KEY},
    {"colour-panel", take_colour, offsetof(struct config, colours[COLOUR_PANEL]), COLOUR},
    {"colour-card", take_colour, offsetof(struct config, colours[COLOUR_CARD]), COLOUR},
    {"colour-selected", take_colour, offsetof(struct config, colours[COLOUR_SELECTED]), COLOUR},
    {"colour-accent", take_colour, offsetof(struct config, colours[COLOUR_ACCENT]), COLOUR},
    {"colour-text", take_colour, offsetof(struct config, colours[COLOUR_TEXT]), COLOUR},
    {"colour-dim", take_colour, offsetof(struct config, colours[COLOUR_DIM]), COLOUR},
    {"colour-warn", take_colour, offsetof(struct config, colours[COLOUR_WARN]), COLOUR},
    {"colour-error", take_colour, offsetof(struct config, colours[COLOUR_ERROR]), COLOUR},
    {"font", take_path, offsetof(struct config, font), FONT},
    {"font-bold", take_path, offsetof(struct config, font_bold), FONT},
    {"font-size", take_font_size, offsetof(struct config, font_size), "a number from 18 to 48"},
    {"scale", take_scale, offsetof(struct config, scale), "percent from 100 to 300"},
    {"strip-height", take_strip, offsetof(struct config, strip_height), "a number from 26 to 96"},
};

static struct value trim(const char *from, const char *to)
{
    while (from < to && (*from == ' ' || *from == '\t'))
        from++;
    while (to > from && (to[-1] == ' ' || to[-1] == '\t' || to[-1] == '\r'))
        to--;
    return (struct value){from, (size_t)(to - from)};
}

/* True, or a sentence in err. */
static bool take_line(struct config *c, const char *from, const char *to, char err[CONFIG_ERR])
{
    struct value line = trim(from, to), name, value;
    const char *equals;

    if (line.len == 0 || line.text[0] == '#')
        return true;
    equals = memchr(line.text, '=', line.len);
    if (!equals) {
        snprintf(err, CONFIG_ERR, "there is no = in it; write name = value");
        return false;
    }
    name = trim(line.text, equals);
    value = trim(equals + 1, line.text + line.len);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strlen(rows[i].name) != name.len || memcmp(rows[i].name, name.text, name.len) != 0)
            continue;
        if (rows[i].take(&value, (char *)c + rows[i].at))
            return true;
        snprintf(err, CONFIG_ERR, "%s wants %s; it stays as it was", rows[i].name, rows[i].want);
        return false;
    }
    snprintf(err, CONFIG_ERR, "there is no such setting; see switcher.conf in /usr/share/spine");
    return false;
}

/* The same two keys for two things would take one of them away for good. */
static void keys_apart(struct config *c, config_complain_fn complain, void *data)
{
    struct config shipped;

    config_default(&shipped);
    for (int i = 0; i < HOTKEY_COUNT; i++)
        for (int k = 0; k < i; k++)
            if (strcmp(c->keys[i], c->keys[k]) == 0) {
                complain(data, 0, "two hotkeys are the same; all hotkeys are as shipped");
                memcpy(c->keys, shipped.keys, sizeof(c->keys));
                return;
            }
}

void config_parse(struct config *c, const char *text, size_t len, config_complain_fn complain, void *data)
{
    const char *end = text + len;
    char err[CONFIG_ERR];
    unsigned line = 0;

    while (text < end) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));

        if (!stop)
            stop = end;
        if (!take_line(c, text, stop, err))
            complain(data, ++line, err);
        else
            line++;
        text = stop + (stop < end);
    }
    keys_apart(c, complain, data);
    if (c->strip_height < c->font_size + 8) {
        c->strip_height = c->font_size + 8;
        complain(data, 0, "strip-height is too small for font-size; it is made fit");
    }
}
