/* SPDX-License-Identifier: MIT
 * System tenants: their listening sockets, made and kept by bay0, and their containers under supervision. */
#ifndef BAY0_TENANT_H
#define BAY0_TENANT_H

#include "bay0.h"

#include <jansson.h>

/* Reads the table, makes every socket. 0 or -1 with *e. */
int tenants_create(struct bay0 *b, struct err *e);
/* Starts those whose image is there. Called once podman's state is known. */
void tenants_start(struct bay0 *b);
/* service.start, service.stop: answered when it is up or down. */
void tenant_ask(struct bay0 *b, const char *name, bool up, client_ref client, int64_t request);
/* bay0 goes on in a new program (see reexec.h): what it must know of them; tenants_create takes it up. false
 * with *e while one is on its way up or down. */
bool tenants_keep(struct bay0 *b, struct handover *h, struct err *e);
/* After tenants_create: the sockets of those that there are no more. */
void tenants_close_unknown(struct bay0 *b, const struct handover *h);
/* It was told to stop before bay0 was away. */
void tenant_unwanted(struct bay0 *b, const char *name);
typedef void tenants_done_fn(void *user);
/* Ends all; done(user) when nothing of them runs. */
void tenants_stop(struct bay0 *b, tenants_done_fn *done, void *user);
/* The socket by which a persona asks ai-core is open, or is about to be closed: that tenant's relay is told,
 * now and each time that it is started. Nothing when the persona has none. */
void tenants_lend(const struct persona *p);
void tenants_unlend(const struct persona *p);
/* Appends {"name","up","socket","socket_exists","restarts",...} for each (name "" = all). */
void tenant_rows(struct bay0 *b, const char *name, json_t *list);
/* Requests whose entry is in the journal. */
size_t tenants_unfinished(struct bay0 *b);
size_t tenants_count(struct bay0 *b);

#endif
