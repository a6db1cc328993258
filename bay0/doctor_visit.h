/* SPDX-License-Identifier: MIT
 * One check-up under way, shared by the doctor's files; nobody else includes it. */
#ifndef BAY0_DOCTOR_VISIT_H
#define BAY0_DOCTOR_VISIT_H

#include "core/health.h"
#include "doctor.h"

#include <jansson.h>

struct visit {
    struct bay0 *b;
    client_ref client;
    int64_t request;
    json_t *checks;
    struct health_to to;
    unsigned waiting; /* parts that have not told yet; at 0 the answer goes out */
};

/* A part is through. The visit may be gone afterwards. */
void visit_part_done(struct visit *v);

/* What can be seen at once (doctor_facts.c). */
void doctor_facts(struct visit *v);
/* Asks every socket whether it answers (doctor_ask.c). Adds to v->waiting. */
void doctor_ask_all(struct visit *v);
/* Makes the throw-away persona, tries, removes it (doctor_trial.c). Adds to v->waiting. */
void doctor_trial(struct visit *v);

#endif
