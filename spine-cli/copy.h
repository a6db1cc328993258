/* SPDX-License-Identifier: MIT
 * `spine copy BYTES`, which bay0 runs as nobody for a file that crosses the umbilical: descriptor 3 is read,
 * descriptor 4 written. Prints the SHA-256. */
#ifndef SPINE_CLI_COPY_H
#define SPINE_CLI_COPY_H

#include <stdio.h>

int copy_main(int argc, char *const *argv, FILE *out); /* enum of core/transfer.h */

#endif
