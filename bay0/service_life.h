/* SPDX-License-Identifier: MIT
 * One of the Spine's own services at run time. Used by service*.c alone. */
#ifndef BAY0_SERVICE_LIFE_H
#define BAY0_SERVICE_LIFE_H

#include "core/services.h"
#include "service.h"

enum { SERVICE_WORD_MAX = 512 };

struct service {
    struct bay0 *b;
    enum service_id id;
    const struct service_row *row;
    struct supervisor sup;
    struct child *child;
    struct loop_timer *timer;
    struct ready_wait *ready;
    client_ref asked; /* who waits for service.start */
    int64_t request;
    bool wanted, done; /* done: a READY_EXIT row that has ended well */
    char text[SERVICE_WORDS_MAX + SERVICE_ENV_MAX + 2][SERVICE_WORD_MAX];
};

struct services {
    struct service s[SERVICE_COUNT];
    struct service_words words;
    char interface[32];
    services_done_fn *stopped;
    void *stopped_user;
    size_t stopping; /* rows at and above this one have been told to end */
};

/* Feeds an event to its supervisor and does what that decides. */
void service_feed(struct service *s, enum sup_event ev);
/* Its process has ended; user is the service. */
child_done_fn service_ended;
/* Arms its timer anew from what its supervisor waits for. */
void service_rearm(struct service *s);

#endif
