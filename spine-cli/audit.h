/* SPDX-License-Identifier: MIT
 * `spine audit`: reads the ledger's files itself, as root. bay0 is not asked: whoever audits does not take
 * the word of what is audited, 16 MB are read and hashed without PID 1 waiting for it, and it works where
 * bay0 does not, on a copy of /persist too. bay0 may write meanwhile. */
#ifndef SPINE_CLI_AUDIT_H
#define SPINE_CLI_AUDIT_H

#include "spine-cli/io.h"

int audit_print(const json_t *args, struct io *io); /* exit status: 1 when the chain is broken */

#endif
