/* SPDX-License-Identifier: MIT
 * SQLite's files on a disk that fails on demand: install() first, then arm() and disarm() around what is
 * tried; fault.struck says whether it came to that. See sqlite.org/vfs.html.
 */
#ifndef BAY0_TEST_FAILING_VFS_H
#define BAY0_TEST_FAILING_VFS_H

#include "tests/t.h"

#include <sqlite3.h>
#include <stdbool.h>

/* What may fail; all of it goes through the file's methods. */
enum { WRITES = 1, READS = 2 };
static struct fault {
    int which;
    long at;       /* counts down to 0, the one that fails; < 0: none */
    bool for_good; /* and all after it */
    int code;
    bool struck;
} fault;
static long syncs; /* asked for so far */

static sqlite3_vfs *real;
static sqlite3_io_methods methods;

struct file {
    sqlite3_file base;
    sqlite3_file *inner;
};

static bool strikes(int which)
{
    if (!(fault.which & which) || fault.at < 0 || (fault.struck && !fault.for_good))
        return false;
    if (!fault.struck && fault.at-- > 0)
        return false;
    fault.at = 0;
    fault.struck = true;
    return true;
}

static sqlite3_file *inner(sqlite3_file *f)
{
    return ((struct file *)f)->inner;
}

static int f_close(sqlite3_file *f)
{
    sqlite3_file *i = inner(f);
    int rc = i->pMethods ? i->pMethods->xClose(i) : SQLITE_OK;

    sqlite3_free(i);
    return rc;
}

static int f_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
    return strikes(READS) ? SQLITE_IOERR_READ : inner(f)->pMethods->xRead(inner(f), to, n, at);
}

/* A write that fails may have come half-way. */
static int f_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at)
{
    if (!strikes(WRITES))
        return inner(f)->pMethods->xWrite(inner(f), from, n, at);
    if (n > 1)
        (void)inner(f)->pMethods->xWrite(inner(f), from, n / 2, at);
    return fault.code;
}

static int f_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    return strikes(WRITES) ? SQLITE_IOERR_TRUNCATE : inner(f)->pMethods->xTruncate(inner(f), size);
}

static int f_sync(sqlite3_file *f, int flags)
{
    syncs++;
    return strikes(WRITES) ? SQLITE_IOERR_FSYNC : inner(f)->pMethods->xSync(inner(f), flags);
}

static int f_size(sqlite3_file *f, sqlite3_int64 *size)
{
    return inner(f)->pMethods->xFileSize(inner(f), size);
}

static int f_lock(sqlite3_file *f, int level)
{
    return inner(f)->pMethods->xLock(inner(f), level);
}

static int f_unlock(sqlite3_file *f, int level)
{
    return inner(f)->pMethods->xUnlock(inner(f), level);
}

static int f_reserved(sqlite3_file *f, int *out)
{
    return inner(f)->pMethods->xCheckReservedLock(inner(f), out);
}

static int f_control(sqlite3_file *f, int op, void *arg)
{
    return inner(f)->pMethods->xFileControl(inner(f), op, arg);
}

static int f_sector(sqlite3_file *f)
{
    return inner(f)->pMethods->xSectorSize(inner(f));
}

static int f_traits(sqlite3_file *f)
{
    return inner(f)->pMethods->xDeviceCharacteristics(inner(f));
}

static int v_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out)
{
    struct file *file = (struct file *)f;
    int rc;

    (void)v;
    file->base.pMethods = NULL;
    if (flags & SQLITE_OPEN_CREATE && strikes(WRITES))
        return SQLITE_CANTOPEN;
    file->inner = sqlite3_malloc(real->szOsFile);
    if (!file->inner)
        return SQLITE_NOMEM;
    memset(file->inner, 0, (size_t)real->szOsFile);
    rc = real->xOpen(real, name, file->inner, flags, out);
    if (rc == SQLITE_OK)
        file->base.pMethods = &methods;
    else
        sqlite3_free(file->inner);
    return rc;
}

static int v_delete(sqlite3_vfs *v, const char *name, int sync_dir)
{
    (void)v;
    return strikes(WRITES) ? SQLITE_IOERR_DELETE : real->xDelete(real, name, sync_dir);
}

/* Version 1: no shared memory, which a database that is locked for one process does not need. */
static void install(void)
{
    static sqlite3_vfs mine;

    real = sqlite3_vfs_find(NULL);
    mine = *real;
    mine.zName = "failing";
    mine.szOsFile = sizeof(struct file);
    mine.xOpen = v_open;
    mine.xDelete = v_delete;
    methods = (sqlite3_io_methods){.iVersion = 1,
                                   .xClose = f_close,
                                   .xRead = f_read,
                                   .xWrite = f_write,
                                   .xTruncate = f_truncate,
                                   .xSync = f_sync,
                                   .xFileSize = f_size,
                                   .xLock = f_lock,
                                   .xUnlock = f_unlock,
                                   .xCheckReservedLock = f_reserved,
                                   .xFileControl = f_control,
                                   .xSectorSize = f_sector,
                                   .xDeviceCharacteristics = f_traits};
    T_INT(sqlite3_vfs_register(&mine, 1), SQLITE_OK);
}

static void arm(int which, long n, bool for_good, int code)
{
    fault = (struct fault){.which = which, .at = n, .for_good = for_good, .code = code};
}

static void disarm(void)
{
    fault.which = 0;
}

#endif
