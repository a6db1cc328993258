/* SPDX-License-Identifier: MIT
 * The strip: a bar at the top of every output, above everything, that says whose turn it is. */
#include <stdio.h>
#include <string.h>

#include "switcher/state.h"
#include "switcher/wlr-layer-shell-unstable-v1-client.h"

static void lay_out(struct surface *s)
{
    struct client *c = s->client;

    layout_strip(&c->layout, &c->model, &c->config, s->scale, s->width * (int)s->scale, c->say);
}

/* The output is going; its removal from the registry comes too, or a new configuration brings it back. */
static void closed(struct surface *s)
{
    surface_hide(s);
}

void strip_show(struct client *c, struct output *o)
{
    struct surface_wish w = {
        .output = o->public.output,
        .name = "spine-strip",
        .anchor = ZWLR_LAYER_SURFACE_V1_ANCHOR_TOP | ZWLR_LAYER_SURFACE_V1_ANCHOR_LEFT |
                  ZWLR_LAYER_SURFACE_V1_ANCHOR_RIGHT,
        .height = layout_strip_height(&c->config, 1),
        .zone = layout_strip_height(&c->config, 1),
        .scale = (unsigned)o->public.scale,
    };

    o->strip.client = c;
    o->strip.lay_out = lay_out;
    o->strip.closed = closed;
    if (c->layer_shell)
        surface_show(&o->strip, &w);
}

void strip_redraw(struct client *c)
{
    for (unsigned i = 0; i < c->output_count; i++)
        surface_redraw(&c->outputs[i].strip);
}

static void say_over(void *data)
{
    struct client *c = data;

    c->say[0] = '\0';
    strip_redraw(c);
}

void client_say(struct client *c, const char *text)
{
    snprintf(c->say, sizeof(c->say), "%s", text);
    c->say_end.fn = say_over;
    c->say_end.data = c;
    client_timer_start(c, &c->say_end, 6000);
    strip_redraw(c);
}
