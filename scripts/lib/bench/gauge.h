/* SPDX-License-Identifier: MIT
 * What the files of the guest's stopwatch share. */
#ifndef BENCH_GAUGE_H
#define BENCH_GAUGE_H

#include <stddef.h>
#include <stdint.h>

void die(const char *what);
int64_t now_us(void);
void nap_ms(long ms);
size_t read_some(int fd, char *to, size_t size, int ms);

/* A connection that gets sway's window events, or -1; how many windows came within MS. */
int sway_subscribe(void);
int sway_new_windows(int fd, int ms);

/* gauge boot FILE WINDOWS: writes to FILE when each thing came up, until so many windows are there. */
int boot_watch(const char *file, int windows);

#endif
