/* SPDX-License-Identifier: MIT
 * One log function: one line, one write, errno kept. Goes to standard error and, when given, to the log file.
 */
#ifndef BAY0_LOG_H
#define BAY0_LOG_H

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

void log_level_set(enum log_level max);
/* Also append to path, kept below max_bytes: when it grows over, it is renamed to path.1. NULL: to no file
 * any more. -1 with errno when it cannot be opened. */
int log_file_set(const char *path, unsigned long max_bytes);
void log_line(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...)  log_line(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...)  log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
