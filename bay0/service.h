/* SPDX-License-Identifier: MIT
 * Runs the rows of core/services under supervision: order, readiness, back-off, give-up, orderly end. */
#ifndef BAY0_SERVICE_H
#define BAY0_SERVICE_H

#include "bay0.h"
#include "core/services.h"
#include "core/supervise.h"

#include <jansson.h>

int services_create(struct bay0 *b); /* b->services; -1 when memory is short */
void services_start(struct bay0 *b); /* those that are wanted here, in order */
/* What an earlier bay0 has left running is ended, before any is started. */
void services_end_strays(struct bay0 *b);
/* bay0 goes on in a new program (see reexec.h). services_keep: false with *e while one is on its way up or
 * down. services_resume: after services_create; takes up what was handed over. */
bool services_keep(struct bay0 *b, struct handover *h, struct err *e);
void services_resume(struct bay0 *b, const struct handover *h);
/* Ends them all, the last started first; done(user) when nothing of them runs. */
typedef void services_done_fn(void *user);
void services_stop(struct bay0 *b, services_done_fn *done, void *user);
/* service.start, service.stop of one of the Spine's own: it is started when it is down for whatever reason,
 * and answered when it is up or has failed; to stop it is refused. False, and no answer, when there is none
 * of that name. */
bool service_ask(struct bay0 *b, const char *name, bool up, client_ref client, int64_t request);
/* {"services":[...]}: tenants first, then the Spine's own. name "" = all. NULL when there is none of that
 * name or memory is short. */
json_t *service_rows(struct bay0 *b, const char *name);
/* Tells the subscribers that a tenant or one of the Spine's own is in another state. */
void service_changed(const char *name, enum sup_state state);
/* State of one of the Spine's own, for doctor: "up", "gave-up", ... */
const char *service_state(struct bay0 *b, size_t i);
bool service_wanted(struct bay0 *b, size_t i);
bool service_up(struct bay0 *b, size_t i);

#endif
