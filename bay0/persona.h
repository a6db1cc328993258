/* SPDX-License-Identifier: MIT
 * The personas that are declared: finding them, their sockets, their cgroup, their row in `ps`. */
#ifndef BAY0_PERSONA_H
#define BAY0_PERSONA_H

#include "bay0.h"

#include <jansson.h>

struct persona *persona_find(struct bay0 *b, const char *id); /* NULL when it is not declared */
/* Takes a free slot and fills it. NULL with *e when all are taken. The slot is not in the registry yet. */
struct persona *persona_new(struct bay0 *b, const struct persona_spec *spec, uint32_t range, struct err *e);
/* Gives the slot back: closes its sockets, ends its watch and timer. The pointer stays valid memory. */
void persona_drop(struct persona *p);

/* Run directory, control socket, Wayland socket and those of its grants; what is there already is kept. */
int persona_sockets_open(struct persona *p, struct err *e);
void persona_sockets_close(struct persona *p);
/* A socket of its own in its run directory, as server_listen makes it. */
enum { PERSONA_BACKLOG = 64 };
int persona_listen(const struct persona *p, const char *name, int backlog, struct err *e);
/* Removes the run directory of an id whose sockets nobody listens on. */
void persona_sockets_remove(const struct bay0 *b, const char *id);

/* Group with limits, thawed, and watched. */
int persona_cgroup_open(struct persona *p, struct err *e);
/* Its first process, which makes it run, or 0. While there is one its conmon is watched: a persona that loses
 * it is killed, awake or frozen. */
void persona_runs(struct persona *p, int32_t pid);
int persona_watch(struct persona *p, struct err *e); /* watched only: it goes on as it is */
/* Its group takes the limits of spec. What io.max cannot do is said in its row, and is no failure. */
int persona_limits(struct persona *p, const struct persona_spec *spec, struct err *e);
/* What its group has, or would have with spec: throttled while it rests or presses. */
void persona_limits_now(const struct persona *p, const struct persona_spec *spec, struct limits *out);
/* Full speed, or throttled: as its rest and its pressure want it. */
int persona_speed(struct persona *p, struct err *e);
void persona_cgroup_close(struct persona *p);

bool persona_home_there(const struct persona *p);
uint32_t persona_owner(const struct persona *p); /* host uid that its programs have */

/* Feeds an event to the life table. LIFE_REFUSE fills *e (then nothing has changed); e may be NULL for
 * LIFE_DONE, LIFE_UNDONE, LIFE_DIED. */
enum life_action persona_event(struct persona *p, enum life_event ev, struct err *e);
/* Tells subscribers that the row of id changed. */
void persona_changed(struct bay0 *b, const char *id);

json_t *persona_row(struct persona *p, bool declared); /* new reference, or NULL when memory is short */
json_t *persona_rows(struct bay0 *b, bool declared);   /* {"personas":[...]} in id order, ditto */

#endif
