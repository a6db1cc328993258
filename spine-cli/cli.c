/* SPDX-License-Identifier: MIT
 * From a command line to an exit status: asks bay0, shows what it says. */
#include "spine-cli/cli.h"

#include "core/version.h"
#include "spine-cli/apps.h"
#include "spine-cli/attach.h"
#include "spine-cli/audit.h"
#include "spine-cli/client.h"
#include "spine-cli/complete.h"
#include "spine-cli/help.h"
#include "spine-cli/parse.h"
#include "spine-cli/show.h"
#include "spine-cli/umbilical.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULT_SOCKET "/run/spine/bay0.sock"

enum { REQUEST_ID = 1, RESIZE_ID, CONNECT_MS = 5000, SEND_MS = 5000, QUICK_MS = 30000, NO_END = -1 };

/* How long bay0 may be silent; every line of progress begins it anew. */
static const int silence_ms[VERB_COUNT] = {
    [VERB_PERSONA_ADD] = 900000,     [VERB_PERSONA_START] = 300000, [VERB_PERSONA_STOP] = 120000,
    [VERB_PERSONA_RM] = 300000,      [VERB_SERVICE_START] = 300000, [VERB_SERVICE_STOP] = 120000,
    [VERB_DOCTOR] = 180000,          [VERB_RUN] = NO_END,           [VERB_SHELL] = NO_END,
    [VERB_SUBSCRIBE] = NO_END,       [VERB_SEND] = 330000,          [VERB_PULL] = 330000,
    [VERB_TRANSFER_ACCEPT] = 330000,
};

struct talk {
    const struct invocation *in;
    const struct surroundings *around;
    struct io *io;
    struct client client;
    bool attached; /* a program inside a persona has our file descriptors */
    struct crossing crossing;
};

static int fail(struct io *io, const struct err *e, const json_t *body, int status)
{
    io_error(io, e, body);
    return status;
}

/* What only the process can know about a program to be run. -1 with *e: wrong use. */
static int add_exec_args(struct talk *t, struct err *e)
{
    json_t *args = t->in->args;
    bool detach = json_is_true(json_object_get(args, "detach"));
    bool tty = json_is_true(json_object_get(args, "tty"));

    if (detach && tty) {
        err_set(e, ERR_BAD_REQUEST, "--detach and --tty exclude each other");
        return err_hint(e, "%s", "");
    }
    if (tty && !t->around->terminal) {
        err_set(e, ERR_BAD_REQUEST, "--tty needs a terminal at standard input");
        return err_hint(e, "leave --tty out to use pipes and files");
    }
    t->attached = !detach;
    if (detach)
        return 0;
    tty = tty || (t->in->verb->id == VERB_SHELL && t->around->terminal);
    json_object_set_new(args, "interactive", json_true());
    json_object_set_new(args, "tty", json_boolean(tty));
    if (tty && name_term_ok(t->around->term))
        json_object_set_new(args, "term", json_string(t->around->term));
    return 0;
}

static int show(struct talk *t, json_t *result)
{
    struct err e = {0};

    if (crossing_end(&t->crossing, result, &e))
        return fail(t->io, &e, NULL, CLI_REFUSED);
    if (t->io->json)
        return show_json(t->in->verb, result, t->io->out);
    return show_result(t->in->verb, result, t->io->out);
}

/* One line from bay0. True when it ends the conversation, with the exit status. */
static bool handle(struct talk *t, const struct reply *r, int *status)
{
    if (r->kind == PROTO_KIND_EVENT) {
        if (t->in->verb->id == VERB_LOGS)
            show_log(r->body, t->io->json, t->io->out);
        else if (t->io->json)
            io_json(t->io->out, r->body);
        else
            show_event(r->body, t->io->out);
        fflush(t->io->out);
        return false;
    }
    /* Id 0: a line that bay0 could not read far enough to know whose it was. */
    if (r->id != REQUEST_ID && !(r->kind == PROTO_KIND_FAIL && r->id == 0))
        return false;
    if (r->kind == PROTO_KIND_PROGRESS) {
        io_progress(t->io, r->body);
        return false;
    }
    io_settle(t->io);
    if (r->kind == PROTO_KIND_FAIL) {
        *status = fail(t->io, &r->err, r->body, CLI_REFUSED);
        return true;
    }
    if (t->in->verb->id == VERB_SUBSCRIBE)
        return false;
    if (t->in->verb->id == VERB_LOGS && json_is_true(json_object_get(t->in->args, "follow")))
        *status = CLI_OK; /* it was removed */
    else
        *status = show(t, r->body);
    return true;
}

static int listen_to_end(struct talk *t)
{
    const struct verb *v = t->in->verb;
    bool follow = json_is_true(json_object_get(t->in->args, "follow"));
    int wait_ms = follow ? NO_END : silence_ms[v->id] ? silence_ms[v->id] : QUICK_MS;

    for (;;) {
        struct err e = {0};
        struct reply reply;
        const char *line;
        int status = CLI_REFUSED;
        bool end;
        size_t len;

        if (client_line(&t->client, wait_ms, &line, &len, &e))
            return fail(t->io, &e, NULL, e.code == ERR_NO_BAY0 ? CLI_NO_BAY0 : CLI_REFUSED);
        if (proto_reply_parse(line, len, &reply, &e)) {
            err_wrap(&e, "cannot understand bay0");
            err_hint(&e, "is %s of the same version as bay0?", "spine " SPINE_VERSION);
            return fail(t->io, &e, NULL, CLI_REFUSED);
        }
        end = handle(t, &reply, &status);
        proto_reply_finish(&reply);
        if (end || ferror(t->io->out))
            return end ? status : CLI_OK; /* cli_main says what is wrong with the output */
    }
}

