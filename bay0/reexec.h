/* SPDX-License-Identifier: MIT
 * Going on in a new program, in the same process: no persona, service or connection is to notice. What is
 * needed is handed over as sealed JSON in memory (core/handover.h), with the descriptors left open. */
#ifndef BAY0_REEXEC_H
#define BAY0_REEXEC_H

#include "bay0.h"

/* Waits, within a bound, until nothing is under way; has the new program say that it can take over; then
 * becomes it. When any of that fails bay0 goes on as before and the client is told why. The new program
 * answers the client. client 0: nobody waits. */
void reexec_start(struct bay0 *b, client_ref client, int64_t request);

#endif
