/* SPDX-License-Identifier: MIT
 * The one place that names the version. */
#ifndef BAY0_CORE_VERSION_H
#define BAY0_CORE_VERSION_H

#define SPINE_VERSION "0.1.0"

#endif
