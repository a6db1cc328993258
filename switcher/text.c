/* SPDX-License-Identifier: MIT
 * Text with fcft: fonts by file, glyphs kept. */
#include <fcft/fcft.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "switcher/core/shape.h"
#include "switcher/draw.h"

struct fonts {
    const struct config *config;
    char path[FONT_COUNT][CONFIG_PATH];
    struct fcft_font *of[FONT_COUNT][LAYOUT_SCALE_MAX + 1];
};

/* The configured file, or where the bases have the same font, or whatever fontconfig takes for sans. */
static void find(char out[CONFIG_PATH], const char *wanted, const char *file)
{
    static const char *const folders[] = {"/usr/share/fonts/truetype/dejavu", "/usr/share/fonts/dejavu",
                                          NULL};

    snprintf(out, CONFIG_PATH, "%s", wanted);
    for (int i = 0; access(out, R_OK) < 0; i++) {
        if (!folders[i]) {
            out[0] = '\0';
            return;
        }
        snprintf(out, CONFIG_PATH, "%s/%s", folders[i], file);
    }
}

static struct fcft_font *font_at(struct fonts *f, enum layout_font which, unsigned scale)
{
    struct fcft_font **at = &f->of[which][scale > LAYOUT_SCALE_MAX ? LAYOUT_SCALE_MAX : scale];
    char name[CONFIG_PATH + 64];
    int pixels = layout_font_pixels(f->config, scale, which);

    if (f->path[which][0])
        snprintf(name, sizeof(name), ":file=%s:pixelsize=%d", f->path[which], pixels);
    else
        snprintf(name, sizeof(name), "sans:pixelsize=%d%s", pixels, which == FONT_STRONG ? ":bold" : "");
    if (!*at)
        *at = fcft_from_name(1, (const char *[]){name}, NULL);
    return *at;
}

struct fonts *fonts_new(const struct config *c)
{
    struct fonts *f = calloc(1, sizeof(*f));

    if (!f)
        return NULL;
    f->config = c;
    find(f->path[FONT_TEXT], c->font, "DejaVuSans.ttf");
    find(f->path[FONT_STRONG], c->font_bold, "DejaVuSans-Bold.ttf");
    if (!fcft_init(FCFT_LOG_COLORIZE_NEVER, false, FCFT_LOG_CLASS_ERROR) || !font_at(f, FONT_TEXT, 1) ||
        !font_at(f, FONT_STRONG, 1)) {
        fonts_free(f);
        return NULL;
    }
    return f;
}

void fonts_free(struct fonts *f)
{
    if (!f)
        return;
    for (int i = 0; i < FONT_COUNT; i++)
        for (int s = 0; s <= LAYOUT_SCALE_MAX; s++)
            if (f->of[i][s])
                fcft_destroy(f->of[i][s]);
    fcft_fini();
    free(f);
}

void fonts_warm(struct fonts *f, unsigned scale)
{
    for (int i = 0; i < FONT_COUNT; i++) {
        struct fcft_font *font = font_at(f, (enum layout_font)i, scale);

        for (uint32_t c = ' '; font && c < 0x7f; c++)
            fcft_rasterize_char_utf32(font, c, FCFT_SUBPIXEL_NONE);
        if (font)
            fcft_rasterize_char_utf32(font, 0x2026, FCFT_SUBPIXEL_NONE);
    }
}

/* A font may lack the glyph: then there is nothing to draw. */
static void glyph_draw(const struct fcft_glyph *g, pixman_image_t *to, pixman_image_t *ink, int x, int base)
{
    bool coloured = g && pixman_image_get_format(g->pix) == PIXMAN_a8r8g8b8;

    if (!g)
        return;
    pixman_image_composite32(PIXMAN_OP_OVER, coloured ? g->pix : ink, coloured ? NULL : g->pix, to, 0, 0, 0,
                             0, x + g->x, base - g->y, g->width, g->height);
}

/* The glyphs of text with their advances; what the font does not have is left out. */
static size_t glyphs_of(struct fcft_font *font, const char *text,
                        const struct fcft_glyph *glyphs[LAYOUT_TEXT], int advances[LAYOUT_TEXT])
{
    size_t n = 0;
    uint32_t cp;

    while (n < LAYOUT_TEXT && (cp = shape_utf8(&text))) {
        glyphs[n] = fcft_rasterize_char_utf32(font, cp, FCFT_SUBPIXEL_NONE);
        if (glyphs[n]) {
            advances[n] = glyphs[n]->advance.x;
            n++;
        }
    }
    return n;
}

void fonts_draw(struct fonts *f, pixman_image_t *to, const struct layout_item *i, unsigned scale)
{
    struct fcft_font *font = font_at(f, i->font, scale);
    const struct fcft_glyph *glyphs[LAYOUT_TEXT] = {NULL}, *dots;
    int advances[LAYOUT_TEXT] = {0}, width = 0, x = i->x, base;
    uint32_t c = i->colour;
    pixman_color_t colour = {(uint16_t)((c >> 16 & 0xff) * 257), (uint16_t)((c >> 8 & 0xff) * 257),
                             (uint16_t)((c & 0xff) * 257), 0xffff};
    pixman_image_t *ink;
    size_t n, fits;

    if (!font || !i->text[0])
        return;
    n = glyphs_of(font, i->text, glyphs, advances);
    dots = fcft_rasterize_char_utf32(font, 0x2026, FCFT_SUBPIXEL_NONE);
    fits = shape_fit(advances, n, i->w, dots ? dots->advance.x : 0);
    for (size_t k = 0; k < fits; k++)
        width += advances[k];
    if (fits < n && dots)
        width += dots->advance.x;
    if (i->align != ALIGN_LEFT)
        x += (i->w - width) / (i->align == ALIGN_CENTRE ? 2 : 1);
    base = i->y + (i->h + font->ascent - font->descent) / 2;
    ink = pixman_image_create_solid_fill(&colour);
    for (size_t k = 0; k < fits; k++) {
        glyph_draw(glyphs[k], to, ink, x, base);
        x += advances[k];
    }
    if (fits < n)
        glyph_draw(dots, to, ink, x, base);
    pixman_image_unref(ink);
}
