/* SPDX-License-Identifier: MIT
 * What each command of the protocol does: look up, ask the life table, start a job or answer. */
#ifndef BAY0_OPS_H
#define BAY0_OPS_H

#include "job.h"

server_handler_fn ops_handle; /* user is struct bay0 */
/* A connection that an earlier program of bay0 has handed over. */
void ops_client(struct bay0 *b, client_ref c);
/* The end of a job: settles the life, tells the focus engine, answers the client. The job is freed by the
 * caller. */
void ops_job_done(struct job *j, bool ok);
/* For server_on_refused: it goes into the ledger. user is b. */
void ops_refused(void *user, const char *persona, uid_t uid, const char *command, enum err_code code);
/* The kernel says that nothing of p runs any more. */
void ops_persona_empty(struct persona *p);
/* Starts p without a client (autostart). */
void ops_autostart(struct persona *p);

#endif
