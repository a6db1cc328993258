/* SPDX-License-Identifier: MIT
 * A persona that keeps the machine under pressure: slowed down first, ended if that does not help. States x
 * events; the kernel's triggers (PSI) are the events, and time. */
#ifndef BAY0_CORE_PRESSURE_H
#define BAY0_CORE_PRESSURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pressure_state {
    PRESSURE_CALM,
    PRESSURE_RISING,  /* it presses; not for long yet */
    PRESSURE_SLOWED,  /* throttled */
    PRESSURE_PAROLE,  /* at full speed again, and not forgotten */
    PRESSURE_AGAIN,   /* presses again: slowing it down had helped, so it is the cause */
    PRESSURE_CLEARED, /* slowing it down did not help: others are the cause */
    PRESSURE_STATES
};
enum pressure_event {
    PRESSURE_NEWS,    /* it waits, and the Spine waits too */
    PRESSURE_OWN,     /* its own programs stall each other, all of them */
    PRESSURE_QUIET,   /* neither for PRESSURE_QUIET_MS */
    PRESSURE_LASTED,  /* the state has lasted as long as it may */
    PRESSURE_IN_VAIN, /* the same, and nothing in it was its own */
    PRESSURE_EVENTS
};
enum pressure_action { PRESSURE_NOTHING, PRESSURE_SLOW, PRESSURE_RELEASE, PRESSURE_END };

enum {
    PRESSURE_QUIET_MS = 7000, /* three windows of a trigger, and a little */
    PRESSURE_HOLD_MS = 20000,
    PRESSURE_PAROLE_MS = 300000
};

struct pressure_cell {
    enum pressure_action action;
    enum pressure_state next;
};
extern const struct pressure_cell pressure_table[PRESSURE_STATES][PRESSURE_EVENTS];

struct pressure {
    enum pressure_state state;
    uint64_t since, news, own; /* ms: of the state, of the last trigger, of the last that was its own doing */
    uint32_t row;              /* of pressure_rows, of the last trigger */
};

/* A trigger fired. */
enum pressure_action pressure_news(struct pressure *p, bool own, uint64_t now);
/* Time has gone on. */
enum pressure_action pressure_tick(struct pressure *p, uint64_t now);
/* How long until the next tick; 0: none is needed. */
uint64_t pressure_wait(const struct pressure *p, uint64_t now);
bool pressure_slows(const struct pressure *p);

/* What is watched of each persona. A stall of all its programs for memory is its own doing, at its own
 * ceiling, and costs the disk as well. Waiting for CPU or disk is work, and harms only when the Spine has to
 * wait too. */
struct pressure_row {
    const char *resource; /* cpu, memory, io */
    const char *trigger;  /* as the kernel wants it */
    bool harmless_alone;
};
enum { PRESSURE_ROWS = 3 };
extern const struct pressure_row pressure_rows[PRESSURE_ROWS];
/* Groups that must not wait. */
enum { PRESSURE_VICTIMS = 2 };
extern const char *const pressure_victims[PRESSURE_VICTIMS];
/* Microseconds for which something in a group has waited so far, from its pressure file; 0: not told. */
uint64_t pressure_total(const char *text);
/* Whether that grew by a tenth of the time between two looks that are not too far apart. */
bool pressure_waits(uint64_t before, uint64_t after, uint64_t ms);

#endif
