/* SPDX-License-Identifier: MIT
 * What the cgroup files share: the kernel's files of one group, read and written whole. */
#ifndef BAY0_CGROUP_FILE_H
#define BAY0_CGROUP_FILE_H

#include "cgroup.h"

#include <sys/types.h>

bool cgroup_name_ok(const char *name);
int cgroup_refuse_name(const char *name, struct err *e);
int cgroup_write(int tree, const char *name, const char *file, const char *text);          /* -1 with errno */
ssize_t cgroup_read(int tree, const char *name, const char *file, char *out, size_t size); /* ditto */
/* The number after "key " in the lines of text; 0 when it is not there. */
uint64_t cgroup_value(const char *text, const char *key);

#endif
