/* SPDX-License-Identifier: MIT
 * Reads a desktop entry. Nothing in it is trusted: what does not fit is refused, never cut in the middle of a
 * word. */
#include "spine-cli/desktop.h"

#include "core/buf.h"

#include <string.h>

#define GROUP "[Desktop Entry]"

struct span {
    const char *at; /* NULL: not there */
    size_t len;
};

enum key { TYPE, NAME, EXEC, ICON, NO_DISPLAY, HIDDEN, TRY_EXEC, TERMINAL, ONLY_SHOW_IN, KEYS };

struct values {
    struct span plain[KEYS]; /* the value without a locale; the first of its key counts */
    struct span local;       /* Name in the language of the user */
    int fit;                 /* how well that one fits */
};

static bool equal(struct span s, const char *text)
{
    return s.at && s.len == strlen(text) && memcmp(s.at, text, s.len) == 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct span trim(struct span s)
{
    while (s.len > 0 && is_blank(*s.at)) {
        s.at++;
        s.len--;
    }
    while (s.len > 0 && is_blank(s.at[s.len - 1]))
        s.len--;
    return s;
}

static struct span until(struct span s, char c)
{
    const char *end = s.len > 0 ? memchr(s.at, c, s.len) : NULL;

    if (end)
        s.len = (size_t)(end - s.at);
    return s;
}

/* lang_COUNTRY.ENCODING@MODIFIER, any part but the first may be missing. */
static void split_locale(struct span whole, struct span part[3])
{
    struct span body = until(whole, '@'), named = until(body, '.');

    part[0] = until(named, '_');
    part[1] = (struct span){named.at + part[0].len, named.len - part[0].len};
    part[2] = (struct span){whole.at + body.len, whole.len - body.len};
}

static bool same(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

/* How well a key's locale fits the user's: 0 not at all; the country counts more than the modifier. */
static int fits(struct span key, const char *locale)
{
    struct span theirs[3], ours[3];

    split_locale(key, theirs);
    split_locale((struct span){locale, strlen(locale)}, ours);
    if (theirs[0].len == 0 || !same(theirs[0], ours[0]) || (theirs[1].len > 0 && !same(theirs[1], ours[1])) ||
        (theirs[2].len > 0 && !same(theirs[2], ours[2])))
        return 0;
    return 1 + 2 * (theirs[1].len > 0) + (theirs[2].len > 0);
}

static void take_line(struct span line, const char *locale, struct values *v)
{
    static const char *const names[KEYS] = {
        [TYPE] = "Type",         [NAME] = "Name",        [EXEC] = "Exec",
        [ICON] = "Icon",         [HIDDEN] = "Hidden",    [NO_DISPLAY] = "NoDisplay",
        [TERMINAL] = "Terminal", [TRY_EXEC] = "TryExec", [ONLY_SHOW_IN] = "OnlyShowIn",
    };
    struct span key = until(line, '='), value;

    if (key.len == line.len)
        return;
    value = trim((struct span){key.at + key.len + 1, line.len - key.len - 1});
    key = trim(key);
    if (key.len > 6 && memcmp(key.at, "Name[", 5) == 0 && key.at[key.len - 1] == ']') {
        int fit = fits((struct span){key.at + 5, key.len - 6}, locale);

        if (fit > v->fit) {
            v->local = value;
            v->fit = fit;
        }
        return;
    }
    for (size_t i = 0; i < KEYS; i++)
        if (equal(key, names[i]) && !v->plain[i].at)
            v->plain[i] = value;
}

/* The group must be the first one; what stands after the next one is not of our concern. */
static int read_group(struct span all, const char *locale, struct values *v)
{
    bool inside = false;

    while (all.len > 0) {
        struct span line = until(all, '\n');
        size_t step = line.len < all.len ? line.len + 1 : line.len;

        all.at += step;
        all.len -= step;
        line = trim(line);
        if (line.len == 0 || *line.at == '#')
            continue;
        if (*line.at == '[') {
            if (inside)
                break;
            if (!equal(line, GROUP))
                return -1;
            inside = true;
        } else if (!inside) {
            return -1;
        } else {
            take_line(line, locale, v);
        }
    }
    return inside ? 0 : -1;
}

/* The escapes that every string of such a file may have: \s \n \t \r and \\. */
static int unescape(struct span s, char *out, size_t size)
{
    static const char from[] = "sntr\\", to[] = " \n\t\r\\";
    size_t n = 0;

    for (size_t i = 0; i < s.len; i++) {
        char c = s.at[i];

        if (c == '\\') {
            const char *hit = ++i < s.len && s.at[i] ? strchr(from, s.at[i]) : NULL;

            /* Only a command line has others; they are left to its own rules. */
            if (hit)
                c = to[hit - from];
            else
                i--;
        }
        if (c == '\0' || n + 1 >= size)
            return -1;
        out[n++] = c;
    }
    out[n] = '\0';
    return 0;
}

static int take_name(const struct values *v, struct desktop_entry *out)
{
    char raw[DESKTOP_TEXT_MAX];
    size_t n = 0, step;
    uint32_t code;
    struct buf b;

    if (unescape(v->local.at ? v->local : v->plain[NAME], raw, sizeof raw) || !*raw ||
        !utf8_all(raw, strlen(raw)))
        return -1;
    /* Cut between two characters. What cannot be shown becomes '?', which is never longer. */
    while (raw[n]) {
        step = utf8_char(raw + n, strlen(raw + n), &code);
        if (n + step >= sizeof out->name)
            break;
        n += step;
    }
    buf_init(&b, out->name, sizeof out->name);
    buf_add_printable(&b, raw, n);
    return 0;
}

/* The words of a command line as they are found. */
struct words {
    struct desktop_entry *out;
    size_t len; /* bytes in out->text, with those of the open word */
    bool open;  /* a word is under way */
};

static int put(struct words *w, char c)
{
    if (w->len + 1 >= sizeof w->out->text || (unsigned char)c < 0x20 || c == 0x7f)
        return -1;
    w->out->text[w->len++] = c;
    w->open = true;
    return 0;
}

static int end_word(struct words *w)
{
    if (!w->open)
        return 0;
    if (w->out->words == DESKTOP_WORDS_MAX || w->len == sizeof w->out->text)
        return -1;
    w->out->text[w->len++] = '\0';
    w->out->words++;
    w->open = false;
    return 0;
}

static int put_text(struct words *w, const char *text)
{
    for (; *text; text++)
        if (put(w, *text))
            return -1;
    return 0;
}

/* No file is given to a program here, so the codes for files are left out, and those that are out of date. */
static int field_code(struct words *w, char code)
{
    const struct desktop_entry *e = w->out;

    switch (code) {
    case '%':
        return put(w, '%');
    case 'c':
        return put_text(w, e->name);
    case 'i':
        if (!*e->icon)
            return 0;
        return w->open || put_text(w, "--icon") || end_word(w) || put_text(w, e->icon) ? -1 : 0;
    default:
        return code && strchr("fFuUkdDnNvm", code) ? 0 : -1;
    }
}

static int quoted_word(struct words *w, const char **at)
{
    const char *c = *at + 1;

    if (w->open)
        return -1; /* a word is quoted as a whole or not at all */
    w->open = true;
    for (; *c && *c != '"'; c++) {
        if (*c == '\\') {
            if (!c[1] || !strchr("\"`$\\", c[1]))
                return -1;
            c++;
        } else if (*c == '`' || *c == '$' || (*c == '%' && c[1] != '%')) {
            return -1; /* these need a backslash, and codes have no meaning in quotes */
        } else if (*c == '%') {
            c++;
        }
        if (put(w, *c))
            return -1;
    }
    *at = c;
    return *c == '"' && (c[1] == '\0' || c[1] == ' ') ? 0 : -1;
}

/* The Exec key's rules. -1 for a line that breaks them: it is not guessed what was meant. */
static int split_exec(const char *line, struct desktop_entry *out)
{
    struct words w = {.out = out};

    for (const char *c = line; *c; c++) {
        int rc = 0;

        if (*c == ' ')
            rc = end_word(&w);
        else if (*c == '"')
            rc = quoted_word(&w, &c);
        else if (*c == '%')
            rc = c[1] ? field_code(&w, *++c) : -1;
        else if (strchr("'\\><~|&;$*?#()`", *c))
            rc = -1;
        else
            rc = put(&w, *c);
        if (rc)
            return -1;
    }
    return end_word(&w) || out->words == 0 || out->text[0] == '\0' || out->text[0] == '-' ? -1 : 0;
}

int desktop_parse(const char *text, size_t len, const char *locale, struct desktop_entry *out)
{
    struct values v = {.fit = 0};
    char line[DESKTOP_TEXT_MAX];

    memset(out, 0, sizeof *out);
    if (len > DESKTOP_FILE_MAX || read_group((struct span){text, len}, locale, &v))
        return -1;
    out->shown = equal(v.plain[TYPE], "Application") && !equal(v.plain[NO_DISPLAY], "true") &&
                 !equal(v.plain[HIDDEN], "true") && !v.plain[ONLY_SHOW_IN].at;
    if (!out->shown)
        return 0;
    out->terminal = equal(v.plain[TERMINAL], "true");
    if (take_name(&v, out))
        return -1;
    if (v.plain[TRY_EXEC].at && unescape(v.plain[TRY_EXEC], out->try_exec, sizeof out->try_exec))
        return -1;
    /* A program without a picture is better than no program. */
    if (!v.plain[ICON].at || unescape(v.plain[ICON], out->icon, sizeof out->icon) ||
        !utf8_all(out->icon, strlen(out->icon)))
        out->icon[0] = '\0';
    if (!v.plain[EXEC].at || unescape(v.plain[EXEC], line, sizeof line) || !utf8_all(line, strlen(line)))
        return -1;
    return split_exec(line, out);
}
