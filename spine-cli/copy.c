/* SPDX-License-Identifier: MIT
 * Copies just so many bytes. Both files are of somebody else, who may do with them what he likes meanwhile:
 * their own position is never used, no hole is kept, and what comes back is what was written. */
#include "spine-cli/copy.h"

#include "core/transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <sha2.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { FROM = 3, TO = 4, PIECE = 65536, NICE = 10 };

static int failed(const char *what)
{
    int why = errno;

    fprintf(stderr, "cannot %s: %s\n", what, strerror(why));
    return why == ENOSPC || why == EDQUOT ? TRANSFER_COPY_FULL : TRANSFER_COPY_FAILED;
}

static ssize_t get(char *piece, size_t most, off_t at)
{
    ssize_t n;

    do
        n = pread(FROM, piece, most, at);
    while (n < 0 && errno == EINTR);
    return n;
}

static int put(const char *piece, size_t len, off_t at)
{
    while (len > 0) {
        ssize_t n = pwrite(TO, piece, len, at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        piece += n;
        at += n;
        len -= (size_t)n;
    }
    return 0;
}

static int copy(off_t bytes, SHA2_CTX *sum)
{
    static char piece[PIECE];
    off_t at = 0;
    char more;

    while (at < bytes) {
        size_t most = bytes - at < PIECE ? (size_t)(bytes - at) : PIECE;
        ssize_t n = get(piece, most, at);

        if (n < 0)
            return failed("read");
        if (n == 0)
            return TRANSFER_COPY_CHANGED;
        SHA256Update(sum, (const uint8_t *)piece, (size_t)n);
        if (put(piece, (size_t)n, at) < 0)
            return failed("write");
        at += n;
    }
    return get(&more, 1, at) > 0 ? TRANSFER_COPY_CHANGED : TRANSFER_COPY_OK;
}

int copy_main(int argc, char *const *argv, FILE *out)
{
    size_t len = argc == 3 ? strlen(argv[2]) : 0;
    uint8_t hash[SHA256_DIGEST_LENGTH];
    long long bytes = 0;
    SHA2_CTX sum;
    int status;

    if (len == 0 || len > 10 || strspn(argv[2], "0123456789") != len)
        return TRANSFER_COPY_FAILED;
    for (size_t i = 0; i < len; i++)
        bytes = bytes * 10 + (argv[2][i] - '0');
    const struct rlimit most = {(rlim_t)bytes, (rlim_t)bytes};
    (void)setrlimit(RLIMIT_FSIZE, &most);
    (void)setpriority(PRIO_PROCESS, 0, NICE);
    /* Room first: a disk that is too full says so at once. Where it cannot be asked for, writing tells. */
    if (bytes > 0 && fallocate(TO, 0, 0, bytes) < 0 && (errno == ENOSPC || errno == EDQUOT))
        return failed("make room");
    SHA256Init(&sum);
    status = copy(bytes, &sum);
    if (status == TRANSFER_COPY_OK && fsync(TO) < 0 && errno != EINVAL && errno != EROFS)
        status = failed("bring it to the disk");
    if (status != TRANSFER_COPY_OK)
        return status;
    SHA256Final(hash, &sum);
    for (size_t i = 0; i < sizeof hash; i++)
        fprintf(out, "%02x", hash[i]);
    fputc('\n', out);
    return fflush(out) ? TRANSFER_COPY_FAILED : TRANSFER_COPY_OK;
}