static int exchange(struct talk *t, const char *line)
{
    const int *fds = t->attached ? t->around->std : &t->crossing.fd;
    size_t n = t->attached ? 3 : t->crossing.fd >= 0;
    struct err e = {0};

    if (client_send(&t->client, line, fds, n, SEND_MS, &e))
        return fail(t->io, &e, NULL, CLI_REFUSED);
    return listen_to_end(t);
}

/* What podman was lent is still the same terminal: it has to look at it again. */
static void on_woken(void *user)
{
    struct talk *t = user;
    struct err e;
    char *line;

    if (!attach_resized)
        return;
    attach_resized = 0;
    line = proto_request(RESIZE_ID, verbs[VERB_RESIZE].command, NULL);
    if (line)
        (void)client_send(&t->client, line, NULL, 0, SEND_MS,
                          &e); /* a connection that broke is seen by who waits */
    free(line);
}

/* As exchange, with the keys of the terminal left to the program inside the persona. */
static int exchange_attached(struct talk *t, const char *line)
{
    struct attach a;
    int status;

    fflush(t->io->out);
    attach_begin(&a, t->around->std[0]);
    t->client.stop = &attach_signal;
    t->client.mask = &a.waiting;
    t->client.woken = on_woken;
    t->client.woken_user = t;
    status = exchange(t, line);
    if (attach_signal)
        status = 128 + attach_signal;
    attach_end(&a);
    return status;
}

/* The connection is there: what goes with the request is opened now. */
static int converse(struct talk *t)
{
    json_t *args = t->in->args;
    struct err e = {0};
    char *line;
    int status;

    if (t->in->verb->id == VERB_PS) /* shows nothing of what is declared */
        json_object_set_new(args, "brief", json_true());
    if (crossing_open(&t->crossing, t->in->verb, t->in->args, &e))
        return fail(t->io, &e, NULL, CLI_REFUSED);
    line = proto_request(REQUEST_ID, t->in->verb->command, args);
    if (!line) {
        err_set(&e, ERR_TOO_LONG, "the request is longer than %d bytes", PROTO_LINE_MAX);
        status = fail(t->io, &e, NULL, CLI_USAGE);
    } else if (t->attached && json_is_true(json_object_get(args, "tty"))) {
        status = exchange_attached(t, line);
    } else {
        status = exchange(t, line);
    }
    if (status == CLI_NO_BAY0)
        crossing_lost(&t->crossing, t->io->err);
    (void)crossing_end(&t->crossing, NULL, &e); /* nothing came of it */
    free(line);
    return status;
}

static int ask(const struct invocation *in, const struct surroundings *s, struct io *io)
{
    struct talk t = {.in = in, .around = s, .io = io, .client = {.fd = -1}, .crossing = {.fd = -1}};
    const char *path = in->socket ? in->socket : s->socket && *s->socket ? s->socket : DEFAULT_SOCKET;
    bool exec = verb_by_command(in->verb->command) == &verbs[VERB_RUN];
    struct err e = {0};
    int status;

    if (exec && add_exec_args(&t, &e))
        return fail(io, &e, NULL, CLI_USAGE);
    status = client_open(&t.client, path, CONNECT_MS, &e) ? fail(io, &e, NULL, CLI_NO_BAY0) : converse(&t);
    client_close(&t.client);
    return status;
}

static int answer_here(const struct invocation *in, struct io *io)
{
    const char *first = in->operands > 0 ? in->operand[0] : "";
    const char *second = in->operands > 1 ? in->operand[1] : "";
    struct err e = {0};
    int rc = 0;

    if (in->verb->id == VERB_AUDIT)
        return audit_print(in->args, io);
    if (in->verb->id == VERB_HELP)
        rc = help_print(first, second, io->json, io->out, &e);
    else if (in->verb->id == VERB_COMPLETION)
        rc = complete_print(first, io->out, &e);
    else if (in->verb->id == VERB_MAN)
        help_man(io->out);
    else if (in->verb->id == VERB_APPS)
        apps_print(io->json, io->out);
    else if (io->json)
        fprintf(io->out, "{\"version\":\"%s\",\"protocol\":%d}\n", SPINE_VERSION, PROTO_VERSION);
    else
        fprintf(io->out, "spine %s\n", SPINE_VERSION);
    return rc ? fail(io, &e, NULL, CLI_USAGE) : CLI_OK;
}

int cli_main(int argc, char *const *argv, const struct surroundings *s, struct io *io)
{
    struct invocation in;
    struct err e = {0};
    int status;

    if (parse_line(argc, argv, &in, &e)) {
        io->json = in.json;
        status = fail(io, &e, NULL, CLI_USAGE);
    } else {
        io->json = in.json;
        if (in.help && in.verb->id != VERB_HELP) {
            help_verb(in.verb, io->out);
            status = CLI_OK;
        } else {
            status = *in.verb->command ? ask(&in, s, io) : answer_here(&in, io);
        }
    }
    invocation_finish(&in);
    if ((fflush(io->out) || ferror(io->out)) && status == CLI_OK) {
        err_set(&e, ERR_SYSTEM, "cannot write to standard output");
        io->json = false;
        status = fail(io, &e, NULL, CLI_REFUSED);
    }
    return status;
}
