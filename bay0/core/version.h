/* SPDX-License-Identifier: MIT
 * The one place that names the version. */
#ifndef BAY0_CORE_VERSION_H
#define BAY0_CORE_VERSION_H

#include <stdint.h>

#define SPINE_VERSION "0.1.0"
/* 2026-11-01, seconds since 1970: a clock that is earlier than the program cannot be right. */
#define SPINE_RELEASED INT64_C(1793491200)

#endif
