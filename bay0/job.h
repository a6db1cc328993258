/* SPDX-License-Identifier: MIT
 * Runs a plan for one persona, step by step, with the undo of each step in reverse order when a later one
 * fails; answers once. */
#ifndef BAY0_JOB_H
#define BAY0_JOB_H

#include "core/inspect.h"
#include "persona.h"

struct job {
    struct bay0 *b;
    struct persona *p;
    enum operation op;
    struct persona_spec next; /* OP_SET: the declaration as it is to be */
    struct plan plan;
    size_t at; /* step that runs, or is undone */
    bool undoing, cancelled;
    bool recreated;    /* a broken container was made again once */
    bool keeps_wanted; /* a stop because the Spine goes down: the registry is not told */
    client_ref client; /* 0: nobody waits (autostart, shutdown) */
    int64_t request;
    int64_t journal;     /* 0: not staged */
    struct err err;      /* why it failed */
    const char *note;    /* what the one who asked should know besides, or NULL */
    struct argv argv;    /* scratch for the step's command */
    struct child *child; /* the step's command */
    struct loop_timer *timer;
    struct pull_progress pull;
};

/* Starts the plan for op. The life table has allowed it. On failure the caller is answered too; the pointer
 * is not for keeping. */
void job_start(struct persona *p, enum operation op, const struct plan_facts *facts, client_ref client,
               int64_t request);
/* The same for OP_SET: all of it is done, or undone, when this returns. */
void job_set(struct persona *p, const struct persona_spec *next, const struct plan_facts *facts,
             client_ref client, int64_t request);
/* Ends an add before its time, as if it had failed. Only a pull takes long enough for that; the rest goes on
 * to its own end. */
void job_cancel(struct job *j);
/* The client c is gone: what only it waited for need not go on. */
void job_client_gone(struct bay0 *b, client_ref c);
/* The step, or the undo, that is under way; STEP_NONE when there is none. */
enum step_kind job_step(const struct job *j);
/* A step says how it ended. ok = false: job->err tells why. */
void job_step_done(struct job *j, bool ok);
/* The kernel's word about the persona changed: steps that wait for it look again. */
void job_kernel_changed(struct job *j);

/* What a step does. STEP_WAITS: it will call job_step_done. */
enum step_result { STEP_OK, STEP_FAILED, STEP_WAITS };
typedef enum step_result step_fn(struct job *j);
extern step_fn *const step_table[STEP_COUNT];

#endif
