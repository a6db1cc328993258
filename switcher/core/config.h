/* SPDX-License-Identifier: MIT
 * The switcher's configuration: `name = value` lines, every value checked. Pure. */
#ifndef SWITCHER_CORE_CONFIG_H
#define SWITCHER_CORE_CONFIG_H

#include <stddef.h>
#include <stdint.h>

enum {
    CONFIG_BYTES = 16384, /* longest file */
    CONFIG_KEY = 32,      /* size of a hotkey's text, such as Shift+Tab */
    CONFIG_PATH = 256,
    CONFIG_ERR = 200,
    CONFIG_FONT_MIN = 18,
    CONFIG_FONT_MAX = 48,
};

/* Hotkeys, all pressed together with the modifier. The words are those of bay0's key events. */
enum config_key {
    HOTKEY_NEXT,
    HOTKEY_PREVIOUS,
    HOTKEY_LAST,
    HOTKEY_LAUNCHER,
    HOTKEY_CARRY_COPY,
    HOTKEY_CARRY_PASTE,
    HOTKEY_COUNT
};
extern const char *const config_key_words[HOTKEY_COUNT];

enum config_colour {
    COLOUR_PANEL,    /* behind everything */
    COLOUR_CARD,     /* one persona */
    COLOUR_SELECTED, /* the selected one */
    COLOUR_ACCENT,   /* its outline */
    COLOUR_TEXT,
    COLOUR_DIM, /* text of less weight */
    COLOUR_WARN,
    COLOUR_ERROR,
    COLOUR_COUNT
};

struct config {
    char modifier[8];
    char keys[HOTKEY_COUNT][CONFIG_KEY];
    uint32_t colours[COLOUR_COUNT]; /* 0xrrggbb */
    char font[CONFIG_PATH], font_bold[CONFIG_PATH];
    unsigned font_size;    /* pixels at scale 1 */
    unsigned scale;        /* percent, on top of the output's own */
    unsigned strip_height; /* pixels at scale 1, without `scale` */
};

void config_default(struct config *c);

/* One sentence about a line that is not used. */
typedef void (*config_complain_fn)(void *data, unsigned line, const char *sentence);

/* Takes what is right of text over into c; each line that is wrong leaves its value alone and is complained
 * of. */
void config_parse(struct config *c, const char *text, size_t len, config_complain_fn complain, void *data);

#endif
